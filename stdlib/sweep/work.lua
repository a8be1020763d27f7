-- A sweep from what is asked for to what came out, whatever runs its trials.

local Adaptive = require "jetlua.sweep.adaptive"
local Display = require "jetlua.sweep.display"
local Queue = require "jetlua.sweep.queue"
local Sweep = require "jetlua.sweep.Sweep"
local declare = require "jetlua.sweep.declare"
local driver = require "jetlua.sweep.driver"
local processes = require "jetlua.core.processes"
local pruning = require "jetlua.sweep.pruning"
local store = require "jetlua.sweep.store"

local work = {}

--- Lets every trial find what it is pruned against.
local function prune(queue, rule, results)
  local plain_next, plain_told = queue.next, queue.told
  function queue:told(trial, result)
    results[#results + 1] = result
    plain_told(self, trial, result)
  end
  function queue:next()
    local trial = plain_next(self)
    if trial then
      function trial.prepare(path) store.write(path .. "/pruning.json", pruning.reference(rule, results)) end
    end
    return trial
  end
end

--- The trials of a sweep that is not adaptive, and its folder, without touching that.
---@param where string
---@param given table
---@return table[]|nil trials, table record, table how
function work.plan(where, given)
  local record, how = declare.read(where, given)
  return record.strategy.name ~= "tpe" and Queue.trials(where, record) or nil, record, how
end

--- Opens the folder of a sweep, whose lock is held then, and makes the queue of what is missing.
---@param where string
---@param given table
---@return table opened, table queue
function work.open(where, given)
  -- Points are checked before a folder is made, so that a mistake leaves nothing behind.
  local trials, record, how = work.plan(where, given)
  local opened = store.open(where, how.folder, record, how.changed)
  for key, value in pairs(how) do opened[key] = value end
  local known = store.results(opened.path)
  local queue = trials and Queue.new(trials, known) or Adaptive.new(opened, known)
  if record.pruning then prune(queue, record.pruning, known) end
  return opened, queue
end

--- Runs what is missing with `runner(opened, queue, display)`, the local one unless said, and gives the folder's lock back. Returns the
--- sweep and the signal that ended it early, if one did.
---@param opened table
---@param queue table
---@param runner? function
---@return sweep.Sweep
---@return string|nil
function work.carry_out(opened, queue, runner)
  local display = Display.new(opened, queue.total, queue.known)
  local passed, caught = pcall(runner or driver.run, opened, queue, display)
  processes.unlock(opened.lock)
  if not passed then error(caught, 0) end
  return Sweep.new(opened), caught
end

return work
