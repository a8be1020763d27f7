-- JSON (RFC 8259): what goes out comes back equal, and equal values give equal bytes.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local json = {}

--- Stands for JSON's null where nil cannot: inside lists and as the value of a key.
json.null = setmetatable({}, { __name = "json.null", __tostring = function() return "null" end })

local list_metatable = { __name = "json.list" }
local deepest = 100

--- Marks a table as a list, so that an empty one is written `[]` and not `{}`.
---
---     (json.encode(json.list())) --> []
---@param t? table
---@return table
function json.list(t)
  return setmetatable(t or {}, list_metatable)
end

local escapes = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function quoted(s)
  return '"' .. text.valid(s):gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

--- The shortest text that reads back as the same number, and as the same subtype.
local function number_text(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  for digits = 15, 17 do
    -- A script may have chosen a locale with a decimal comma.
    local s = ("%." .. digits .. "g"):format(x):gsub(",", ".")
    if tonumber(s) == x then
      return s:find("[.eE]") and s or s .. ".0"
    end
  end
end

--- Length of a table written as a list, or nil for one written as an object.
local function list_length(t)
  if getmetatable(t) == list_metatable then return #t end
  local n = #t
  if n == 0 then return nil end
  local count = 0
  for _ in pairs(t) do count = count + 1 end
  return count == n and n or nil
end

local function sorted_keys(t, path)
  local keys, shown = {}, {}
  for key in pairs(t) do
    if type(key) ~= "string" and type(key) ~= "number" then
      raise("json.encode: %s: expected keys that are strings, got %s", path, text.describe(key))
    end
    local name = type(key) == "number" and text.number(key) or key
    if shown[name] then raise("json.encode: %s: two keys are written \"%s\"", path, name) end
    shown[name] = key
    keys[#keys + 1] = name
  end
  table.sort(keys)
  return keys, shown
end

local write

local function write_items(out, state, open, close, count, item)
  if count == 0 then
    out[#out + 1] = open .. close
    return
  end
  state.depth = state.depth + 1
  local indent = state.indent and "\n" .. state.indent:rep(state.depth)
  out[#out + 1] = open
  for i = 1, count do
    if i > 1 then out[#out + 1] = state.indent and "," or ", " end
    if indent then out[#out + 1] = indent end
    item(i)
  end
  state.depth = state.depth - 1
  if indent then out[#out + 1] = "\n" .. state.indent:rep(state.depth) end
  out[#out + 1] = close
end

local function write_table(out, state, t, path)
  if state.open[t] then raise("json.encode: %s: expected a tree, got a table that contains itself", path) end
  if state.depth >= deepest then raise("json.encode: %s: expected at most %d levels of tables", path, deepest) end
  state.open[t] = true
  local n = list_length(t)
  if n then
    -- A list of plain values stays on one line: a table of options reads better so.
    local flat = true
    for i = 1, n do flat = flat and (type(t[i]) ~= "table" or t[i] == json.null) end
    local indent = state.indent
    if flat then state.indent = nil end
    write_items(out, state, "[", "]", n, function(i) write(out, state, t[i], path .. "[" .. i .. "]") end)
    state.indent = indent
  else
    local keys, shown = sorted_keys(t, path)
    write_items(out, state, "{", "}", #keys, function(i)
      out[#out + 1] = quoted(keys[i]) .. ": "
      write(out, state, t[shown[keys[i]]], path .. "." .. keys[i])
    end)
  end
  state.open[t] = nil
end

function write(out, state, value, path)
  local kind = type(value)
  if value == json.null then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = quoted(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then
      local name = value ~= value and "nan" or value > 0 and "inf" or "-inf"
      state.notes[#state.notes + 1] = path:gsub("^value%.?", "") .. ": " .. name
      out[#out + 1] = "null"
    else
      out[#out + 1] = number_text(value)
    end
  elseif kind == "table" then
    write_table(out, state, value, path)
  else
    raise("json.encode: %s: expected a table, string, number or boolean, got %s", path, text.describe(value))
  end
end

--- `value` as JSON: keys sorted, floats with the digits that read back equal, strings as valid UTF-8.
--- NaN and ±inf have no JSON form; they become null and are listed in the second result ("loss.kl: nan").
---
---     (json.encode({b = {1, 2}, a = "x"})) --> {"a": "x", "b": [1, 2]}
---@param value any
---@param options? { indent: integer|nil } blanks per level; without it all is on one line
---@return string json
---@return string[] notes
function json.encode(value, options)
  options = expect.options("json.encode", options, { "indent" })
  local indent = options.indent and expect.number("json.encode", "indent", options.indent, { integer = true, min = 0, max = 16 })
  local state = { indent = indent and (" "):rep(indent), depth = 0, open = {}, notes = {} }
  local out = {}
  write(out, state, value, "value")
  return table.concat(out), state.notes
end

local function fail(state, at, problem)
  local line, from = 1, 1
  for newline in state.source:sub(1, at - 1):gmatch("()\n") do line, from = line + 1, newline + 1 end
  raise("json.decode: line %d, column %d: %s", line, at - from + 1, problem)
end

local function skip_blanks(state, at)
  return state.source:match("^[ \n\r\t]*()", at)
end

local unescapes = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

local function read_code(state, at)
  local hex = state.source:match("^\\u(%x%x%x%x)", at)
  if not hex then fail(state, at, "expected \\u and four hexadecimal digits") end
  return tonumber(hex, 16)
end

local function read_string(state, at)
  local parts, from = {}, at + 1
  while true do
    local stop = state.source:find('["\\%c]', from)
    if not stop then fail(state, at, "expected a closing quote") end
    parts[#parts + 1] = state.source:sub(from, stop - 1)
    local c = state.source:sub(stop, stop)
    if c == '"' then return table.concat(parts), stop + 1 end
    if c ~= "\\" then
      if c ~= "\127" then fail(state, stop, "expected an escape in place of a control character") end
      parts[#parts + 1], from = c, stop + 1
    elseif state.source:sub(stop + 1, stop + 1) == "u" then
      local code = read_code(state, stop)
      from = stop + 6
      if code >= 0xD800 and code < 0xDC00 and state.source:find("^\\u[dD][c-fC-F]", from) then
        code = 0x10000 + ((code - 0xD800) << 10) + (read_code(state, from) - 0xDC00)
        from = from + 6
      end
      -- Half of a surrogate pair is no character.
      parts[#parts + 1] = (code >= 0xD800 and code < 0xE000) and "\u{FFFD}" or utf8.char(code)
    else
      local plain = unescapes[state.source:sub(stop + 1, stop + 1)]
      if not plain then fail(state, stop, "unknown escape") end
      parts[#parts + 1], from = plain, stop + 2
    end
  end
end

local read

local function read_list(state, at)
  local list = json.list {}
  at = skip_blanks(state, at + 1)
  if state.source:sub(at, at) == "]" then return list, at + 1 end
  while true do
    local value
    value, at = read(state, at)
    list[#list + 1] = value
    at = skip_blanks(state, at)
    local c = state.source:sub(at, at)
    if c == "]" then return list, at + 1 end
    if c ~= "," then fail(state, at, "expected , or ] in a list") end
    at = skip_blanks(state, at + 1)
  end
end

local function read_object(state, at)
  local source, object = state.source, {}
  at = skip_blanks(state, at + 1)
  if source:byte(at) == 0x7D then return object, at + 1 end
  while true do
    -- Most of what is read are tables of results: a key and a number with a decimal point, in one pattern.
    local name, number, c, next_ = source:match('^"([^"\\%c]*)": (%-?%d+%.%d+)([,}])[ \n\r\t]*()', at)
    while name and not number:find("^%-?0%d") do
      object[name] = tonumber(number)
      if c == "}" then return object, next_ end
      at = next_
      name, number, c, next_ = source:match('^"([^"\\%c]*)": (%-?%d+%.%d+)([,}])[ \n\r\t]*()', at)
    end
    -- One pattern for what nearly every key looks like; what it does not fit is looked at step by step.
    local key, after = source:match('^"([^"\\%c]*)"[ \n\r\t]*:[ \n\r\t]*()', at)
    if not key then
      if source:sub(at, at) ~= '"' then fail(state, at, "expected a key in quotes") end
      key, after = read_string(state, at)
      after = skip_blanks(state, after)
      if source:sub(after, after) ~= ":" then fail(state, after, "expected : after a key") end
      after = skip_blanks(state, after + 1)
    end
    object[key], at = read(state, after)
    c, next_ = source:match("^[ \n\r\t]*([,}])[ \n\r\t]*()", at)
    if not c then fail(state, skip_blanks(state, at), "expected , or } in an object") end
    if c == "}" then return object, next_ end
    at = next_
  end
end

local function read_number(state, at)
  local source = state.source
  local whole, stop = source:match("^(%-?%d+)()", at)
  if not whole or whole:find("^%-?0%d") then fail(state, at, "expected a value") end
  local fraction_stop = source:match("^%.%d+()", stop)
  local exponent_stop = source:match("^[eE][+-]?%d+()", fraction_stop or stop)
  if not fraction_stop and not exponent_stop then return tonumber(whole), stop end
  stop = exponent_stop or fraction_stop
  return tonumber(source:sub(at, stop - 1)), stop
end

local words = { ["true"] = true, ["false"] = false, null = json.null }

function read(state, at)
  local source = state.source
  local c = source:byte(at)
  if c == 0x22 then
    local plain, stop = source:match('^"([^"\\%c]*)"()', at)
    if plain then return plain, stop end
    return read_string(state, at)
  elseif c == 0x7B or c == 0x5B then
    state.depth = state.depth + 1
    if state.depth > deepest then fail(state, at, ("expected at most %d levels"):format(deepest)) end
    local value, stop = (c == 0x7B and read_object or read_list)(state, at)
    state.depth = state.depth - 1
    return value, stop
  end
  local word = source:match("^%a+", at)
  if word then
    if words[word] == nil then fail(state, at, "expected a value") end
    return words[word], at + #word
  end
  return read_number(state, at)
end

--- The value of one JSON text; lists and objects become tables, null becomes `json.null`, whole numbers integers.
---
---     json.decode('{"a": [1, 2.5, null]}').a[2] --> 2.5
---@param source string
---@return any
function json.decode(source)
  expect.string("json.decode", "text", source)
  local state = { source = source, depth = 0 }
  local value, at = read(state, skip_blanks(state, 1))
  at = skip_blanks(state, at)
  if at <= #source then fail(state, at, "expected the end of the text") end
  return value
end

return json
