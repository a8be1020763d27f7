-- Uncertainties of any figure, by drawing the jets again.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

--- Mean, spread and quantiles of the numbers of one figure; values that are not finite are counted apart.
local function describe(numbers, level)
  local finite, sum, squares = {}, 0, 0
  for _, x in ipairs(numbers) do
    if x == x and math.abs(x) < math.huge then finite[#finite + 1] = x end
  end
  local n = #finite
  if n == 0 then return { n = 0, undefined = #numbers } end
  table.sort(finite)
  for _, x in ipairs(finite) do sum = sum + x end
  for _, x in ipairs(finite) do squares = squares + (x - sum / n) ^ 2 end
  local function quantile(share)
    local place = 1 + share * (n - 1)
    local below = math.floor(place)
    return finite[below] + (place - below) * ((finite[below + 1] or finite[below]) - finite[below])
  end
  return {
    mean = sum / n, std = n > 1 and math.sqrt(squares / (n - 1)) or 0.0, low = quantile((1 - level) / 2),
    high = quantile((1 + level) / 2), n = n, undefined = #numbers - n,
  }
end

--- The uncertainty of any figure by the bootstrap: `figure(weight)` is called with weights that stand for jets drawn again with
--- repetition, as many of each label as there are, and returns a number or a table of named numbers. Seeded by `tensor.manual_seed`.
--- Gives for the number, or for each name, mean, standard deviation and the quantiles between which the fraction `level` lies.
---
---     score, label = {0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}
---     metrics.bootstrap(function(w) return metrics.auc(score, label, w) end, label, {samples = 50}).n --> 50
---@param figure fun(weight: tensor): number|table<string, number>
---@param label tensor|integer[] of the jets
---@param options? { samples: integer|nil, level: number|nil, weight: tensor|number[]|nil } 200, 0.6827, and the jets' own weights
---@return table { mean, std, low, high, n, undefined }, or such a table by name
local function bootstrap(figure, label, options)
  local where = "bootstrap"
  options = expect.options(where, options, { "samples", "level", "weight" })
  if type(figure) ~= "function" then expect.wrong(where, "figure", "a function of weights", figure) end
  local samples = expect.number(where, "samples", options.samples == nil and 200 or options.samples, { integer = true, min = 2 })
  local level = expect.number(where, "level", options.level == nil and 0.6826894921370859 or options.level)
  if level <= 0 or level >= 1 then raise("%s: level: expected a probability between 0 and 1, got %g", where, level) end
  local own = options.weight
  if type(own) == "table" then own = tensor(own, { dtype = "float64" }) end
  local values, single = {}, nil
  for _ = 1, samples do
    local drawn = core.bootstrap_weights(label)
    local result = figure(own and drawn * own or drawn)
    if single == nil then single = type(result) ~= "table" end
    local named = single and { figure = result } or result
    if type(named) ~= "table" then expect.wrong(where, "figure", "a function that returns a number or a table of numbers each time", result) end
    if single and type(result) ~= "number" then expect.wrong(where, "figure", "a function that returns a number or a table of numbers", result) end
    for name, value in pairs(named) do
      if type(value) == "number" then
        values[name] = values[name] or {}
        table.insert(values[name], value)
      end
    end
  end
  local described = {}
  for name, numbers in pairs(values) do described[name] = describe(numbers, level) end
  return single and described.figure or described
end

return bootstrap
