-- Curves of several seeds as one: their mean at equal signal efficiency, and their standard deviation as a band.

local numbers = require "jetlua.plot.numbers"
local raise = require "jetlua.internal.raise"

local over_seeds = {}

--- The y of a curve at x, between the two points around it; nil beyond its ends.
local function value_at(curve, x)
  local low, high = 1, #curve.x
  if high == 0 or x < curve.x[1] or x > curve.x[high] then return nil end
  while high - low > 1 do
    local middle = (low + high) // 2
    if curve.x[middle] <= x then low = middle else high = middle end
  end
  local width = curve.x[high] - curve.x[low]
  if width == 0 then return curve.y[high] end
  return curve.y[low] + (curve.y[high] - curve.y[low]) * (x - curve.x[low]) / width
end

--- Mean and standard deviation (n − 1) of curves { x, y } with increasing x, at 200 signal efficiencies; a place where one of them
--- has no value is left out.
---@param where string
---@param what string
---@param curves table[]
---@return { x: number[], y: number[], low: number[], high: number[] }
function over_seeds.curve(where, what, curves)
  if #curves < 2 then raise("%s: %s: seeds: expected results of at least 2 seeds, got %d", where, what, #curves) end
  local result = { x = {}, y = {}, low = {}, high = {} }
  for step = 1, 200 do
    local x, sum, values = step / 200, 0, {}
    for _, curve in ipairs(curves) do
      local y = value_at(curve, x)
      if y and numbers.finite(y) then
        values[#values + 1] = y
        sum = sum + y
      end
    end
    if #values == #curves then
      local mean, squares = sum / #values, 0
      for _, y in ipairs(values) do squares = squares + (y - mean) ^ 2 end
      local spread = math.sqrt(squares / (#values - 1))
      local n = #result.x + 1
      result.x[n], result.y[n], result.low[n], result.high[n] = x, mean, mean - spread, mean + spread
    end
  end
  if #result.x == 0 then raise("%s: %s: seeds: expected curves that overlap, got none that do", where, what) end
  return result
end

--- "0.931 ± 0.004" of a figure of each seed, nil if one lacks it.
---@param results table[]
---@param key string
---@param format string
---@return string|nil
function over_seeds.text(results, key, format)
  local sum, squares = 0, 0
  for _, result in ipairs(results) do
    if type(result[key]) ~= "number" then return nil end
    sum = sum + result[key]
  end
  local mean = sum / #results
  for _, result in ipairs(results) do squares = squares + (result[key] - mean) ^ 2 end
  return (format .. " ± " .. format):format(mean, math.sqrt(squares / math.max(1, #results - 1)))
end

--- The results of a band `{seeds = {…}, label=}`, nil if `value` is none.
---@param where string
---@param what string
---@param value any
---@return table[]|nil
function over_seeds.list(where, what, value)
  if type(value) ~= "table" or value.seeds == nil then return nil end
  if type(value.seeds) ~= "table" then raise("%s: %s: seeds: expected a list of results", where, what) end
  return value.seeds
end

return over_seeds
