-- "One series or a list of them", in every form that users write.

local expect = require "jetlua.internal.expect"
local numbers = require "jetlua.plot.numbers"
local raise = require "jetlua.internal.raise"
local style = require "jetlua.plot.style"
local system = require "jetlua.core.system"

local series = {}

--- A list of { label, value } from one value or a list of values; string keys become labels, in sorted order.
--- `is_one` decides whether a table is one value.
---@param where string
---@param given any
---@param is_one fun(t: table): boolean
---@return table[]
function series.items(where, given, is_one)
  if numbers.is_tensor(given) or type(given) == "table" and is_one(given) then return { { value = given } } end
  if type(given) ~= "table" then expect.wrong(where, "series", "a series or a list of them", given) end
  local items, names = {}, {}
  for i, value in ipairs(given) do items[i] = { value = value } end
  for name in pairs(given) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do items[#items + 1] = { value = given[name], label = name } end
  if #items == 0 then expect.wrong(where, "series", "a series or a list of them", given) end
  return items
end

--- Says on stderr what a figure leaves out.
---@param where string
---@param label string|nil
---@param i integer
---@param dropped integer
---@param n integer
---@param why string
function series.tell(where, label, i, dropped, n, why)
  if dropped == 0 then return end
  local name = label and ('"%s"'):format(label) or ("series %d"):format(i)
  system.write_error(("%s: %s: %d of %d left out: %s\n"):format(where, name, dropped, n, why))
end

local fields = { "x", "y", "weight", "error", "label", "dash", "colour", "style" }

--- Series as { x, y, weight, error, label, n, dropped }, lists of finite numbers of one length. With `needs_y` false
--- a plain list or tensor is the x of a series; otherwise it is the y, and x counts 1, 2, ….
---@param where string
---@param given any
---@param needs_y boolean
---@return table[]
function series.list(where, given, needs_y)
  local items = series.items(where, given, function(t)
    return t.x ~= nil or t.y ~= nil or type(t[1]) == "number"
  end)
  local list = {}
  for i, item in ipairs(items) do
    local what = item.label and ('"%s"'):format(item.label) or ("series %d"):format(i)
    local value = item.value
    if numbers.is_tensor(value) or type(value) == "table" and value.x == nil and value.y == nil then
      value = needs_y and { y = value } or { x = value }
    end
    if type(value) ~= "table" then expect.wrong(where, what, "a tensor, a list or {x=, y=}", value) end
    for key in pairs(value) do
      local known = false
      for _, field in ipairs(fields) do known = known or key == field end
      if not known then expect.unknown(where .. ": " .. what, "field", key, fields) end
    end
    local label = value.label or item.label
    if label ~= nil then expect.string(where, what .. ": label", label) end
    local colour, dash = value.colour, value.dash
    if colour ~= nil and not (type(colour) == "string" and colour:find("^#%x%x%x%x%x%x$")) then
      if math.type(colour) ~= "integer" or colour < 1 or colour > #style.colours then
        expect.wrong(where, what .. ": colour", ('a place in the palette from 1 to %d or "#RRGGBB"'):format(#style.colours), colour)
      end
      colour = style.colours[colour]
    end
    if dash ~= nil then dash = expect.boolean(where, what .. ": dash", dash) and 2 or 1 end
    if value.style ~= nil and value.style ~= "points" then expect.wrong(where, what .. ": style", '"points"', value.style) end
    local columns, n = {}, nil
    for _, name in ipairs { "x", "y", "weight", "error" } do
      if value[name] ~= nil then
        columns[name] = numbers.vector(where, what .. ": " .. name, value[name])
        n = n or #columns[name]
        if #columns[name] ~= n then
          raise("%s: %s: %s: expected %d numbers like the others, got %d", where, what, name, n, #columns[name])
        end
      end
    end
    if needs_y and not columns.y then raise("%s: %s: expected y, got none", where, what) end
    if needs_y and not columns.x then
      columns.x = {}
      for k = 1, n do columns.x[k] = k end
    end
    local dropped = numbers.keep_finite(columns, n)
    if n == dropped then
      raise("%s: %s: expected at least one finite number, got %s", where, what,
        n == 0 and "none" or ("%d that are NaN or infinite"):format(n))
    end
    series.tell(where, label, i, dropped, n, "NaN or infinite")
    list[i] = {
      x = columns.x, y = columns.y, weight = columns.weight, error = columns.error, label = label,
      n = n - dropped, dropped = dropped, dash = dash, colour = colour, style = value.style,
    }
  end
  return list
end

return series
