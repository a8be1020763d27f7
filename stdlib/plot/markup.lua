-- Labels are plain text with two forms of markup, `x_{S}` and `x^{2}`; every other character shows as itself.

local text = require "jetlua.internal.text"

local markup = {}

--- Pieces of a label: { { text, "plain" | "sub" | "super" }, … }. Lines are kept, other control characters become blanks.
---@param label string
---@return table[]
function markup.pieces(label)
  label = text.valid(label):gsub("\r\n?", "\n"):gsub("[^%C\n]", " ")
  local pieces, from = {}, 1
  local function plain(s)
    if s ~= "" then pieces[#pieces + 1] = { s, "plain" } end
  end
  while true do
    local start, stop, mark, inside = label:find("([_^])(%b{})", from)
    if not start then break end
    plain(label:sub(from, start - 1))
    inside = inside:sub(2, -2)
    if inside == "" or inside:find("[{}]") then
      plain(label:sub(start, stop))
    else
      pieces[#pieces + 1] = { inside, mark == "_" and "sub" or "super" }
    end
    from = stop + 1
  end
  plain(label:sub(from))
  return pieces
end

--- Lines of a label and the characters in its longest one.
---@param label string|nil
---@return integer lines
---@return number characters sub- and superscripts count 0.7
function markup.size(label)
  if not label then return 0, 0 end
  local lines, longest, current = 1, 0, 0
  for _, piece in ipairs(markup.pieces(label)) do
    local scale = piece[2] == "plain" and 1 or 0.7
    for _, code in utf8.codes(piece[1]) do
      if code == 10 then
        lines, current = lines + 1, 0
      else
        current = current + scale
        longest = math.max(longest, current)
      end
    end
  end
  return lines, longest
end

--- The label without markup, on one line.
---@param label string
---@return string
function markup.plain(label)
  local parts = {}
  for i, piece in ipairs(markup.pieces(label)) do parts[i] = piece[1] end
  return (table.concat(parts):gsub("\n", " "))
end

--- The label as a gnuplot string expression for enhanced text, in which no character ends the string, starts a command
--- substitution or is markup of gnuplot's own.
---@param label string
---@return string
function markup.gnuplot(label)
  local parts = {}
  for i, piece in ipairs(markup.pieces(label)) do
    local escaped = piece[1]:gsub("[\\{}^_@&~]", "\\%0")
    parts[i] = piece[2] == "plain" and escaped or (piece[2] == "sub" and "_{%s}" or "^{%s}"):format(escaped)
  end
  local enhanced = table.concat(parts)
  -- gnuplot shows a text without markup as it stands, the backslashes of escapes too: an empty group prevents that.
  if enhanced:find("\\", 1, true) then enhanced = enhanced .. "{}" end
  enhanced = enhanced:gsub('[\\"]', "\\%0"):gsub("\n", "\\n")
  -- A backquote starts a command substitution even between quotes, unless it is written in octal; and an octal number
  -- would swallow the digits behind it, so it is a string of its own.
  return '("' .. enhanced:gsub("`", '" . "\\140" . "') .. '")'
end

--- The label as a Python string literal for matplotlib, sub- and superscripts as mathematical text.
---@param label string
---@return string
function markup.matplotlib(label)
  local parts = {}
  for i, piece in ipairs(markup.pieces(label)) do
    local escaped = piece[1]:gsub("%$", "\\$")
    if piece[2] ~= "plain" then
      escaped = ("$%s{\\mathrm{%s}}$"):format(piece[2] == "sub" and "_" or "^", escaped:gsub("[\\#%%&~_^{}]", " "))
    end
    parts[i] = escaped
  end
  return markup.python(table.concat(parts))
end

--- `s` as a Python string literal.
---@param s string
---@return string
function markup.python(s)
  return '"' .. text.valid(s):gsub('[%c"\\]', function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
end

return markup
