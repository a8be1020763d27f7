-- Starting the script of a run again, with the texts that the run kept.

local continuation = require "jetlua.run.continuation"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"

local repeating = {}

--- Data files of a run that are gone or have changed, as messages.
function repeating.changed_data(record)
  local found = {}
  for _, entry in ipairs(record.data) do
    local path = entry.full_path or entry.path
    if type(path) == "string" then
      if not system.exists(path) then
        found[#found + 1] = ("the data file %s is gone"):format(path)
      elseif entry.bytes and system.file_size(path) ~= entry.bytes or system.sha256_file(path) ~= entry.sha256 then
        found[#found + 1] = ("the data file %s has changed"):format(path)
      end
    end
  end
  return found
end

--- The folder in which the script runs again: that of before, or where there is none any more the present one.
function repeating.directory(record)
  return type(record.directory) == "string" and system.is_directory(record.directory) and record.directory or system.resolve(".")
end

--- Variables with which the script finds the modules that the run kept, before those of the same names elsewhere or, with `last`,
--- only where there are none.
function repeating.environment(path, last)
  local before = os.getenv("LUA_PATH_5_4") or os.getenv("LUA_PATH") or ";;"
  local kept = ("%s/modules/?.lua;%s/modules/?/init.lua"):format(path, path)
  return { LUA_PATH_5_4 = last and before .. ";" .. kept or kept .. ";" .. before }
end

-- jetlua's own options that take a value.
local with_value = { ["--seed"] = true, ["--threads"] = true, ["--data"] = true, ["--memory"] = true, ["--time"] = true }

--- The words that start the script of `record` again, `script` in its place.
function repeating.command(record, script, extra)
  local command = { system.executable() }
  local value = false
  for i, word in ipairs(record.command or {}) do
    -- jetlua's own options stand between program and script, whose arguments are kept by themselves.
    if i > 1 and i <= #record.command - #record.arguments - 1 and (value or word:find("^%-")) then
      command[#command + 1] = word == "--isolated-child" and "--isolated" or word
    end
    value = with_value[word] == true
  end
  command[#command + 1] = script
  table.move(record.arguments, 1, #record.arguments, #command + 1, command)
  table.move(extra or {}, 1, #(extra or {}), #command + 1, command)
  return command
end

--- Runs the script that the run kept, in the folder it ran in; what it prints is seen. Returns its exit status, or minus the signal
--- that ended it, and its runs' folders.
function repeating.rerun(record, extra)
  local folder = system.resolve(record.path)
  if not record.script or not system.exists(folder .. "/" .. record.script) then
    raise("%s: expected a run with a script, found none in its folder; it was not made by one", record.path)
  end
  local texts = { { file = record.script, sha256 = record.script_sha256 } }
  table.move(record.modules, 1, #record.modules, 2, texts)
  for _, kept in ipairs(texts) do
    local path = folder .. "/" .. tostring(kept.file)
    if not system.exists(path) then raise("%s: expected the text of %s that ran, found none in its folder; it cannot be repeated", record.path, tostring(kept.file)) end
    if type(kept.sha256) == "string" and system.sha256_file(path) ~= kept.sha256 then
      raise("%s: the text of %s is not the one that ran, it has another checksum; it cannot be repeated", record.path, tostring(kept.file))
    end
  end
  local list = os.tmpname()
  local variables = repeating.environment(folder)
  for name, value in pairs(continuation.watched(list)) do variables[name] = value end
  variables.JETLUA_RUNS = system.resolve(folder:match("^(.*)/[^/]*$") or ".")
  io.stdout:flush()
  local before, root = {}, variables.JETLUA_RUNS
  for _, name in ipairs(system.list_directory(root)) do before[name] = true end
  local status = system.run_to_end(repeating.command(record, folder .. "/" .. record.script, extra), { directory = repeating.directory(record), environment = variables })
  local folders, process = {}, nil
  for number, path in system.read_file(list):gmatch("(%d+) ([^\n]*)\n") do
    process = process or number
    if number == process then folders[#folders + 1] = path end
  end
  os.remove(list)
  -- A script that is not trusted cannot write to the list, but all that it makes is new in this folder.
  for _, name in ipairs(#folders == 0 and system.list_directory(root) or {}) do
    if not before[name] and system.exists(root .. "/" .. name .. "/run.json") then folders[#folders + 1] = root .. "/" .. name end
  end
  return status, folders
end

return repeating
