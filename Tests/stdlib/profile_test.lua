-- `jetlua --profile`: what is counted, where it is put down, and the trace, in processes of their own.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local json = require "json"
local system = require "jetlua.core.system"

local folder = testing.scratch()

local function jetlua(...)
  local result = system.run({ system.executable(), ... }, { directory = folder })
  return result.status, result.stdout, result.stderr
end

local function count(list, fields)
  local found = 0
  for _, event in ipairs(list) do
    local fits = true
    for key, value in pairs(fields) do
      if event[key] ~= value and event.args[key] ~= value then fits = false end
    end
    if fits then found = found + 1 end
  end
  return found
end

-- A module written in Lua with layers in it, trained for three steps.
system.write_file(folder .. "/net.lua", [[
local nn, optim, tensor = require "nn", require "optim", require "tensor"
local Net = nn.Module:extend("Net")
function Net:init()
  self.first, self.second = nn.Linear(8, 4), nn.Linear(4, 1)
end
function Net:forward(x)
  return self.second(
    self.first(x):relu())
end
local net = Net()
local adam = optim.Adam(net:parameters())
for _ = 1, 3 do
  adam:zero_grad()
  local loss = nn.mse_loss(net(tensor.ones(16, 8)), tensor.zeros(16, 1))
  loss:backward()
  adam:step()
end
print("done")
]])
local status, output, report = jetlua("--profile", "net.lua")
equal({ status, output }, { 0, "done\n" }, "stdout is the script's")
check(report:find("^\nprofile: %d+%.%d%d%d s, of them %d+%.%d %% in Lua itself"), report)
check(report:find("op or function ()", 1, true) and report:find("linear, gradient +6 "), report)
check(report:find("\nstep %(%) +3 "), report)
check(report:find("Net/nn.Linear(8 -> 4)", 1, true), report)
check(report:find("net.lua:7", 1, true) and report:find("net.lua:8", 1, true), report)
check(report:find("profile: net.trace.json holds the single intervals;", 1, true), report)

local events = json.decode(system.read_file(folder .. "/net.trace.json")).traceEvents
equal(count(events, { cat = "op", name = "linear", layer = "Net/nn.Linear(8 -> 4)", line = "net.lua:8" }), 3, "first layer")
equal(count(events, { cat = "op", name = "linear", layer = "Net/nn.Linear(4 -> 1)", line = "net.lua:7" }), 3, "second layer")
equal(count(events, { cat = "gradient", name = "linear", layer = "Net/nn.Linear(8 -> 4)", line = "net.lua:8" }), 3, "gradients have the place of their op")
equal(count(events, { cat = "op", name = "relu", layer = "Net" }), 3)
equal(count(events, { cat = "layer", name = "Net" }), 3)
equal(count(events, { cat = "call", name = "step", line = "net.lua:16" }), 3)
-- Every interval lies inside the ones that were open when it began: that is what the programs that draw it need.
local open = {}
for _, event in ipairs(events) do
  while #open > 0 and event.ts >= open[#open].ts + open[#open].dur - 0.0005 do open[#open] = nil end
  local around = open[#open]
  check(not around or event.ts + event.dur <= around.ts + around.dur + 0.002, "nested: " .. event.name)
  open[#open + 1] = event
end

-- Memory: 10 tensors of a megabyte are 10 MB; the multiplication's are its own.
system.write_file(folder .. "/memory.lua", [[
local tensor = require "tensor"
local x = tensor.ones(250, 1000)
for _ = 1, 10 do local y = x * 2 end
]])
status, output, report = jetlua("--profile=p.json", "memory.lua")
equal({ status, output }, { 0, "" })
check(report:find("\nmul +10 +%S+ +%S+ %% +10%.0 MB"), report)
check(system.exists(folder .. "/p.json") and not system.exists(folder .. "/memory.trace.json"), "--profile=FILE")

-- However a script ends, the report comes, and the exit status is the script's.
status, output, report = jetlua("--profile", "-e", "require 'tensor'.ones(3) os.exit(7)")
equal({ status, output }, { 7, "" })
check(report:find("\nones %(%) +1 "), report)
status, output, report = jetlua("--profile", "-e", [[
  local Net = require("nn").Module:extend("Net")
  function Net:forward(x) return x:matmul(x) end
  for _ = 1, 2 do pcall(Net(), require("tensor").ones(2, 3)) end
  error "stop here"
]])
equal(status, 1)
check(report:find("stop here", 1, true) and report:find("\nNet +2 "), "an error closes the layer it passed: " .. report)
check(not report:find("Net/Net", 1, true), report)

-- A trace that cannot be written costs only the trace.
status, output, report = jetlua("--profile=none/there.json", "-e", "print(1)")
equal({ status, output }, { 0, "1\n" })
check(report:find("profile: no trace: .*none/there%.json"), report)

-- Without the option nothing is taken down.
check(#require("jetlua.core.profile").totals() == 0, "off")

testing.finish()
