local expect = require "jetlua.internal.expect"
local json = require "jetlua.json"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local convert

local function from_tensor(where, value)
  local list = value:totable()
  if type(list) == "table" and #list > 1000 then
    raise("%s: expected a number or a short list, got %s", where, text.describe(value))
  end
  -- One element, whatever the shape, is a number: losses and metrics are.
  while type(list) == "table" and #list == 1 do list = list[1] end
  return convert(where, list, 0)
end

function convert(where, value, depth)
  local kind = type(value)
  if kind == "number" or kind == "string" or kind == "boolean" or value == json.null then return value end
  if kind == "userdata" or kind == "table" then
    local indexed, method = pcall(function() return value.totable end)
    if indexed and type(method) == "function" then return from_tensor(where, value) end
  end
  if kind ~= "table" then expect.wrong("run", where, "numbers, strings, booleans and tables of them", value) end
  if depth > 50 then raise("%s: expected at most 50 levels of tables", where) end
  local copy = getmetatable(value) and json.list {} or {}
  if not (#value > 0 or next(value) == nil and getmetatable(value)) then copy = {} end
  for key, item in pairs(value) do
    if type(key) ~= "string" and math.type(key) ~= "integer" then
      raise("%s: expected keys that are names, got %s", where, text.describe(key))
    end
    copy[key] = convert(where .. "." .. tostring(key), item, depth + 1)
  end
  return copy
end

--- A copy of `value` that JSON can hold: tensors of one element become numbers, short ones lists.
---@param where string what the value is, for messages
---@param value any
---@return any
local function plain(where, value)
  return convert(where, value, 0)
end

return plain
