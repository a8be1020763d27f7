--- Gradients: `y:backward()` fills `x.grad`; here are the functions beside it.

local core = require "jetlua.core.autograd"

local autograd = {}
for name, value in pairs(core) do autograd[name] = value end

return autograd
