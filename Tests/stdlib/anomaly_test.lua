-- Where a number that is not finite comes from: the op, the layer and the jets, and the batch computed again.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises
local autograd, jets, json, models, nn, optim = require "autograd", require "jets", require "json", require "models", require "nn", require "optim"
local tensor = require "tensor"
local system = require "jetlua.core.system"

local watch = autograd.detect_anomaly

-- Forward: the first op whose result is not finite though its arguments are.
raises("log: 1 of 2 numbers of its result [2] are infinite, while its arguments are finite: x [2] in 0.0 … 1.0", watch, function() return tensor { 0, 1 }:log() end)
raises("sqrt: 1 of 3 numbers of its result [3] are NaN", watch, function() return tensor { 1, -1, 4 }:sqrt():exp():log() end)
raises("div: 2 of 2 numbers of its result [2] are NaN or infinite", watch, function() return tensor { 0, 1 } / tensor { 0, 0 } end)
equal({ watch(function(a, b) return a, b, nil end, 1, "x") }, { 1, "x" }, "arguments and results pass through")
equal(watch(function() return tensor { 0 / 0, 1 }:exp():sum():item() end), 0 / 0, "numbers that came in so are nobody's fault")
equal(watch(function() return tensor.where(tensor { 1, -1 }:gt(0), 1, -math.huge):exp()[2] end), 0.0, "an infinity that the script gives is meant")
equal(tensor { 0 }:log():item(), -math.huge, "off again after an error")
equal(watch(watch, function() return 1 end), 1)
raises("detect_anomaly: body", watch, 5)

-- Backward: the rule whose gradient is not finite though what flows into it is.
local x = tensor { 0, 4 }:requires_grad(true)
raises("backward: sqrt: 1 of 2 numbers of the gradient of its x [2] are infinite, while the gradient of its result is finite; the values that it kept are [2] in 0.0 … 2.0",
  watch, function() x:sqrt():sum():backward() end)

-- A layer on the way has its path in the message, as in every error.
local net = nn.Sequential(nn.Linear(2, 3, { init = "zeros" }), nn.Sequential(nn.Tanh(), nn.Linear(3, 2, { bias = false })))
tensor.no_grad(function()
  net[1].bias:fill_(5)
  net[2][2].weight:fill_(3e38)
end)
raises("2.2 (nn.Linear(3 -> 2, no bias)): linear: 8 of 8 numbers of its result [4, 2] are infinite, while its arguments are finite: x [4, 3] in 0.99", watch, net, tensor.ones(4, 2))

-- A training whose loss has a logarithm of 0 in one jet.
local folder = testing.scratch()
local Net = nn.Module:extend("Net")
function Net:init() self.body, self.head = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid()), nn.Linear(3, 1) end
function Net:loss(batch, options)
  local h = self.head(self.body(batch))
  local total = (batch:sum(2):log() + h:squeeze(2)):square():mean()
  return { total = total }
end
local rows = tensor.ones(6, 4)
rows[5] = tensor.zeros(4)
local function set_of(x)
  return setmetatable({
    batches = function(_, n)
      local place = 1
      return function()
        if place > x:size(1) then return nil end
        local part = x:narrow(1, place, math.min(n, x:size(1) - place + 1))
        place = place + n
        return setmetatable({ x = part, label = part:select(2, 1) }, { __len = function() return part:size(1) end })
      end
    end,
  }, { __len = function() return x:size(1) end })
end
-- What models.fit asks of a run.
local function run_in(path)
  return {
    path = path, log = function() end, checkpoint = function() return path .. "/last" end,
    file = function(_, name)
      system.make_directory((path .. "/" .. name):match("^(.*)/"))
      return path .. "/" .. name
    end,
  }
end
local kept = run_in(folder .. "/kept")
local model = Net()
local function message_of(...) return tostring(select(2, pcall(...))) end
local said = message_of(models.fit, model, set_of(rows), { epochs = 1, batch = 2, optimizer = optim.SGD(model:parameters(), { lr = 0.1 }), run = kept })
check(said:find("models.fit: epoch 1, batch 3: the loss is inf", 1, true), said)
check(said:find("; first: ", 1, true) and said:find("log: 1 of 2 numbers of its result [2] are infinite", 1, true), said)
local place = kept.path .. "/nan/epoch-1-batch-3"
check(said:find("; the batch is in " .. place .. ", for models.replay", 1, true), said)
local again = models.replay(place, Net())
check(again.problem and said:find(again.problem, 1, true), tostring(again.problem))
equal(again.batch.x:totable(), rows:narrow(1, 5, 2):totable())
equal(again.batch.label:totable(), { 0.0, 1.0 })

-- A gradient that is not finite while the loss is: the root of 0.
local Root = nn.Module:extend("Root")
function Root:init() self.scale = nn.Linear(2, 2, { bias = false, init = "zeros" }) end
function Root:loss(batch) return { total = self.scale(batch):square():sum(2):sqrt():mean() } end
local root = Root()
said = message_of(models.fit, root, set_of(tensor.ones(4, 2)), { epochs = 2, batch = 4, optimizer = optim.SGD(root:parameters(), { lr = 0.1 }) })
check(said:find("models.fit: epoch 1, batch 1: the gradient of scale.weight is not finite; the model has its starting weights again; first: "
  .. "near scale.weight: backward: sqrt: 4 of 4 numbers of the gradient of its x [4]", 1, true), said)
equal(root.scale.weight:detach():totable(), { { 0.0, 0.0 }, { 0.0, 0.0 } }, "the step was not taken")

-- A model of jetlua's, on sparse images, with its own noise: the same numbers again.
tensor.manual_seed(3)
local images = jets.sample():take(200):images()
local vae = models.DirichletVAE { input = 1600, hidden = { 4 }, alpha = { 1, 1, 1 } }
local wild = run_in(folder .. "/wild")
said = message_of(models.fit, vae, images, { epochs = 2, batch = 100, optimizer = optim.Adam(vae:parameters(), { lr = 1e25 }), run = wild, beta = 0.25 })
local inside = said:match("the batch is in ([^,]+)")
check(inside and said:find("; first: near ", 1, true), said)
again = models.replay(inside)
check(again.problem and said:find(again.problem, 1, true), tostring(again.problem))
equal(again.model.beta, 0.25)
equal(again.batch.x:size(1), 100)
check(again.batch.mass and again.batch.index and again.batch.label, "the jets of the batch")
local record = json.decode(system.read_file(inside .. "/replay.json"))
equal({ record.epoch, record.sparse }, { 1, true })

-- Damaged or absent.
raises("models.replay: " .. folder .. ": expected a folder that models.fit kept, with a file replay.json in it, found none", models.replay, folder)
raises("models.replay: model: expected a model with :load(path), got 3", models.replay, inside, 3)

testing.finish()
