-- Ranges and ticks, chosen here and not by the program that draws: both of them then show the same axes.

local numbers = require "jetlua.plot.numbers"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local axis = {}

--- The step 1, 2 or 5 · 10ⁿ that cuts a range into about `count` parts.
---@param width number
---@param count number
---@return number
function axis.nice_step(width, count)
  local raw = width / count
  local power = 10.0 ^ math.floor(math.log(raw, 10))
  local mantissa = raw / power
  local nice = mantissa < 1.5 and 1 or mantissa < 3.5 and 2 or mantissa < 7.5 and 5 or 10
  return nice * power
end

local function with_minus(s) return (s:gsub("^%-", "−")) end

--- A power of ten; where an axis has far ones, 0.01 and 1000 are written as such too.
local function power_label(exponent, far)
  if exponent == 0 or exponent == 1 or not far then return ("%g"):format(10.0 ^ exponent) end
  return ("10^{%s}"):format(with_minus(tostring(exponent)))
end

local function linear_label(value, step, scale)
  local zero = math.abs(value) < step * 1e-9
  if scale >= 1e5 or scale < 1e-3 then
    if zero then return "0" end
    local exponent = math.floor(math.log(scale, 10) + 1e-9)
    local digits = math.max(0, exponent - math.floor(math.log(step, 10) + 1e-9))
    return with_minus(("%." .. digits .. "f"):format(value / 10.0 ^ exponent)) .. "×10^{" .. with_minus(tostring(exponent)) .. "}"
  end
  local decimals = math.max(0, -math.floor(math.log(step, 10) + 1e-9))
  return with_minus(("%." .. decimals .. "f"):format(zero and 0 or value))
end

local function linear_ticks(low, high, settings)
  local step = settings.step or axis.nice_step(high - low, settings.count or 5)
  -- Whole numbers, such as epochs, have no halves.
  if settings.integer then step = math.max(1, step) end
  local scale = math.max(math.abs(low), math.abs(high))
  local ticks = {}
  local minor = step / (math.abs(step / 10.0 ^ math.floor(math.log(step, 10) + 1e-9) - 2) < 1e-6 and 4 or 5)
  if settings.integer then minor = math.max(1, minor) end
  local per_major = math.max(1, math.floor(step / minor + 0.5))
  for k = math.ceil(low / minor - 1e-9), math.floor(high / minor + 1e-9) do
    local value = k * minor
    if k % per_major == 0 then
      ticks[#ticks + 1] = { value = value, label = linear_label(value, step, scale) }
    else
      ticks[#ticks + 1] = { value = value }
    end
  end
  return ticks
end

local function log_ticks(low, high)
  -- Less than a factor 1.6: powers of ten are too far apart to say anything.
  if high < 1.6 * low then return linear_ticks(low, high, { count = 4 }) end
  local first, last = math.floor(math.log(low, 10) + 1e-9), math.ceil(math.log(high, 10) - 1e-9)
  local decades = math.log(high / low, 10)
  local every = math.max(1, math.ceil(decades / 7))
  local far = low < 1e-2 * (1 - 1e-9) or high > 1e3
  local ticks = {}
  for exponent = first, last do
    for digit = 1, 9 do
      local value = digit * 10.0 ^ exponent
      if value >= low * (1 - 1e-9) and value <= high * (1 + 1e-9) then
        local label
        if digit == 1 and exponent % every == 0 then
          label = power_label(exponent, far)
        elseif decades < 1.5 and (digit == 2 or digit == 5) or decades < 0.75 then
          label = text.number(tonumber(("%.3g"):format(value)))
        end
        if label or every == 1 or digit == 1 then ticks[#ticks + 1] = { value = value, label = label } end
      end
    end
  end
  return ticks
end

--- An axis from `low` to `high`: { min, max, log, ticks = { { value, label|nil }, … } }.
---@param low number
---@param high number
---@param log boolean
---@param settings? { count: number|nil, step: number|nil, integer: boolean|nil } labelled ticks wanted (about 5), or their step; no ticks between whole numbers
---@return table
function axis.new(low, high, log, settings)
  settings = settings or {}
  local ticks = log and log_ticks(low, high) or linear_ticks(low, high, settings)
  return { min = low, max = high, log = log, ticks = ticks, integer = settings.integer }
end

--- Range that shows `low` … `high`: as given by the user, or padded by the fraction `pad` of its length (or to whole decades).
---@param where string
---@param name string
---@param low number|nil smallest datum
---@param high number|nil
---@param settings { range: number[]|nil, log: boolean, pad: number|nil, zero: boolean|nil }
---@return number low
---@return number high
function axis.range(where, name, low, high, settings)
  if settings.range then
    if settings.log and settings.range[1] <= 0 then
      raise("%s: %srange: expected values above 0 on a logarithmic axis, got %s", where, name, text.number(settings.range[1]))
    end
    return settings.range[1], settings.range[2]
  end
  if not low then
    if settings.log then raise("%s: log%s: expected values above 0 on a logarithmic axis, got none", where, name) end
    return 0, 1
  end
  if settings.log then
    if low == high then return low / 10, high * 10 end
    local pad = (high / low) ^ (settings.pad or 0.05)
    return low / pad, high * pad
  end
  if settings.zero then low, high = math.min(low, 0), math.max(high, 0) end
  if low == high then
    local half = low == 0 and 1 or math.abs(low) / 2
    return low - half, high + half
  end
  local pad = (high - low) * (settings.pad or 0.05)
  local keeps_zero = settings.zero and low == 0
  return keeps_zero and 0 or low - pad, (settings.zero and high == 0) and 0 or high + pad
end

--- `low` … `high` widened to round numbers, about `count` of them.
---@param low number
---@param high number
---@param count? number
---@return number
---@return number
function axis.round_range(low, high, count)
  if low == high then
    local half = low == 0 and 0.5 or math.abs(low) / 2
    return low - half, high + half
  end
  local step = axis.nice_step(high - low, count or 10)
  return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
end

--- Position of a value along the axis, from 0 to 1; nil where a logarithm does not exist.
---@param a table
---@param value number
---@return number|nil
function axis.fraction(a, value)
  if not numbers.finite(value) then return nil end
  if a.log then
    if value <= 0 then return nil end
    return math.log(value / a.min) / math.log(a.max / a.min)
  end
  return (value - a.min) / (a.max - a.min)
end

return axis
