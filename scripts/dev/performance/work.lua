-- A fixed piece of work, done some number of times, on one thread and with one seed: what `bench --check` and `bench waste` count the
-- instructions and allocations of.
--   jetlua scripts/dev/performance/work.lua --piece dvae --times 20

local jets, optim, options, tensor = require "jets", require "optim", require "options", require "tensor"
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cases = require "cases"

local o = options {
  { "piece", "dvae", "what", choices = { "dvae", "constituent", "convolutional", "disco", "ops", "images", "clustering" } },
  { "times", 20, "how often: steps, passes of the op loop, jets as images, jets clustered", min = 1 }, { "batch", 256, "jets per step", min = 1 },
  { "warm", 2, "how often before, counted at any number of times", min = 0 },
}
tensor.manual_seed(1)

local function training()
  local case = cases[o.piece]
  local batch = o.piece == "convolutional" and math.min(o.batch, 8) or o.batch
  local set, model = case.jets(1000), case.make()
  local adam = optim.Adam(model:parameters(), case.adam)
  local parts
  local function step()
    local part = parts and parts()
    if not part or #part < batch then
      parts = set:batches(batch, { shuffle = true, forever = true })
      part = parts()
    end
    adam:zero_grad()
    model:loss(part.x, case.mass and { mass = part.mass } or nil).total:backward()
    adam:step()
  end
  return step
end

local function ops()
  local x, y, m = tensor.rand(100), tensor.rand(100):requires_grad(true), tensor.rand(10, 10)
  return function()
    local z = ((x * 2 + y):exp() / 3):sum()
    z:backward()
    y.grad = nil
    return m:matmul(m):softmax(1):max():item()
  end
end

local set = jets.sample()
local pieces = {
  ops = ops, images = function() return function() set:take(o.times):images() end, 1 end,
  clustering = function()
    local some = math.max(o.times, o.warm)
    local particles, count, place = set:take(some):particles(some)(), set:take(some).n_constituents, 0
    return function()
      place = place % some + 1
      jets.cluster(particles[place]:narrow(1, 1, math.tointeger(count[place])), { R = 0.4 })
    end
  end,
}
local body, calls = (pieces[o.piece] or training)()
if not calls then
  for _ = 1, o.warm do body() end
end
-- Where these calls of the C library's clock stand, callgrind begins to count anew.
os.clock()
for _ = 1, calls or o.times do body() end
os.clock()
