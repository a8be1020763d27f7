-- What the prompt shows in place of an address: of a plain table what it holds, of a module or a function of jetlua its name.

local show = require "jetlua.internal.show"
local sources = require "jetlua.help.sources"

local function module_name(value)
  for _, name in ipairs(sources.modules()) do
    if package.loaded[name] == value or package.loaded["jetlua." .. name] == value then return name end
  end
end

--- A text for a table or function, or the value itself where `print` does well with it.
---@param value any
---@return any
local function shown(value)
  if type(value) == "table" then
    local name = module_name(value)
    if name then return ("module %s; help(%s) says what it holds"):format(name, name) end
    return show(value)
  end
  local name = require("jetlua.help").name(value)
  return name and ("function %s; help(%s) says more"):format(name, name:find(":") and '"' .. name .. '"' or name) or value
end

return shown
