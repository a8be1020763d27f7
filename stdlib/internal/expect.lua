-- Checks of arguments and options; each failure is one line: function, argument, expected, got.

local nearest = require "jetlua.internal.nearest"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local expect = {}

local function wrong(where, what, expected, value)
  raise("%s: %s: expected %s, got %s", where, what, expected, text.describe(value))
end

--- Sorted copy of a list of names, or of the string keys of a table.
local function names_of(known)
  local names = {}
  if #known > 0 then
    for i, name in ipairs(known) do names[i] = name end
  else
    for name in pairs(known) do names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- Raises that `name` is unknown, naming the nearest known one (or all of them if none is near).
---@param where string
---@param what string what the name should have been: "option", "model", …
---@param name any
---@param known string[]|table<string, any>
function expect.unknown(where, what, name, known)
  local names = names_of(known)
  local near = type(name) == "string" and nearest(name, names)
  local hint = near and ('did you mean "%s"?'):format(near) or "known: " .. table.concat(names, ", ")
  raise("%s: unknown %s %s; %s", where, what, text.describe(name), hint)
end

--- A copy of a trailing table of options, all of whose keys are `known`; nil gives an empty one.
---@param where string
---@param given table|nil
---@param known string[]
---@return table
function expect.options(where, given, known)
  if given == nil then return {} end
  if type(given) ~= "table" then wrong(where, "options", "a table", given) end
  local allowed, copy = {}, {}
  for _, name in ipairs(known) do allowed[name] = true end
  for key, value in pairs(given) do
    if not allowed[key] then expect.unknown(where, "option", key, known) end
    copy[key] = value
  end
  return copy
end

--- A finite number within [min, max]; `integer` asks for a whole one, which comes back as an integer.
---@param where string
---@param what string
---@param value any
---@param limits? { min: number|nil, max: number|nil, integer: boolean|nil }
---@return number
function expect.number(where, what, value, limits)
  limits = limits or {}
  local kind = limits.integer and "an integer" or "a number"
  if limits.min and limits.max then
    kind = ("%s from %s to %s"):format(kind, text.number(limits.min), text.number(limits.max))
  elseif limits.min then
    kind = ("%s of at least %s"):format(kind, text.number(limits.min))
  elseif limits.max then
    kind = ("%s of at most %s"):format(kind, text.number(limits.max))
  end
  if type(value) ~= "number" or value ~= value or value == math.huge or value == -math.huge then
    wrong(where, what, kind, value)
  end
  local whole = limits.integer and math.tointeger(value)
  if limits.integer and not whole or limits.min and value < limits.min or limits.max and value > limits.max then
    wrong(where, what, kind, value)
  end
  return whole or value
end

---@param where string
---@param what string
---@param value any
---@return string
function expect.string(where, what, value)
  if type(value) ~= "string" then wrong(where, what, "a string", value) end
  return value
end

--- true, false, or nil (which counts as false).
---@param where string
---@param what string
---@param value any
---@return boolean
function expect.boolean(where, what, value)
  if value ~= nil and type(value) ~= "boolean" then wrong(where, what, "true or false", value) end
  return value or false
end

--- Two finite numbers, the first below the second; nil passes.
---@param where string
---@param what string
---@param value any
---@return number[]|nil
function expect.range(where, what, value)
  if value == nil then return nil end
  if type(value) ~= "table" or #value ~= 2 then wrong(where, what, "{low, high}", value) end
  local low, high = expect.number(where, what, value[1]), expect.number(where, what, value[2])
  if low >= high then
    raise("%s: %s: expected {low, high} with low < high, got {%s, %s}", where, what, text.number(low), text.number(high))
  end
  return { low, high }
end

expect.wrong = wrong

return expect
