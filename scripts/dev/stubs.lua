-- Writes FOLDER/stubs/*.lua and FOLDER/docs/reference/*.md: `jetlua scripts/dev/stubs.lua FOLDER`.

local folder = arg[1] or "."
local here = arg[0]:match("^(.-)[^/]*$")
local catalogue = require("jetlua.help.catalogue").read()
local system = require "jetlua.core.system"

local ordinary_modules = {}
for _, module in ipairs(catalogue.modules) do
  if module.path ~= "strict" then ordinary_modules[#ordinary_modules + 1] = module end
end

--- Classes by the module whose name theirs begins with; the others are tensor's.
local function classes_of(module)
  local own, names = {}, {}
  for _, m in ipairs(ordinary_modules) do names[m.path] = true end
  for _, class in ipairs(catalogue.classes) do
    local owner = class.name:match("^([%w_]+)%.")
    if (owner and names[owner] and owner or "tensor") == module.path then own[#own + 1] = class end
  end
  return own
end

for _, kind in ipairs { { "stubs", "stubs/%s.lua" }, { "reference", "docs/reference/%s.md" } } do
  local write = dofile(here .. "generators/" .. kind[1] .. ".lua")
  system.make_directory(folder .. "/" .. kind[2]:match("^(.*)/"))
  for _, module in ipairs(ordinary_modules) do
    system.write_file(folder .. "/" .. kind[2]:format(module.path), write.module(module, classes_of(module)))
  end
  if write.index then system.write_file(folder .. "/" .. kind[2]:format("README"), write.index(ordinary_modules)) end
end
