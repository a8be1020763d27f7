-- What the batch systems share: a list of trials in a file, and the command that runs one of them on a node.

local attempt = require "jetlua.sweep.attempt"
local processes = require "jetlua.core.processes"
local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"

local batch = {}

--- Writes trials and how they are to be run into a file for `jetlua sweep task`.
---@param opened table
---@param path string
---@param trials table[]
function batch.write(opened, path, trials)
  local ids = {}
  for i, trial in ipairs(trials) do
    ids[i] = trial.id
    local folder = opened.path .. "/trials/" .. trial.id
    system.make_directory(folder)
    if not system.exists(folder .. "/trial.json") then
      store.write(folder .. "/trial.json", { number = trial.number, point = trial.point, options = trial.options, seed = trial.seed })
    end
    if trial.prepare then trial.prepare(folder) end
  end
  store.write(path, { trials = ids, retries = opened.retries, time_limit = opened.time_limit, memory = opened.memory, threads = opened.threads })
end

--- Runs one trial here to its end. Returns "done"; "busy" where somebody else runs it; "stopped" where a signal told this process to stop
--- or the script ended with status 75, so that it is to be started again.
---@param where string
---@param folder string
---@param list string
---@param which string its place in the list from 0, or its ID
---@return "done"|"busy"|"stopped"
function batch.run(where, folder, list, which)
  local opened = store.load(where, folder)
  local given = store.read(list)
  if not given or type(given.trials) ~= "table" then error(("%s: %s: expected a list of trials, found none"):format(where, list), 0) end
  local place = math.tointeger(tonumber(which))
  local id = place and #which < 12 and given.trials[place + 1] or which
  local trial = store.read(folder .. "/trials/" .. id .. "/trial.json")
  if not trial then error(("%s: %s: expected a trial of %s, found none"):format(where, which, folder), 0) end
  trial.id = id
  opened.retries, opened.time_limit, opened.memory, opened.threads = given.retries or 0, given.time_limit, given.memory, given.threads
  processes.catch_stops()
  while true do
    local state, running = attempt.start(opened, trial)
    if state ~= "started" then return state end
    repeat
      processes.wait(1)
      if processes.caught_stop() then attempt.stop(running, "stopped") end
      state = attempt.poll(opened, running)
    until state ~= "running"
    if state ~= "again" then return state end
  end
end

return batch
