-- Tensors and Lua's collector: temporaries do not pile up, running out is an error, the count is exact, graphs come apart.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local system = require "jetlua.core.system"
local tensor = require "tensor"

local slow = os.getenv("JETLUA_SLOW_TESTS") == "1"
local first = 0
while arg[first - 1] do first = first - 1 end
local interpreter = arg[first]

local function run(source, limit)
  local path = testing.scratch() .. "/script.lua"
  system.write_file(path, source)
  if not limit then return system.run { interpreter, path } end
  return system.run { "sh", "-c", 'ulimit -v "$1" && exec "$2" "$3"', "sh", tostring(limit), interpreter, path }
end

-- Promise 18: the peak stays within 64 MB of what lives, whatever passes by.
local rounds = slow and 100000 or 2000
local outcome = run(([[
local tensor, system = require "tensor", require "jetlua.core.system"
for i = 1, %d do local t = tensor.rand(1000, 1000) end
print(system.memory().peak)
]]):format(rounds))
equal(outcome.status, 0, outcome.stderr)
check(tonumber(outcome.stdout) < 64 * 2^20 + 40 * 2^20, ("peak of %s bytes after %d tensors of 4 MB"):format(outcome.stdout, rounds))

-- The same where tensors live through a few collections before they become garbage, as the batches of a training step do.
outcome = run(([[
local tensor, system = require "tensor", require "jetlua.core.system"
local ring = {}
for i = 1, %d do ring[i %% 5] = tensor.zeros(1000, 1000) end
print(system.memory().peak)
]]):format(rounds))
equal(outcome.status, 0, outcome.stderr)
check(tonumber(outcome.stdout) < 20 * 10^6 + 64 * 2^20 + 40 * 2^20, ("peak of %s bytes with five tensors of 4 MB alive"):format(outcome.stdout))

-- The same beside a large Lua heap: at most five times that heap on top.
if slow then
  outcome = run [[
local tensor, system = require "tensor", require "jetlua.core.system"
local heap = {}
for i = 1, 1000000 do heap[i] = { i } end
collectgarbage()
local lua = collectgarbage("count") * 1024
for i = 1, 2000 do local t = tensor.rand(1000, 1000) end
print(lua, system.memory().peak)
]]
  local lua, peak = outcome.stdout:match("(%S+)%s+(%S+)")
  check(tonumber(peak) < 6 * tonumber(lua) + 64 * 2^20, outcome.stdout)
else
  testing.skip("temporaries beside a heap of a million tables (slow)")
end

-- Promise 19: out of memory is an error that names the size, and life goes on.
outcome = run([[
local tensor = require "tensor"
for _, shape in ipairs { { 3e9 }, { 2^40, 2^30 }, { -1 }, { math.maxinteger, 2 } } do print(select(2, pcall(tensor.zeros, shape))) end
print(tensor.ones(3):sum():item())
]], 4000000)
local lines = {}
for line in outcome.stdout:gmatch("[^\n]+") do lines[#lines + 1] = line:gsub("^.-script.lua:%d+: ", "") end
equal(lines, {
  "zeros: not enough memory: 12000000000 bytes asked for",
  "zeros: not enough memory: the size in bytes overflows 64 bits",
  "zeros: shape: expected sizes of at least 0, got -1",
  "zeros: not enough memory: the size in bytes overflows 64 bits",
  "3.0",
}, outcome.stderr)

-- Promise 20: tensor.memory() is the sum over living tensors, to the byte.
collectgarbage()
collectgarbage()
local before = tensor.memory()
tensor.manual_seed(1)
local kept, bytes = {}, 0
math.randomseed(1)
for _ = 1, 10000 do
  local at = math.random(200)
  if kept[at] then
    bytes = bytes - kept[at]:numel() * 4
    if math.random() < 0.5 then kept[at]:free() end
    kept[at] = nil
  else
    kept[at] = tensor.zeros(math.random(0, 50), math.random(1, 20))
    bytes = bytes + kept[at]:numel() * 4
  end
end
collectgarbage()
collectgarbage()
equal(tensor.memory().live - before.live, bytes, "bytes of living tensors")

-- Promise 17: a chain of a million ops is taken apart without recursion.
outcome = run(([[
local tensor = require "tensor"
local x = tensor.ones(1):requires_grad(true)
local y = x
for i = 1, %d do y = y + 1 end
y, x = nil, nil
collectgarbage()
collectgarbage()
print("gone", tensor.memory().tensors)
]]):format(slow and 1000000 or 200000))
equal({ outcome.status, outcome.stdout:match("^gone") }, { 0, "gone" }, outcome.stderr)

-- Promise 12: however often something is freed, it is freed once.
local t = tensor.ones(3)
t:free()
t:free()
testing.raises("tensor is closed", function() return t + 1 end)
do local u <close> = tensor.ones(2) end
local metatable = debug.getmetatable(tensor.ones(1))
local v = tensor.ones(2)
metatable.__gc(v)
metatable.__gc(v)
metatable.__gc(io.stdout)
testing.raises("tensor is closed", function() return v:sum() end)

testing.finish()
