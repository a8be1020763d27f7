-- Several processes that train one model together: `mpirun -n 4 jetlua train.lua` starts them, and each works on its part of every batch.

local core = require "jetlua.core.parallel"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"

local parallel = {}

local count, own = core.ranks()

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

local function is_tensor(value)
  if type(value) ~= "userdata" then return false end
  local indexed, method = pcall(function() return value.totable end)
  return indexed and type(method) == "function"
end

-- The places of numbers and tensors in nested tables, in an order that is the same on all ranks.
local function each_place(holder, body, path)
  local keys = {}
  for key in pairs(holder) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) < type(b) end
    if type(a) == "number" or type(a) == "string" then return a < b end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local value, name = holder[key], path .. "." .. tostring(key)
    if math.type(value) or is_tensor(value) then
      body(holder, key, value, name)
    elseif type(value) == "table" then
      each_place(value, body, name)
    end
  end
end

--- Replaces the numbers and tensors in a table by their sums over ranks; texts and truth values stay each rank's own.
---@param holder table
---@private
function parallel.add_up(holder)
  if count == 1 then return holder end
  local numbers, names, places = {}, {}, {}
  each_place(holder, function(place, key, value, name)
    if math.type(value) then
      numbers[#numbers + 1], names[#names + 1], places[#places + 1] = value, name, { place, key, math.type(value) }
    end
  end, "")
  -- Even where there is nothing to add up the ranks meet, and learn what the others wish.
  for i, sum in ipairs(core.sum(numbers, table.concat(names, " "))) do
    local place, key, kind = table.unpack(places[i])
    place[key] = kind == "integer" and math.tointeger(sum) or sum
  end
  each_place(holder, function(place, key, value)
    if not math.type(value) then place[key] = core.sum_tensor(value) end
  end, "")
  return holder
end

--- Sets the numbers and tensors in a table to 0, so that the sum over ranks counts them once.
---@param holder table
---@private
function parallel.clear(holder)
  each_place(holder, function(place, key, value)
    local kind = math.type(value)
    if kind then place[key] = kind == "integer" and 0 or 0.0 else place[key] = require("jetlua.tensor").zeros_like(value) end
  end, "")
end

--- The sum over all ranks of a number, of a tensor of floating-point numbers, or of those in a table; the same bits on every rank. All ranks must
--- call it, with tables of the same names.
---
---     parallel.sum(2), parallel.sum{jets = 5}.jets --> 2 5
---@param value number|tensor|table
---@return any
function parallel.sum(value)
  if not (math.type(value) or is_tensor(value) or type(value) == "table") then
    expect.wrong("parallel.sum", "value", "a number, a tensor or a table of them", value)
  end
  if count == 1 then return value end
  local function copy(item)
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in pairs(item) do result[key] = copy(inner) end
    return result
  end
  return parallel.add_up({ value = copy(value) }).value
end

--- Gives parameters the gradients of the whole batch, before they are looked at. Steps of optimizers and `optim.clip_grad_norm` do so by
--- themselves.
---
---     parallel.gradients{tensor{1}:requires_grad(true)}
---     parallel.size() --> 1
---@param parameters tensor[]
function parallel.gradients(parameters)
  if count > 1 then core.gradients(parameters) end
end

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
  if count == 1 then return set:batches(n, options) end
  local batches = parallel.shared(parallel.parts(set, n, options))
  return batches, nil, nil, batches
end

--- This rank's parts of batches, without the loop that tells of them.
---@private
function parallel.parts(set, n, options)
  if count == 1 then return set:batches(n, options) end
  local given = {}
  for key, value in pairs(options or {}) do given[key] = value end
  given.part = { own + 1, count }
  return set:batches(n, given)
end

--- Batches that say of each which part it is; `at_end` is called once, when they are over or left.
---@private
function parallel.shared(batches, at_end)
  local over = false
  local function finish()
    if over then return end
    over = true
    core.finish()
    if at_end then at_end() end
  end
  return setmetatable({}, {
    __call = function()
      if over then return nil end
      local batch = batches()
      if batch == nil then finish() else batch:begin() end
      return batch
    end,
    __len = function() return #batches end,
    __close = function(_, problem) if problem == nil then finish() end end,
    __tostring = function() return tostring(batches) end,
  })
end

--- Jets of the batch that is worked on, those of all ranks together.
---@param batch any
---@return integer
---@private
function parallel.jets_of(batch) return count > 1 and core.whole() or #batch end

--- Raises where ranks share the batch that is worked on: what `where` computes takes all of its jets at once.
---@param where string
---@param why string
---@private
function parallel.refuse(where, why)
  if count > 1 and core.is_sharing() then
    raise("%s: %s; start it without mpirun (docs/parallel.md)", where, why)
  end
end

--- What exchanges have cost this rank: `exchanges`, `bytes` of numbers summed, seconds of `waiting` for the others and of `moving` the numbers.
---
---     parallel.cost().exchanges --> 0
---@return { exchanges: integer, bytes: integer, waiting: number, moving: number }
function parallel.cost() return core.cost() end

--- The text that a rank gives, on all of them; the others' is not looked at.
---@param text string
---@param rank integer
---@return string
---@private
function parallel.text(text, rank) return count == 1 and text or core.text(text, rank) end

return parallel
