-- Text as people read it: widths in characters, values in messages, columns that line up.

local text = {}

--- `s` as valid UTF-8: every byte that belongs to no character becomes U+FFFD.
---@param s string
---@return string
function text.valid(s)
  if utf8.len(s) then return s end
  local parts, from = {}, 1
  while from <= #s do
    local length, bad = utf8.len(s, from)
    if length then
      parts[#parts + 1] = s:sub(from)
      break
    end
    parts[#parts + 1] = s:sub(from, bad - 1) .. "\u{FFFD}"
    from = bad + 1
  end
  return table.concat(parts)
end

--- Characters in `s` (bytes that are no UTF-8 count one each); combining marks count none.
---@param s string
---@return integer
function text.width(s)
  if not s:find("[\128-\255]") then return #s end
  local width = 0
  for _, code in utf8.codes(text.valid(s)) do
    if code < 0x300 or code > 0x36F then width = width + 1 end
  end
  return width
end

--- `s` filled with blanks to `width` characters: on the right, or on the left if `width` is negative.
---@param s string
---@param width integer
---@return string
function text.pad(s, width)
  local blanks = (" "):rep(math.abs(width) - text.width(s))
  return width < 0 and blanks .. s or s .. blanks
end

--- The first `width` characters of `s`, the last one an ellipsis if something was cut.
---@param s string
---@param width integer
---@return string
function text.shorten(s, width)
  s = text.valid(s)
  if utf8.len(s) <= width then return s end
  return s:sub(1, utf8.offset(s, math.max(width, 1)) - 1) .. "…"
end

--- `s` on one line that a terminal shows as it is: control characters become visible escapes.
---@param s string
---@return string
function text.one_line(s)
  return (text.valid(s):gsub("[%c]", function(c)
    return c == "\n" and "\\n" or c == "\t" and "\\t" or ("\\x%02x"):format(c:byte())
  end))
end

--- A number in few characters that still tells it apart: "1", "0.25", "1e-06", "nan".
---@param x number
---@return string
function text.number(x)
  if x ~= x then return "nan" end
  if math.type(x) == "integer" then return ("%d"):format(x) end
  local short = ("%.6g"):format(x)
  return tonumber(short) == x and short or ("%.10g"):format(x)
end

--- What a message says of an unexpected value: `"top"`, `-1`, `nil`, `a table`, `a tensor [3, 4]`.
---@param value any
---@return string
function text.describe(value)
  local kind = type(value)
  if kind == "string" then return '"' .. text.shorten(text.one_line(value), 40) .. '"' end
  if kind == "number" then return text.number(value) end
  if kind == "nil" or kind == "boolean" then return tostring(value) end
  if kind == "userdata" or kind == "table" then
    local has_shape, shape = pcall(function() return value.totable and value.shape end)
    if has_shape and type(shape) == "table" then return "a tensor " .. text.shape(shape) end
    return kind == "table" and (next(value) == nil and "an empty table" or "a table") or "a value of another module"
  end
  return "a " .. kind
end

--- A shape as it is written everywhere: `[3, 4]`.
---@param shape integer[]
---@return string
function text.shape(shape)
  local sizes = {}
  for i = 1, #shape do sizes[i] = tostring(shape[i]) end
  return "[" .. table.concat(sizes, ", ") .. "]"
end

--- Rows of cells as lines whose columns line up; cells that are numbers, start with a digit or are "-" are set to the right.
---@param rows any[][] the first row is the heading if `heading` is true
---@param heading? boolean
---@return string
function text.columns(rows, heading)
  local widths, right = {}, {}
  for i, row in ipairs(rows) do
    for j, cell in ipairs(row) do
      local shown = tostring(cell)
      widths[j] = math.max(widths[j] or 0, text.width(shown))
      local numeric = type(cell) == "number" or shown == "-" or shown:find("^[%-+<>≥]?%s?%d") ~= nil
      if not (heading and i == 1) then right[j] = (right[j] == nil or right[j]) and numeric end
    end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local cells = {}
    for j, cell in ipairs(row) do cells[j] = text.pad(tostring(cell), right[j] and -widths[j] or widths[j]) end
    lines[#lines + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
  end
  if heading and lines[1] then
    local total = -2
    for j = 1, #widths do total = total + widths[j] + 2 end
    table.insert(lines, 2, ("-"):rep(total))
  end
  return table.concat(lines, "\n")
end

return text
