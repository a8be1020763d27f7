-- Does a latent space come to rest? An autoencoder and a VAE with one latent dimension, trained on the same jets; how far the latent
-- coordinates of these jets move in each epoch (arXiv:2104.08291, section 2: that of the autoencoder drifts on after the loss has converged).
--   jetlua scripts/examples/latent_drift.lua --seeds 3

require "strict"
local diagnostics, jets, metrics, models = require "diagnostics", require "jets", require "metrics", require "models"
local optim, options, plot, tensor = require "optim", require "options", require "plot", require "tensor"

local o = options {
  { "data", nil, "jets; the bundled sample if left out", type = "string" }, { "jets", 4000, "how many of them", min = 10 },
  { "epochs", 40, "passes over the jets", min = 3 }, { "last", 10, "epochs at the end that the table is of", min = 1 },
  { "hidden", { 100 }, "sizes of the hidden layers" }, { "lr", 1e-3, "learning rate of Adam", min = 0 },
  { "seeds", 1, "trainings of each, with the seeds from --seed up", min = 1 }, { "seed", 1, "of all random numbers", min = 0 },
  { "out", "latent_drift.png", "the figure; its numbers are written beside it" },
}

tensor.manual_seed(o.seed)
local images = options.attempt(function() return (o.data and jets.open(o.data) or jets.sample()):shuffle():take(o.jets):images() end)
local names, results, traces = { "Autoencoder", "VAE" }, { Autoencoder = {}, VAE = {} }, {}
for seed = o.seed, o.seed + o.seeds - 1 do
  for _, name in ipairs(names) do
    tensor.manual_seed(seed)
    local model = options.attempt(models[name], { hidden = o.hidden })
    local adam = optim.Adam(model:parameters(), { lr = o.lr })
    local trace, losses = diagnostics.trace(model, images, name), {}
    for epoch = 1, o.epochs do
      losses[epoch] = options.attempt(models.fit, model, images, { epochs = 1, batch = 100, optimizer = adam }).total[1]
      trace:record(epoch)
    end
    local drift, from, mean = trace:drift(), math.max(1, o.epochs - o.last), {}
    for key, list in pairs(drift) do
      mean[key] = 0
      for i = from, #list do mean[key] = mean[key] + list[i] / (#list - from + 1) end
    end
    mean.loss_change = (losses[o.epochs] - losses[from]) / losses[from] / (o.epochs - from)
    table.insert(results[name], mean)
    traces[name] = traces[name] or trace
  end
end

local line = "%-12s  %-18s  %-18s  %-18s  %-18s  %s"
print(("per epoch, mean over the last %d of %d epochs; %d jets, %d seeds"):format(math.min(o.last, o.epochs - 1), o.epochs, #images, o.seeds))
print(line:format("model", "displacement", "shift", "scale", "1 - |rank corr.|", "relative change of the loss"))
for _, name in ipairs(names) do
  local over = metrics.over_seeds(results[name])
  local function shown(key) return ("%.4f +- %.4f"):format(over[key].mean, over[key].std) end
  print(line:format(name, shown "displacement", shown "shift", shown "scale", shown "rank", ("%.5f"):format(over.loss_change.mean)))
end
local series = {}
for _, key in ipairs { "displacement", "rank" } do
  for _, name in ipairs(names) do
    local drift = traces[name]:drift()
    series[#series + 1] = { x = drift.epoch, y = drift[key], label = name .. ", " .. (key == "rank" and "1 - |rank correlation|" or "displacement") }
  end
end
print(plot.line(series, { logy = true, xlabel = "epoch", ylabel = "drift per epoch", legend = "outside", note = ("seed %d"):format(o.seed) }):save(o.out))
