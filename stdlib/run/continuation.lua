-- How `jetlua resume` and `jetlua rerun` tell a script's process about the run they continue or watch.

local json = require "jetlua.json"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"

local continuation = {}

-- The process is named, so that programs which the script starts do not take the folder for theirs.
local folder_variable, list_variable = "JETLUA_RESUME", "JETLUA_RUN_LIST"

--- Variables for a process, this one after it became the script, that continues the run in `path`.
function continuation.environment(path) return { [folder_variable] = ("%d %s"):format(system.process_id(), path) } end

--- Variables for a process that writes the folders of its runs to `path`, each on a line behind its process's number.
function continuation.watched(path) return { [list_variable] = path } end

--- The folder and record of the run that the `ordinal`-th run of this process, called `name`, continues; else nil.
function continuation.take(ordinal, name)
  local process, path = (os.getenv(folder_variable) or ""):match("^(%d+) (.+)$")
  if tonumber(process) ~= system.process_id() then return nil end
  local record = json.decode(system.read_file(path .. "/run.json"))
  if record.ordinal ~= ordinal then return nil end
  if record.name ~= name then
    raise("run.start: expected the run %s, which is to be resumed, got %s; the script starts other runs now", tostring(record.name), name)
  end
  return { path = path, record = record }
end

--- What a run that is gone on with keeps from before.
function continuation.inherit(record, previous)
  record.started, record.resumed = previous.started, (previous.resumed or 0) + 1
  for _, name in ipairs { "arguments", "directory", "script", "script_path", "sweep" } do record[name] = previous[name] end
end

--- Tells whoever watches this process of a run.
function continuation.note(path)
  local list = os.getenv(list_variable)
  if not list or list == "" then return end
  local written, problem = pcall(system.append_file, list, ("%d %s\n"):format(system.process_id(), system.resolve(path) or path))
  -- A stranger's script can write to nothing but its folder; who watches it finds that by itself.
  if not written and (os.getenv("JETLUA_RUN_FOLDER") or "") == "" then error(problem, 0) end
end

--- Seconds that a process has to end after SIGTERM or SIGUSR1 before it is ended: `$JETLUA_STOP_SECONDS`, else 60.
function continuation.patience()
  local seconds = tonumber(os.getenv("JETLUA_STOP_SECONDS"))
  return seconds and seconds >= 1 and seconds < 1e5 and math.floor(seconds) or 60
end

return continuation
