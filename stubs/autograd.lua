---@meta autograd

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- Gradients: `y:backward()` fills `x.grad`; here are the functions beside it.
---@class jetlua.autograd
local autograd = {}

--- Compares the gradients of a function with central differences in float64; returns true, or raises naming the worst element.
---
--- ```lua
--- autograd.check(function(x) return x:tanh() end, {tensor{0.3, -1}}) --> true
--- ```
---@param fn fun(...: tensor): tensor the same numbers for the same inputs
---@param inputs tensor|tensor[] where to compare; floating-point
---@param options? {eps: number, tolerance: number} step 1e-6, deviation allowed 1e-5 (relative above 1)
---@return true
function autograd.check(fn, inputs, options) end

--- ∂y/∂x for each of the inputs, without touching their `grad`.
---
--- ```lua
--- x = tensor{2, 3}:requires_grad(true)
--- autograd.grad((x ^ 3):sum(), {x})[1] --> [12., 27.]
--- ```
---@param y tensor of one element, unless `gradient` is given
---@param inputs tensor|tensor[]
---@param options? {retain_graph: boolean, gradient: tensor} keep the graph for another pass; what flows into y
---@return tensor[]
function autograd.grad(y, inputs, options) end

return autograd
