-- Tree-structured Parzen estimator: Bergstra, Bardenet, Bengio, Kégl, "Algorithms for hyper-parameter optimization" (NIPS 2011). The
-- trials so far are split into the best tenth and the rest; of 24 draws from the estimator of the best one takes the point where their
-- density is largest over that of the rest, for each hyperparameter by itself.

local parzen = require "jetlua.sweep.parzen"
local space = require "jetlua.sweep.space"
local uniform = require "jetlua.sweep.uniform"

local tpe = {}

local first_random = 10
local candidates = 24

--- How many of n trials are the good ones.
local function good_count(n) return math.min(math.ceil(0.1 * n), 25) end

--- A hyperparameter's value as its estimator takes it: the number of a choice, or a number, its logarithm with log.
local function inner(dimension, value)
  if dimension.values then
    local written = space.written(value)
    for i, choice in ipairs(dimension.values) do
      if space.written(choice) == written then return i end
    end
    return 1
  end
  return dimension.log and math.log(value) or value
end

local function estimate(dimension, observations)
  if dimension.values then return parzen.choices(observations, #dimension.values) end
  local low, high = dimension.min, dimension.max
  if dimension.integer then low, high = low - 0.5, high + 0.5 end
  if dimension.log then low, high = math.log(low), math.log(high) end
  return parzen.numbers(observations, low, high, dimension.integer and not dimension.log and 1 or nil)
end

local function outer(dimension, x)
  if dimension.values then return dimension.values[x] end
  if dimension.log then x = math.exp(x) end
  if dimension.integer then x = math.floor(x + 0.5) end
  return math.max(dimension.min, math.min(dimension.max, x))
end

--- The next point after `seen` ones, {options, value, class} with smaller values better and smaller classes before, in the order in which they were tried; determined
--- by them, `seed` and `number`.
---@param dimensions table[]
---@param seen { options: table, value: number, class: integer|nil }[]
---@param seed integer
---@param number integer
---@return table<string, any>
function tpe.suggest(dimensions, seen, seed, number)
  local draw, point = uniform.stream(seed, number), {}
  if #seen < first_random then
    for _, dimension in ipairs(dimensions) do point[dimension.name] = space.at(dimension, draw()) end
    return point
  end
  local ranked = {}
  for i, one in ipairs(seen) do ranked[i] = { at = i, class = one.class or 1, value = one.value } end
  table.sort(ranked, function(a, b)
    if a.class ~= b.class then return a.class < b.class end
    if a.value ~= b.value then return a.value < b.value end
    return a.at < b.at
  end)
  local is_good = {}
  for i = 1, good_count(#seen) do is_good[ranked[i].at] = true end
  for _, dimension in ipairs(dimensions) do
    local good, rest = {}, {}
    for i, one in ipairs(seen) do
      local side = is_good[i] and good or rest
      side[#side + 1] = inner(dimension, one.options[dimension.name])
    end
    local below, above = estimate(dimension, good), estimate(dimension, rest)
    local best, best_ratio
    for _ = 1, candidates do
      local x = parzen.sample(below, draw)
      local ratio = parzen.log(below, x) - parzen.log(above, x)
      if not best or ratio > best_ratio then best, best_ratio = x, ratio end
    end
    point[dimension.name] = outer(dimension, best)
  end
  return point
end

return tpe
