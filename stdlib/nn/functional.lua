--- Layers as functions, arguments in PyTorch's order and options last: `linear(x, weight, bias)`, `dropout(x, 0.5)`, `relu(x)`.

local functional = {}
for name, f in pairs(require "jetlua.core.functional") do functional[name] = f end
return functional
