-- Labels are plain text with `x_{S}` and `x^{2}`, and formulae between dollar signs, `$p_T$`; every other character shows as itself.

local math_text = require "jetlua.plot.math_text"
local text = require "jetlua.internal.text"

local markup = {}

--- Adds a piece, or lengthens the last one if it is set alike.
local function add_piece(pieces, s, level, shape)
  if s == "" then return end
  local last = pieces[#pieces]
  if last and last[2] == level and last[3] == shape then
    last[1] = last[1] .. s
  else
    pieces[#pieces + 1] = { s, level, shape }
  end
end

--- The pieces of text without formulae.
local function plain_pieces(label, pieces)
  local from = 1
  while true do
    local start, stop, mark, inside = label:find("([_^])(%b{})", from)
    if not start then break end
    add_piece(pieces, label:sub(from, start - 1), "plain")
    inside = inside:sub(2, -2)
    if inside == "" or inside:find("[{}]") then
      add_piece(pieces, label:sub(start, stop), "plain")
    else
      pieces[#pieces + 1] = { inside, mark == "_" and "sub" or "super" }
    end
    from = stop + 1
  end
  add_piece(pieces, label:sub(from), "plain")
end

--- Pieces of a label: { { text, "plain" | "sub" | "super", "italic" | nil }, … }. Lines are kept, other control characters become
--- blanks. A dollar sign starts a formula if no blank follows it and another one, with neither a blank before nor a digit behind
--- it, ends it on the same line: "$5 to $6" is text.
---@param label string
---@return table[]
function markup.pieces(label)
  label = text.valid(label):gsub("\r\n?", "\n"):gsub("[^%C\n]", " ")
  local pieces, from, search = {}, 1, 1
  while true do
    local start, stop, formula = label:find("%$([^%$%s][^%$\n]*)%$", search)
    if not start then break end
    if formula:find("%s$") or label:find("^%d", stop + 1) or formula:find("\\$") then
      search = stop
    else
      plain_pieces(label:sub(from, start - 1), pieces)
      math_text(formula, function(s, shape, level) add_piece(pieces, s, level or "plain", shape) end)
      from, search = stop + 1, stop + 1
    end
  end
  plain_pieces(label:sub(from), pieces)
  return pieces
end

-- Widths of characters in units of a digit's, as the figures' font has them.
local widths = {}
for c in ("iIljtfr.,:;|'!()[] /-"):gmatch "." do widths[c:byte()] = 0.55 end
for c in ("mwMW@%"):gmatch "." do widths[c:byte()] = 1.45 end
for c in ("ABCDEGHKNOPQRUVXYZ+=<>"):gmatch "." do widths[c:byte()] = 1.12 end

--- Lines of a label and the width of its longest one.
---@param label string|nil
---@return integer lines
---@return number width in digits; sub- and superscripts count 0.7 of theirs
function markup.size(label)
  if not label then return 0, 0 end
  local lines, longest, current = 1, 0, 0
  for _, piece in ipairs(markup.pieces(label)) do
    local scale = piece[2] == "plain" and 1 or 0.7
    for _, code in utf8.codes(piece[1]) do
      if code == 10 then
        lines, current = lines + 1, 0
      elseif code < 0x300 or code > 0x36F then
        current = current + scale * (widths[code] or 1)
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
---@param bold? boolean
---@return string
function markup.gnuplot(label, bold)
  local parts, widths = {}, {}
  local pieces = markup.pieces(label)
  for i, piece in ipairs(pieces) do
    local escaped = piece[1]:gsub("[\\{}^_@&~]", "\\%0")
    if piece[3] == "italic" then escaped = ("{/:Italic %s}"):format(escaped) end
    parts[i] = piece[2] == "plain" and escaped or (piece[2] == "sub" and "_{%s}" or "^{%s}"):format(escaped)
    widths[i] = utf8.len(piece[1])
  end
  -- An index below and one above the same character: the shorter one takes no room.
  local i = 1
  while i < #pieces do
    if pieces[i][2] ~= "plain" and pieces[i + 1][2] ~= "plain" and pieces[i][2] ~= pieces[i + 1][2] then
      if widths[i] > widths[i + 1] then parts[i], parts[i + 1] = parts[i + 1], parts[i] end
      parts[i] = "@" .. parts[i]
      i = i + 1
    end
    i = i + 1
  end
  local enhanced = table.concat(parts)
  -- gnuplot shows a text without markup as it stands, the backslashes of escapes too: an empty group prevents that.
  if enhanced:find("\\", 1, true) then enhanced = enhanced .. "{}" end
  if bold then enhanced = ("{/:Bold %s}"):format(enhanced) end
  enhanced = enhanced:gsub('[\\"]', "\\%0"):gsub("\n", "\\n")
  -- A backquote starts a command substitution even between quotes, unless it is written in octal; and an octal number
  -- would swallow the digits behind it, so it is a string of its own.
  return '("' .. enhanced:gsub("`", '" . "\\140" . "') .. '")'
end

--- The label as a Python string literal for matplotlib, indices and italics as mathematical text.
---@param label string
---@return string
function markup.matplotlib(label)
  local parts = {}
  for i, piece in ipairs(markup.pieces(label)) do
    local escaped = piece[1]:gsub("%$", "\\$")
    if piece[2] ~= "plain" or piece[3] then
      local inside = ("\\math%s{%s}"):format(piece[3] and "it" or "rm", escaped:gsub("[\\#%%&~_^{}]", " "))
      escaped = piece[2] == "plain" and ("$%s$"):format(inside) or ("${}%s{%s}$"):format(piece[2] == "sub" and "_" or "^", inside)
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
