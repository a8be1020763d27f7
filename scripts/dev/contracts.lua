-- Each sample of an op: its value in float64 and float32 against the reference, its views against contiguous copies, its shapes
-- and types against the signature. Where it has a gradient, too: that against central differences, a planted wrong sign that must
-- be seen, float32 against float64, views against copies, and changes in place between forward and backward. Each wrong call: its
-- message.
local ops = require("jetlua.core.documentation").ops()

local total = { samples = 0, gradients = 0, failures = 0, checks = 0 }
print("| op | samples | with gradient | wrong calls | contract tests |\n|---|---:|---:|---:|---:|")
for _, op in ipairs(ops) do
  local smooth = op.no_gradient and 0 or op.smooth_samples
  local checks = 4 * op.samples + 5 * smooth + #op.errors
  print(("| `%s` | %d | %d | %d | %d |"):format(op.name, op.samples, smooth, #op.errors, checks))
  total.samples = total.samples + op.samples
  total.gradients = total.gradients + smooth
  total.failures = total.failures + #op.errors
  total.checks = total.checks + checks
end
print(("| %d ops | %d | %d | %d | %d |"):format(#ops, total.samples, total.gradients, total.failures, total.checks))
