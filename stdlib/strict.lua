-- `require "strict"` turns a misspelt or forgotten name into an error: global variables can neither be
-- made by accident nor read before they exist. Make one on purpose with `rawset(_G, "name", value)`.

local nearest = require "jetlua.internal.nearest"

local function hint(name)
  local names = {}
  for key in pairs(_G) do
    if type(key) == "string" then names[#names + 1] = key end
  end
  local near = type(name) == "string" and nearest(name, names)
  return near and ('; did you mean "%s"?'):format(near) or ""
end

local metatable = getmetatable(_G) or {}
local inherited = metatable.__index

metatable.__newindex = function(_, name)
  error(("global \"%s\" is not declared: write \"local %s\"%s"):format(tostring(name), tostring(name), hint(name)), 2)
end

metatable.__index = function(globals, name)
  local value
  if type(inherited) == "function" then value = inherited(globals, name) elseif inherited then value = inherited[name] end
  if value ~= nil then return value end
  error(("variable \"%s\" is not declared%s"):format(tostring(name), hint(name)), 2)
end

setmetatable(_G, metatable)

return {}
