-- Everything that scripts can name: modules, their members, classes and their methods, each with its documentation, from the
-- op table, from the registrations of native functions and from the comments of the library's Lua files.

local comments = require "jetlua.help.comments"
local host = require "jetlua.core.host"
local native = require "jetlua.core.documentation"
local ops = require "jetlua.help.ops"
local sources = require "jetlua.help.sources"

---@class help.Entry
---@field kind "module"|"function"|"value"|"class"|"method"|"property"
---@field path string as a script writes it: "tensor.matmul", "nn.functional", "tensor:item"
---@field name string
---@field call string how it is called, or the path
---@field parameters string names in order, as between parentheses
---@field documentation help.Documentation
---@field op table? its entry in the op table
---@field members help.Entry[]? of a module or class, by name
---@field class help.Entry? of a function, what it makes where that has its name
---@field title string? what messages call a native class
---@field value any

local catalogue = {}

local undocumented = comments.parse {}

-- Modules whose loading changes something are described without loading them.
local not_loaded = { strict = true }

local function by_name(a, b) return a.name < b.name end

local function names_of(parameters)
  local names = {}
  for i, p in ipairs(parameters) do names[i] = p.name end
  return table.concat(names, ", ")
end

--- Native documentation by owner, kind and name, and ops by name.
local function read_native()
  local members, by_op, private = {}, {}, {}
  for _, m in ipairs(native.members()) do
    -- A module and a class may share their name.
    local owner = (m.kind == "function" and "core." or "") .. m.owner
    if m.text ~= "@private" then
      members[owner] = members[owner] or {}
      members[owner][#members[owner] + 1] = m
    else
      private[owner .. ":" .. m.name] = true
    end
  end
  for _, op in ipairs(native.ops()) do by_op[op.name] = op end
  return members, by_op, private
end

--- Documentation of what is registered as `name`: its own, or that of the op of this name.
local function of_native(member, by_op)
  if member.text ~= "" then return comments.of_text(member.text), nil end
  local op = by_op[member.name]
  if op then return ops.documentation(op), op end
  local plain = member.name:match("^(.-)_$")
  if plain and by_op[plain] then return ops.in_place(by_op[plain]), nil end
  return undocumented, nil
end

local function function_entry(path, name, value, known)
  local entry = { kind = "function", path = path, name = name, value = value, documentation = undocumented, parameters = "" }
  local own = known[value]
  if own then
    entry.documentation, entry.op = own.documentation, own.op
    entry.parameters = names_of(own.documentation.parameters)
  else
    local found = sources.of(value)
    local file = sources.path(path)
    if found and #found.documentation.text > 0 then
      entry.documentation, entry.parameters = found.documentation, found.parameters
    elseif file then
      entry.documentation = sources.file(file).returned
      entry.parameters = names_of(entry.documentation.parameters)
    end
  end
  entry.call = path .. "(" .. entry.parameters .. ")"
  return entry
end

--- A class written in Lua: its functions and those of the file that it is made in.
local function lua_class(class, path, name)
  local entry = { kind = "class", path = path, name = name, value = class, members = {}, documentation = undocumented, parameters = "" }
  local keys, own = {}, false
  for key, value in pairs(class) do
    if type(key) == "string" and type(value) == "function" and not key:find("^__") then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local value = class[key]
    local found, file = sources.of(value)
    if found and found.owner and found.separator == ":" then
      -- A class may have methods of another one; its own documentation is that of its name.
      local documented = sources.file(file).classes[found.owner]
      if documented and not own then
        entry.documentation = documented
        own = documented.class == path or documented.class == rawget(class, "__name")
      end
      if key == "init" then
        entry.parameters = found.parameters
      elseif #found.documentation.text > 0 and not found.documentation.private then
        entry.members[#entry.members + 1] = {
          kind = "method", path = name .. ":" .. key, name = key, value = value, documentation = found.documentation,
          parameters = found.parameters, call = name .. ":" .. key .. "(" .. found.parameters .. ")",
        }
      end
    end
  end
  for _, field in ipairs(entry.documentation.fields) do
    entry.members[#entry.members + 1] = {
      kind = "property", path = name .. "." .. field.name, name = field.name, call = name .. "." .. field.name, parameters = "",
      documentation = comments.parse { "@type " .. field.type, field.text },
    }
  end
  table.sort(entry.members, by_name)
  entry.call = path .. "(" .. entry.parameters .. ")"
  return entry
end

local function is_class(value)
  return type(value) == "table" and rawget(value, "__index") ~= nil and type(rawget(value, "__name")) == "string"
end

local function has_functions(value)
  if type(value) ~= "table" or getmetatable(value) then return false end
  for key, member in pairs(value) do
    if type(key) ~= "string" or type(member) ~= "function" then return false end
  end
  return next(value) ~= nil
end

local function module_entry(path, value, documentation, known)
  local entry = { kind = "module", path = path, name = path, value = value, documentation = documentation, members = {}, parameters = "" }
  for name, member in pairs(value) do
    if type(name) == "string" then
      local inner = path .. "." .. name
      local made
      if type(member) == "function" then
        made = function_entry(inner, name, member, known)
      elseif is_class(member) then
        made = lua_class(member, inner, inner)
      elseif has_functions(member) then
        local file = sources.path(inner)
        made = module_entry(inner, member, file and sources.file(file).header or undocumented, known)
      elseif type(member) == "number" or type(member) == "string" then
        made = { kind = "value", path = inner, name = name, call = inner, parameters = "", value = member, documentation = undocumented }
      end
      if made then entry.members[#entry.members + 1] = made end
    end
  end
  table.sort(entry.members, by_name)
  local metatable = getmetatable(value)
  local call = type(metatable) == "table" and metatable.__call
  local found = call and sources.of(call)
  if found then
    -- The first parameter is the module itself.
    local parameters = found.parameters:match("^[^,]*,%s*(.*)$") or ""
    entry.constructor = {
      kind = "function", path = path, name = path, value = call, documentation = found.documentation, parameters = parameters,
      call = path .. "(" .. parameters .. ")",
    }
  end
  return entry
end

local function native_class(title, members, by_op, private)
  local class = { kind = "class", path = title, name = title, title = title, members = {}, documentation = undocumented, parameters = "", call = title }
  for _, m in ipairs(members) do
    if m.kind == "class" then
      class.documentation = comments.of_text(m.text)
      class.name = class.documentation.class or title
      class.path, class.call = class.name, class.name
    end
  end
  local seen = {}
  local methods = host.members(title) or {}
  for _, m in ipairs(members) do
    if m.kind ~= "class" then
      local documentation, op = of_native(m, by_op)
      local parameters = names_of(documentation.parameters)
      if op then parameters = parameters:match("^[^,]*,%s*(.*)$") or "" end
      local separator = m.kind == "method" and ":" or "."
      local path = class.name .. separator .. m.name
      class.members[#class.members + 1] = {
        kind = m.kind, path = path, name = m.name, documentation = documentation, op = op, value = m.kind == "method" and methods[m.name] or nil,
        parameters = parameters, call = path .. (m.kind == "method" and "(" .. parameters .. ")" or ""),
      }
      seen[m.name] = true
    end
  end
  for name, value in pairs(methods) do
    local found = not seen[name] and not private[title .. ":" .. name] and type(value) == "function" and sources.of(value)
    if found then
      class.members[#class.members + 1] = {
        kind = "method", path = class.name .. ":" .. name, name = name, value = value, documentation = found.documentation,
        parameters = found.parameters, call = class.name .. ":" .. name .. "(" .. found.parameters .. ")",
      }
    end
  end
  for _, field in ipairs(class.documentation.fields) do
    class.members[#class.members + 1] = {
      kind = "property", path = class.name .. "." .. field.name, name = field.name, call = class.name .. "." .. field.name, parameters = "",
      documentation = comments.parse { "@type " .. field.type, field.text },
    }
  end
  table.sort(class.members, by_name)
  return class
end

--- Classes written in Lua that no module hands out: what functions return.
local function hidden_classes(classes, known)
  for _, name in ipairs(sources.all()) do
    local file = sources.file(sources.path(name))
    for owner, documentation in pairs(file.classes) do
      if not known[documentation.class] then
        known[documentation.class] = true
        local class = {
          kind = "class", path = documentation.class, name = documentation.class, call = documentation.class, parameters = "",
          documentation = documentation, members = {},
        }
        for _, f in pairs(file.functions) do
          if f.owner == owner and f.separator == ":" and #f.documentation.text > 0 and not f.documentation.private then
            local path = class.name .. ":" .. f.name
            class.members[#class.members + 1] = {
              kind = "method", path = path, name = f.name, documentation = f.documentation, parameters = f.parameters,
              call = path .. "(" .. f.parameters .. ")",
            }
          end
        end
        for _, field in ipairs(documentation.fields) do
          class.members[#class.members + 1] = {
            kind = "property", path = class.name .. "." .. field.name, name = field.name, call = class.name .. "." .. field.name,
            parameters = "", documentation = comments.parse { "@type " .. field.type, field.text },
          }
        end
        table.sort(class.members, by_name)
        classes[#classes + 1] = class
      end
    end
  end
end

local built

--- The catalogue: modules and classes, and every entry by its path, by its last name, by the value it stands for and by the name
--- that messages have for a native class.
---@return { modules: help.Entry[], classes: help.Entry[], by_path: table<string, help.Entry>, by_name: table<string, help.Entry[]>, by_value: table<any, help.Entry>, by_title: table<string, help.Entry> }
function catalogue.read()
  if built then return built end
  local members, by_op, private = read_native()
  local known = {}
  for owner, list in pairs(members) do
    local loaded, library = pcall(require, "jetlua." .. owner)
    if owner:find("^core%.") and loaded then
      for _, m in ipairs(list) do
        local value = library[m.name]
        if value then
          local documentation, op = of_native(m, by_op)
          known[value] = { documentation = documentation, op = op }
        end
      end
    end
  end

  local modules, classes = {}, {}
  for _, name in ipairs(sources.modules()) do
    local header = sources.file(sources.path(name)).header
    local value = not not_loaded[name] and require("jetlua." .. name) or {}
    if type(value) == "function" then value = setmetatable({}, { __call = value }) end
    modules[#modules + 1] = module_entry(name, value, header, known)
  end
  local named = {}
  for owner, list in pairs(members) do
    if not owner:find("^core%.") then
      classes[#classes + 1] = native_class(owner, list, by_op, private)
      named[classes[#classes].name] = true
    end
  end
  for _, module in ipairs(modules) do
    for _, member in ipairs(module.members) do
      if member.kind == "class" then named[member.documentation.class or member.name] = true end
    end
  end
  hidden_classes(classes, named)
  table.sort(classes, by_name)

  built = { modules = modules, classes = classes, by_path = {}, by_name = {}, by_value = {}, by_title = {} }
  local function add(entry)
    if not built.by_path[entry.path] then built.by_path[entry.path] = entry end
    built.by_name[entry.name] = built.by_name[entry.name] or {}
    table.insert(built.by_name[entry.name], entry)
    local value = entry.value
    if (type(value) == "function" or type(value) == "table") and not built.by_value[value] then built.by_value[value] = entry end
    if entry.title then built.by_title[entry.title] = entry end
    for _, member in ipairs(entry.members or {}) do add(member) end
  end
  for _, entry in ipairs(modules) do add(entry) end
  for _, entry in ipairs(classes) do
    -- A function that makes objects of a class of its own name tells of the class too.
    local made_by = built.by_path[entry.path]
    if made_by and made_by.kind == "function" then made_by.class = entry end
    add(entry)
  end
  return built
end

return catalogue
