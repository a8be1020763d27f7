-- Training jets per second of the constituent VAE (80-256-128-64-10), measured in the training loop, or milliseconds of the DisCo term;
-- prints one line of JSON. scripts/dev/bench runs this beside the same in PyTorch.

local jets, models, optim = require "jets", require "models", require "optim"
local nn, options, system, tensor = require "nn", require "options", require "jetlua.core.system", require "tensor"
local distance_correlation = require("jetlua.core.losses").distance_correlation

local o = options {
  { "batch", 256, "jets per step", min = 1 }, { "epochs", 8, "the first warms up and is not counted", min = 2 },
  { "term", false, "time the DisCo term of a batch with its gradient, and a whole step of the DisCo-VAE on it, instead" },
  { "seed", 1, "root of all random numbers" }, { "data", "", "file of jets; the bundled sample if empty" },
}
tensor.manual_seed(o.seed)

-- The fastest of several runs.
local function milliseconds(body)
  local best = math.huge
  for _ = 1, 2 + o.epochs do
    local started = system.monotonic()
    body()
    best = math.min(best, system.monotonic() - started)
  end
  return best * 1e3
end

if o.term then
  local score, mass, rows = nn.Parameter(tensor.randn(o.batch)), tensor.randn(o.batch), tensor.randn(o.batch, 80)
  local model = models.mass_decorrelation(models.ConstituentVAE {})
  local adam = optim.Adam(model:parameters(), { lr = 1e-3 })
  local term = milliseconds(function()
    score.grad = nil
    distance_correlation(score, mass, nil, { squared = true }):backward()
  end)
  local step = milliseconds(function()
    adam:zero_grad()
    model:loss(rows, { mass = mass }).total:backward()
    adam:step()
  end)
  print(('{"jets": %d, "term_ms": %.3f, "step_ms": %.3f}'):format(o.batch, term, step))
  return
end

local set = o.data == "" and jets.sample() or jets.open(o.data)
local train = set:where("label == 0"):constituents { n = 20, align = true, scale = "robust" }
local model = models.ConstituentVAE {}
local adam = optim.Adam(model:parameters(), { lr = 1e-3 })

--- Trains for one epoch; returns its jets per second and its mean loss.
local function epoch()
  local started, count, sum = system.monotonic(), 0, 0
  for batch in train:batches(o.batch, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    loss.total:backward()
    adam:step()
    count, sum = count + #batch, sum + #batch * loss.total:item()
  end
  return count / (system.monotonic() - started), sum / count
end

local rates, last_loss = {}, nil
epoch()
for i = 1, o.epochs - 1 do rates[i], last_loss = epoch() end
table.sort(rates)
local middle = (#rates + 1) / 2
local median = (rates[math.floor(middle)] + rates[math.ceil(middle)]) / 2
print(('{"training_jets": %d, "jets_per_second": %.1f, "last_loss": %.6f}'):format(#train, median, last_loss))
