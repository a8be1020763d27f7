local core = require "jetlua.core.nn"

local activations = {}

--- max(x, 0).
---@return userdata
function activations.ReLU(...) return core.ReLU(...) end

--- x above 0, `negative_slope` (default 0.01) times x below.
---@param ... number|{ negative_slope: number }
---@return userdata
function activations.LeakyReLU(...) return core.LeakyReLU(...) end

--- x above 0, alpha (eˣ − 1) below; alpha 1 by default.
---@param ... number|{ alpha: number }
---@return userdata
function activations.ELU(...) return core.ELU(...) end

--- The self-normalising unit of arXiv:1706.02515, eq. 2.
---@return userdata
function activations.SELU(...) return core.SELU(...) end

--- x Φ(x), Φ the standard normal distribution function.
---@return userdata
function activations.GELU(...) return core.GELU(...) end

--- ln(1 + e^{beta x})/beta, taken as x where beta x > threshold; beta 1 and threshold 20 by default.
---@param ... number|{ beta: number, threshold: number }
---@return userdata
function activations.Softplus(...) return core.Softplus(...) end

--- 1/(1 + e⁻ˣ).
---@return userdata
function activations.Sigmoid(...) return core.Sigmoid(...) end

--- tanh x.
---@return userdata
function activations.Tanh(...) return core.Tanh(...) end

--- Softmax along `dim`, the last dimension by default.
---@param ... integer|{ dim: integer }
---@return userdata
function activations.Softmax(...) return core.Softmax(...) end

--- Logarithm of the softmax along `dim`, the last dimension by default.
---@param ... integer|{ dim: integer }
---@return userdata
function activations.LogSoftmax(...) return core.LogSoftmax(...) end

return activations
