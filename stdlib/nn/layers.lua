local core = require("jetlua.nn.blueprint").makers
local files = require "jetlua.nn.files"

local layers = {}

local layer = require("jetlua.core.host").members("layer")

--- Writes `state_dict` to a file (`.safetensors`, `.npz` or `.h5`), which appears whole or not at all.
---
---     name = os.tmpname() .. ".safetensors"
---     nn.Linear(2, 1):save(name)
---     os.remove(name) --> true
---@param path string
function layer:save(path) files.save(self, path) end

--- Reads what `save` wrote; the layer must have the same sizes. What differs is raised by name, and then nothing has changed.
---
---     name = os.tmpname() .. ".safetensors"
---     a, b = nn.Linear(2, 1), nn.Linear(2, 1)
---     a:save(name)
---     b:load(name).weight:eq(a.weight):all():item(), os.remove(name) --> true true
---@param path string
---@return nn.Layer self
function layer:load(path) return files.load(self, path) end

--- x weightᵀ + bias: `[*S, in]` or sparse rows `[N, in]` → `[*S, out]`. `layer.weight` is `[out, in]`, `layer.bias` `[out]`.
--- Both start as U(−1/√in, 1/√in); `init` chooses another distribution for the weight.
---
---     nn.Linear(3, 2, {init = "zeros"})(tensor{{1, 2, 3}}) --> [[0., 0.]]
---@param in_features integer
---@param out_features integer
---@param options? { bias: boolean, init: "default"|"xavier_uniform"|"xavier_normal"|"kaiming_uniform"|"kaiming_normal"|"zeros", dtype: "float32"|"float64" }
---@return nn.Layer
function layers.Linear(in_features, out_features, options)
  return core.Linear(in_features, out_features, options)
end

--- In training each element becomes 0 with probability p and the others are divided by 1 − p; else the identity.
---
---     nn.Dropout(0.2) --> nn.Dropout(0.2)
---@param ... number|{ p: number } in [0, 1], default 0.5
---@return nn.Layer
function layers.Dropout(...)
  return core.Dropout(...)
end

--- Dimensions from `start_dim` (default 2) to `end_dim` (default −1) as one. Sparse rows are flat already.
---
---     nn.Flatten()(tensor.zeros(5, 4, 4)).shape --> {5, 16}
---@param ... integer|{ start_dim: integer, end_dim: integer }
---@return nn.Layer
function layers.Flatten(...)
  return core.Flatten(...)
end

--- Dimension `dim` as several of these sizes, one of which may be −1: `nn.Unflatten(2, {1, 40, 40})`.
---
---     nn.Unflatten(2, {1, 4, 4})(tensor.zeros(5, 16)).shape --> {5, 1, 4, 4}
---@param dim integer
---@param sizes integer[]
---@return nn.Layer
function layers.Unflatten(dim, sizes)
  return core.Unflatten(dim, sizes)
end

return layers
