-- `help(tensor.matmul)`, `help "matmul"`, `help(model)`: what a function, module, class or object is for, with formula, shapes,
-- arguments, errors and an example. At the prompt `?matmul` does the same, and `?` alone lists the modules.

local catalogue = require "jetlua.help.catalogue"
local expect = require "jetlua.internal.expect"
local host = require "jetlua.core.host"
local nearest = require "jetlua.internal.nearest"
local page = require "jetlua.help.page"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local help = {}

local function overview(all)
  local rows = {}
  for _, module in ipairs(all.modules) do
    local documentation = module.documentation
    if #documentation.text == 0 and module.constructor then documentation = module.constructor.documentation end
    rows[#rows + 1] = "  " .. text.pad(module.path, 10) .. "  " .. text.shorten(documentation.summary, 86)
  end
  return "jetlua's modules; help(tensor), help(tensor.matmul), help \"matmul\" and help(object) say more\n" .. table.concat(rows, "\n")
end

--- The class of an object written in Lua: that of its metatable or of one above it, or the file its methods come from.
local function class_of(object, all)
  local class = getmetatable(object)
  while type(class) == "table" do
    if all.by_value[class] then return all.by_value[class] end
    local name = rawget(class, "__name")
    if type(name) == "string" and all.by_path[name] then return all.by_path[name] end
    local above = getmetatable(class)
    class = type(above) == "table" and type(above.__index) == "table" and above.__index or nil
  end
end

local function look_up(name, all)
  local short = name:gsub("^jetlua%.", "")
  if all.by_path[short] then return all.by_path[short] end
  local colon = short:gsub("%.([%w_]+)$", ":%1")
  if all.by_path[colon] then return all.by_path[colon] end
  -- "tensor.zzz" is no other module's zzz.
  if short:find("[%.:]") then return nil end
  local function depth(entry) return select(2, entry.path:gsub("[%.:]", "")) - (entry.path:find("^tensor%.") and 1 or 0) end
  local best
  for _, entry in ipairs(all.by_name[short] or {}) do
    if not best or depth(entry) < depth(best) then best = entry end
  end
  return best
end

local function entry_of(value, all)
  local entry = all.by_value[value] or all.by_title[host.kind(value) or ""]
  return entry or type(value) == "table" and class_of(value, all) or nil
end

local function member(class, name)
  for _, entry in ipairs(class and class.members or {}) do
    if entry.name == name then return entry end
  end
end

--- What the words after `?` stand for, where they begin with a global of the user: the value, or the member of an object.
local function of_user(words, all)
  local first = words:match("^[%a_][%w_]*") or ""
  local typed = package.loaded["jetlua.internal.prompt.environment"]
  local variables = typed and typed.variables or _G
  if rawget(variables, first) == nil and rawget(_G, first) == nil then return nil end
  local function value(source)
    local chunk = load("return " .. source, "=?", "t", variables)
    local ran, result = pcall(chunk or error)
    return ran and type(result) ~= "string" and result or nil
  end
  local object, name = words:match("^(.-)[%.:]([%w_]+)$")
  local entry = object and member(entry_of(value(object), all), name)
  return entry or entry_of(value(words), all)
end

local function unknown(name, all)
  local names, containing = {}, {}
  for path, entry in pairs(all.by_path) do
    names[#names + 1] = entry.name
    if path:lower():find(name:lower(), 1, true) then containing[#containing + 1] = path end
  end
  table.sort(containing)
  if #containing > 0 and #name >= 2 then
    raise("help: unknown name \"%s\"; these contain it: %s", name, text.shorten(table.concat(containing, ", "), 300))
  end
  table.sort(names)
  local near = nearest(name:match("[%w_]+$") or name, names)
  raise("help: unknown name \"%s\"; %s", name, near and ('did you mean "%s"?'):format(near) or "help() lists the modules")
end

--- The page that `help(subject)` prints.
---
---     help.text("tensor.relu") --> tensor.relu(x) …max(x, 0)…
---@param subject any
---@return string
function help.text(subject)
  local all = catalogue.read()
  if subject == nil then return overview(all) end
  if type(subject) == "string" then
    local entry = look_up(subject, all) or unknown(subject, all)
    return page.text(entry)
  end
  local entry = entry_of(subject, all)
  if entry then return page.text(entry) end
  if type(subject) == "function" then
    local info = debug.getinfo(subject, "S")
    raise("help: nothing is known of this function%s", info.what == "Lua" and (" (%s:%d)"):format(info.short_src, info.linedefined) or "")
  end
  expect.wrong("help", "subject", "a function, module, class or object of jetlua, or a name", subject)
end

--- The name under which help knows a value: "tensor.matmul"; nil for what it does not know.
---
---     help.name(tensor.matmul) --> tensor.matmul
---@param value any
---@return string?
function help.name(value)
  local entry = catalogue.read().by_value[value]
  return entry and entry.path
end

--- What `?words` at the prompt shows: of a global that the user made what it is, else the page of that name.
---
---     help.prompt("relu") --> tensor.relu(x) …
---@param words string
function help.prompt(words)
  local subject = words:match("^%s*(.-)%s*$")
  local entry = of_user(subject, catalogue.read())
  if entry then return print(page.text(entry)) end
  -- A name that nobody knows is no mistake of a program: its message comes without the place of an error.
  local known, shown = pcall(help.text, subject ~= "" and subject or nil)
  print(known and shown or (tostring(shown):gsub("^.-help: ", "help: ")))
end

--- Prints what a function, module, class or object of jetlua, or one of this name, is for; without an argument the modules.
---
---     help(tensor.relu) --> tensor.relu(x) …max(x, 0)…
---     help "optim.Adam" --> optim.Adam(parameters, options) Adam (arXiv:1412.6980)…
---@param subject? any
local function show(_, subject) print(help.text(subject)) end

return setmetatable(help, { __call = show, __name = "help", __tostring = function() return help.text() end })
