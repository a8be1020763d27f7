-- How long the distance correlation and the energy mover's distance take: jetlua scripts/dev/bench_measures.lua
-- `bench disco` sets the DisCo term beside the form of all pairs in PyTorch.
local metrics, nn, tensor, system = require "metrics", require "nn", require "tensor", require "jetlua.core.system"

local function best(name, repeats, body)
  local least = math.huge
  for _ = 1, repeats do
    local start = system.monotonic()
    body()
    least = math.min(least, (system.monotonic()) - start)
  end
  print(("%-58s %9.2f ms"):format(name, least * 1000))
end

tensor.manual_seed(1)
local x = tensor.randn(100000, { dtype = "float64" })
local y = x * x + tensor.randn(100000, { dtype = "float64" })
best("distance_correlation, 100,000 pairs", 5, function() metrics.distance_correlation(x, y) end)
for _, jets in ipairs { 100, 1024, 20000 } do
  local score, mass = tensor.randn(jets):requires_grad(true), tensor.randn(jets)
  best(("DisCo term with its gradient, %d jets"):format(jets), 20, function()
    nn.distance_correlation(score, mass, { squared = true }):backward()
  end)
end
local function jets(n, particles)
  local pt, place = tensor.rand(n, particles, 1) + 0.05, tensor.randn(n, particles, 2) * 0.2
  return tensor.cat({ (pt ^ -1.5), place }, 3)
end
local a, b = jets(10000, 50), jets(10000, 50)
best("emd, 10,000 pairs of jets of 50 particles", 3, function() metrics.emd(a, b, { R = 2 }) end)
