local core = require("jetlua.nn.blueprint").makers

local norms = {}

--- (x − mean)/√(variance + eps) · weight + bias for each of `num_features` channels of `[N, C]` or `[N, C, L]` (arXiv:1502.03167).
--- In training mean and variance are the batch's own and the buffers `running_mean` and `running_var` follow them by the
--- fraction `momentum`; in evaluation the buffers are used. With `momentum = false` (PyTorch's None) they are the average over all
--- batches seen in training.
---
---     nn.BatchNorm1d(2, {eps = 0})(tensor{{0, 5}, {2, 9}}) --> [[-1., -1.], [1., 1.]]
---     norm = nn.BatchNorm1d(1, {momentum = false})
---     norm(tensor{{1}, {3}})
---     norm(tensor{{4}, {8}})
---     norm.running_mean --> [4.]
---@param num_features integer
---@param options? { eps: number, momentum: number|false, affine: boolean, track_running_stats: boolean, dtype: "float32"|"float64" }
--- defaults: 1e-5, 0.1, true, true, "float32"
---@return nn.Layer
function norms.BatchNorm1d(num_features, options) return core.BatchNorm1d(num_features, options) end

--- The same for images `[N, C, H, W]`.
---
---     nn.BatchNorm2d(3)(tensor.randn(4, 3, 5, 5)).shape --> {4, 3, 5, 5}
---@param num_features integer
---@param options? { eps: number, momentum: number|false, affine: boolean, track_running_stats: boolean, dtype: "float32"|"float64" }
---@return nn.Layer
function norms.BatchNorm2d(num_features, options) return core.BatchNorm2d(num_features, options) end

--- (x − mean)/√(variance + eps) · weight + bias with mean and variance over the last dimensions (arXiv:1607.06450), whose sizes
--- are `normalized_shape`: `nn.LayerNorm(64)`, `nn.LayerNorm({8, 8})`.
---
---     nn.LayerNorm(2, {eps = 0})(tensor{{0, 2}, {5, 9}}) --> [[-1., 1.], [-1., 1.]]
---@param normalized_shape integer|integer[]
---@param options? { eps: number, elementwise_affine: boolean, bias: boolean, dtype: "float32"|"float64" }
--- defaults: 1e-5, true, true, "float32"
---@return nn.Layer
function norms.LayerNorm(normalized_shape, options) return core.LayerNorm(normalized_shape, options) end

return norms
