-- The trials that are still to be done, where all are known beforehand.

local expand = require "jetlua.sweep.expand"
local store = require "jetlua.sweep.store"

local Queue = {}
Queue.__index = Queue

--- Every trial of a sweep whose points are known beforehand: {id, number, point, options, seed}.
---@param where string
---@param record table
---@return table[]
function Queue.trials(where, record)
  local trials, seen = {}, {}
  for p, options in ipairs(expand.points(where, record.strategy, record.dimensions)) do
    for _, seed in ipairs(#record.seeds > 0 and record.seeds or { false }) do
      local id = store.id(options, seed or nil)
      if not seen[id] then
        seen[id] = true
        trials[#trials + 1] = { id = id, number = #trials + 1, point = p, options = options, seed = seed or nil }
      end
    end
  end
  return trials
end

--- A queue of the trials that have no result among `results`; `report` gets these results.
---@param trials table[]
---@param results table[]
---@return table
function Queue.new(trials, results)
  local known = {}
  for _, result in ipairs(results) do known[result.id] = result end
  local self = setmetatable({ waiting = {}, at = 0, again_list = {}, total = #trials, known = {} }, Queue)
  for _, trial in ipairs(trials) do
    if known[trial.id] then
      self.known[#self.known + 1] = known[trial.id]
    else
      self.waiting[#self.waiting + 1] = trial
    end
  end
  return self
end

function Queue:next()
  if #self.again_list > 0 then return table.remove(self.again_list, 1) end
  self.at = self.at + 1
  return self.waiting[self.at]
end

function Queue.told() end

function Queue:again(trial) self.again_list[#self.again_list + 1] = trial end

return Queue
