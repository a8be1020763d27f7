---@meta autograd

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- Gradients: `y:backward()` fills `x.grad`; here are the functions beside it.
---@class jetlua.autograd
local autograd = {}

--- Makes a differentiable function of two rules.
---
--- `forward(ctx, …)` gets the arguments of the call and gives one tensor or several; it runs without recording. `backward(ctx, …)` gets one gradient per tensor that forward gave and returns one per argument of forward, nil for those that are no tensors or need none. `ctx:save_for_backward(…)` keeps tensors, which backward finds in `ctx.saved_tensors`; other values are kept as fields of `ctx`; `ctx.needs_input_grad[i]` says whether the gradient of argument i is wanted.
---
--- ```lua
--- double = autograd.Function { forward = function(ctx, x) return x * 2 end, backward = function(ctx, g) return g * 2 end }
--- x = tensor{3}:requires_grad(true)
--- double(x):sum():backward()
--- x.grad --> [2.]
--- ```
---@param options {forward: function, backward: function, name?: string}
---@return table
function autograd.Function(options) end

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

--- Calls `body(…)` and returns all its results; an op inside whose result is not finite though its arguments are raises, and so does one whose gradients are not finite though those that came to it are. To find where a NaN comes from: every number is looked at.
---
--- ```lua
--- autograd.detect_anomaly(function() return tensor{0, 1}:log() end) --> error: …log: 1 of 2 numbers of its result [2] are infinite, while its arguments are finite: x [2] in 0.0 … 1.0
--- ```
---@param body fun(...): any
---@param ... any
---@return any
function autograd.detect_anomaly(body, ...) end

--- ∂y/∂x for each of the inputs, without touching their `grad`.
---
--- ```lua
--- x = tensor{2, 3}:requires_grad(true)
--- autograd.grad((x ^ 3):sum(), {x})[1] --> [12., 27.]
--- ```
---@param y tensor of one element, unless `grad_outputs` is given
---@param inputs tensor|tensor[]
---@param options? {grad_outputs?: tensor, retain_graph?: boolean, allow_unused?: boolean} what flows into y; keep the graph for another pass; false for inputs that y does not depend on
---@return tensor[]
function autograd.grad(y, inputs, options) end

return autograd
