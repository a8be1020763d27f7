-- Where a script of this folder works: the folder given, or a new one, with folders of these names in it. The process that made it removes it.

local system = require "jetlua.core.system"

---@param given? string
---@param inner? string[]
---@return string
return function(given, inner)
  local folder = given
  if not folder then
    folder = os.tmpname()
    os.remove(folder)
    system.make_directory(folder)
  end
  for _, name in ipairs(inner or {}) do system.make_directory(folder .. "/" .. name) end
  return folder
end
