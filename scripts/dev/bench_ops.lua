-- Nanoseconds per call of ops on tensors of one size; prints one line of JSON. `scripts/dev/bench ops` runs this beside PyTorch.

local autograd, nn, json, options, tensor = require "autograd", require "nn", require "json", require "options", require "tensor"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "elements", 100, "numbers in the tensors", min = 1 },
  { "seconds", 0.02, "how long each is measured", min = 0 },
}

local results = {}

--- Nanoseconds of a call: the fastest of eleven runs of as many calls as fit into a share of the time.
local function measure(name, body)
  local calls = 1
  local function run()
    local before = monotonic()
    for _ = 1, calls do body() end
    return monotonic() - before
  end
  local elapsed = run()
  while elapsed < o.seconds / 11 and calls < 1 << 24 do
    calls = math.max(calls * 2, math.min(calls * 100, math.floor(o.seconds / 11 / math.max(elapsed, 1e-9) * calls)))
    elapsed = run()
  end
  for _ = 1, 11 do elapsed = math.min(elapsed, run()) end
  results[name] = elapsed / calls * 1e9
end

tensor.manual_seed(1)
local n = o.elements
local side = math.floor(n ^ 0.5 + 0.5)
local x, y = tensor.rand(n) + 0.5, tensor.rand(n) + 0.5
local signed = tensor.randn(n)
local m, k = tensor.randn(side, side), tensor.randn(side, side)
local xd, yd = x:to("float64"), y:to("float64")
local xi, yi = tensor.randint(1, 99, n), tensor.randint(1, 99, n)
local mask = signed:gt(0)
local positions, places = tensor.randint(1, side, side), tensor.randint(1, side, side, side)
local few = math.min(5, side)
local weight, bias = tensor.rand(side), tensor.rand(side)
local target = y:clone()
local own = x:clone()

local forward = {
  { "x + y", function() return x + y end },
  { "x * 2", function() return x * 2 end },
  { "x / y", function() return x / y end },
  { "m + row", function() return m + weight end },
  { "x + y, float64", function() return xd + yd end },
  { "x + y, int64", function() return xi + yi end },
  { "maximum", function() return x:maximum(y) end },
  { "pow 3", function() return x ^ 3 end },
  { "exp", function() return x:exp() end },
  { "exp, float64", function() return xd:exp() end },
  { "log", function() return x:log() end },
  { "sqrt", function() return x:sqrt() end },
  { "sin", function() return x:sin() end },
  { "tanh", function() return signed:tanh() end },
  { "sigmoid", function() return signed:sigmoid() end },
  { "relu", function() return signed:relu() end },
  { "selu", function() return signed:selu() end },
  { "gelu", function() return signed:gelu() end },
  { "clamp", function() return signed:clamp(-1, 1) end },
  { "x < y", function() return x:lt(y) end },
  { "where", function() return tensor.where(mask, x, y) end },
  { "add_", function() return own:add_(y) end },
  { "clone", function() return x:clone() end },
  { "to float64", function() return x:to("float64") end },
  { "zeros", function() return tensor.zeros(n) end },
  { "transpose, contiguous", function() return m:t():contiguous() end },
  { "reshape", function() return x:reshape(side, side) end },
  { "select", function() return m:select(1, 1) end },
  { "cat", function() return tensor.cat({ x, y }, 1) end },
  { "index_select", function() return m:index_select(1, positions) end },
  { "gather", function() return m:gather(2, places) end },
  { "sum", function() return x:sum() end },
  { "sum, columns", function() return m:sum(1) end },
  { "mean, rows", function() return m:mean(2) end },
  { "var, rows", function() return m:var(2) end },
  { "norm", function() return x:norm() end },
  { "max, rows", function() return m:max(2) end },
  { "argmax", function() return x:argmax() end },
  { "cumsum, columns", function() return m:cumsum(1) end },
  { "softmax", function() return m:softmax(2) end },
  { "logsumexp", function() return m:logsumexp(2) end },
  { "sort", function() return m:sort(2) end },
  { "topk 5", function() return m:topk(few, 2) end },
  { "matmul", function() return m:matmul(k) end },
  { "layer_norm", function() return nn.functional.layer_norm(m, { side }, weight, bias) end },
  { "mse_loss", function() return nn.mse_loss(x, target) end },
}
tensor.no_grad(function()
  for _, case in ipairs(forward) do measure(case[1], case[2]) end
end)

local function leaf(t) return t:clone():requires_grad(true) end
local a, b, p, q = leaf(signed), leaf(y), leaf(m), leaf(k)
local ones, square, line = tensor.ones(n), tensor.ones(side, side), tensor.ones(side)
local number = tensor.full({}, 1)
local backward = {
  { "x * y", { a, b }, ones, function() return a * b end },
  { "exp", { a }, ones, function() return a:exp() end },
  { "tanh", { a }, ones, function() return a:tanh() end },
  { "selu", { a }, ones, function() return a:selu() end },
  { "sum", { a }, number, function() return a:sum() end },
  { "mean, rows", { p }, line, function() return p:mean(2) end },
  { "softmax", { p }, square, function() return p:softmax(2) end },
  { "matmul", { p, q }, square, function() return p:matmul(q) end },
  { "cumsum, columns", { p }, square, function() return p:cumsum(1) end },
  { "mse_loss", { a }, number, function() return nn.mse_loss(a, target) end },
}
for _, case in ipairs(backward) do
  local _, inputs, gradient, f = table.unpack(case)
  measure(case[1] .. " and gradient", function() return autograd.grad(f(), inputs, { grad_outputs = gradient }) end)
end

print((json.encode(results)))
