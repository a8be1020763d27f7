-- Matrix product (G flops a second), copy (GB read and written a second) and exp (G numbers a second) by jetlua's own loops, the fastest call of
-- each; prints one line of JSON. `bench limits` sets them beside the machine's.

local json, options, tensor = require "json", require "options", require "tensor"
local monotonic = require("jetlua.core.system").monotonic

local o = options { { "seconds", 1.0, "how long each is measured", min = 0 } }

local function fastest(body)
  body()
  local best, started = math.huge, monotonic()
  repeat
    local before = monotonic()
    body()
    best = math.min(best, monotonic() - before)
  until monotonic() - started > o.seconds
  return best * 1e9
end

local results = {}
for _, n in ipairs { 256, 2048 } do
  local a, b = tensor.rand(n, n), tensor.rand(n, n)
  results["gemm_" .. n] = 2 * n ^ 3 / fastest(function() return a:matmul(b) end)
end
for _, case in ipairs { { "copy_cache", 1 << 18 }, { "copy_memory", 1 << 26 } } do
  local source, target = tensor.rand(case[2]), tensor.rand(case[2])
  results[case[1]] = 8 * case[2] / fastest(function() target:copy_(source) end)
end
local x = tensor.rand(1 << 16)
results.exp = (1 << 16) / fastest(function() return x:exp() end)
print((json.encode(results)))
