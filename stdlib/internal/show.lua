-- Values as the prompt shows them: plain tables with what they hold, never as addresses.

local text = require "jetlua.internal.text"

local widest, deepest = 20, 3
local show_table

local function is_plain(value)
  if type(value) ~= "table" then return false end
  local metatable = getmetatable(value)
  return metatable == nil or type(metatable) == "table" and not metatable.__tostring
end

--- A value inside a table: on one line, strings in quotes, tensors by shape.
local function inner(value, depth, open)
  local kind = type(value)
  if kind == "string" then return '"' .. text.shorten(text.one_line(value), 60) .. '"' end
  if kind == "number" then return math.type(value) == "integer" and ("%d"):format(value) or ("%.14g"):format(value) end
  if is_plain(value) then return show_table(value, depth, open) end
  if kind == "function" or kind == "thread" then return kind end
  local shown = tostring(value)
  -- The last line of a tensor's text says what it is.
  local tensor = shown:match("\n(tensor %[[^\n]*)$")
  if tensor then return (tensor:gsub("  min .*", "")) end
  return text.shorten(shown:match("^[^\n]*"), 60)
end

local function by_name(a, b)
  if type(a) == type(b) and (type(a) == "string" or type(a) == "number") then return a < b end
  return tostring(a) < tostring(b)
end

function show_table(t, depth, open)
  if open[t] or depth > deepest then return "{…}" end
  open[t] = true
  local parts, count = {}, #t
  for i = 1, math.min(count, widest) do parts[i] = inner(t[i], depth + 1, open) end
  local keys = {}
  for key in next, t do
    if math.type(key) ~= "integer" or key < 1 or key > count then keys[#keys + 1] = key end
  end
  table.sort(keys, by_name)
  for i = 1, math.min(#keys, widest) do
    local key = keys[i]
    local named = type(key) == "string" and key:find("^[%a_][%w_]*$")
    parts[#parts + 1] = (named and key or "[" .. inner(key, deepest, open) .. "]") .. " = " .. inner(t[key], depth + 1, open)
  end
  if count > widest or #keys > widest then parts[#parts + 1] = ("… (%d in all)"):format(count + #keys) end
  open[t] = nil
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- What the prompt prints of a value: a plain table as `{1, 2, name = "x"}` (at most 20 entries of each kind, 3 levels), all
--- else as `tostring` has it.
---@param value any
---@return string
local function show(value)
  if is_plain(value) then return show_table(value, 1, {}) end
  return tostring(value)
end

return show
