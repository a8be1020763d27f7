--- Tensors: arrays of float32, float64, int64 or bool with views, broadcasting and gradients.
--- Positions and dimensions count from 1. `tensor{{1, 2}, {3, 4}}` makes one from nested tables.

local core = require "jetlua.core.tensor"

local tensor = {}
for name, value in pairs(require "jetlua.tensor.files") do tensor[name] = value end
for name, value in pairs(core) do
  if name ~= "from_table" then tensor[name] = value end
end

--- Makes a tensor from a number, nested tables of numbers or booleans, or a copy of another tensor.
---
---     tensor{{1, 2}, {3, 4}} --> [[1., 2.], [3., 4.]] tensor [2, 2] float32 min 1. mean 2.5 max 4.
---     tensor({1, 2}, {dtype = "int64"}).dtype --> int64
---@param values number|boolean|table|tensor
---@param options? {dtype: "float32"|"float64"|"int64"|"bool"} default "float32", of booleans "bool"
---@return tensor
local function from_table(_, values, options)
  return core.from_table(values, options)
end

return setmetatable(tensor, { __call = from_table })
