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

testing.finish()
