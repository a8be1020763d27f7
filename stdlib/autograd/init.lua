--- Gradients: `y:backward()` fills `x.grad`; here are the functions beside it.

local core = require "jetlua.core.autograd"

local autograd = {}

--- The gradients of `y` with respect to tensors, as a list, without touching their `grad`.
---
--- `grad_outputs` is the gradient by y where y has several elements; with `retain_graph` the graph may be used again; a tensor that
--- y does not depend on raises, or gives false with `allow_unused`. Gradients of gradients (`create_graph`) are not supported.
---@param y userdata
---@param inputs userdata[]
---@param options? {grad_outputs?: userdata, retain_graph?: boolean, allow_unused?: boolean}
---@return userdata[]
autograd.grad = core.grad

--- Whether the gradients of `fn(x, …)` are those of central differences in float64: true, or an error that names the worst element.
---@param fn function
---@param inputs userdata[]
---@param options? {eps?: number, tolerance?: number}
---@return true
autograd.check = core.check

--- Calls `body(…)` and returns its results; an op inside whose result is not finite though its arguments are raises, and so does one
--- whose gradients are not finite though those that came to it are. It finds where a NaN comes from; every number is looked at.
---
---     autograd.detect_anomaly(function() return tensor{0, 1}:log() end) --> error: …log: 1 of 2 numbers of its result [2] are infinite…
---@param body fun(...): any
---@param ... any
---@return any ...
autograd.detect_anomaly = core.detect_anomaly

autograd.Function = require "jetlua.autograd.Function"

return autograd
