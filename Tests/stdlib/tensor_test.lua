-- What scripts do with tensors beyond single ops: making, indexing, operators, in-place changes, printing.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises
local tensor = require "tensor"

local t = tensor { { 1, 2, 3 }, { 4, 5, 6 } }
equal({ t.shape, t.dtype, #t, t:dim(), t:numel(), t:size(-1) }, { { 2, 3 }, "float32", 2, 2, 6, 3 })
equal(t:totable(), { { 1.0, 2.0, 3.0 }, { 4.0, 5.0, 6.0 } })
equal({ t[2][3], t[-1][-3], t[1]:totable() }, { 6.0, 4.0, { 1.0, 2.0, 3.0 } })

-- Views share storage, clones do not.
local row, copy = t[1], t:clone()
row[2] = 20
equal({ t[1][2], copy[1][2] }, { 20.0, 2.0 })
t[2] = 7
equal(t[2]:totable(), { 7.0, 7.0, 7.0 })
t[2] = tensor { 4, 5, 6 }
t[1][2] = 2

-- Masks of the tensor's shape choose elements, masks over its rows choose rows.
equal(t[t:gt(4)]:totable(), { 5.0, 6.0 })
equal(t[tensor { false, true }]:totable(), { { 4.0, 5.0, 6.0 } })
equal(t[tensor({ 2, 1, 2 }, { dtype = "int64" })].shape, { 3, 3 })
local masked = t:clone()
masked[masked:lt(3)] = 0
equal(masked:totable(), { { 0.0, 0.0, 3.0 }, { 4.0, 5.0, 6.0 } })
raises("a mask of shape [3] does not fit the 2 rows of shape [2, 3]", function() return t[tensor { true, false, true }] end)
raises("position 3 is outside dimension 1 of shape [2, 3]", function() return t[3] end)
raises("position 0 is outside dimension 1 of shape [2, 3]", function() return t[0] end)

-- Operators, numbers on either side.
equal((1 - t[1]):totable(), { 0.0, -1.0, -2.0 })
equal((2 / tensor { 1, 4 }):totable(), { 2.0, 0.5 })
equal((tensor { 2, 3 } ^ 2):totable(), { 4.0, 9.0 })
equal((-t[1]):totable(), { -1.0, -2.0, -3.0 })
equal((t[1]:gt(1) & ~t[1]:gt(2) | t[1]:eq(1)):totable(), { true, true, false })
check(tensor.ones(1) < 2 and 0 < tensor.ones(1) and tensor.ones(1) <= tensor.ones(1))
raises("compare its elements with :lt", function() return t < t end)
check(t == t and t ~= t:clone(), "== is identity")

-- In place.
local x = tensor.ones(3)
x:add_(2):mul_(tensor { 1, 2, 3 })
equal(x:totable(), { 3.0, 6.0, 9.0 })
x:zero_():fill_(4):copy_(tensor { 1 })
equal(x:totable(), { 1.0, 1.0, 1.0 })
local leaf = tensor.ones(2):requires_grad(true)
raises("do it inside tensor.no_grad", function() leaf:add_(1) end)
tensor.no_grad(function() leaf:add_(1) end)
equal(leaf:totable(), { 2.0, 2.0 })

-- Gradients, twice, and what must be refused.
local y = (leaf * leaf):sum()
y:backward()
equal(leaf.grad:totable(), { 4.0, 4.0 })
raises("used by an earlier backward", function() y:backward() end)
raises("expected a tensor of one element, got shape [2]", function() (leaf * 2):backward() end)
raises("does not depend on one that requires a gradient", function() tensor.ones(1):backward() end)

-- Mistakes in making.
raises("expected 2 elements as in the first row", function() return tensor { { 1, 2 }, { 3 } } end)
local cyclic = {}
cyclic[1] = cyclic
raises("a table that holds itself", function() return tensor(cyclic) end)
raises('did you mean "dtype"?', function() return tensor.zeros(2, { dtyp = "int64" }) end)
raises("expected one of", function() return tensor.zeros(2, { dtype = "float16" }) end)

-- Printing is never a flood.
local big = tostring(tensor.zeros(1000, 1000))
check(#big < 400 and big:find("tensor [1000, 1000] float32", 1, true), big)
check(tostring(tensor { 1, 0 / 0 }):find("NaN 1"), "NaN are counted")
equal(tostring(tensor(3)), "3.\ntensor [] float32")

-- Seeds give the same numbers, whatever the number of threads.
local function draw(threads)
  tensor.threads(threads)
  tensor.manual_seed(5)
  return tensor.randn(300, 300):matmul(tensor.rand(300, 300)):sum(1)
end
local threads = tensor.threads()
check(not draw(1):ne(draw(2)):any():item() and not draw(1):ne(draw(4)):any():item(), "1, 2 and 4 threads agree bitwise")
tensor.threads(threads)

testing.finish()
