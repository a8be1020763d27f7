local core = require "jetlua.core.nn"
local files = require "jetlua.nn.files"

local layers = {}

-- Layers are saved and loaded as modules are.
local members = require("jetlua.core.host").members("layer")
members.save, members.load = files.save, files.load

--- x weightᵀ + bias: `[*S, in]` or sparse rows `[N, in]` → `[*S, out]`. `layer.weight` is `[out, in]`, `layer.bias` `[out]`.
--- Both start as U(−1/√in, 1/√in); `init` chooses another distribution for the weight.
---@param in_features integer
---@param out_features integer
---@param options? { bias: boolean, init: "default"|"xavier_uniform"|"xavier_normal"|"kaiming_uniform"|"kaiming_normal"|"zeros", dtype: "float32"|"float64" }
---@return userdata
function layers.Linear(in_features, out_features, options)
  return core.Linear(in_features, out_features, options)
end

--- In training each element becomes 0 with probability p and the others are divided by 1 − p; else the identity.
---@param ... number|{ p: number } in [0, 1], default 0.5
---@return userdata
function layers.Dropout(...)
  return core.Dropout(...)
end

--- Dimensions from `start_dim` (default 2) to `end_dim` (default −1) as one. Sparse rows are flat already.
---@param ... integer|{ start_dim: integer, end_dim: integer }
---@return userdata
function layers.Flatten(...)
  return core.Flatten(...)
end

--- Dimension `dim` as several of these sizes, one of which may be −1: `nn.Unflatten(2, {1, 40, 40})`.
---@param dim integer
---@param sizes integer[]
---@return userdata
function layers.Unflatten(dim, sizes)
  return core.Unflatten(dim, sizes)
end

return layers
