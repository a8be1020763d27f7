local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises
local autograd, tensor = require "autograd", require "tensor"

tensor.manual_seed(3)
local x, w = tensor.randn(3, 4), tensor.randn(4, 2)
equal(autograd.check(function(a, b) return a:matmul(b):tanh() end, { x, w }), true)
equal(autograd.check(function(a) return (a * a):exp():sum() end, { x }), true)
equal(autograd.check(function(a) return a:exp() end, x), true, "one tensor needs no list")
equal(autograd.check(function(a, b) return a:sum() end, { x, w }), true, "an input without influence")
equal(autograd.check(function(a) return a:detach() * 0 end, { x }), true, "a constant")
equal(autograd.check(function(a) return a:abs() end, { tensor { -0.5, 2 } }), true)
equal(autograd.check(function(a) return a ^ 3 end, { tensor { 1000.0, -2000.0 } }), true, "large values")
equal(x:requires_grad(), x:requires_grad(), "inputs are left alone")
equal(autograd.check(function() return tensor.zeros(0) end, { tensor.zeros(0, 2) }), true, "nothing to check")

-- A gradient that is wrong: part of the dependence is hidden from the tape.
local function hides(a) return a * a:detach() end
raises("check: inputs[1][2]: backward gives", autograd.check, hides, { tensor { 0.1, 3, -0.2 } })
raises("central differences give", autograd.check, hides, { tensor { 1, 3, -2 } })
raises("check: inputs[2][2, 1]: backward gives", autograd.check, function(_, a) return a * a:detach() end, { x, tensor { { 0.1 }, { 7 } } })
raises("check: inputs[1]: backward gives", autograd.check, hides, { tensor(2.0) })
raises("check: inputs[1][1]: backward gives", autograd.check, function(a) return a:detach() end, { tensor { 1 } })
raises("check: inputs[1][1]: backward gives", autograd.check, function(a) return a:sqrt() end, { tensor { 0 } })
raises("fn gives different values for the same inputs", autograd.check, function(a) return a + tensor.randn(4) end, { x })
raises("autograd_test.lua", autograd.check, function() error("inside") end, { x })
raises("check: fn: expected a function, got 3", autograd.check, 3, { x })
raises("check: inputs: expected tensors", autograd.check, hides, {})
raises("inputs[1]: expected a floating-point tensor, got int64", autograd.check, hides, { tensor({ 1 }, { dtype = "int64" }) })
raises('unknown option "epss"; did you mean "eps"?', autograd.check, hides, { x }, { epss = 1 })
raises("fn's result: expected a tensor", autograd.check, function() return 3 end, { x })

-- Rules written in Lua.
local Cube = autograd.Function {
  name = "Cube",
  forward = function(ctx, a, factor)
    ctx:save_for_backward(a)
    ctx.factor = factor
    return a * a * a * factor
  end,
  backward = function(ctx, g)
    local a = ctx.saved_tensors[1]
    check(not g:requires_grad() and not a:requires_grad(), "backward records nothing")
    return g * a * a * (3 * ctx.factor)
  end,
}
local p = tensor({ 1, 2, 3 }, { dtype = "float64" }):requires_grad(true)
local y = Cube(p, 2)
equal({ y:totable(), y:requires_grad(), y:is_leaf() }, { { 2.0, 16.0, 54.0 }, true, false })
y:sum():backward()
equal(p.grad:totable(), { 6.0, 24.0, 54.0 })
equal(tostring(Cube), "autograd.Function(Cube)")
equal(autograd.check(function(a) return Cube(a, 2):exp() end, { tensor { 0.1, -0.3 } }), true)
equal(autograd.check(function(a) return Cube.apply(a:t(), 1) end, { x }), true, "PyTorch's way to call, a view")
raises("inputs[1][1]: backward gives", autograd.check, autograd.Function {
  forward = function(_, a) return a * a end, backward = function(_, g) return g end,
}, { tensor { 3.0 } })
local z = Cube(p, 1):sum()
collectgarbage()
collectgarbage()
equal(autograd.grad(z, { p })[1]:totable(), { 3.0, 12.0, 27.0 }, "the rule lives as long as what was computed from its result")

-- Without gradients nothing is kept; whole numbers and other values pass through.
check(not Cube(p:detach(), 2):requires_grad() and not tensor.no_grad(Cube, p, 2):requires_grad())
local Both = autograd.Function {
  name = "Both",
  forward = function(ctx, a, b)
    ctx.needs = ctx.needs_input_grad
    return a * b, "text", a + b, a:gt(b)
  end,
  backward = function(ctx, g, h, ...)
    check(select("#", ...) == 1 and (...) == nil, "a result of bools has no gradient")
    return ctx.needs[1] and g * 5 + h or nil, ctx.needs[2] and g * 2 + h or nil
  end,
}
local a, b = tensor { 2.0 }, tensor({ 5.0 }):requires_grad(true)
local product, text, sum, larger = Both(a, b)
equal({ product:item(), text, sum:item(), larger:item(), larger:requires_grad() }, { 10.0, "text", 7.0, false, false })
product:backward(nil, { retain_graph = true })
equal({ b.grad:item(), a.grad }, { 2.0, nil }, "a result that is not used gets zeros")
sum:backward()
equal(b.grad:item(), 3.0)
raises("Both: this graph was used by an earlier backward", function() product:backward() end)

-- Every way to be wrong says so, with the function's name and the script's line.
local function wrong(backward, forward)
  local f = autograd.Function { name = "Wrong", forward = forward or function(_, v) return v * 2 end, backward = backward }
  return function() f(p, 7):sum():backward() end
end
raises("autograd_test.lua", wrong(function() return tensor.zeros(7) end))
raises("Wrong: backward: gradient 1: expected the shape [3] of argument 1, got [7]", wrong(function() return tensor.zeros(7) end))
raises("gradient 2: argument 2 of forward is no tensor; return nil for it", wrong(function(_, g) return g, g end))
raises("gradient 3: expected at most 2 gradients, one for each argument of forward, got more", wrong(function(_, g) return g, nil, g end))
raises("gradient 1: expected a tensor or nil, got 3", wrong(function() return 3 end))
raises("gradient 1: expected a floating-point tensor, got int64", wrong(function() return tensor.arange(3) end))
raises("attempt to yield across a C-call boundary (a function called by backward cannot yield", coroutine.wrap(function() wrong(coroutine.yield)() end))
raises("attempt to yield across a C-call boundary", coroutine.wrap(function() wrong(print, coroutine.yield)() end))
raises("Wrong: forward: expected at least one tensor as result, got none", wrong(print, function() return 3 end))
raises("Wrong: a tensor of shape [3] that its gradient needs was changed in place", function()
  local q = p * 1
  local f = autograd.Function { name = "Wrong", forward = function(ctx, v) ctx:save_for_backward(v) return v * v end, backward = print }
  local r = f(q)
  q:add_(1)
  r:sum():backward()
end)
raises("backward: called from a gradient rule through the graph that the rule belongs to", function()
  local loss
  local f = autograd.Function { forward = function(_, v) return v * 2 end, backward = function(_, g) loss:backward() return g end }
  loss = f(p * 3):sum()
  loss:backward()
end)
local object = setmetatable({}, { __tostring = function() return "an object" end })
local ok, raised = pcall(wrong(function() error(object) end))
check(not ok and raised == object, "errors keep their identity")
check((p * 2):requires_grad(), "an error inside forward or backward leaves recording on")
p.grad = nil
raises("Wrong", wrong(function() error("Wrong") end))
equal(p.grad, nil, "a pass that failed leaves nothing behind")
raises("Function: backward: expected a function, got nil", autograd.Function, { forward = print })
raises('unknown option', autograd.Function, { forward = print, backward = print, bakward = 1 })
raises("save_for_backward: argument 1: expected a tensor, got number", autograd.Function { forward = function(ctx) ctx:save_for_backward(3) end, backward = print }, p)

-- A result that is the argument itself has storage of its own.
local Same = autograd.Function { forward = function(_, v) return v end, backward = function(_, g) return g * 10 end }
local q = p * 1
local r = Same(q)
r:add_(1)
equal({ q[1], r[1] }, { 1.0, 2.0 })

-- Cycles from a context to the results are collected; what is changed in place holds on to the rule too.
local live = require("jetlua.core.host").live
local Keeps = autograd.Function { forward = function(ctx, v) ctx.result = v * 2 return ctx.result end, backward = function(_, g) return g * 2 end }
local function cycles()
  for k = 1, 200 do
    local v = Keeps(p)
    local w = tensor.cat({ v, Keeps(v) }):sum()
    local total = tensor.zeros(1, { dtype = "float64" })
    total:add_(w)
    if k % 2 == 0 then total:backward() end
  end
  for _ = 1, 3 do collectgarbage() end
  return (live())
end
local before = cycles()
equal(cycles(), before, "no object is left behind")
p.grad = nil
local total = tensor.zeros(3, { dtype = "float64" })
total:add_(Keeps(p))
collectgarbage()
collectgarbage()
total:sum():backward()
equal(p.grad:totable(), { 2.0, 2.0, 2.0 })
total = tensor.zeros(2, 3, { dtype = "float64" })
total[2] = Keeps(p)
collectgarbage()
collectgarbage()
total:sum():backward()
equal(p.grad:totable(), { 4.0, 4.0, 4.0 })

-- Graphs of all kinds of calls around a rule written in Lua agree with the same graphs of ops, with the collector at work.
local Twice = autograd.Function {
  forward = function(ctx, v) ctx:save_for_backward(v) return v * 2, v * v end,
  backward = function(ctx, g, h) return g * 2 + h * ctx.saved_tensors[1] * 2 end,
}
local function gradient(f, seed)
  math.randomseed(seed)
  local leaf = tensor({ 0.3, -0.2, 0.5 }, { dtype = "float64" }):requires_grad(true)
  local pool = { leaf }
  for _ = 1, 12 do
    local s, t, kind = pool[math.random(#pool)], pool[math.random(#pool)], math.random(8)
    local made, other = f(s)
    if kind == 1 then made = made + other
    elseif kind == 2 then made = other
    elseif kind == 3 then made = tensor.cat({ made, t }):narrow(1, 2, 3)
    elseif kind == 4 then made = tensor.stack({ s, t }):sum(1)
    elseif kind == 5 then made = tensor.zeros(3, { dtype = "float64" }):add_(other)
    elseif kind == 6 then
      made = s * 0.5
      made[2] = other:sum()
    elseif kind == 7 then made = tensor.where(s:gt(0), made, t) end
    pool[math.random(#pool + 1)] = made:tanh()
  end
  local whole = leaf
  for k = 1, #pool do whole = whole + pool[k] end
  pool = nil
  if f == Twice then
    collectgarbage()
    collectgarbage()
  end
  whole:sum():backward()
  return leaf.grad
end
for seed = 1, 40 do
  local difference = (gradient(Twice, seed) - gradient(function(v) return v * 2, v * v end, seed)):abs():max():item()
  check(difference < 1e-12, difference)
end

-- grad: what y does not depend on, weights of y's elements, a second use of the graph.
local c, d = tensor({ 1.0, 2.0 }):requires_grad(true), tensor({ 1.0 }):requires_grad(true)
local e = c * c
equal(autograd.grad(e, { c }, { grad_outputs = tensor { 1, 10 }, retain_graph = true })[1]:totable(), { 2.0, 40.0 })
equal(autograd.grad(e:sum(), c)[1]:totable(), { 2.0, 4.0 })
equal(autograd.grad((c * c):sum(), { c, d }, { allow_unused = true })[2], false)
raises("grad: inputs[2]: y does not depend on this tensor", function() autograd.grad((c * c):sum(), { c, d }) end)
raises("gradients of gradients are not supported", function() autograd.grad((c * c):sum(), { c }, { create_graph = true }) end)
raises("grad: inputs[1]: this tensor does not require a gradient", function() autograd.grad((c * c):sum(), { tensor { 1 } }) end)
equal(c.grad, nil)

-- A graph of a million ops is freed without deep recursion.
local chain = c
for _ = 1, 1000000 do chain = chain + 1 end
chain = nil
collectgarbage()
local closed = c * 2
closed:free()
raises("tensor is closed", function() closed:backward() end)

-- The shares of large float32 numbers in their logsumexp are those of the softmax, which float64 knows.
local large = (tensor.rand(3, 17) * 400 + 500):requires_grad(true)
large:logsumexp(2):sum():backward()
local shares = large:detach():to("float64"):softmax(2)
check(((large.grad:to("float64") - shares):abs() / (shares + 1e-30)):max():item() < 2e-6, "gradient of logsumexp of large numbers")

testing.finish()
