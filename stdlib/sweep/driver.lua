-- The local runner: starts trials as long as there are some and a job is free, and takes in what they leave.

local attempt = require "jetlua.sweep.attempt"
local processes = require "jetlua.core.processes"
local system = require "jetlua.core.system"

local driver = {}

local look_seconds = 0.5

--- Ends all that runs and waits for it. What stops in time with its run closed can be gone on with.
local function stop_all(sweep, running, queue, view, quickly)
  for _, one in ipairs(running) do
    attempt.stop(one, "stopped")
    if quickly then one.kill_at = system.monotonic() + 1 end
  end
  while #running > 0 do
    processes.wait(0.1)
    if processes.caught_stop() then
      for _, one in ipairs(running) do one.kill_at = 0 end
    end
    for i = #running, 1, -1 do
      local told, state, result = pcall(attempt.poll, sweep, running[i])
      if not told or state ~= "running" then
        if told and state == "done" then
          queue:told(running[i].trial, result)
          view:done(result)
        end
        table.remove(running, i)
      end
    end
  end
end

local function loop(sweep, queue, view, running)
  local busy, looked = {}, system.monotonic()

  local function begin(trial)
    local state, detail = attempt.start(sweep, trial)
    if state == "started" then
      running[#running + 1] = detail
    elseif state == "busy" then
      busy[#busy + 1] = trial
    else
      queue:told(trial, detail)
      view:done(detail)
    end
  end

  while true do
    while #running + #busy < sweep.jobs do
      local trial = queue:next()
      if not trial then break end
      begin(trial)
      local caught = processes.caught_stop()
      if caught then return caught end
    end
    if #running + #busy == 0 then return nil end
    view:show(running, busy)
    processes.wait(look_seconds)
    local caught = processes.caught_stop()
    if caught then return caught end
    for i = #running, 1, -1 do
      local one = running[i]
      local state, detail = attempt.poll(sweep, one)
      if state ~= "running" then table.remove(running, i) end
      if state == "done" then
        queue:told(one.trial, detail)
        view:done(detail)
      elseif state == "again" or state == "stopped" then
        view:again(one.trial, detail)
        queue:again(one.trial)
      end
    end
    -- A trial whose driver was killed goes on by itself; it is taken in when its lock is free.
    if #busy > 0 and system.monotonic() - looked > look_seconds then
      looked = system.monotonic()
      local waiting = busy
      busy = {}
      for _, trial in ipairs(waiting) do begin(trial) end
    end
  end
end

--- Runs the trials of `queue` (`next()`, `told(trial, result)`, `again(trial)`) until none is left. Returns the signal that ended it
--- early, "INT", "TERM" or "USR1"; nothing that is done is lost then.
---@param sweep table
---@param queue table
---@param view table
---@return string|nil
function driver.run(sweep, queue, view)
  local running = {}
  processes.catch_stops()
  local passed, outcome = pcall(loop, sweep, queue, view, running)
  if #running > 0 then
    if passed then view:stopping(#running) end
    -- An error here would hide the one that brought us here.
    local stopped, problem = pcall(stop_all, sweep, running, queue, view, not passed)
    if passed and not stopped then passed, outcome = false, problem end
  end
  view:close()
  processes.release_stops()
  if not passed then error(outcome, 0) end
  return outcome
end

return driver
