-- Documentation as it is written above functions and at registrations: sentences, `@param NAME TYPE TEXT`, `@return TYPE TEXT`
-- and other LuaLS tags, and examples indented by four blanks.

local comments = {}

--- The first type of a text (blanks may stand inside its brackets, after "fun(…):" and around "|") and the rest.
---@param s string
---@return string type, string rest
function comments.type(s)
  local depth, at = 0, 1
  while at <= #s do
    local c = s:sub(at, at)
    if c:find("[%(%[{<]") then depth = depth + 1 end
    if c:find("[%)%]}>]") then depth = depth - 1 end
    if c == " " and depth == 0 then
      local before, after = s:sub(at - 1, at - 1), s:match("^%s*()", at)
      local joins = before == ":" or before == "|" or s:sub(after, after) == "|"
      if not joins then return s:sub(1, at - 1), s:sub(after) end
      at = after - 1
    end
    at = at + 1
  end
  return s, ""
end

local function parameter(text)
  local name, rest = text:match("^(%S+)%s*(.*)$")
  local type_text, help = comments.type(rest or "")
  return { name = name:gsub("%?$", ""), optional = name:find("%?$") ~= nil, type = type_text, text = help }
end

---@class help.Documentation
---@field lines string[] as written
---@field text string[] the sentences, one string per paragraph
---@field summary string the first sentence
---@field parameters { name: string, optional: boolean, type: string, text: string }[]
---@field returns string[]
---@field fields { name: string, optional: boolean, type: string, text: string }[]
---@field class string? name of the class this describes
---@field parent string?
---@field type string? of a property
---@field example string
---@field private boolean? whether it is for the library alone

--- Reads documentation from its lines, comment marks removed.
---@param lines string[]
---@return help.Documentation
function comments.parse(lines)
  local doc = { lines = lines, text = {}, parameters = {}, returns = {}, fields = {} }
  local example, open = {}, nil
  for _, line in ipairs(lines) do
    local tag, rest = line:match("^@(%w+)%s*(.*)$")
    if line:find("^    ") then
      example[#example + 1] = line:sub(5)
    elseif tag == "param" then
      doc.parameters[#doc.parameters + 1] = parameter(rest)
      open = doc.parameters[#doc.parameters]
    elseif tag == "field" then
      doc.fields[#doc.fields + 1] = parameter(rest)
      open = doc.fields[#doc.fields]
    elseif tag == "return" then
      doc.returns[#doc.returns + 1] = rest
      open = nil
    elseif tag == "class" then
      doc.class, doc.parent = rest:match("^([^%s:]+)%s*:?%s*(%S*)")
      if doc.parent == "" then doc.parent = nil end
    elseif tag == "type" then
      doc.type = rest
    elseif tag == "private" then
      doc.private = true
    elseif tag then
      open = nil
    elseif open and line:find("%S") then
      open.text = (open.text == "" and "" or open.text .. " ") .. line
    elseif not line:find("%S") then
      if (doc.text[#doc.text] or "") ~= "" then doc.text[#doc.text + 1] = "" end
      open = nil
    elseif (doc.text[#doc.text] or "") == "" then
      doc.text[#doc.text + 1] = line
    else
      doc.text[#doc.text] = doc.text[#doc.text] .. " " .. line
    end
  end
  while doc.text[#doc.text] == "" do doc.text[#doc.text] = nil end
  local first = doc.text[1] or ""
  -- A sentence ends with a full stop before a capital letter, or with the paragraph.
  doc.summary = (first:match("^(.-[%.:]) %u") or first)
  doc.example = table.concat(example, "\n")
  return doc
end

--- Documentation of a registration: one text.
---@param text string
---@return help.Documentation
function comments.of_text(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  if lines[#lines] == "" then lines[#lines] = nil end
  return comments.parse(lines)
end

return comments
