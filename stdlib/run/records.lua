-- Run folders as others left them: finding, reading and judging them.

local attempted = require "jetlua.internal.attempted"
local json = require "jetlua.json"
local system = require "jetlua.core.system"

local records = {}

--- The folder of runs: `word` if given, else `$JETLUA_RUNS`, else runs.
function records.root(word)
  local environment = os.getenv("JETLUA_RUNS")
  return word or environment ~= "" and environment or "runs"
end

--- The record in a run's folder, or nil and what is wrong. A run whose process is gone without closing it is "killed".
function records.read(path)
  local read, text = attempted(system.read_file, path .. "/run.json")
  if not read then return nil, "it has no run.json" end
  local decoded, record = attempted(json.decode, text)
  if not decoded or type(record) ~= "table" or type(record.name) ~= "string" then return nil, "its run.json is damaged" end
  if math.type(record.format or 0) ~= "integer" or (record.format or 0) > 1 then return nil, "it was written by a newer jetlua" end
  record.path = path
  for _, name in ipairs { "options", "results", "versions", "cpu" } do
    if type(record[name]) ~= "table" then record[name] = {} end
  end
  for _, name in ipairs { "data", "modules", "arguments" } do
    if type(record[name]) ~= "table" then record[name] = json.list {} end
  end
  if record.status == "running" and record.host == system.hostname() and math.type(record.process) == "integer"
    and not system.exists("/proc/" .. record.process) then
    record.status = "killed"
  end
  return record
end

--- Every run below `root`, a list sorted by path, and the folders that cannot be read.
function records.list(root)
  local found, damaged = {}, {}
  for _, entry in ipairs(system.list_directory(root)) do
    local path = root .. "/" .. entry
    if system.exists(path .. "/run.json") then
      local record = records.read(path)
      if record then found[#found + 1] = record else damaged[#damaged + 1] = path end
    end
  end
  return found, damaged
end

--- The run that a word of a command line means: a folder, the name of one below the folder of runs, or the beginning of
--- exactly one such name; "last" is the one that started last. Returns nil and a message else.
function records.find(word)
  local root = records.root()
  for _, path in ipairs { (word:gsub("(.)/+$", "%1")), root .. "/" .. word } do
    if system.exists(path .. "/run.json") then
      local record, problem = records.read(path)
      if not record then return nil, ("%s: %s"):format(path, problem) end
      return record
    end
  end
  if not system.is_directory(root) then return nil, ("%s: expected the folder of a run, found none"):format(word) end
  local matching = {}
  for _, record in ipairs((records.list(root))) do
    if word == "last" or record.path:match("[^/]+$"):sub(1, #word) == word then matching[#matching + 1] = record end
  end
  if word == "last" then
    table.sort(matching, function(a, b)
      if a.started ~= b.started then return tostring(a.started) < tostring(b.started) end
      return a.path < b.path
    end)
    matching = { matching[#matching] }
  end
  if #matching == 1 then return matching[1] end
  if #matching > 1 then return nil, ("%s: expected one run, found %d whose names begin so"):format(word, #matching) end
  return nil, ("%s: expected the folder of a run, found none here or in %s"):format(word, root)
end

--- The lines of a run's metrics, each a table; a last line that was cut short by a kill is left out.
function records.metrics(path)
  local lines = {}
  if not system.exists(path .. "/metrics.jsonl") then return lines end
  for line in system.read_file(path .. "/metrics.jsonl"):gmatch("([^\n]*)\n") do
    local read, entry = attempted(json.decode, line)
    if read and type(entry) == "table" then lines[#lines + 1] = entry end
  end
  return lines
end

return records
