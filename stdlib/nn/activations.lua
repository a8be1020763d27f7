local core = require("jetlua.nn.blueprint").makers

local activations = {}

--- max(x, 0).
---
---     nn.ReLU()(tensor{-1, 2}) --> [0., 2.]
---@return nn.Layer
function activations.ReLU(...) return core.ReLU(...) end

--- x above 0, `negative_slope` (default 0.01) times x below.
---
---     nn.LeakyReLU(0.1)(tensor{-1, 2}) --> [-0.1, 2.]
---@param ... number|{ negative_slope: number }
---@return nn.Layer
function activations.LeakyReLU(...) return core.LeakyReLU(...) end

--- x above 0, alpha (eˣ − 1) below; alpha 1 by default.
---
---     nn.ELU()(tensor{-1, 2}) --> [-0.6321, 2.]
---@param ... number|{ alpha: number }
---@return nn.Layer
function activations.ELU(...) return core.ELU(...) end

--- The self-normalising unit of arXiv:1706.02515, eq. 2.
---
---     nn.SELU()(tensor{-1, 2}) --> [-1.111, 2.101]
---@return nn.Layer
function activations.SELU(...) return core.SELU(...) end

--- x Φ(x), Φ the standard normal distribution function.
---
---     nn.GELU()(tensor{-1, 2}) --> [-0.1587, 1.954]
---@return nn.Layer
function activations.GELU(...) return core.GELU(...) end

--- ln(1 + e^{beta x})/beta, taken as x where beta x > threshold; beta 1 and threshold 20 by default.
---
---     nn.Softplus()(tensor{-1, 2}) --> [0.3133, 2.127]
---@param ... number|{ beta: number, threshold: number }
---@return nn.Layer
function activations.Softplus(...) return core.Softplus(...) end

--- 1/(1 + e⁻ˣ).
---
---     nn.Sigmoid()(tensor{-1, 2}) --> [0.2689, 0.8808]
---@return nn.Layer
function activations.Sigmoid(...) return core.Sigmoid(...) end

--- tanh x.
---
---     nn.Tanh()(tensor{-1, 2}) --> [-0.7616, 0.964]
---@return nn.Layer
function activations.Tanh(...) return core.Tanh(...) end

--- Softmax along `dim`, the last dimension by default.
---
---     nn.Softmax()(tensor{-1, 2}) --> [0.04743, 0.9526]
---@param ... integer|{ dim: integer }
---@return nn.Layer
function activations.Softmax(...) return core.Softmax(...) end

--- Logarithm of the softmax along `dim`, the last dimension by default.
---
---     nn.LogSoftmax()(tensor{-1, 2}) --> [-3.049, -0.04859]
---@param ... integer|{ dim: integer }
---@return nn.Layer
function activations.LogSoftmax(...) return core.LogSoftmax(...) end

return activations
