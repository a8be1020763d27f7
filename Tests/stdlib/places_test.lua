-- Errors inside a model name the part that made the call and the script's own line.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises
local nn, tensor = require "nn", require "tensor"

local Block = nn.Module:extend("Block")
function Block:init(inputs, outputs) self.weight = nn.Parameter(tensor.ones(inputs, outputs)) end
function Block:forward(x)
  local y = x:matmul(self.weight)
  return y
end

local Net = nn.Module:extend("Net")
function Net:init()
  self.encoder = nn.Sequential(nn.Linear(7, 4), nn.ReLU(), nn.Linear(5, 2))
  self.heads = { nn.Linear(2, 1), Block(3, 2) }
end
function Net:forward(x) return self.heads[1](self.encoder(x)) end
function Net:encode(x) return self.encoder(x) end
function Net:first(x) return self.heads[1](x) end
function Net:second(x)
  local y = self.heads[2](x)
  return y
end

local net = Net()
local x = tensor.ones(2, 7)

local function message_of(fn, ...)
  local _, problem = pcall(fn, ...)
  return tostring(problem)
end

-- The line is the script's innermost one, here that of Net.forward; the path and the parameters of the layer follow.
local message = message_of(net, x)
equal(message:match("places_test%.lua:(%d+): "), tostring(debug.getinfo(Net.forward, "S").linedefined))
equal(message:gsub("^.-:%d+: ", "", 1), "encoder.3 (nn.Linear(5 -> 2)): linear: x: expected a last dimension of 5 for a weight of shape [2, 5], got shape [2, 4]"
  .. "; shapes: input [2, 7] -> encoder.1 [2, 4] -> encoder.2 [2, 4]")

raises("encoder.1 (nn.Linear(7 -> 4)): linear: x: expected a last dimension of 7", net, tensor.ones(2, 6))
raises("encoder.3 (nn.Linear(5 -> 2)): linear: x: expected a last dimension of 5", net.encode, net, x)
raises("heads.1 (nn.Linear(2 -> 1)): linear: x: expected a last dimension of 2", net.first, net, x)
raises("encoder.3 (nn.Linear(5 -> 2)): linear: x: expected a last dimension of 5", net.encoder, x)
raises("encoder.3 (nn.Linear(5 -> 2)): linear: x: expected a last dimension of 5", net.encoder[3], x)
raises("heads.2: matmul: inner sizes differ: [2, 7] x [3, 2] (heads.2.weight [3, 2])", net.second, net, x)
check(message_of(net.second, net, x):find("places_test.lua:9: heads.2: matmul", 1, true), "an op in a module of the script has that line: " .. message_of(net.second, net, x))

-- A method of one's own does not know when it began, but the module that it calls does.
local own = message_of(net.encode, net, x)
equal(own:match("; shapes: (.*)"), "input [2, 7] -> encoder.1 [2, 4] -> encoder.2 [2, 4]")

-- One level more.
local Outer = nn.Module:extend("Outer")
function Outer:init() self.inner = net end
function Outer:forward(v) return self.inner(v) end
raises("inner.encoder.3 (nn.Linear(5 -> 2)): linear: x:", Outer(), x)
raises("1.inner.encoder.3 (nn.Linear(5 -> 2)): linear: x:", nn.Sequential(Outer()), x)

-- The trail begins where the outermost module was called, whatever ran before, and a layer without a name is one too.
local Trail = nn.Module:extend("Trail")
function Trail:init() self.first, self.block, self.last = nn.Linear(7, 6), nn.Sequential(nn.ReLU(), nn.Linear(6, 4)), nn.Linear(3, 1) end
function Trail:forward(v)
  local h = nn.Tanh()(self.first(v))
  local y = self.last(self.block(h):reshape(-1, 2))
  return y
end
for _ = 1, 2 do
  nn.Linear(7, 7)(x)
  local said = message_of(Trail(), x)
  equal(said:match("; shapes: (.*)"), "input [2, 7] -> first [2, 6] -> a layer [2, 6] -> block.1 [2, 6] -> block.2 [2, 4]")
  check(said:find("last (nn.Linear(3 -> 1)): linear: x: expected a last dimension of 3", 1, true), said)
end
local sparse = tensor.sparse_rows(x)
check(message_of(Net(), sparse):find("; shapes: input [2, 7] -> encoder.1 [2, 4]", 1, true), message_of(Net(), sparse))

-- A long one is cut in its middle; what was called far back is not known any more.
local deep = nn.Sequential()
for _ = 1, 20 do deep:append(nn.Linear(7, 7)) end
deep:append(nn.Linear(2, 2))
check(message_of(deep, x):find("; shapes: input [2, 7] -> 1 [2, 7] -> 2 [2, 7] -> 11 more -> 14 [2, 7] -> 15", 1, true), message_of(deep, x))
for _ = 1, 300 do deep:append(nn.ReLU()) end
deep[21] = nn.ReLU()
deep:append(nn.Linear(2, 2))
check(message_of(deep, x):find(" more -> ", 1, true))

-- A model of jetlua's, at its loss.
local models = require "models"
local vae = models.VAE { input = 7, hidden = { 5 }, latent = 1 }
vae.decoder[1] = nn.Linear(2, 5)
local lost = message_of(vae.loss, vae, x)
check(lost:find("decoder.1 (nn.Linear(2 -> 5)): ", 1, true) and lost:find("; shapes: input [2, 7] -> encoder.1 [2, 5] -> ", 1, true), lost)

-- Calls outside any module, and arguments that are no shapes.
check(message_of(nn.Linear(2, 1), x):find("linear: x: expected a last dimension of 2", 1, true))
check(not message_of(nn.Linear(2, 1), x):find("encoder", 1, true))
raises("encoder.1 (nn.Linear(7 -> 4)): forward: x: expected a tensor or sparse rows, got nil", net, nil)
local matmul = message_of(function() return x:matmul(x) end)
equal(matmul:gsub("^.-:%d+: ", "", 1), "matmul: inner sizes differ: [2, 7] x [2, 7]")

-- A layer that is not a part of the model: the module that called it is named.
local Loose = nn.Module:extend("Loose")
function Loose:forward(v)
  local y = nn.Linear(3, 3)(v)
  return y
end
net.heads[2] = Loose()
raises("heads.2: linear: x: expected a last dimension of 3", net.second, net, x)

-- In a coroutine, and with a debug library that a script has spoilt.
local co = coroutine.wrap(function() return pcall(net, x) end)
local _, inside = co()
check(tostring(inside):find("encoder.3 (nn.Linear(5 -> 2)): linear", 1, true), tostring(inside))
local getinfo, getlocal = debug.getinfo, debug.getlocal
debug.getinfo, debug.getlocal = nil, function() error "spoilt" end
local spoilt = message_of(net, x)
debug.getinfo, debug.getlocal = getinfo, getlocal
check(spoilt:find("encoder.3 (nn.Linear(5 -> 2)): linear: x: expected", 1, true), spoilt)

-- The message is raised as it is where looking fails.
local host = require "jetlua.core.host"
raises("(function expected, got nil)", host.on_failure, nil)
host.on_failure(function() error "broken" end)
raises("matmul: inner sizes differ", x.matmul, x, x)
host.on_failure(function() return {} end)
raises("matmul: inner sizes differ", x.matmul, x, x)

testing.finish()
