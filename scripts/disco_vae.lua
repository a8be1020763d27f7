-- Variational autoencoder on constituents whose loss is kept from following the jets' mass by a distance-correlation term (DisCo).
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850).
--   jetlua scripts/disco_vae.lua --lambda 300 --seed 2
--   jetlua scripts/disco_vae.lua --lambda 0                      the same training without the term

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "background", nil, "file of jets; nine tenths of those with label 0 are trained on, the others are judged; the bundled sample if left out", type = "string" },
  { "signal", nil, "file of jets, of which those with label 1 are judged; the background's file if left out", type = "string" },
  { "jets", 40000, "to train on, at most", min = 100 }, { "latent", 10, "dimensions of the latent space", min = 1 },
  { "beta", 0.1, "weight of the KL term", min = 0 }, { "lambda", 100.0, "weight of the DisCo term", min = 0 },
  { "score", "loss", "what must not follow the mass", choices = { "loss", "kl", "mse" } },
  { "start", 10, "epochs without the term", min = 0 }, { "ramp", 5, "epochs in which it grows to its weight", min = 0 },
  { "epochs", 30, "passes over the training jets", min = 1 }, { "lr", 1e-3, "learning rate of Adam", min = 0 },
  { "batch", 500, "jets per step; the distance correlation of few jets is mostly a bias", min = 2 },
  { "quick", false, "at most 4 epochs on 4,000 jets, the term from the second one on" }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs, o.jets, o.start, o.ramp = math.min(o.epochs, 4), math.min(o.jets, 4000), 1, 1 end
tensor.manual_seed(o.seed)

-- What a wrong option or file makes fail here ends the script with one line instead of a traceback.
local model, adam, train, test, r = options.attempt(function()
  local inner = models.ConstituentVAE { latent = o.latent, beta = o.beta }
  local model = models.mass_decorrelation(inner, { lambda = o.lambda, score = o.score, start = o.start, ramp = o.ramp })
  local adam = optim.Adam(model:parameters(), { lr = o.lr })
  local file = o.background and jets.open(o.background) or jets.sample()
  local seen, unseen = file:split(0.9)
  local train = seen:where("label == 0"):take(o.jets):constituents { n = 20, align = true, scale = "robust" }
  local signal = (o.signal and jets.open(o.signal) or unseen):where("label == 1")
  local test = { background = unseen:where("label == 0"):constituents(train.recipe), signal = signal:constituents(train.recipe) }
  local r = run.start("disco_vae", o)
  r:data(file)
  if o.signal then r:data(signal) end
  return model, adam, train, test, r
end)

-- fit gives the loss the masses of each batch and says the epoch.
local history = options.attempt(models.fit, model, train, { epochs = o.epochs, batch = o.batch, optimizer = adam, run = r })
r:checkpoint(model, adam)

-- Background and signal one after the other; label 1 is the signal.
local function judged(set)
  local scores = model:scores(set)
  scores.mass, scores.index = set.mass, set.index
  return scores
end
local scores = metrics.labelled(judged(test.background), judged(test.signal))
local named = { { "MSE", scores.mse }, { "loss", scores.loss }, { "KL", scores.kl }, { "EMD", scores.emd } }
local results = metrics.summary(named, scores)

-- The correlation of score and mass on background that was not trained on, beside what it is by chance, with the masses shuffled.
local mass, mse = test.background.mass, scores.mse[scores.label:eq(0)]:to("float64")
local correlation = metrics.distance_correlation(mse, mass, nil, { squared = true })
local by_chance = metrics.distance_correlation(mse, mass:index_select(1, tensor.randperm(#mass)), nil, { squared = true })
print(("DisCo of MSE and mass: %.4f, with shuffled masses %.4f"):format(correlation, by_chance))
r:report {
  auc = results.MSE.auc, auc_equal_mass = results.MSE.auc_equal_mass, jsd = results.MSE.jsd, disco = correlation, disco_shuffled = by_chance, scores = results,
}
r:scores(scores)

local note, is_signal = ("λ = %g on %s, %d jets, seed %d"):format(o.lambda, o.score, #train, o.seed), scores.label:eq(1)
local passing = mse:ge(metrics.mass_sculpting(scores.mse, scores.mass, scores.label, { at = 0.5 }).threshold)
print(r:figure(plot.roc(metrics.rocs(named, scores.label), { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = scores.mse[~is_signal]:log(), label = "background" }, { x = scores.mse[is_signal]:log(), label = "signal" },
}, { density = true, xlabel = "ln of the mean squared error", note = note }), "mse"))
print(r:figure(plot.mass_spectra({
  { x = mass[passing], label = "background, MSE above the cut" }, { x = mass[~passing], label = "background, below" },
}, { range = { 0, 300 }, note = note }), "mass"))
print(r:figure(plot.line({ { x = history.epoch, y = history.disco, label = "DisCo" }, { x = history.epoch, y = history.reconstruction, label = "MSE" } },
  { xlabel = "epoch", ylabel = "term of the loss", note = note }), "loss"))
