-- Nanoseconds per call of accessors and small tensor ops, each the least of several rounds; prints a Markdown table.
-- Processor time, so that other programs disturb little; the loop's own cost, measured with an empty body, is taken off.
--   jetlua scripts/dev/bench_calls.lua

local tensor = require "tensor"

local rounds, calls = 15, 20000

local function nanoseconds(body)
  local best = math.huge
  for _ = 1, rounds do
    local started = os.clock()
    body(calls)
    best = math.min(best, (os.clock() - started) / calls * 1e9)
  end
  return best
end

local loop = nanoseconds(function(n) for _ = 1, n do end end)

local one, hundred, other = tensor.rand(1), tensor.rand(100), tensor.rand(100)
local small, matrix = tensor.rand(10, 10), tensor.rand(10, 10)
local max = math.max

local measured = {
  { "math.max(1, 2), for comparison", function(n) for _ = 1, n do max(1, 2) end end },
  { "x:dim()", function(n) for _ = 1, n do hundred:dim() end end },
  { "x:numel()", function(n) for _ = 1, n do hundred:numel() end end },
  { "x[7]", function(n) for _ = 1, n do local _ = hundred[7] end end },
  { "x.dtype", function(n) for _ = 1, n do local _ = hundred.dtype end end },
  { "x:item()", function(n) for _ = 1, n do one:item() end end },
  { "x + y, 1 element", function(n) for _ = 1, n do local _ = one + one end end },
  { "x + y, 100 elements", function(n) for _ = 1, n do local _ = hundred + other end end },
  { "x * 2, 100 elements", function(n) for _ = 1, n do local _ = hundred * 2 end end },
  { "x:exp(), 100 elements", function(n) for _ = 1, n do hundred:exp() end end },
  { "x:sum(), 100 elements", function(n) for _ = 1, n do hundred:sum() end end },
  { "x:narrow(1, 3, 10)", function(n) for _ = 1, n do hundred:narrow(1, 3, 10) end end },
  { "x:matmul(y), 10 x 10", function(n) for _ = 1, n do small:matmul(matrix) end end },
}

print("| call | ns |")
print("|---|---:|")
for _, entry in ipairs(measured) do print(("| `%s` | %.0f |"):format(entry[1], nanoseconds(entry[2]) - loop)) end
