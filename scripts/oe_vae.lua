-- Variational autoencoder on constituents that is shown outliers while it is trained: other jets, with the background's mass spectrum.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850).
--   jetlua scripts/oe_vae.lua --background qcd.h5 --signal top.h5 --outliers w.h5 --form mse
-- The bundled sample holds no W jets: without --outliers nine tenths of the file's tops are the outliers and the others are judged, so
-- that the signal is what the model was told of.

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "background", nil, "file of jets; nine tenths of those with label 0 are trained on, the others are judged; the bundled sample if left out", type = "string" },
  { "signal", nil, "file of jets, of which those with label 1 are judged; the background's file if left out", type = "string" },
  { "outliers", nil, "file of jets, those with label 1 are the outliers; those of the background's training part if left out", type = "string" },
  { "jets", 40000, "to train on, at most", min = 100 }, { "share", 0.2, "outliers per training jet", min = 0.001, max = 1 },
  { "form", "kl", "what outliers are told by", choices = { "kl", "mse", "sigmoid" } }, { "margin", 1.0, "beyond which it is enough", min = 0 },
  { "lambda", 2.0, "weight of the outliers' term", min = 0 }, { "start", 10, "epochs without the term", min = 0 },
  { "ramp", 5, "epochs in which it grows to its weight", min = 0 }, { "latent", 10, "dimensions of the latent space", min = 1 },
  { "beta", 0.1, "weight of the KL term", min = 0 }, { "epochs", 30, "passes over the training jets", min = 1 },
  { "lr", 1e-3, "learning rate of Adam; a tenth of it after 30 epochs, a hundredth after 60", min = 0 }, { "batch", 100, "jets per step", min = 1 },
  { "quick", false, "at most 4 epochs on 4,000 jets, the term from the second one on" }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs, o.jets, o.start, o.ramp = math.min(o.epochs, 4), math.min(o.jets, 4000), 1, 1 end
tensor.manual_seed(o.seed)

-- The outliers are drawn so that their masses follow the background's: else the model would learn the mass. What a wrong option or file
-- makes fail here ends the script with one line instead of a traceback.
local model, adam, train, outliers, test, r = options.attempt(function()
  local inner = models.ConstituentVAE { latent = o.latent, beta = o.beta }
  local model = models.outlier_exposure(inner, { form = o.form, lambda = o.lambda, margin = o.margin, start = o.start, ramp = o.ramp })
  local adam = optim.Adam(model:parameters(), { lr = o.lr })
  local file = o.background and jets.open(o.background) or jets.sample()
  local seen, unseen = file:split(0.9)
  local background = seen:where("label == 0"):take(o.jets)
  local others = o.outliers and jets.open(o.outliers):where("label == 1") or seen:where("label == 1")
  local matched, report = others:match(background, { column = "mass", width = 5, cap = 10, n = math.max(1, math.floor(o.share * #background)) })
  print(("%d outliers of %d jets, effectively %.0f, one at most %d times; the masses match from %g to %g GeV, %.0f %% of the background"):format(
    report.n, report.distinct, report.effective, report.largest, report.low, report.high, 100 * report.covered))
  local train = background:constituents { n = 20, align = true, scale = "robust" }
  local outliers = matched:constituents(train.recipe)
  local signal = (o.signal and jets.open(o.signal) or unseen):where("label == 1")
  local test = { background = unseen:where("label == 0"):constituents(train.recipe), signal = signal:constituents(train.recipe) }
  local r = run.start("oe_vae", o)
  r:data(file)
  if o.signal then r:data(signal) end
  if o.outliers then r:data(others) end
  return model, adam, train, outliers, test, r
end)

-- fit gives the loss a batch of outliers with each batch and says the epoch.
local schedule = optim.MultiStepLR(adam, { milestones = { 30, 60 } })
local history = options.attempt(models.fit, model, train, {
  epochs = o.epochs, batch = o.batch, optimizer = adam, schedule = schedule, outliers = outliers, run = r,
})
r:checkpoint(model, adam)

-- Background and signal one after the other; label 1 is the signal.
local function judged(set)
  local scores = model:scores(set)
  scores.mass, scores.index = set.mass, set.index
  return scores
end
local scores = metrics.labelled(judged(test.background), judged(test.signal))
local named = { { "KL", scores.kl }, { "MSE", scores.mse }, { "loss", scores.loss }, { "EMD", scores.emd } }
local results = metrics.summary(named, scores)
-- The score is that which the outliers taught, named before any label is seen.
local declared = o.form == "kl" and "KL" or "MSE"
r:report { auc = results[declared].auc, auc_equal_mass = results[declared].auc_equal_mass, jsd = results[declared].jsd, scores = results, declared = declared }
r:scores(scores)

local note, is_signal = ("OE-%s, λ = %g, %d jets, seed %d"):format(o.form:upper(), o.lambda, #train, o.seed), scores.label:eq(1)
local score = o.form == "kl" and scores.kl or scores.mse
local mass, values = scores.mass[~is_signal], score[~is_signal]
local passing = values:ge(metrics.mass_sculpting(score, scores.mass, scores.label, { at = 0.5 }).threshold)
print(r:figure(plot.roc(metrics.rocs(named, scores.label), { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = values, label = "background" }, { x = score[is_signal], label = "signal" },
  { x = model:scores(outliers, { emd = false })[o.form == "kl" and "kl" or "mse"], label = "outliers" },
}, { density = true, xlabel = declared, note = note }), "score"))
print(r:figure(plot.mass_spectra({
  { x = mass[passing], label = "background above the cut" }, { x = mass[~passing], label = "background below" }, { x = outliers.mass, label = "outliers" },
}, { range = { 0, 300 }, note = note }), "mass"))
print(r:figure(plot.line({ { y = history.oe, label = "outlier exposure" }, { y = history.kl, label = "KL" }, { y = history.reconstruction, label = "MSE" } },
  { xlabel = "epoch", ylabel = "term of the loss", note = note }), "loss"))
