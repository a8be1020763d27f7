-- Editor stubs for lua-language-server: a module's functions and classes with types and documentation, and no bodies.

local sources = require "jetlua.help.sources"

local keywords = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch("%a+") do
  keywords[word] = true
end

local function add(out, line) out[#out + 1] = line end

local function text(out, documentation)
  for _, paragraph in ipairs(documentation.text) do add(out, paragraph == "" and "---" or "--- " .. paragraph) end
  if documentation.example ~= "" then
    add(out, "---")
    add(out, "--- ```lua")
    for line in (documentation.example .. "\n"):gmatch("([^\n]*)\n") do add(out, "--- " .. line) end
    add(out, "--- ```")
  end
end

--- Types of results, without the names and remarks that follow them.
local function return_types(documentation)
  local types = {}
  for i, line in ipairs(documentation.returns) do types[i] = (require("jetlua.help.comments").type(line):gsub(",$", "")) end
  return #types > 0 and ": " .. table.concat(types, ", ") or ""
end

local function argument(p) return ("%s%s: %s"):format(p.name, p.optional and "?" or "", p.type) end

--- A call whose options come in one table, as another signature.
local function option_overload(out, entry, is_method)
  local named, first = {}, {}
  for i, p in ipairs(entry.op.arguments) do
    if p.option then
      for _, documented in ipairs(entry.documentation.parameters) do
        if documented.name == p.name then named[#named + 1] = ("%s?: %s"):format(p.name, documented.type) end
      end
    elseif i == 1 and is_method then
      first[1] = "self: tensor"
    else
      for _, documented in ipairs(entry.documentation.parameters) do
        if documented.name == p.name then first[#first + 1] = argument(documented) end
      end
    end
  end
  if #named == 0 then return end
  first[#first + 1] = "options: { " .. table.concat(named, ", ") .. " }"
  add(out, ("---@overload fun(%s)%s"):format(table.concat(first, ", "), return_types(entry.documentation)))
end

--- Parameters as a function's head takes them; what comes after "..." becomes another signature with a table of sizes.
local function head(out, entry, is_method)
  local names, after, seen = {}, {}, false
  local parameters = {}
  for i, p in ipairs(entry.documentation.parameters) do
    if not (entry.op and is_method and i == 1) then parameters[#parameters + 1] = p end
  end
  for _, p in ipairs(parameters) do
    if seen then
      after[#after + 1] = p
    else
      names[#names + 1] = p.name
      add(out, ("---@param %s%s %s%s"):format(p.name, p.optional and "?" or "", p.type, p.text ~= "" and " " .. p.text or ""))
    end
    seen = seen or p.name == "..."
  end
  for _, line in ipairs(entry.documentation.returns) do add(out, "---@return " .. line) end
  if #after > 0 then
    local all = is_method and { "self: any" } or {}
    for _, p in ipairs(parameters) do all[#all + 1] = p.name == "..." and "shape: integer[]" or argument(p) end
    add(out, ("---@overload fun(%s)%s"):format(table.concat(all, ", "), return_types(entry.documentation)))
  end
  if entry.op then option_overload(out, entry, is_method) end
  if #parameters == 0 and entry.parameters ~= "" and not entry.op then return entry.parameters end
  return table.concat(names, ", ")
end

local function function_stub(out, owner, separator, entry)
  text(out, entry.documentation)
  local parameters = head(out, entry, separator == ":")
  if keywords[entry.name] then
    add(out, ('%s["%s"] = function(%s) end'):format(owner, entry.name, separator == ":" and "self" .. (parameters ~= "" and ", " or "") .. parameters or parameters))
  else
    add(out, ("function %s%s%s(%s) end"):format(owner, separator, entry.name, parameters))
  end
  add(out, "")
end

local function class_stub(out, class, variable, declare)
  local documentation = class.documentation
  text(out, documentation)
  add(out, ("---@class %s%s"):format(class.name, documentation.parent and ": " .. documentation.parent or ""))
  for _, member in ipairs(class.members) do
    if member.kind == "property" then
      add(out, ("---@field %s %s %s"):format(member.name, member.documentation.type or "any", table.concat(member.documentation.text, " ")):gsub("%s+$", ""))
    end
  end
  for _, line in ipairs(documentation.lines) do
    if line:find("^@operator") or line:find("^@overload") then add(out, "---" .. line) end
  end
  add(out, declare)
  add(out, "")
  for _, member in ipairs(class.members) do
    if member.kind == "method" then function_stub(out, variable, ":", member) end
  end
end

local function members(out, module, path)
  for _, member in ipairs(module.members) do
    if member.kind == "function" then
      function_stub(out, path, ".", member)
    elseif member.kind == "class" then
      class_stub(out, member, path .. "." .. member.name:match("[%w_]+$"), path .. "." .. member.name:match("[%w_]+$") .. " = {}")
    elseif member.kind == "module" then
      add(out, member.path .. " = {}")
      add(out, "")
      members(out, member, member.path)
    end
  end
end

local stubs = {}

--- The stub of a module and of the classes that belong to it.
function stubs.module(module, classes)
  local out = {
    "---@meta " .. module.path, "", "-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.", "",
  }
  for _, name in ipairs(sources.all()) do
    local aliases = name:match("^[^.]+") == module.path and sources.file(sources.path(name)).aliases or {}
    for _, alias in ipairs(aliases) do
      for _, line in ipairs(alias.text) do add(out, "--- " .. line) end
      add(out, "---" .. alias.tag)
      add(out, "")
    end
  end
  for i, class in ipairs(classes) do
    add(out, "do")
    class_stub(out, class, "class", "local class = {}")
    add(out, "end")
    if i <= #classes then add(out, "") end
  end
  text(out, module.documentation)
  add(out, "---@class jetlua." .. module.path)
  local constructor = module.constructor
  if constructor then
    local parameters = {}
    for i, p in ipairs(constructor.documentation.parameters) do parameters[i] = argument(p) end
    add(out, ("---@overload fun(%s)%s"):format(table.concat(parameters, ", "), return_types(constructor.documentation)))
  end
  add(out, ("local %s = {}"):format(module.path))
  add(out, "")
  members(out, module, module.path)
  add(out, "return " .. module.path)
  return table.concat(out, "\n") .. "\n"
end

return stubs
