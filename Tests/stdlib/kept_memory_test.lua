-- Memory that waits for reuse: steps that repeat themselves take nothing new from the system, however large; what nobody uses goes back, at the
-- prompt and, slow, while a script goes on; the caps of strangers' scripts hold for what waits, too.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local system = require "jetlua.core.system"

local slow = os.getenv("JETLUA_SLOW_TESTS") == "1"

local function run(source, ...)
  local path = testing.scratch() .. "/script.lua"
  system.write_file(path, source)
  local command = { system.executable(), ... }
  command[#command + 1] = path
  return system.run(command, { environment = { JETLUA_RUNS = testing.scratch() .. "/runs" } })
end

-- A step of a model with convolutions whose tensors together are larger than what the pool keeps of what was not needed lately.
local outcome = run [[
local models, optim, tensor = require "models", require "optim", require "tensor"
tensor.manual_seed(1)
local model, x = models.VAE {}, tensor.rand(256, 1600)
local adam = optim.Adam(model:parameters())
local function step()
  adam:zero_grad()
  model:loss(x).total:backward()
  adam:step()
end
-- When the collector runs decides how many tensors live at once: it runs behind each step.
for _ = 1, 3 do step() collectgarbage() end
local before = tensor.memory().fresh
for _ = 1, 3 do step() collectgarbage() end
print(tensor.memory().fresh - before)
]]
equal({ outcome.status, outcome.stdout }, { 0, "0\n" }, "blocks that three steps of a convolutional VAE took from the system: " .. outcome.stderr)

-- At the prompt two lines later nothing of a large tensor is left.
local path = testing.scratch() .. "/lines"
system.write_file(path, [[
tensor = require "tensor"
x = tensor.zeros(500, 1000, 1000)
x:free()
print("kept", tensor.memory().kept > 1e9)
print("then", tensor.memory().kept > 1e9)
print("now", tensor.memory().kept < 1e8)
]])
outcome = system.run { "sh", "-c", '"$0" -i < "$1"', system.executable(), path }
for _, line in ipairs { "kept\ttrue", "now\ttrue" } do check(outcome.stdout:find(line, 1, true), outcome.stdout .. outcome.stderr) end

-- 200 MB that were freed do not count twice against a cap of 300 MB.
outcome = run([[
local tensor = require "tensor"
local x = tensor.zeros(200, 1000, 250)
x:free()
local kept = tensor.memory().kept
local text = ("x"):rep(60 * 1000 * 1000)
print(kept <= 75e6, #text)
]], "--restricted", "--memory", "0.3")
equal({ outcome.status, outcome.stdout }, { 0, "true\t60000000\n" }, outcome.stderr)

if slow then
  outcome = run [[
local tensor, system = require "tensor", require "jetlua.core.system"
tensor.zeros(300, 1000, 1000):free()
local start = system.monotonic()
local small
repeat
  for _ = 1, 100 do small = tensor.ones(100) + 1 end
until tensor.memory().kept < 1e7 or system.monotonic() > start + 120
print(tensor.memory().kept < 1e7)
]]
  equal({ outcome.status, outcome.stdout }, { 0, "true\n" }, outcome.stderr)
else
  testing.skip("that memory goes back while a script goes on (slow)")
end

testing.finish()
