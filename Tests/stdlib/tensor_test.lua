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

-- Masks cover the leading dimensions, in reading and in writing; positions choose rows.
local cube = tensor.arange(0, 15):reshape(4, 2, 2)
equal(cube[tensor { { true, false }, { false, false }, { false, true }, { false, false } }]:totable(), { { 0, 1 }, { 10, 11 } })
local square = tensor.zeros(3, 3)
square[tensor { true, false, true }] = tensor { 1, 2, 3 }
equal(square:totable(), { { 1.0, 2.0, 3.0 }, { 0.0, 0.0, 0.0 }, { 1.0, 2.0, 3.0 } })
square[tensor { true, false, true }] = tensor { { 4, 5, 6 }, { 7, 8, 9 } }
equal({ square[1]:totable(), square[3]:totable() }, { { 4.0, 5.0, 6.0 }, { 7.0, 8.0, 9.0 } })
square[square:gt(5)] = tensor { 10, 20, 30, 40 }
equal(square:totable(), { { 4.0, 5.0, 10.0 }, { 0.0, 0.0, 0.0 }, { 20.0, 30.0, 40.0 } })
square[tensor({ 3, -2 }, { dtype = "int64" })] = tensor { { 1 }, { 2 } }
equal(square:totable(), { { 4.0, 5.0, 10.0 }, { 2.0, 2.0, 2.0 }, { 1.0, 1.0, 1.0 } })
raises("does not fit the leading dimensions of shape [4, 2, 2]", function() return cube[tensor { { true } }] end)
raises("does not fit the 3 rows of shape [3, 3]", function() square[tensor { true }] = 1 end)
raises("for the 2 true ones in the mask", function() square[tensor { true, false, true }] = tensor { { 1, 2, 3 } } end)
raises("key: expected a position, a bool mask or int64 positions, got a table", function() return square[{ 1 }] end)
raises("key: expected a position, a bool mask or int64 positions, got true", function() square[true] = 1 end)
raises("shape cannot be set; use :reshape", function() square.shape = { 9 } end)
local whole = tensor({ 1, 2 }, { dtype = "int64" })
whole[1] = math.maxinteger
equal(whole[1], math.maxinteger)
raises("value: expected a whole number for a tensor of int64, got 1.5", function() whole[1] = 1.5 end)
raises("value: expected a whole number for a tensor of int64, got NaN", function() whole:fill_(0 / 0) end)
raises("full: value: expected a whole number for a tensor of int64, got 0.5", tensor.full, { 2 }, 0.5, { dtype = "int64" })
raises("a float32 tensor does not fit into a int64 one", function() whole[1] = tensor(1.0) end)

-- Assignment with gradients takes over the history of where(mask, value, t).
local w = tensor({ 1, 2, 3 }):requires_grad(true)
local h = w * 2
h[2] = 5
h[h:gt(5.5)] = w:sum()
h:sum():backward()
equal({ h:totable(), w.grad:totable() }, { { 2.0, 5.0, 6.0 }, { 3.0, 1.0, 1.0 } })

-- Pieces of given sizes, and gradients through them.
local parts = tensor.arange(1, 6):split({ 1, 3, 2 })
equal({ #parts, parts[2]:totable(), parts[3]:totable() }, { 3, { 2, 3, 4 }, { 5, 6 } })
equal(tensor.zeros(2, 5):split({ 4, 1 }, -1)[2].shape, { 2, 1 })
raises("split: sizes: expected a sum of 6 for dimension 1 of shape [6], got 5", function() return tensor.arange(1, 6):split({ 2, 3 }) end)
raises("split: sizes", function() return tensor.arange(1, 6):split({ math.maxinteger, math.maxinteger, 8 }) end)
w.grad = nil
local first, rest = table.unpack(w:split({ 1, 2 }))
local product = first * rest:sum()
product:backward()
equal(w.grad:totable(), { 5.0, 1.0, 1.0 })

-- Types: what stays whole stays int64, what needs a fraction is float32 or says so, as docs/tensors.md has it.
local i, b = tensor({ 1, 2, 4 }, { dtype = "int64" }), tensor { true, false, true }
local function dtypes(...)
  local names = {}
  for k, x in ipairs { ... } do names[k] = x.dtype end
  return names
end
equal(dtypes(i + 1, i * i, i / 2, i:exp(), i + tensor(0.5), i:sum(), b:sum(), b + b, b * i, -i), { "int64", "int64", "float32", "float32", "float32", "int64", "int64", "bool", "int64", "int64" })
equal(dtypes(tensor.ones(2) + tensor.ones(2, { dtype = "float64" }), tensor.ones(2) + tensor(1, { dtype = "float64" }), tensor.ones(2) * 3, tensor.ones(2):gt(0)), { "float64", "float32", "float32", "bool" })
equal(dtypes(tensor.where(b, 1, 2), tensor.where(b, 1.5, 2), tensor.where(b, i, 0), tensor.arange(3), tensor.arange(0, 1, 0.5), tensor.linspace(0, 1, 3)), { "int64", "float32", "int64", "int64", "float32", "float32" })
raises('convert the tensor with :to("float32")', function() return i + 0.5 end)
raises('convert it with :to("float32")', function() return i:mean() end)
raises("bools have no such result", function() return b - b end)
raises('a float32 result does not fit into a int64 tensor in place', function() i:div_(2) end)
check(tensor({ 1 }):requires_grad(true):to("float64"):requires_grad(), "gradients flow through :to")

-- Numbers without dimensions have one for dimension 1, as in PyTorch.
local n = tensor(3.0)
equal({ n:softmax(1):item(), n:cumsum(-1):item(), n:sum(1):item(), n:sort(1):item(), (n:max(1)):item(), n:logsumexp(1, true).shape }, { 1.0, 3.0, 3.0, 3.0, 3.0, {} })
raises("has no dimension", function() return n:select(1, 1) end)

-- Several dimensions at once; comparisons of whole numbers with fractions.
local boxes = tensor.arange(1, 24):reshape(2, 3, 4)
equal({ boxes:sum({ 1, 3 }):totable(), boxes:sum({ -1, -2 }, true).shape, boxes:to("float32"):mean({ 2, 3 }, { keepdim = true }):reshape(-1):totable() }, { { 68, 100, 132 }, { 2, 1, 1 }, { 6.5, 18.5 } })
raises("sum: d: a dimension is given twice", function() boxes:sum({ 1, -3 }) end)
raises("sum: d: expected a dimension in 1...3 or -3...-1, got 4", function() boxes:sum({ 1, 4 }) end)
equal({ i:gt(1.5):totable(), i:eq(2.0):totable(), (i[tensor { true, false, true }]:lt(3.5)):totable() }, { { false, true, true }, { false, true, false }, { true, false } })

-- string.format takes one element where it wants a number.
equal(("%.3f %d %5.1e|%s"):format(tensor(2.5), tensor({ 7 }, { dtype = "int64" }), tensor { 1000 }, "x"), "2.500 7 1.0e+03|x")
equal(("%s"):format(tensor(3)), "3.\ntensor [] float32")
equal(("%d%%"):format(tensor(3)), "3%")
raises("format: a tensor of shape [2] is no single number", string.format, "%.3f", tensor { 1, 2 })
raises("bad argument #2 to 'format' (number expected, got table)", function() return string.format("%d", {}) end)

-- no_grad passes arguments and results through and is over when its function raises.
equal({ tensor.no_grad(function(...) return ..., 2, 3 end, 1) }, { 1, 2, 3 })
raises("inside", tensor.no_grad, function() error("inside") end)
check((tensor({ 1 }):requires_grad(true) * 2):requires_grad(), "gradients are recorded again")

-- In-place changes: what no rule reads may change, what one reads is caught, a view of the old history is refused.
w.grad = nil
h = w * 3
h:mul_(2):add_(1)
h:sum():backward()
equal(w.grad:totable(), { 6.0, 6.0, 6.0 })
h = w * 3
local view = h:narrow(1, 1, 2)
h:mul_(2)
raises("mul: a view of shape [2] was taken before its tensor of shape [3] was changed in place; take the view again", function() return view * 2 end)
raises("backward: a view of shape", function() view:backward(tensor.ones(2)) end)
w.grad = nil
h:narrow(1, 1, 2):sum():backward()
equal(w.grad:totable(), { 6.0, 6.0, 0.0 })
h = w:exp()
h:zero_()
raises("does not depend on one that requires a gradient", function() h:sum():backward() end)
h = w:exp()
h:add_(1)
raises("backward: exp: a tensor of shape [3] that its gradient needs was changed in place", function() h:sum():backward() end)

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
