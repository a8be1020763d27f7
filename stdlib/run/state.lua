-- A state (tables of numbers, texts, truth values and tensors) as tensors by name and one JSON text, bit for bit: floats are
-- written in hexadecimal, so that NaN, infinities and −0 come back too.

local json = require "jetlua.json"
local raise = require "jetlua.internal.raise"

local state = {}

local function is_tensor(value)
  if type(value) ~= "userdata" then return false end
  local indexed, method = pcall(function() return value.totable end)
  return indexed and type(method) == "function"
end

local function number_text(x)
  if x ~= x then return "nan" end
  return x == math.huge and "inf" or x == -math.huge and "-inf" or ("%a"):format(x)
end

local function number_of(written)
  return written == "nan" and 0 / 0 or written == "inf" and math.huge or written == "-inf" and -math.huge or tonumber(written)
end

-- {"f": text} a float, {"t": name} a tensor, {"i": {…}} a list, {"k": {…}} a table by name; all else as it is.
local function pack(value, tensors, name)
  local kind = math.type(value) or type(value)
  if kind == "float" then return { f = number_text(value) } end
  if kind == "integer" or kind == "string" or kind == "boolean" then return value end
  if is_tensor(value) then
    tensors[name] = value
    return { t = name }
  end
  if kind ~= "table" and kind ~= "userdata" then raise("run: the state of %s holds a %s, which a checkpoint cannot keep", name, kind) end
  local items, keys, count = json.list {}, {}, 0
  for key, item in pairs(value) do
    count = count + 1
    keys[key] = pack(item, tensors, name .. "." .. tostring(key))
  end
  if kind == "table" and #value == count then
    for i = 1, count do items[i] = keys[i] end
    return { i = items }
  end
  for key in pairs(keys) do
    if type(key) ~= "string" then raise("run: the state of %s has keys that are neither names nor 1, 2, …", name) end
  end
  return { k = keys }
end

local function unpack(value, tensors)
  if type(value) ~= "table" then return value end
  if value.f then return number_of(value.f) end
  if value.t then return tensors[value.t] end
  local result = {}
  for key, item in pairs(value.i or value.k or {}) do result[key] = unpack(item, tensors) end
  return result
end

--- `value` as a JSON text and tensors by name.
---@param value table
---@return string, table<string, any>
function state.pack(value)
  local tensors = {}
  local text = json.encode(pack(value, tensors, "state"))
  return text, tensors
end

--- What `state.pack` was given.
---@param text string
---@param tensors table<string, any>
---@return table
function state.unpack(text, tensors) return unpack(json.decode(text), tensors) end

return state
