-- The trials of an adaptive sweep: each point follows from the results of those before it.

local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"
local tpe = require "jetlua.sweep.tpe"

local Queue = {}
Queue.__index = Queue

--- Class and value of a point, smaller is better: the mean objective over the seeds that finished (class 1); the last one logged where all
--- were pruned (2), which comes after all that finished; nothing where all failed (3). nil where some are not done.
local function judge(queue, point)
  local sum, n, pruned, last = 0, 0, 0, nil
  local sign = queue.record.direction == "min" and 1 or -1
  for _, trial in ipairs(point.trials) do
    local result = trial.result
    if not result then return nil end
    local value = result.status == "finished" and (result.results or {})[queue.record.objective] or nil
    if type(value) == "number" and value - value == 0 then
      sum, n = sum + sign * value, n + 1
    elseif result.status == "pruned" then
      pruned, last = pruned + 1, type(result.history) == "table" and result.history[#result.history] or nil
    end
  end
  if n > 0 then return 1, sum / n end
  if pruned > 0 and type(last) == "number" then return 2, (queue.record.pruning.direction == "min" and 1 or -1) * last end
  return 3, 0.0
end

function Queue:next()
  if #self.waiting > 0 then return table.remove(self.waiting, 1) end
  if #self.points >= self.record.strategy.trials then return nil end
  local number = #self.points + 1
  local seen = {}
  for _, point in ipairs(self.points) do
    local class, value = judge(self, point)
    if class then seen[#seen + 1] = { options = point.options, class = class, value = value } end
  end
  self:add(number, tpe.suggest(self.record.dimensions, seen, self.record.strategy.seed, number))
  return table.remove(self.waiting, 1)
end

function Queue:add(number, options)
  local point = { options = options, trials = {} }
  self.points[number] = point
  local seeds = #self.record.seeds > 0 and self.record.seeds or { false }
  for s, seed in ipairs(seeds) do
    local trial = { number = (number - 1) * #seeds + s, point = number, options = options, seed = seed or nil }
    trial.id = store.id(options, trial.seed, trial.number)
    trial.result = self.results[trial.id]
    point.trials[s] = trial
    if trial.result then
      self.known[#self.known + 1] = trial.result
    else
      self.waiting[#self.waiting + 1] = trial
    end
  end
end

function Queue:told(trial, result) trial.result = result end

function Queue:again(trial) table.insert(self.waiting, 1, trial) end

--- The queue of an adaptive sweep: its points so far are those on disk, so that one that was stopped goes on as it would have.
---@param sweep table
---@param results table[]
---@return table
function Queue.new(sweep, results)
  local by_id, on_disk = {}, {}
  for _, result in ipairs(results) do by_id[result.id] = result end
  for _, id in ipairs(system.list_directory(sweep.path .. "/trials")) do
    local trial = store.read(sweep.path .. "/trials/" .. id .. "/trial.json")
    if trial and math.type(trial.point) == "integer" and type(trial.options) == "table" then on_disk[trial.point] = trial.options end
  end
  local record = sweep.record
  local self = setmetatable({
    record = record, points = {}, waiting = {}, known = {}, results = by_id,
    total = record.strategy.trials * math.max(#record.seeds, 1),
  }, Queue)
  for number = 1, record.strategy.trials do
    if not on_disk[number] then break end
    self:add(number, on_disk[number])
  end
  return self
end

return Queue
