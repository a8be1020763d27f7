-- Lua's functions as they were when the prompt began: what is typed there may give any name another meaning (`select = 5`), and the
-- prompt goes on.

local own = {}
for name, value in pairs(_G) do
  own[name] = value
  if type(value) == "table" and package.loaded[name] == value and value ~= _G then
    own[name] = {}
    for key, item in pairs(value) do own[name][key] = item end
  end
end
return own
