--- Starting values for parameters, filled in place and not recorded, with PyTorch's names, meanings and defaults:
--- `nn.init.kaiming_normal_(layer.weight, { nonlinearity = "relu" })`. Numbers come from the stream of initial weights. Each gives
--- the tensor back.

local core = require "jetlua.core.nn"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local init = {}

-- Numbers and choices in their order, or by name in a trailing table; `fields` are { name, default, limits or choices }.
local function read(where, fields, ...)
  local names, given, count = {}, {}, select("#", ...)
  for i, field in ipairs(fields) do names[i] = field[1] end
  local last = select(count > 0 and count or 1, ...)
  if type(last) == "table" then
    given = expect.options(where, last, names)
    count = count - 1
  end
  if count > #fields then raise("%s: expected at most %d arguments after the tensor, got %d", where, #fields, count) end
  for i = 1, count do
    local value = select(i, ...)
    if value ~= nil then given[names[i]] = value end
  end
  local values = {}
  for i, field in ipairs(fields) do
    local name, default, allowed = field[1], field[2], field[3]
    local value = given[name]
    if value == nil then value = default end
    if type(default) == "string" then
      if type(value) ~= "string" then expect.wrong(where, name, "a string", value) end
      local found = false
      for _, choice in ipairs(allowed) do found = found or choice == value end
      if not found then expect.unknown(where, name, value, allowed) end
      values[i] = value
    else
      values[i] = expect.number(where, name, value, allowed)
    end
  end
  return table.unpack(values)
end

-- Numbers that reach an output and an input of a weight [out, in, ...].
local function fans(where, tensor)
  local indexed, shape = pcall(function() return tensor.shape end)
  if not indexed or type(shape) ~= "table" then expect.wrong(where, "tensor", "a tensor", tensor) end
  if #shape < 2 then
    raise("%s: tensor: expected at least two dimensions, [out, in, ...], got shape %s", where, text.shape(shape))
  end
  local field = 1
  for i = 3, #shape do field = field * shape[i] end
  return math.max(shape[2] * field, 1), math.max(shape[1] * field, 1)
end

local nonlinearities = { "linear", "conv2d", "conv_transpose2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu" }

--- The factor on the deviation that keeps the variance through an activation; `parameter` is the slope of leaky_relu, 0.01 by default.
---
---     nn.init.calculate_gain("selu") --> 0.75
---@param nonlinearity "linear"|"conv2d"|"conv_transpose2d"|"sigmoid"|"tanh"|"relu"|"leaky_relu"|"selu"
---@param parameter? number
---@return number
function init.calculate_gain(nonlinearity, parameter)
  local where = "calculate_gain"
  local name, slope = read(where, { { "nonlinearity", "", nonlinearities }, { "parameter", 0.01 } }, nonlinearity, parameter)
  if name == "tanh" then return 5 / 3 end
  if name == "relu" then return math.sqrt(2) end
  if name == "leaky_relu" then return math.sqrt(2 / (1 + slope * slope)) end
  if name == "selu" then return 3 / 4 end
  return 1
end

--- Uniform in [a, b), by default [0, 1).
---
---     nn.init.uniform_(tensor.zeros(3), 2, 2) --> [2., 2., 2.]
---@param tensor tensor
---@param ... number|{ a: number, b: number }
---@return tensor
function init.uniform_(tensor, ...)
  local a, b = read("uniform_", { { "a", 0 }, { "b", 1 } }, ...)
  if a > b then raise("uniform_: expected a <= b, got %s and %s", text.number(a), text.number(b)) end
  return core.fill_uniform(tensor, a, b, "uniform_")
end

--- N(mean, std²), by default N(0, 1).
---
---     nn.init.normal_(tensor.zeros(3), 5, 0) --> [5., 5., 5.]
---@param tensor tensor
---@param ... number|{ mean: number, std: number }
---@return tensor
function init.normal_(tensor, ...)
  local mean, deviation = read("normal_", { { "mean", 0 }, { "std", 1, { min = 0 } } }, ...)
  return core.fill_normal(tensor, mean, deviation, "normal_")
end

--- One number everywhere.
---
---     nn.init.constant_(tensor.zeros(2), 0.5) --> [0.5, 0.5]
---@param tensor tensor
---@param value number
---@return tensor
function init.constant_(tensor, value)
  return core.fill_constant(tensor, expect.number("constant_", "value", value), "constant_")
end

--- Ones.
---
---     nn.init.ones_(tensor.zeros(2)) --> [1., 1.]
---@param tensor tensor
---@return tensor
function init.ones_(tensor) return core.fill_constant(tensor, 1, "ones_") end

--- Zeros.
---
---     nn.init.zeros_(tensor.ones(2)) --> [0., 0.]
---@param tensor tensor
---@return tensor
function init.zeros_(tensor) return core.fill_constant(tensor, 0, "zeros_") end

--- U(−b, b) with b = gain √(6/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010, eq. 16); gain 1 by default.
---
---     nn.init.xavier_uniform_(tensor.zeros(4, 2)):abs():le(1):all() --> true
---@param tensor tensor `[out, in, ...]`
---@param ... number|{ gain: number }
---@return tensor
function init.xavier_uniform_(tensor, ...)
  local gain = read("xavier_uniform_", { { "gain", 1 } }, ...)
  local fan_in, fan_out = fans("xavier_uniform_", tensor)
  local bound = math.abs(gain) * math.sqrt(6 / (fan_in + fan_out))
  return core.fill_uniform(tensor, -bound, bound, "xavier_uniform_")
end

--- N(0, gain² 2/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010); gain 1 by default.
---
---     nn.init.xavier_normal_(tensor.ones(4, 2), {gain = 0}):abs():sum() --> 0.
---@param tensor tensor `[out, in, ...]`
---@param ... number|{ gain: number }
---@return tensor
function init.xavier_normal_(tensor, ...)
  local gain = read("xavier_normal_", { { "gain", 1 } }, ...)
  local fan_in, fan_out = fans("xavier_normal_", tensor)
  return core.fill_normal(tensor, 0, gain * math.sqrt(2 / (fan_in + fan_out)), "xavier_normal_")
end

local kaiming = { { "a", 0 }, { "mode", "fan_in", { "fan_in", "fan_out" } }, { "nonlinearity", "leaky_relu", nonlinearities } }

local function kaiming_deviation(where, tensor, ...)
  local a, mode, nonlinearity = read(where, kaiming, ...)
  local fan_in, fan_out = fans(where, tensor)
  return init.calculate_gain(nonlinearity, a) / math.sqrt(mode == "fan_in" and fan_in or fan_out)
end

--- U(−b, b) with b = gain √(3/fan) (He et al., arXiv:1502.01852, eq. 10).
---
---     nn.init.kaiming_uniform_(tensor.zeros(4, 6)):abs():le(1):all() --> true
---@param tensor tensor `[out, in, ...]`
---@param ... number|string|{ a: number, mode: "fan_in"|"fan_out", nonlinearity: string } defaults 0, "fan_in", "leaky_relu"
---@return tensor
function init.kaiming_uniform_(tensor, ...)
  local bound = math.sqrt(3) * kaiming_deviation("kaiming_uniform_", tensor, ...)
  return core.fill_uniform(tensor, -bound, bound, "kaiming_uniform_")
end

--- N(0, gain²/fan) (He et al., arXiv:1502.01852, eq. 10).
---
---     nn.init.kaiming_normal_(tensor.zeros(4, 6), {nonlinearity = "relu"}).shape --> {4, 6}
---@param tensor tensor `[out, in, ...]`
---@param ... number|string|{ a: number, mode: "fan_in"|"fan_out", nonlinearity: string } defaults 0, "fan_in", "leaky_relu"
---@return tensor
function init.kaiming_normal_(tensor, ...)
  return core.fill_normal(tensor, 0, kaiming_deviation("kaiming_normal_", tensor, ...), "kaiming_normal_")
end

--- Gain times orthonormal rows, or columns where there are more rows than columns (arXiv:1312.6120); gain 1 by default.
---
---     nn.init.orthogonal_(tensor.zeros(1, 1)):abs() --> [[1.]]
---@param tensor tensor `[out, in, ...]`, further dimensions taken as one with the second
---@param ... number|{ gain: number }
---@return tensor
function init.orthogonal_(tensor, ...)
  local gain = read("orthogonal_", { { "gain", 1 } }, ...)
  fans("orthogonal_", tensor)
  return core.fill_orthogonal(tensor, gain, "orthogonal_")
end

return init
