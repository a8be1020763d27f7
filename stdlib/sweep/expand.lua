-- The points of a sweep that are known before it starts.

local raise = require "jetlua.internal.raise"
local sobol = require "jetlua.sweep.sobol"
local space = require "jetlua.sweep.space"
local uniform = require "jetlua.sweep.uniform"

local expand = {}

local most = 1000000

local function grid(where, dimensions)
  local columns, total = {}, 1
  for d, dimension in ipairs(dimensions) do
    columns[d] = space.points(where, dimension)
    total = total * #columns[d]
    if total > most then raise("%s: expected at most %d points, got a grid of more; take fewer values, or random or sobol", where, most) end
  end
  local points = {}
  for i = 0, total - 1 do
    local point, rest = {}, i
    -- The last one varies fastest, as in nested loops.
    for d = #dimensions, 1, -1 do
      point[dimensions[d].name] = columns[d][rest % #columns[d] + 1]
      rest = rest // #columns[d]
    end
    points[i + 1] = point
  end
  return points
end

local function zip(where, dimensions)
  local points, first = {}, nil
  for _, dimension in ipairs(dimensions) do
    local values = space.points(where, dimension)
    first = first or { dimension.name, #values }
    if #values ~= first[2] then
      raise("%s: zip: expected as many values of %s as of %s, %d, got %d", where, dimension.name, first[1], first[2], #values)
    end
    for i, value in ipairs(values) do
      points[i] = points[i] or {}
      points[i][dimension.name] = value
    end
  end
  return points
end

local function random(_, dimensions, n, seed)
  local points = {}
  for i = 1, n do
    local draw, point = uniform.stream(seed, i), {}
    for _, dimension in ipairs(dimensions) do point[dimension.name] = space.at(dimension, draw()) end
    points[i] = point
  end
  return points
end

local function quasi_random(_, dimensions, n)
  local points = {}
  for i, u in ipairs(sobol.points(n, #dimensions)) do
    points[i] = {}
    for d, dimension in ipairs(dimensions) do points[i][dimension.name] = space.at(dimension, u[d]) end
  end
  return points
end

local strategies = { grid = grid, zip = zip, random = random, sobol = quasi_random }

--- The points of a grid, zip, random or sobol sweep in order, each {name = value}; without hyperparameters a single empty one.
---@param where string
---@param strategy { name: string, trials: integer|nil, seed: integer|nil }
---@param dimensions table[]
---@return table<string, any>[]
function expand.points(where, strategy, dimensions)
  if #dimensions == 0 then return { {} } end
  return strategies[strategy.name](where, dimensions, strategy.trials, strategy.seed)
end

return expand
