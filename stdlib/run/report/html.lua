-- Pieces of HTML: escaped text, tables, bytes within the page.

local text = require "jetlua.internal.text"

local html = {}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- `value` as text that a page shows as it is.
function html.escape(value)
  return (text.valid(tostring(value)):gsub("[%z\1-\8\11\12\14-\31]", "?"):gsub("[&<>\"']", entities))
end

--- A number as a table shows it: seven digits at most.
function html.number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x ~= x then return "nan" end
  return (("%.7g"):format(x):gsub("%-", "−", 1))
end

--- A table; cells are escaped unless they are `{html = "…"}`, numbers are set to the right.
function html.table(heading, rows, class)
  local parts = { ('<div class="scroll"><table%s>'):format(class and ' class="' .. class .. '"' or "") }
  local function row(cells, tag)
    parts[#parts + 1] = "<tr>"
    for _, cell in ipairs(cells) do
      local shown, kind = cell, ""
      if type(cell) == "table" then
        shown, kind = cell.html, cell.number and ' class="n"' or ""
      elseif type(cell) == "number" then
        shown, kind = html.number(cell), ' class="n"'
      else
        shown = html.escape(cell)
      end
      parts[#parts + 1] = ("<%s%s>%s</%s>"):format(tag, kind, shown, tag)
    end
    parts[#parts + 1] = "</tr>\n"
  end
  if heading then
    parts[#parts + 1] = "<thead>"
    row(heading, "th")
    parts[#parts + 1] = "</thead>"
  end
  parts[#parts + 1] = "<tbody>"
  for _, cells in ipairs(rows) do row(cells, "td") end
  parts[#parts + 1] = "</tbody></table></div>\n"
  return table.concat(parts)
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local pairs_of_letters = {}
for i = 0, 4095 do
  local a, b = i >> 6, i & 63
  pairs_of_letters[i] = alphabet:sub(a + 1, a + 1) .. alphabet:sub(b + 1, b + 1)
end

--- Bytes in base 64 (RFC 4648).
function html.base64(bytes)
  local parts, whole = {}, #bytes - #bytes % 3
  for i = 1, whole, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local bits = a << 16 | b << 8 | c
    parts[#parts + 1] = pairs_of_letters[bits >> 12] .. pairs_of_letters[bits & 4095]
  end
  if whole < #bytes then
    local a, b = bytes:byte(whole + 1, #bytes)
    local bits = a << 16 | (b or 0) << 8
    local letters = pairs_of_letters[bits >> 12] .. pairs_of_letters[bits & 4095]
    parts[#parts + 1] = b and letters:sub(1, 3) .. "=" or letters:sub(1, 2) .. "=="
  end
  return table.concat(parts)
end

return html
