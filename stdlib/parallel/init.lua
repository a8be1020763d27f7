-- Several processes that train one model together: `mpirun -n 4 jetlua train.lua` starts them, and each works on its part of every batch.

local core = require "jetlua.core.parallel"
local expect = require "jetlua.internal.expect"
local ranks = require "jetlua.internal.ranks"

local parallel = {}

local count, own = ranks.count, ranks.own

local function has(value, method)
  local indexed, found = pcall(function() return value[method] end)
  return indexed and type(found) == "function"
end

--- How many processes work together; 1 where the script was not started by mpirun.
---
---     parallel.size() --> 1
---@return integer
function parallel.size() return count end

--- The number of this process, from 0. Rank 0 prints, keeps the run's folder and writes checkpoints; the others compute.
---
---     parallel.rank() --> 0
---@return integer
function parallel.rank() return own end

--- Waits until all ranks are here.
---
---     parallel.wait()
---     parallel.size() --> 1
function parallel.wait() core.wait() end

--- The sum over all ranks of a number, of a tensor of floating-point numbers, or of those in a table; the same bits on every rank. All ranks must
--- call it, with tables of the same names.
---
---     parallel.sum(2), parallel.sum{jets = 5}.jets --> 2 5
---@param value number|tensor|table
---@return any
function parallel.sum(value)
  if not (math.type(value) or ranks.is_tensor(value) or type(value) == "table") then
    expect.wrong("parallel.sum", "value", "a number, a tensor or a table of them", value)
  end
  if count == 1 then return value end
  return ranks.add_up({ value = ranks.copy(value) }).value
end

--- Gives parameters the gradients of the whole batch, before they are looked at. Steps of optimizers and `optim.clip_grad_norm` do so by
--- themselves.
---
---     parallel.gradients{tensor{1}:requires_grad(true)}
---     parallel.size() --> 1
---@param parameters tensor[]
function parallel.gradients(parameters) ranks.gradients(parameters) end

--- Batches as `set:batches(n, options)` gives them, but each rank has its part of every batch: `n` is the size of the whole. The
--- steps of optimizers within the loop then use the gradients of all ranks, and noise is what one process alone would draw.
--- In a run take `training:batches`, which does the same; `models.fit` does it by itself.
---
---     #parallel.batches(jets.sample():take(1000):images(), 256) --> 4
---@param set jets.Images|jets.Constituents
---@param n integer jets in a batch of all ranks together
---@param options? {shuffle: boolean, forever: boolean}
---@return any
function parallel.batches(set, n, options)
  if not has(set, "batches") then expect.wrong("parallel.batches", "set", "a set of images or constituents", set) end
  return ranks.batches(set, n, options)
end

--- What exchanges have cost this rank: `exchanges`, `bytes` of numbers summed, seconds of `waiting` for the others and of `moving` the numbers.
---
---     parallel.cost().exchanges --> 0
---@return { exchanges: integer, bytes: integer, waiting: number, moving: number }
function parallel.cost() return core.cost() end

return parallel
