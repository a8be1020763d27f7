local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local nn, tensor = require "nn", require "tensor"
local F = nn.functional

local function names_of(named)
  local names = {}
  for name in named do names[#names + 1] = name end
  return table.concat(names, " ")
end

local function largest(t) return t:abs():max():item() end

-- Every norm prints what made it and says what its state is.
equal(tostring(nn.BatchNorm1d(3)), "nn.BatchNorm1d(3, eps = 1e-05, momentum = 0.1)")
equal(tostring(nn.BatchNorm2d(3, { eps = 0.5, momentum = 0.25, affine = false, track_running_stats = false })),
  "nn.BatchNorm2d(3, eps = 0.5, momentum = 0.25, affine = false, track_running_stats = false)")
equal(tostring(nn.LayerNorm(4)), "nn.LayerNorm(4, eps = 1e-05)")
equal(tostring(nn.LayerNorm({ 2, 3 }, { bias = false })), "nn.LayerNorm({2, 3}, eps = 1e-05, bias = false)")
equal(tostring(nn.LayerNorm(4, { elementwise_affine = false })), "nn.LayerNorm(4, eps = 1e-05, elementwise_affine = false)")
local bn = nn.BatchNorm1d(2)
equal(names_of(bn:named_parameters()), "weight bias")
equal(names_of(bn:named_buffers()), "running_mean running_var num_batches_tracked")
equal(names_of(nn.LayerNorm(3):named_parameters()), "weight bias")
equal(#nn.LayerNorm(3, { bias = false }):parameters(), 1)
equal(#nn.BatchNorm2d(3, { affine = false }):parameters(), 0)
equal(nn.BatchNorm1d(2, { dtype = "float64" }).weight.dtype, "float64")

-- In training the batch has mean 0 and variance 1 afterwards, and the running statistics follow it.
tensor.manual_seed(4)
local x = tensor.randn(200, 2) * 3 + 5
local y = bn(x)
near(largest(y:mean(1)), 0, 1e-5)
near(largest(y:var(1) - 200 / 199), 0, 1e-4)
near(largest(bn.running_mean - x:mean(1) * 0.1), 0, 1e-5)
near(largest(bn.running_var - (x:var(1) * 0.1 + 0.9)), 0, 1e-4)
equal(bn:state_dict().num_batches_tracked:item(), 1)
equal(bn:state_dict().num_batches_tracked.dtype, "int64")

-- In evaluation they are what is used, and they stay.
bn:eval()
local before = bn.running_mean:totable()
near(largest(bn(x) - (x - bn.running_mean) / (bn.running_var + 1e-5):sqrt()), 0, 1e-5)
equal(bn.running_mean:totable(), before)
equal(bn:state_dict().num_batches_tracked:item(), 1)

-- Those of a layer that was never trained, with the scale of Keras.
local quirk = require("json").decode(require("jetlua.core.system").read_file(testing.folder .. "../Fixtures/vectors.json")).bn_inference_quirk
local keras = nn.BatchNorm1d(2, { eps = 1e-3, dtype = "float64" }):eval()
near(keras(tensor { { 1, -3 } }:to("float64"))[1]:totable()[1], quirk.factor, 1e-15, "bn_inference_quirk")
near(keras(tensor { { 1, -3 } }:to("float64"))[1]:totable()[2], -3 * quirk.factor, 1e-15, "bn_inference_quirk")

-- Without a momentum they are the average over the batches, also when a state is taken up again.
local average = nn.BatchNorm1d(2, { momentum = false })
equal(tostring(average), "nn.BatchNorm1d(2, eps = 1e-05, momentum = false)")
local means, variances = tensor.zeros(2), tensor.zeros(2)
for i = 1, 4 do
  if i == 3 then
    local state = average:state_dict()
    average = nn.BatchNorm1d(2, { momentum = false })
    average:load_state_dict(state)
  end
  local batch = tensor.randn(50 + i, 2) * i + i
  average(batch)
  means, variances = means + batch:mean(1), variances + batch:var(1)
end
near(largest(average.running_mean - means / 4), 0, 1e-5)
near(largest(average.running_var - variances / 4), 0, 1e-4)
equal(average.num_batches_tracked:item(), 4)
average:eval()(x)
equal(average.num_batches_tracked:item(), 4)
raises("BatchNorm1d: momentum: expected a number, got true", nn.BatchNorm1d, 3, { momentum = true })

-- Without running statistics the batch's own are used in both modes.
local own = nn.BatchNorm1d(2, { track_running_stats = false }):eval()
near(largest(own(x):mean(1)), 0, 1e-5)
equal(next(nn.BatchNorm1d(2, { track_running_stats = false, affine = false }):state_dict()), nil)

-- Sequences and images.
equal(nn.BatchNorm1d(3)(tensor.randn(4, 3, 5)).shape, { 4, 3, 5 })
local image = nn.BatchNorm2d(3)(tensor.randn(4, 3, 5, 6))
near(largest(image:permute(2, 1, 3, 4):reshape(3, 120):mean(2)), 0, 1e-5)
local rows = nn.LayerNorm(6)(tensor.randn(5, 6) * 4 - 1)
near(largest(rows:mean(2)), 0, 1e-5)
near(largest(nn.LayerNorm({ 2, 3 })(tensor.randn(4, 2, 3) + 9):reshape(4, 6):mean(2)), 0, 1e-4)

-- The functional forms, in PyTorch's order of arguments.
local w, b = tensor { 2, 3 }, tensor { 1, -1 }
near(largest(F.layer_norm(x, 2, w, b) - (F.layer_norm(x, { 2 }) * w + b)), 0, 1e-5)
near(largest(F.layer_norm(x, 2, { weight = w, bias = b }) - F.layer_norm(x, 2, w, b)), 0, 0)
local mean, variance = tensor.zeros(2), tensor.ones(2)
near(largest(F.batch_norm(x, mean, variance, w, b) - (x * w / math.sqrt(1 + 1e-5) + b)), 0, 1e-4)
equal(mean:totable(), { 0.0, 0.0 }, "evaluation is the default")
F.batch_norm(x, mean, variance, w, b, { training = true, momentum = 1 })
near(largest(mean - x:mean(1)), 0, 1e-5)
near(largest(variance - x:var(1)), 0, 1e-3)
near(largest(F.batch_norm(x, nil, nil, nil, nil, true) - F.batch_norm(x, nil, nil, { training = true })), 0, 0)

-- Trained in a model, saved and loaded.
local Net = nn.Module:extend("Net")
function Net:init() self.body = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.LayerNorm(4)) end
function Net:forward(v) return self.body(v) end
local net = Net()
net(x):square():sum():backward()
check(net.body[2].weight.grad and net.body[4].bias.grad, "gradients reach the norms")
equal(tostring(net), [[
Net: 28 parameters
name    layer                                           shapes                   parameters
-------------------------------------------------------------------------------------------
body    nn.Sequential
body.1  nn.Linear(2 -> 4)                               weight [4, 2], bias [4]          12
body.2  nn.BatchNorm1d(4, eps = 1e-05, momentum = 0.1)  weight [4], bias [4]              8
body.3  nn.ReLU()                                                                         0
body.4  nn.LayerNorm(4, eps = 1e-05)                    weight [4], bias [4]              8]])
local copy = Net()
copy:load_state_dict(net:state_dict()):eval()
equal(copy(x):totable(), net:eval()(x):totable(), "running statistics belong to the state")
equal(net:to("float64")(x:to("float64")).dtype, "float64")

-- Wrong calls.
raises("BatchNorm1d: num_features: expected an integer, got nil", nn.BatchNorm1d)
raises("BatchNorm1d: num_features: expected an integer in 1...2147483647, got 0", nn.BatchNorm1d, 0)
raises('BatchNorm1d: unknown option "afine"; did you mean "affine"?', nn.BatchNorm1d, 3, { afine = true })
raises("BatchNorm1d: eps: expected a number of at least 0, got -1", nn.BatchNorm1d, 3, { eps = -1 })
raises("BatchNorm2d: momentum: expected a number in [0, 1], or false for the average over all batches, got NaN", nn.BatchNorm2d, 3, { momentum = 0 / 0 })
raises("BatchNorm1d: x: expected shape [N, 2] or [N, 2, L], got [3, 4]", nn.BatchNorm1d(2), tensor.ones(3, 4))
raises("BatchNorm2d: x: expected shape [N, 2, H, W], got [3, 2]", nn.BatchNorm2d(2), tensor.ones(3, 2))
raises("batch_norm: x: expected more than 1 value per channel in training, got shape [1, 2]", nn.BatchNorm1d(2), tensor.ones(1, 2))
raises("LayerNorm: normalized_shape: expected 1 to 8 sizes above 0, got {}", nn.LayerNorm, {})
raises("LayerNorm: normalized_shape: expected 1 to 8 sizes above 0, got {2, 0}", nn.LayerNorm, { 2, 0 })
raises('LayerNorm: normalized_shape: expected an integer, got "big"', nn.LayerNorm, "big")
raises("layer_norm: x: expected last dimensions of {3} (normalized_shape), got shape [2, 4]", nn.LayerNorm(3), tensor.ones(2, 4))
raises("layer_norm: weight: expected shape [2] (normalized_shape), got [3]", F.layer_norm, x, 2, tensor.ones(3))
raises("layer_norm: normalized_shape: expected", F.layer_norm, x)
raises("batch_norm: running_mean and running_var: expected both where training is false, got nothing for running_mean", F.batch_norm, x)
raises('batch_norm: unknown option "trainig"; did you mean "training"?', F.batch_norm, x, nil, nil, nil, nil, { trainig = true })

testing.finish()
