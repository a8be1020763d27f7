-- Lua files of the library as text: the comments above their functions and classes, read when they are asked for.

local comments = require "jetlua.help.comments"

local own_source = debug.getinfo(1, "S").source
local folder = own_source:sub(2, #own_source - #"help/sources.lua")

local sources = {}

---@class help.SourceFunction
---@field owner string? the table before the dot or colon
---@field separator string? "." or ":"
---@field name string
---@field parameters string
---@field documentation help.Documentation

---@class help.SourceFile
---@field header help.Documentation the comment at the top
---@field classes table<string, help.Documentation> by the local name of the class
---@field functions table<integer, help.SourceFunction> by line
---@field assigned table<string, help.Documentation> by the name of a field that a value is given to: `module.name = value`
---@field aliases { text: string[], tag: string }[] `@alias` tags with the comment above each
---@field returned help.Documentation the comment above what the file returns

local function without_mark(line) return (line:gsub("^%s*%-%-%-? ?", "")) end

local read = {}

--- What a file says of itself.
---@param path string
---@return help.SourceFile
function sources.file(path)
  if read[path] then return read[path] end
  local file = { functions = {}, classes = {}, assigned = {}, aliases = {}, header = comments.parse {}, returned = comments.parse {} }
  local opened = io.open(path)
  local block, number, in_header = {}, 0, true
  for line in opened and opened:lines() or function() end do
    number = number + 1
    if line:find("^%s*%-%-%-") or in_header and line:find("^%-%-") then
      block[#block + 1] = without_mark(line)
    else
      if in_header and #block > 0 and not line:find("^local") and not line:find("^return") and not line:find("^function") then
        file.header = comments.parse(block)
        block = {}
      end
      if line:find("%S") and not line:find("^%-%-") then in_header = false end
      local documentation = comments.parse(block)
      local qualified, parameters = line:match("^%s*l?o?c?a?l?%s*function%s+([%w_%.:]+)%s*(%b())")
      if not qualified then parameters = line:match("^%s*return%s+function%s*(%b())") or line:match("=%s*function%s*(%b())") end
      if parameters then
        local owner, separator, name = (qualified or ""):match("^(.-)([%.:])([%w_]+)$")
        file.functions[number] = {
          owner = owner, separator = separator, name = name or qualified or "", parameters = parameters:sub(2, -2), documentation = documentation,
        }
      end
      for i, alias in ipairs(block) do
        if alias:find("^@alias ") then file.aliases[#file.aliases + 1] = { text = { table.unpack(block, 1, i - 1) }, tag = alias } end
      end
      if line:find("^return ") then file.returned = documentation end
      local assigned = line:match("^[%w_]+%.([%w_]+)%s*=%s*[^{]")
      if assigned and #documentation.text > 0 then file.assigned[assigned] = documentation end
      local class = documentation.class and line:match("^local%s+([%w_]+)")
      if documentation.class then file.classes[class or documentation.class] = documentation end
      block = {}
    end
  end
  if opened then opened:close() end
  read[path] = file
  return file
end

--- The file of a module's name without "jetlua.", or nil.
---@param name string
---@return string?
function sources.path(name)
  local stem = folder .. name:gsub("%.", "/")
  for _, path in ipairs { stem .. "/init.lua", stem .. ".lua" } do
    local opened = io.open(path)
    if opened then
      opened:close()
      return path
    end
  end
end

--- What the source says of a Lua function of the library; nil for others.
---@param f function
---@return help.SourceFunction?, string? path
function sources.of(f)
  local info = debug.getinfo(f, "S")
  if info.source:sub(1, 1 + #folder) ~= "@" .. folder then return nil end
  local path = info.source:sub(2)
  return sources.file(path).functions[info.linedefined], path
end

--- Names of the library's modules that scripts require, sorted.
---@return string[]
function sources.modules()
  local names = {}
  for name in pairs(package.preload) do
    local short = type(name) == "string" and name:match("^jetlua%.([%w_]+)$")
    if short and sources.path(short) then names[#names + 1] = short end
  end
  table.sort(names)
  return names
end

--- Names of all files of the library whose classes are public, as modules.
---@return string[]
function sources.all()
  local names = {}
  for name in pairs(package.preload) do
    local short = type(name) == "string" and name:match("^jetlua%.([%w_%.]+)$")
    if short and not short:find("^core%.") and not short:find("^internal%.") and not short:find("^help%.") and sources.path(short) then
      names[#names + 1] = short
    end
  end
  table.sort(names)
  return names
end

return sources
