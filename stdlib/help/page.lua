-- An entry of the catalogue as a page of the terminal.

local text = require "jetlua.internal.text"

local page = {}

local width = 100

--- `s` in lines of at most `width` characters, each after `indent` blanks.
local function wrap(out, s, indent)
  local line, length = {}, indent
  local function flush()
    if #line > 0 then out[#out + 1] = (" "):rep(indent) .. table.concat(line, " ") end
    line, length = {}, indent
  end
  for word in s:gmatch("%S+") do
    local w = text.width(word)
    if #line > 0 and length + 1 + w > width then flush() end
    length = length + w + (#line > 0 and 1 or 0)
    line[#line + 1] = word
  end
  flush()
end

local function paragraphs(out, documentation, indent)
  for _, paragraph in ipairs(documentation.text) do
    if paragraph == "" then out[#out + 1] = "" else wrap(out, paragraph, indent) end
  end
end

--- What prints under an example's line is shown under it, as at the prompt.
local function example(out, source)
  for line in (source .. "\n"):gmatch("([^\n]*)\n") do
    local code, printed = line:match("^(.-)%s+%-%->%s*(.*)$")
    out[#out + 1] = "  > " .. (code or line)
    if printed then out[#out + 1] = "  " .. printed end
  end
end

local function shown_type(t) return (t:gsub("%s+", " ")) end

local function arguments(out, parameters)
  if #parameters == 0 then return end
  out[#out + 1] = ""
  out[#out + 1] = "Arguments"
  for _, p in ipairs(parameters) do
    wrap(out, ("%s%s  %s%s"):format(p.name, p.optional and "?" or "", shown_type(p.type), p.text ~= "" and "  " .. p.text or ""), 2)
  end
end

local function function_page(entry, out)
  local documentation, op = entry.documentation, entry.op
  out[#out + 1] = entry.call
  if op and op.placement == "tensorAndMethod" and entry.kind == "function" then
    local rest = entry.parameters:match("^[^,]*,%s*(.*)$") or ""
    out[1] = out[1] .. "    x:" .. entry.name .. "(" .. rest .. ")"
  end
  if #documentation.text == 0 then out[#out + 1] = "  has no documentation" end
  paragraphs(out, documentation, 2)
  arguments(out, documentation.parameters)
  if op then
    local names = {}
    for _, argument in ipairs(op.arguments) do
      if argument.option then names[#names + 1] = argument.name .. " =" end
    end
    if #names > 0 then wrap(out, "Those with ? may also come by name, last: {" .. table.concat(names, ", ") .. "}", 2) end
  end
  if #documentation.returns > 0 then
    out[#out + 1] = ""
    out[#out + 1] = "Returns"
    for _, r in ipairs(documentation.returns) do wrap(out, r, 2) end
  end
  if op and #op.errors > 0 then
    out[#out + 1] = ""
    out[#out + 1] = "Errors, such as"
    for _, message in ipairs(op.errors) do wrap(out, message, 2) end
  end
  if documentation.example ~= "" then
    out[#out + 1] = ""
    out[#out + 1] = "Example"
    example(out, documentation.example)
  end
end

--- Names with the first sentence of what they do.
local function list(out, entries)
  local widest = 0
  for _, e in ipairs(entries) do widest = math.max(widest, text.width(e.name)) end
  widest = math.min(widest, 34)
  for _, e in ipairs(entries) do
    out[#out + 1] = "  " .. text.pad(e.name, widest) .. "  " .. text.shorten(e.documentation.summary, math.max(width - widest - 4, 20))
  end
end

local headings = {
  { "module", "Modules" }, { "class", "Classes" }, { "function", "Functions" }, { "method", "Methods" }, { "property", "Properties" },
  { "value", "Values" },
}

local function members(entry, out)
  for _, heading in ipairs(headings) do
    local some = {}
    for _, member in ipairs(entry.members or {}) do
      if member.kind == heading[1] then some[#some + 1] = member end
    end
    if #some > 0 then
      out[#out + 1] = ""
      out[#out + 1] = heading[2]
      list(out, some)
    end
  end
end

--- The page of an entry.
---@param entry help.Entry
---@return string
function page.text(entry)
  local out = {}
  if entry.kind == "module" then
    if entry.constructor then
      function_page(entry.constructor, out)
    else
      out[1] = "module " .. entry.path
    end
    if #entry.documentation.text > 0 then
      out[#out + 1] = ""
      paragraphs(out, entry.documentation, 0)
    end
    members(entry, out)
  elseif entry.kind == "class" then
    function_page(entry, out)
    members(entry, out)
  elseif entry.kind == "property" or entry.kind == "value" then
    out[1] = entry.call .. (entry.documentation.type and "  " .. entry.documentation.type or "")
    paragraphs(out, entry.documentation, 2)
  else
    function_page(entry, out)
    if entry.class then members(entry.class, out) end
  end
  return table.concat(out, "\n")
end

return page
