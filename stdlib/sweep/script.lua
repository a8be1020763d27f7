-- What a script declares, asked of the script itself.

local json = require "jetlua.json"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local script = {}

local seconds = 60

--- The command that starts jetlua, without a script.
---@return string[]
function script.interpreter()
  return { system.executable() }
end

--- The last line of a text that is not empty.
function script.last_line(output)
  local last
  for line in output:gmatch("[^\n]+") do
    if line:find("%S") then last = line end
  end
  return last
end

--- The options that the script at `path` declares: a list of {name, kind, items, default, text, choices, min, max}.
---@param where string
---@param path string
---@return table[]
function script.options(where, path)
  if not system.exists(path) or system.is_directory(path) then
    raise("%s: script: %s: expected a script, found none; check the path", where, text.one_line(path))
  end
  local command = script.interpreter()
  command[#command + 1], command[#command + 2] = path, "--help=json"
  local outcome = system.run(command, { timeout = seconds, input = "" })
  local name = text.one_line(path)
  if outcome.timed_out then
    raise("%s: %s: expected options{…} within %d seconds of its start, waited in vain; declare the options first", where, name, seconds)
  end
  -- What a script prints before it declares its options stands in front.
  local line = script.last_line(outcome.stdout)
  local read, list = pcall(json.decode, line or "")
  if outcome.status == 0 and read and type(list) == "table" then
    for _, option in ipairs(list) do
      read = read and type(option) == "table" and type(option.name) == "string" and type(option.kind) == "string"
    end
    if read then return list end
  end
  local problem
  for said in outcome.stderr:gmatch("[^\n]+") do
    -- A traceback begins after the error's own line.
    if said:find("^stack traceback") then break end
    problem = said
  end
  raise("%s: %s: expected a script that declares its options with options{…}, %s", where, name,
    problem and "but it said: " .. text.one_line(problem) or "found none")
end

return script
