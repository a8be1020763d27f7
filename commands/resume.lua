-- jetlua resume RUN [--force]: goes on with a run that was stopped, to the same result to the bit.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local continuation = require "jetlua.run.continuation"
local options = require "jetlua.options"
local origin = require "jetlua.run.origin"
local records = require "jetlua.run.records"
local repeating = require "jetlua.run.repeating"
local system = require "jetlua.core.system"

local words = commands.operands()
local o = options { { "force", false, "go on although script, data or version differ: the result is another one then" } }
if #words ~= 1 then options.fail("expected one run, got %d; jetlua runs lists them", #words) end
local record, problem = records.find(words[1])
if not record then options.fail("%s", problem) end
if record.status == "finished" then
  print(("%s is finished; jetlua rerun repeats it"):format(record.path))
  os.exit(0, true)
end
if record.status == "running" then
  if record.host ~= system.hostname() then
    if not o.force then options.fail("%s: it may still run on %s; --force goes on if it does not", record.path, tostring(record.host)) end
  else
    options.fail("%s: it still runs, as process %s; stop it first", record.path, tostring(record.process))
  end
end
if not record.script then options.fail("%s: expected a run with a script, found none; it was not made by one", record.path) end
if record.format ~= 1 then options.fail("%s: it was made by an older jetlua, which kept too little to go on from; rerun it", record.path) end

local folder = system.resolve(record.path)
local script, differences = record.script_path, {}

--- Compares a text with what the run kept; where the file is gone what was kept is taken.
local function check_text(what, path, sha256)
  if not (path and system.exists(path)) then return false end
  if system.sha256_file(path) ~= sha256 then differences[#differences + 1] = ("%s %s has changed"):format(what, path) end
  return true
end

if not check_text("the script", script, record.script_sha256) then
  script = folder .. "/" .. record.script
  if not system.exists(script) then options.fail("%s: expected its script %s, found none; it was deleted", record.path, record.script) end
  if system.sha256_file(script) ~= record.script_sha256 then differences[#differences + 1] = ("the script %s has changed"):format(script) end
end
for _, module in ipairs(record.modules) do
  check_text("the module", module.path, module.sha256)
end
for _, message in ipairs(options.attempt(repeating.changed_data, record)) do differences[#differences + 1] = message end
require "jetlua.jets"
local versions = origin.versions()
for _, name in ipairs { "jetlua", "program_sha256", "library_sha256", "lua", "openblas", "blas_kernel", "instruction_set" } do
  local before, now = record.versions[name], versions[name]
  if before ~= now then
    differences[#differences + 1] = ("%s was %s and is %s"):format(name:gsub("_sha256", ""), tostring(before):sub(1, 40), tostring(now):sub(1, 40))
  end
end
if #differences > 0 and not o.force then
  options.fail("%s: %s; --force goes on nevertheless", record.path, table.concat(differences, "; "))
end
for _, difference in ipairs(differences) do io.stderr:write(("resume: warning: %s\n"):format(difference)) end

local environment = repeating.environment(folder, true)
for name, value in pairs(continuation.environment(folder)) do environment[name] = value end
environment.JETLUA_RUNS = folder:match("^(.*)/[^/]*$")
local began = system.exists(folder .. "/checkpoints/training-1.safetensors") and "its last checkpoint" or "the beginning, for want of a checkpoint"
io.stderr:write(("resume: %s goes on from %s\n"):format(record.path, began))
options.attempt(system.execute, repeating.command(record, script), { directory = repeating.directory(record), environment = environment })
