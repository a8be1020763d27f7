-- Milliseconds of convolutions, pooling and upsampling at the sizes of jet images, forward and backward; prints one line of
-- JSON. `bench convolutions` runs this beside PyTorch.

local autograd, nn = require "autograd", require "nn"
local options, tensor, json = require "options", require "tensor", require "json"
local monotonic = require("jetlua.core.system").monotonic

local o = options {
  { "batch", 100, "images at once", min = 1 },
  { "seconds", 1.0, "how long each is measured", min = 0 },
}

--- The least time of a call in milliseconds after two calls that warm up.
local function milliseconds(body)
  local times = {}
  body()
  body()
  local started = monotonic()
  repeat
    local before = monotonic()
    body()
    times[#times + 1] = (monotonic() - before) * 1e3
  until monotonic() - started > o.seconds and #times >= 5
  table.sort(times)
  return times[1]
end

local results = {}

--- Forward without a graph, then the gradients by all of `inputs` on a graph that is kept.
local function measure(name, inputs, f)
  results[name .. " forward"] = milliseconds(function() tensor.no_grad(f) end)
  local y = f()
  local gradient = tensor.rand_like(y)
  results[name .. " backward"] = milliseconds(function()
    autograd.grad(y, inputs, { grad_outputs = gradient, retain_graph = true })
  end)
end

local function ops()
  for _, shape in ipairs { { 1, 10, 40 }, { 10, 10, 40 }, { 10, 1, 40 }, { 10, 10, 20 }, { 10, 5, 20 }, { 5, 10, 20 } } do
    local inputs, outputs, side = table.unpack(shape)
    local layer = nn.Conv2d(inputs, outputs, 5, { padding = 2 })
    local x = tensor.rand(o.batch, inputs, side, side):requires_grad(true)
    measure(("conv2d %d -> %d, %d x %d"):format(inputs, outputs, side, side), { x, layer.weight, layer.bias }, function() return layer(x) end)
  end
  local layer = nn.ConvTranspose2d(10, 10, 5, { padding = 2 })
  local x = tensor.rand(o.batch, 10, 40, 40):requires_grad(true)
  measure("conv_transpose2d 10 -> 10, 40 x 40", { x, layer.weight, layer.bias }, function() return layer(x) end)
  for _, kernel in ipairs { 3, 5 } do
    for _, channels in ipairs { { 1, 10 }, { 10, 10 }, { 10, 5 } } do
      local inputs, outputs = table.unpack(channels)
      local strided = nn.Conv2d(inputs, outputs, kernel, { padding = kernel // 2, stride = 2 })
      local images = tensor.rand(o.batch, inputs, 40, 40):requires_grad(true)
      measure(
        ("conv2d %d -> %d, 40 x 40, %d x %d stride 2"):format(inputs, outputs, kernel, kernel),
        { images, strided.weight, strided.bias }, function() return strided(images) end)
    end
  end
  local unstrided = nn.ConvTranspose2d(10, 10, 5, { padding = 2, stride = 2, output_padding = 1 })
  local halved = tensor.rand(o.batch, 10, 20, 20):requires_grad(true)
  measure("conv_transpose2d 10 -> 10, 20 x 20, 5 x 5 stride 2", { halved, unstrided.weight, unstrided.bias }, function() return unstrided(halved) end)
  local large = tensor.rand(1, 10, 400, 400):requires_grad(true)
  local wide = nn.Conv2d(10, 10, 5, { padding = 2 })
  measure("conv2d 10 -> 10, one image of 400 x 400", { large, wide.weight, wide.bias }, function() return wide(large) end)
  measure("avg_pool2d 2, 10 x 40 x 40", { x }, function() return nn.functional.avg_pool2d(x, 2) end)
  measure("max_pool2d 2, 10 x 40 x 40", { x }, function() return nn.functional.max_pool2d(x, 2) end)
  local small = tensor.rand(o.batch, 10, 20, 20):requires_grad(true)
  measure("upsample 2, 10 x 20 x 20", { small }, function() return nn.functional.upsample(small, { scale_factor = 2 }) end)
end

tensor.manual_seed(1)
ops()
print((json.encode(results)))
