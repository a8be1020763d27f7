-- What Tab offers at the prompt: globals, fields, methods, modules, option keys, and files between quotes.

local _ENV = require "jetlua.internal.prompt.own"

local host = require "jetlua.core.host"
local sources = require "jetlua.help.sources"
local system = require "jetlua.core.system"

local keywords = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
  "repeat", "return", "then", "true", "until", "while",
}

local function is_name(key) return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil end

--- The quote that is open at the end of `text`, and where what it holds begins.
local function open_quote(text)
  local at, quote, from = 1, nil, nil
  while at <= #text do
    local c = text:sub(at, at)
    if quote then
      if c == "\\" then at = at + 1 elseif c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote, from = c, at + 1
    elseif c == "-" and text:sub(at, at + 1) == "--" then
      return nil
    end
    at = at + 1
  end
  return quote, from
end

local function files(written)
  local folder, start = written:match("^(.*/)([^/]*)$")
  folder, start = folder or "", start or written
  local place = folder == "" and "." or folder
  if not system.is_directory(place) then return {} end
  local listed, names = pcall(system.list_directory, place)
  local found = {}
  for _, name in ipairs(listed and names or {}) do
    local hidden = name:sub(1, 1) == "." and start:sub(1, 1) ~= "."
    if not hidden and name:sub(1, #start) == start then
      found[#found + 1] = folder .. name .. (system.is_directory(place .. "/" .. name) and "/" or "")
    end
  end
  return found
end

--- Adds the names that `value` answers to: those of tables and of what stands behind them, and what userdata have.
local function add_members(value, methods_only, add)
  local seen = 0
  local function table_names(t)
    for key, member in next, t do
      if is_name(key) and not key:find("^__") and (not methods_only or type(member) == "function") then add(key) end
    end
  end
  local kind = host.kind(value)
  if kind then
    if methods_only then
      for name in next, host.members(kind) or {} do add(name) end
      return
    end
    local class = require("jetlua.help.catalogue").read().by_title[kind]
    for _, member in ipairs(class and class.members or {}) do
      if member.kind == "property" then add(member.name) end
    end
    return
  end
  if type(value) == "string" then return table_names(string) end
  while type(value) == "table" and seen < 10 do
    table_names(value)
    seen = seen + 1
    local metatable = debug.getmetatable(value)
    value = type(metatable) == "table" and rawget(metatable, "__index") or nil
  end
end

--- The value that a chain of names such as `tensor.zeros` or `model.encoder` stands for, without calling anything of the user's.
local function value_of(chain, variables)
  local value = variables
  for name in chain:gmatch("[%a_][%w_]*") do
    local kind = type(value)
    if value == variables then
      value = variables[name]
    elseif kind == "table" then
      local t, found, depth = value, nil, 0
      while type(t) == "table" and found == nil and depth < 10 do
        found, depth = rawget(t, name), depth + 1
        local metatable = debug.getmetatable(t)
        t = type(metatable) == "table" and rawget(metatable, "__index") or nil
      end
      value = found
    elseif host.kind(value) then
      local read, member = pcall(function() return value[name] end)
      value = read and member or nil
    else
      return nil
    end
  end
  return value
end

--- The function whose table of options, or whose arguments, are open at the end of `text`: `optim.Adam(p, {`, `models.VAE {`.
local function open_call(text)
  local depth = 0
  for at = #text, 1, -1 do
    local c = text:sub(at, at)
    if c == "}" or c == ")" or c == "]" then
      depth = depth + 1
    elseif c == "{" or c == "(" or c == "[" then
      if depth > 0 then
        depth = depth - 1
      else
        local chain = text:sub(1, at - 1):match("([%a_][%w_.:]*)%s*$")
        if chain or c == "[" then return c ~= "[" and chain or nil end
      end
    end
  end
end

local function add_options(chain, variables, add)
  local catalogue = require("jetlua.help.catalogue").read()
  local value = value_of(chain, variables)
  local object, method = chain:match("^(.*):([%w_]+)$")
  local entry = value ~= nil and catalogue.by_value[value] or catalogue.by_path[chain]
  if not entry and object then
    local class = catalogue.by_title[host.kind(value_of(object, variables)) or ""]
    for _, member in ipairs(class and class.members or {}) do entry = member.name == method and member or entry end
  end
  if not entry then return end
  local documentation = (entry.constructor or entry).documentation
  for _, parameter in ipairs(documentation.parameters) do
    -- "{ lr: number, betas: number[] }", or the fields of a class of options.
    local inside = parameter.type:match("^{(.*)}")
    for name in (inside or ""):gmatch("([%a_][%w_]*)%??%s*:") do add(name .. " = ") end
    local class = catalogue.by_path[parameter.type:gsub("[?|].*$", "")]
    for _, field in ipairs(class and class.documentation.fields or {}) do add(field.name .. " = ") end
  end
  for _, argument in ipairs(entry.op and entry.op.arguments or {}) do
    if argument.option then add(argument.name .. " = ") end
  end
end

--- The completions of `line:sub(first, last)`, sorted, each the whole text to put there.
---@param line string
---@param first integer
---@param last integer
---@param variables table
---@return string[]
local function complete(line, first, last, variables)
  local before, word = line:sub(1, first - 1), line:sub(first, last)
  local quote, from = open_quote(line:sub(1, last))
  if quote then
    local written, code = line:sub(from, last), line:sub(1, from - 2)
    local found = {}
    local candidates = code:find("require%s*%(?%s*$") and sources.modules() or files(written)
    for _, name in ipairs(candidates) do
      -- Of a path with blanks only the end is replaced.
      if name:sub(1, #written) == written then found[#found + 1] = name:sub(#written - #word + 1) end
    end
    table.sort(found)
    return found
  end

  local found, names = {}, {}
  local prefix, chain = word:match("^(.-)([%a_][%w_.:]*)$")
  if not chain then prefix, chain = word, "" end
  -- After `f():` only a call could tell what follows.
  if prefix:find("[.:]$") then return {} end
  local owner, separator, start = chain:match("^(.*)([.:])([^.:]*)$")
  start = start or chain
  local function add(name)
    if name:sub(1, #start) == start and not names[name] then
      names[name] = true
      found[#found + 1] = prefix .. (owner and owner .. separator or "") .. name
    end
  end
  if line:find("^%s*%?") then
    for path in pairs(require("jetlua.help.catalogue").read().by_path) do
      if path:sub(1, #chain) == chain then found[#found + 1] = prefix .. path end
    end
  elseif owner then
    local value = value_of(owner, variables)
    if value ~= nil then add_members(value, separator == ":", add) end
  else
    local call = open_call(before)
    if call then add_options(call, variables, add) end
    -- An empty word offers the options alone: every global would bury them.
    if start ~= "" or not call then
      for _, scope in ipairs { variables, _G } do
        for key in next, scope do
          if is_name(key) and key ~= "_LOCAL" and key ~= "_PASS" then add(key) end
        end
      end
      for _, name in ipairs(sources.modules()) do add(name) end
      for _, name in ipairs(keywords) do add(name) end
    end
  end
  table.sort(found)
  return found
end

return complete
