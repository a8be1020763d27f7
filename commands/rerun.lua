-- jetlua rerun RUN [--OPTION VALUE …]: repeats a run and says whether every number came out the same to the bit.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local compare = require "jetlua.run.compare"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local repeating = require "jetlua.run.repeating"
local text = require "jetlua.internal.text"

local words = commands.operands()
if #words ~= 1 then
  options { { "OPTION", nil, "options of the script that are to differ", type = "string" } }
  options.fail("expected one run, got %d; jetlua runs lists them", #words)
end
local record, problem = records.find(words[1])
if not record then options.fail("%s", problem) end
local extra = table.move(arg, 1, #arg, 1, {})

for _, data in ipairs(options.attempt(repeating.changed_data, record)) do
  io.stderr:write(("rerun: warning: %s\n"):format(data))
end
local status, folders = options.attempt(repeating.rerun, record, extra)
local again
for _, folder in ipairs(folders) do
  local candidate = records.read(folder)
  if candidate and candidate.ordinal == (record.ordinal or 1) and candidate.name == record.name then again = candidate end
end
if not again then options.fail("the script ended with %s %d and made no run %s", status < 0 and "signal" or "status", math.abs(status), record.name) end
-- What SIGTERM or SIGUSR1 stopped says nothing about the run that it was to repeat.
if status == 75 then
  io.stderr:write(("rerun: %s was stopped; jetlua resume %s goes on with it\n"):format(again.path, again.path))
  os.exit(75, true)
end
io.write(("run %s repeats %s (%s)\n"):format(again.path, record.path, again.status))
if #extra > 0 then
  io.write("changed options: " .. text.one_line(table.concat(extra, " ")) .. "\n")
end

local results, metrics, count = compare.results(record, again), compare.metrics(record, again)
local files, file_count = compare.files(record, again)
local different = #results + #metrics + #files
if different == 0 then
  local reported = 0
  for _ in pairs(record.results) do reported = reported + 1 end
  io.write(("equal to the bit: %d logged numbers, %d results, %d files of numbers\n"):format(count, reported, file_count))
  os.exit(again.status == record.status and 0 or 1, true)
end
local function show(title, list)
  if #list == 0 then return end
  local rows = {}
  for i, line in ipairs(list) do
    rows[i] = { "  " .. line[1], text.shorten(line[2] or "", 60), text.shorten(line[3] or "", 60) }
  end
  io.write(title, "\n", text.columns(rows), "\n")
end
show("not equal:", results)
show(#results > 0 and "logged numbers, the first that differ:" or "not equal: logged numbers, the first that differ:", metrics)
show("files that differ:", files)
local causes, any = compare.causes(record, again), false
for _, part in ipairs { "options", "code", "data", "environment" } do
  any = any or #causes[part] > 0
  show(part == "environment" and "what differs in the environment:" or part .. " that differ:", causes[part])
end
if not any then io.write("options, code, data and environment are the same: the script itself does not repeat\n") end
os.exit(#extra > 0 and again.status == record.status and 0 or 1, true)
