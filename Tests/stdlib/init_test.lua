-- Starting values: the distributions of nn.init.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local nn, tensor = require "nn", require "tensor"
local init = nn.init

-- Kolmogorov–Smirnov: √n sup |F_n − F| is above 1.95 once in a thousand.
local function distance(t, F)
  local list = t:flatten():sort():totable()
  local n, worst = #list, 0
  for i, v in ipairs(list) do worst = math.max(worst, math.abs(F(v) - (i - 1) / n), math.abs(i / n - F(v))) end
  return math.sqrt(n) * worst
end
local function uniform(a, b) return function(v) return math.min(math.max((v - a) / (b - a), 0), 1) end end
local function normal(mean, deviation)
  return function(v) return 0.5 * (1 + tensor(((v - mean) / deviation) / math.sqrt(2)):erf():item()) end
end

tensor.manual_seed(11)
local function weight(...) return nn.Parameter(tensor.zeros(...)) end
local matrix, filters = { 60, 100 }, { 16, 8, 5, 5 }
local cases = {
  { "uniform_", matrix, {}, uniform(0, 1) }, { "uniform_", matrix, { -2, 3 }, uniform(-2, 3) }, { "uniform_", matrix, { { a = 1, b = 2 } }, uniform(1, 2) },
  { "normal_", matrix, {}, normal(0, 1) }, { "normal_", matrix, { 3, 0.5 }, normal(3, 0.5) }, { "normal_", matrix, { { std = 0.1 } }, normal(0, 0.1) },
  { "xavier_uniform_", matrix, {}, uniform(-math.sqrt(6 / 160), math.sqrt(6 / 160)) },
  { "xavier_uniform_", filters, { 2 }, uniform(-2 * math.sqrt(6 / 600), 2 * math.sqrt(6 / 600)) },
  { "xavier_normal_", matrix, { { gain = 5 / 3 } }, normal(0, 5 / 3 * math.sqrt(2 / 160)) },
  { "kaiming_uniform_", matrix, {}, uniform(-math.sqrt(6 / 100), math.sqrt(6 / 100)) },
  { "kaiming_uniform_", filters, { math.sqrt(5) }, uniform(-1 / math.sqrt(200), 1 / math.sqrt(200)) },
  { "kaiming_normal_", matrix, { { mode = "fan_out", nonlinearity = "relu" } }, normal(0, math.sqrt(2 / 60)) },
  { "kaiming_normal_", filters, { 0, "fan_in", "tanh" }, normal(0, 5 / 3 / math.sqrt(200)) },
}
for _, case in ipairs(cases) do
  local name, shape, arguments, F = table.unpack(case)
  local t = weight(shape)
  check(init[name](t, table.unpack(arguments)) == t, name .. " gives the tensor back")
  local d = distance(t:detach(), F)
  check(d < 1.95, ("%s: Kolmogorov–Smirnov distance %g"):format(name, d))
end

local t = weight(3, 2)
equal(init.ones_(t):totable(), { { 1.0, 1.0 }, { 1.0, 1.0 }, { 1.0, 1.0 } })
equal(init.zeros_(t):totable(), { { 0.0, 0.0 }, { 0.0, 0.0 }, { 0.0, 0.0 } })
equal(init.constant_(t, 0.25):totable()[3], { 0.25, 0.25 })
check(t:is_leaf() and t:requires_grad() and t.grad == nil, "filling is not recorded")

for _, shape in ipairs { { 6, 40 }, { 40, 6 }, { 7, 7 }, { 4, 2, 3, 3 } } do
  local w = init.orthogonal_(nn.Parameter(tensor.zeros(shape, { dtype = "float64" })), 2):detach()
  w = w:reshape(shape[1], w:numel() // shape[1])
  if w.shape[1] > w.shape[2] then w = w:t() end
  near((w:matmul(w:t()) - tensor.eye(w.shape[1], { dtype = "float64" }) * 4):abs():max():item(), 0, 1e-12, "orthogonal_")
end

-- In place: the layer's own weight; the seed decides.
local layer = nn.Linear(20, 10)
tensor.manual_seed(3)
init.xavier_normal_(layer.weight)
local first = layer.weight:totable()
tensor.manual_seed(3)
init.xavier_normal_(layer.weight)
equal(layer.weight:totable(), first)
local model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2)))
model:apply(function(part)
  if part.__name == "nn.Linear" then
    init.constant_(part.weight, 0.5)
    init.zeros_(part.bias)
  end
end)
equal(model(tensor { { 1, 2, 3 } }):totable(), { { 6.0, 6.0 } })

equal(init.calculate_gain("linear"), 1)
near(init.calculate_gain("relu"), math.sqrt(2), 1e-15)
near(init.calculate_gain("leaky_relu", 0.2), math.sqrt(2 / 1.04), 1e-15)
equal(init.calculate_gain("selu"), 0.75)

raises("uniform_: tensor: expected a tensor, got nil", init.uniform_)
raises("normal_: tensor: expected a floating-point tensor, got int64", init.normal_, tensor.arange(1, 3))
raises("normal_: std: expected a number of at least 0, got -1", init.normal_, t, 0, -1)
raises("uniform_: expected a <= b, got 2 and 1", init.uniform_, t, 2, 1)
raises("uniform_: a: expected a number, got nan", init.uniform_, t, 0 / 0)
raises("uniform_: expected at most 2 arguments after the tensor, got 3", init.uniform_, t, 1, 2, 3)
raises('normal_: unknown option "sdt"; did you mean "std"?', init.normal_, t, { sdt = 1 })
raises("constant_: value: expected a number, got nil", init.constant_, t)
raises("xavier_uniform_: tensor: expected at least two dimensions, [out, in, ...], got shape [3]", init.xavier_uniform_, weight(3))
raises("xavier_uniform_: tensor: expected a tensor, got nil", init.xavier_uniform_)
raises('kaiming_normal_: unknown mode "fan_on"; did you mean "fan_in"?', init.kaiming_normal_, t, { mode = "fan_on" })
raises("kaiming_normal_: mode: expected a string, got 3", init.kaiming_normal_, t, { mode = 3 })
raises('calculate_gain: unknown nonlinearity "rleu"; did you mean "relu"?', init.calculate_gain, "rleu")
raises("zeros_: tensor: a tensor of shape [2, 3] shows the same numbers several times; pass a :clone()", init.zeros_, tensor.ones(3):expand(2, 3))

-- What has no rows is refused by the native function too, whoever calls it.
raises("orthogonal_: tensor: expected at least two dimensions, got shape []; a vector has no rows to be orthogonal",
  require("jetlua.core.nn").fill_orthogonal, tensor.zeros(1):sum(), 1.0, "orthogonal_")

testing.finish()
