-- Training speed, time to make the jets ready and largest memory of one setting; prints one line of JSON. More jets than the bundled sample has
-- are drawn from it with repetition.
--   jetlua scripts/dev/performance/growth.lua --model dvae --jets 1200000 --mixtures 3

local jets, json, optim, options, tensor = require "jets", require "json", require "optim", require "options", require "tensor"
local monotonic = require("jetlua.core.system").monotonic
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cases = require "cases"

local o = options {
  { "model", "dvae", "which", choices = { "dvae", "constituent", "convolutional", "disco" } }, { "jets", 20000, "to train on", min = 1 },
  { "batch", 256, "jets per step", min = 1 }, { "mixtures", 2, "R of the Dirichlet-VAE", min = 2 }, { "constituents", 20, "of a jet", min = 1 },
  { "epochs", 4, "at most, the first not counted", min = 2 }, { "seconds", 3.0, "after which no further epoch begins", min = 0 },
}
tensor.manual_seed(1)
local started = monotonic()
local case, set = cases[o.model], jets.sample()
if o.jets > #set then set = set:match(set, { column = "mass", width = 5, n = o.jets, cap = 1 + o.jets // #set }) else set = set:take(o.jets) end
local data, argument
if case.images then
  data = set:images()
  if o.mixtures > 2 then
    argument = {}
    for i = 1, o.mixtures do argument[i] = 1 / i end
  end
else
  data, argument = set:constituents { n = o.constituents, align = true, scale = "robust" }, 4 * o.constituents
end
local preparation = monotonic() - started

local model = case.make(argument)
local adam = optim.Adam(model:parameters(), case.adam)
local best, spent = math.huge, 0
for epoch = 1, o.epochs do
  started = monotonic()
  local extra
  for part in data:batches(o.batch, { shuffle = true }) do
    if case.mass then extra = { mass = part.mass } end
    adam:zero_grad()
    model:loss(part.x, extra).total:backward()
    adam:step()
  end
  local seconds = monotonic() - started
  spent = spent + seconds
  if epoch > 1 then best = math.min(best, seconds) end
  if epoch > 1 and spent > o.seconds then break end
end

local peak
for line in io.lines "/proc/self/status" do peak = peak or line:match "^VmHWM:%s*(%d+)" end
print((json.encode {
  jets = #data, preparation_seconds = preparation, epoch_seconds = best, jets_per_second = #data / best, peak_mb = tonumber(peak) / 1024,
}))
