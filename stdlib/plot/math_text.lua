-- What stands between dollar signs, as LaTeX would set it: letters in italics, Greek and signs by name, \mathrm, \sqrt, accents,
-- indices of one character without braces. What is no command known here shows as it was written.

local symbols = require "jetlua.plot.symbols"

local upright = { mathrm = true, text = true, mathsf = true, operatorname = true, textrm = true, rm = true }
local accents = { bar = "\u{0304}", hat = "\u{0302}", tilde = "\u{0303}", vec = "\u{20D7}", dot = "\u{0307}", overline = "\u{0305}" }
local spaced = { ["="] = " = ", ["<"] = " < ", [">"] = " > ", ["-"] = "−", ["'"] = "′", ["*"] = "∗", ["~"] = " " }

local set

--- The group, command or character that starts at `i`, and where the next one does.
local function token(source, i)
  local group = source:match("^%b{}", i)
  if group then return group, i + #group end
  local command = source:match("^\\%a+", i) or source:match("^\\.", i)
  if command then
    local after = i + #command
    -- \sqrt{s} is one thing, and so is \mathrm{jet}.
    local name = command:sub(2)
    local blanks, argument = source:match("^(%s*)(%b{})", after)
    if argument and (upright[name] or accents[name] or name == "sqrt") then return command .. argument, after + #blanks + #argument end
    return command, after
  end
  local character = source:match("^" .. utf8.charpattern, i)
  return character, i + #character
end

local function inside(group)
  return group:match("^{(.*)}$") or group
end

--- Sets one token; what it yields are pieces { text, shape }, shape "italic" or nil.
local function set_token(piece, add)
  if piece:find("^{.*}$") then
    set(inside(piece), add)
  elseif piece:find("^\\") then
    local name, argument = piece:match("^\\(%a+)(%b{})$")
    if not name then name = piece:sub(2) end
    if argument and upright[name] then
      add(inside(argument))
    elseif argument and accents[name] then
      -- A combining accent follows the character that it stands on.
      local first = true
      set(inside(argument), function(text, shape)
        if first then text = text:gsub("^" .. utf8.charpattern, "%0" .. accents[name]) end
        first = false
        add(text, shape)
      end)
    elseif argument and name == "sqrt" then
      add("√")
      local many = utf8.len(inside(argument)) ~= 1
      if many then add("(") end
      set(inside(argument), add)
      if many then add(")") end
    else
      add(symbols[name] or piece)
    end
  elseif piece:find("^%a$") then
    add(piece, "italic")
  elseif not piece:find("^%s$") then
    add(spaced[piece] or piece)
  end
end

--- Pieces of a formula in order: add(text, shape, level), level nil, "sub" or "super".
function set(source, add)
  local i = 1
  while i <= #source do
    local mark = source:match("^[_^]", i)
    if mark and i < #source then
      local group, after = token(source, i + 1)
      local level = mark == "_" and "sub" or "super"
      set_token(group, function(text, shape) add(text, shape, level) end)
      i = after
    else
      local piece, after = token(source, i)
      set_token(piece, function(text, shape, level) add(text, shape, level) end)
      i = after
    end
  end
end

return set
