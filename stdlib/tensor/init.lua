--- Tensors: arrays of float32, float64, int64 or bool with views, broadcasting and gradients.
--- Positions and dimensions count from 1. `tensor{{1, 2}, {3, 4}}` makes one from nested tables.

local core = require "jetlua.core.tensor"

local tensor = {}
for name, value in pairs(require "jetlua.tensor.files") do tensor[name] = value end
for name, value in pairs(core) do
  if name ~= "from_table" then tensor[name] = value end
end

--- Makes a tensor from a number, nested tables of numbers or booleans, or a copy of another tensor.
---@param values number|table|userdata
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"}
---@return userdata
local function from_table(_, values, options)
  return core.from_table(values, options)
end

return setmetatable(tensor, { __call = from_table })
