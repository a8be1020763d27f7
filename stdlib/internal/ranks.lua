-- What trainings of several ranks are made of; scripts have the module parallel.

local core = require "jetlua.core.parallel"
local raise = require "jetlua.internal.raise"

local ranks = {}

local count, own = core.ranks()

--- How many ranks there are, and this one's number from 0.
ranks.count, ranks.own = count, own

--- Whether a value is a tensor.
---@param value any
---@return boolean
function ranks.is_tensor(value)
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
    if math.type(value) or ranks.is_tensor(value) then
      body(holder, key, value, name)
    elseif type(value) == "table" then
      each_place(value, body, name)
    end
  end
end

--- Replaces the numbers and tensors in a table by their sums over ranks; texts and truth values stay each rank's own.
---@param holder table
---@return table holder
function ranks.add_up(holder)
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

--- The same tables with the same values.
---@param value any
---@return any
function ranks.copy(value)
  if type(value) ~= "table" then return value end
  local result = {}
  for key, inner in pairs(value) do result[key] = ranks.copy(inner) end
  return result
end

--- Sets the numbers and tensors in a table to 0, so that the sum over ranks counts them once.
---@param holder table
function ranks.clear(holder)
  each_place(holder, function(place, key, value)
    local kind = math.type(value)
    if kind then
      place[key] = kind == "integer" and 0 or 0.0
    else
      place[key] = require("jetlua.tensor").zeros_like(value)
    end
  end, "")
end

--- This rank's parts of batches, without the loop that tells of them.
function ranks.parts(set, n, options)
  if count == 1 then return set:batches(n, options) end
  local given = {}
  for key, value in pairs(options or {}) do given[key] = value end
  given.part = { own + 1, count }
  return set:batches(n, given)
end

--- Batches that say of each which part it is; `at_end` is called once, when they are over or left.
---@param batches any
---@param at_end? function
function ranks.shared(batches, at_end)
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
    __close = function(_, problem)
      if problem == nil then finish() end
    end,
    __tostring = function() return tostring(batches) end,
  })
end

--- This rank's parts of batches, as `parallel.batches` gives them.
function ranks.batches(set, n, options)
  if count == 1 then return set:batches(n, options) end
  local batches = ranks.shared(ranks.parts(set, n, options))
  return batches, nil, nil, batches
end

--- Gives parameters the gradients of the whole batch.
---@param parameters tensor[]
function ranks.gradients(parameters)
  if count > 1 then core.gradients(parameters) end
end

--- Jets of the batch that is worked on, those of all ranks together.
---@param batch any
---@return integer
function ranks.jets_of(batch) return count > 1 and core.whole() or #batch end

--- Raises where ranks share the batch that is worked on: what `where` computes takes all of its jets at once.
---@param where string
---@param why string
function ranks.refuse(where, why)
  if count > 1 and core.is_sharing() then raise("%s: %s; start it without mpirun (docs/parallel.md)", where, why) end
end

--- The text that a rank gives, on all of them; the others' is not looked at.
---@param text string
---@param rank integer
---@return string
function ranks.text(text, rank) return count == 1 and text or core.text(text, rank) end

return ranks
