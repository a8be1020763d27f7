--- Neural networks: modules, layers, their functional forms and losses, with PyTorch's names, meanings and defaults.
--- Positions and dimensions count from 1.
---
--- Modules: Module Sequential Parameter. Layers: Linear BatchNorm1d BatchNorm2d LayerNorm Dropout Flatten Unflatten, for images
--- Conv2d ConvTranspose2d AvgPool2d MaxPool2d Upsample, and the activations ReLU LeakyReLU ELU SELU GELU Softplus Sigmoid Tanh
--- Softmax LogSoftmax. `nn.functional` has these as functions; `nn.init` fills parameters (`kaiming_uniform_`, `orthogonal_`, …);
--- the losses (`gaussian_kl`, `mixture_nll`, …) are in `nn` itself.

local core = require "jetlua.core.nn"

local nn = {
  Module = require "jetlua.nn.Module",
  Sequential = require "jetlua.nn.Sequential",
  functional = require "jetlua.nn.functional",
  init = require "jetlua.nn.initializers",
}

for _, module in ipairs { "jetlua.core.losses", "jetlua.nn.layers", "jetlua.nn.image_layers", "jetlua.nn.norms", "jetlua.nn.activations" } do
  for name, member in pairs(require(module)) do nn[name] = member end
end

--- The same numbers, sharing memory, as a parameter: a leaf that requires a gradient and that modules register.
---
---     nn.Parameter(tensor{1, 2}):requires_grad() --> true
---@param tensor tensor floating-point
---@param options? { requires_grad: boolean }
---@return tensor
function nn.Parameter(tensor, options)
  return core.Parameter(tensor, options)
end

return nn
