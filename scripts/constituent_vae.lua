-- Variational autoencoder on the 20 hardest constituents of QCD jets; what it has not seen reconstructs worse or lies farther out.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850).
--   jetlua scripts/constituent_vae.lua --background qcd.h5 --signal top.h5 --seed 2

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "background", nil, "file of jets; nine tenths of those with label 0 are trained on, the others are judged; the bundled sample if left out", type = "string" },
  { "signal", nil, "file of jets, of which those with label 1 are judged; the background's file if left out", type = "string" },
  { "jets", 40000, "to train on, at most", min = 100 }, { "latent", 10, "dimensions of the latent space", min = 1 },
  { "beta", 0.1, "weight of the KL term", min = 0 }, { "epochs", 50, "passes over the training jets", min = 1 },
  { "lr", 1e-3, "learning rate of Adam", min = 0 }, { "batch", 100, "jets per step", min = 1 },
  { "quick", false, "at most 4 epochs on 4,000 jets" }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs, o.jets = math.min(o.epochs, 4), math.min(o.jets, 4000) end
tensor.manual_seed(o.seed)

-- The scaler is fitted on the training jets and is part of their recipe. What a wrong option or file makes fail here ends the script
-- with one line instead of a traceback.
local model, adam, train, test, r = options.attempt(function()
  local model = models.ConstituentVAE { latent = o.latent, beta = o.beta }
  local adam = optim.Adam(model:parameters(), { lr = o.lr })
  local file = o.background and jets.open(o.background) or jets.sample()
  local seen, unseen = file:split(0.9)
  local train = seen:where("label == 0"):take(o.jets):constituents { n = 20, align = true, scale = "robust" }
  local signal = (o.signal and jets.open(o.signal) or unseen):where("label == 1")
  local test = { background = unseen:where("label == 0"):constituents(train.recipe), signal = signal:constituents(train.recipe) }
  local r = run.start("constituent_vae", o)
  r:data(file)
  if o.signal then r:data(signal) end
  return model, adam, train, test, r
end)

-- A fifth of the training jets shows whether the loss still falls on jets that are not trained on.
local fitted, valid = train:split(0.8)
local history = options.attempt(models.fit, model, fitted, { epochs = o.epochs, batch = o.batch, optimizer = adam, valid = valid, run = r })
r:checkpoint(model, adam)

-- Background and signal one after the other; label 1 is the signal.
local function judged(set)
  local scores = model:scores(set)
  scores.mass, scores.index = set.mass, set.index
  return scores
end
local scores = metrics.labelled(judged(test.background), judged(test.signal))
local named = { { "KL", scores.kl }, { "MSE", scores.mse }, { "loss", scores.loss }, { "EMD", scores.emd }, { "distance to the prior", scores.prior_distance } }
local results = metrics.summary(named, scores)
r:report { auc = results.KL.auc, auc_equal_mass = results.KL.auc_equal_mass, jsd = results.KL.jsd, auc_mse = results.MSE.auc, auc_emd = results.EMD.auc, scores = results }
r:scores(scores)

local note, is_signal = ("%d jets, %d epochs, seed %d"):format(#fitted, #history.total, o.seed), scores.label:eq(1)
print(r:figure(plot.roc(metrics.rocs(named, scores.label), { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = scores.kl[~is_signal], label = "background" }, { x = scores.kl[is_signal], label = "signal" },
}, { density = true, xlabel = "KL divergence from the prior", note = note }), "kl"))
-- The background's masses on both sides of the cut that half of it passes: a score that knows the mass pulls them apart.
local mass, kl = scores.mass[~is_signal], scores.kl[~is_signal]
local passing = kl:ge(metrics.mass_sculpting(scores.kl, scores.mass, scores.label, { at = 0.5 }).threshold)
print(r:figure(plot.mass_spectra({
  { x = mass[passing], label = "background, KL above the cut" }, { x = mass[~passing], label = "background, below" },
}, { range = { 0, 300 }, note = note }), "mass"))
print(r:figure(plot.line({
  { x = history.epoch, y = history.total, label = "training" }, { x = history.epoch, y = history.valid_total, label = "validation" } },
  { xlabel = "epoch", ylabel = "loss per jet", note = note }), "loss"))
