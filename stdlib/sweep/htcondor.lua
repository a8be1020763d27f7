-- A submit description for HTCondor: one job for each trial that has no result, on a file system that the nodes share.

local batch = require "jetlua.sweep.batch"
local processes = require "jetlua.core.processes"
local system = require "jetlua.core.system"

local htcondor = {}

--- An argument as HTCondor's new syntax wants it, inside double quotes.
local function quoted(s) return "'" .. s:gsub("'", "''"):gsub('"', '""') .. "'" end

--- Writes the submit description of what is missing to the file that `o.htcondor` names; returns the number of its jobs.
---@param where string
---@param opened table
---@param queue table
---@param o table options of the command
---@return integer
function htcondor.write(where, opened, queue, o)
  local trials = {}
  for trial in function() return queue:next() end do trials[#trials + 1] = trial end
  local folder, n = opened.path .. "/htcondor", 1
  system.make_directory(folder)
  while system.exists(("%s/list-%d.json"):format(folder, n)) do n = n + 1 end
  local list = ("%s/list-%d.json"):format(folder, n)
  batch.write(opened, list, trials)
  local lines = {
    "universe = vanilla",
    "executable = " .. system.executable(),
    ("arguments = \"sweep task %s %s $(trial)\""):format(quoted(opened.path), quoted(list)),
    "initialdir = " .. opened.record.directory,
    ("output = %s/$(trial).txt"):format(folder),
    ("error = %s/$(trial).txt"):format(folder),
    ("log = %s/jobs.log"):format(folder),
    "should_transfer_files = NO",
    "getenv = HOME, PATH, LD_LIBRARY_PATH, JETLUA_HOME",
    "request_cpus = " .. o.cpus,
    "request_memory = " .. (o.mem or "2G"),
    -- A job that is told to leave ends with 75 and stays in the queue, to be started again.
    "kill_sig = SIGTERM",
    "job_max_vacate_time = 120",
    "on_exit_remove = (ExitBySignal == False) && (ExitCode != 75)",
    "queue trial from (",
  }
  for _, trial in ipairs(trials) do lines[#lines + 1] = "  " .. trial.id end
  lines[#lines + 1] = ")"
  system.write_file(o.htcondor, table.concat(lines, "\n") .. "\n")
  processes.unlock(opened.lock)
  return #trials
end

return htcondor
