-- What a script would touch, from its text: the modules it requires, the functions of the system it names, the files it writes down.
-- A reading aid: a text can be written so that this finds nothing, which is why strangers' scripts run behind walls.

local touches = {}

-- The text with comments blanked out and texts kept aside; `at` of a text is its line.
local function split(source)
  local parts, texts, line, i = {}, {}, 1, 1
  local function count(s) for _ in s:gmatch("\n") do line = line + 1 end end
  while i <= #source do
    local long = source:match("^%-%-%[(=*)%[", i)
    local level = source:match("^%[(=*)%[", i)
    local quote = source:match("^[\"']", i)
    local stop
    if long then
      stop = select(2, source:find("]" .. long .. "]", i, true)) or #source
      parts[#parts + 1] = " "
    elseif source:sub(i, i + 1) == "--" then
      stop = (source:find("\n", i, true) or #source + 1) - 1
    elseif level then
      stop = select(2, source:find("]" .. level .. "]", i, true)) or #source
      texts[#texts + 1] = { text = source:sub(i + #level + 2, stop - #level - 2), line = line }
      parts[#parts + 1] = (" \1%d\1 "):format(#texts)
    elseif quote then
      stop = i + 1
      while stop <= #source and source:sub(stop, stop) ~= quote do stop = stop + (source:sub(stop, stop) == "\\" and 2 or 1) end
      texts[#texts + 1] = { text = source:sub(i + 1, stop - 1), line = line }
      parts[#parts + 1] = (" \1%d\1 "):format(#texts)
    else
      stop = (source:find("[%-%[\"']", i + 1) or #source + 1) - 1
      parts[#parts + 1] = source:sub(i, stop)
    end
    count(source:sub(i, stop))
    i = stop + 1
  end
  return table.concat(parts), texts
end

--- The names that a text requires, as an iterator.
function touches.required(source)
  local code, texts = split(source)
  local names, seen = {}, {}
  for number in code:gmatch("require%s*%(?%s*\1(%d+)\1") do
    local name = texts[tonumber(number)].text
    if not seen[name] then names[#names + 1], seen[name] = name, true end
  end
  local i = 0
  return function()
    i = i + 1
    return names[i]
  end
end

local watched = { "io%.popen", "io%.open", "io%.lines", "io%.output", "io%.input", "os%.execute", "os%.remove", "os%.rename", "os%.getenv", "os%.tmpname",
  "package%.loadlib", "package%.cpath", "dofile", "loadfile", "load", "debug%.%w+", "string%.dump", "_ENV", "_G", "setmetatable" }
local harmless = { setmetatable = true, _G = true }

--- What a text touches: { requires =, calls = functions of the system by name, files = texts that look like paths }.
function touches.of(source)
  local code, texts = split(source)
  local result = { requires = {}, calls = {}, files = {} }
  for name in touches.required(source) do result.requires[#result.requires + 1] = name end
  for _, pattern in ipairs(watched) do
    local seen = {}
    for before, found in code:gmatch("(.?)%f[%w_](" .. pattern .. ")%f[^%w_]") do
      if before ~= "." and before ~= ":" and not harmless[found] and not seen[found] then
        seen[found] = true
        result.calls[#result.calls + 1] = found
      end
    end
  end
  local seen = {}
  for _, item in ipairs(texts) do
    local looks = item.text:find("^[%w_./~%-]+%.%a[%w]+$") and not item.text:find("^%d") or item.text:find("^/[%w_./%-]+$")
    if looks and #item.text < 200 and not seen[item.text] then
      seen[item.text] = true
      result.files[#result.files + 1] = item.text
    end
  end
  return result
end

return touches
