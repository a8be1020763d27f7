-- Training jets per second of the published Dirichlet-VAE, measured in the training loop; prints one line of JSON.
-- scripts/dev/bench runs this beside the same training in PyTorch.

local jets, models, optim = require "jets", require "models", require "optim"
local options, tensor = require "options", require "tensor"
local system = require "jetlua.core.system"

local o = options {
  { "batch", 256, "jets per step", min = 1 },
  { "epochs", 8, "the first warms up and is not counted", min = 2 },
  { "seed", 1, "root of all random numbers" },
  { "data", "", "file of jets; the bundled sample if empty" },
}

tensor.manual_seed(o.seed)
local set = o.data == "" and jets.sample() or jets.open(o.data)
local train = set:split(0.9)
local images = train:images()
local model = models.DirichletVAE { input = 1600, hidden = {100}, alpha = {1, 1}, beta = 0.1 }
local adam = optim.Adam(model:parameters(), { lr = 5e-3, betas = {0.9, 0.99}, eps = 1e-8 })

--- Trains for one epoch; returns its jets per second and its mean loss.
local function epoch()
  local started, count, sum = system.monotonic(), 0, 0
  for batch in images:batches(o.batch, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    loss.total:backward()
    adam:step()
    local size = batch.x:size(1)
    count, sum = count + size, sum + size * loss.total:item()
  end
  return count / (system.monotonic() - started), sum / count
end

local rates, last_loss = {}, nil
epoch()
for i = 1, o.epochs - 1 do rates[i], last_loss = epoch() end
table.sort(rates)
local middle = (#rates + 1) / 2
local median = (rates[math.floor(middle)] + rates[math.ceil(middle)]) / 2
print(('{"training_jets": %d, "jets_per_second": %.1f, "last_loss": %.6f}'):format(#images, median, last_loss))
