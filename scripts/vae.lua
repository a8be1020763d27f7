-- VAE with a Gaussian latent space on jet images: its latent coordinate as a classifier, and how early it settles.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 2, figure 3.
--   jetlua scripts/vae.lua --signal qcd --seed 2

require "strict"
local diagnostics, jets, metrics, models, optim = require "diagnostics", require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class called anomalous", choices = { "top", "qcd" } },
  { "ratio", 1.0, "signal jets per background jet in training", min = 0, max = 1 },
  { "latent", 1, "dimensions of the latent space", min = 1 }, { "beta", 1e-4, "weight of the KL term", min = 0 },
  { "dense", false, "a dense network of 100 units instead of the paper's convolutions" },
  { "epochs", 200, "passes over the training jets", min = 1 }, { "lr", 1e-3, "learning rate of Adam", min = 0 },
  { "batch", 100, "jets per step", min = 1 }, { "quick", false, "at most 4 epochs of 2000 jets" },
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs = math.min(o.epochs, 4) end
tensor.manual_seed(o.seed)

-- Nine tenths to train on, at the ratio asked for; equal numbers of both classes of the rest to judge by. Label 1 is the signal.
-- What a wrong option or file makes fail here ends the script with one line instead of a traceback.
local background = o.signal == "top" and "qcd" or "top"
local images, unseen, model, adam, r = options.attempt(function()
  local model = models.VAE { input = 1600, latent = o.latent, beta = o.beta, hidden = o.dense and { 100 } or nil }
  local adam = optim.Adam(model:parameters(), { lr = o.lr })
  local set = o.data and jets.open(o.data) or jets.sample()
  local train, test = set:split(0.9)
  train = train:mix { signal = o.signal, background = background, ratio = o.ratio, n = "most" }
  if o.quick then train = train:shuffle():take(2000) end
  local unseen = test:mix({ signal = o.signal, background = background, ratio = 1, n = "most" }):images()
  local r = run.start("vae", o)
  r:data(set)
  return train:images(), unseen, model, adam, r
end)

-- Where the latent space puts some of the jets after each epoch.
local some = math.min(2000, #unseen)
local trace = diagnostics.trace(model, unseen.x:narrow(1, 1, some))
local history = options.attempt(models.fit, model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam, run = r, each = function(epoch) trace:record(epoch) end })

-- Which direction of a latent coordinate is anomalous is declared before any label is looked at: that of more active pixels, or of
-- fewer for QCD jets, which are narrow.
local scores = model:scores(unseen)
local declared = scores.latent * model:anomaly_direction(images, { signal = o.signal })
local named, coordinates = {}, math.min(o.latent, 3)
for d = 1, coordinates do named[d] = { "latent " .. d, declared:select(2, d) } end
named[#named + 1] = { "squared error", scores.mse }
named[#named + 1] = { "KL", scores.kl }
local results = metrics.summary(named, unseen, { width = 20, min = 10 })
local drift = trace:drift().displacement
r:report { auc = results["latent 1"].auc, auc_mse = results["squared error"].auc, auc_kl = results["KL"].auc, scores = results }
r:report { kl_per_jet = history.kl[#history.kl], drift = drift[#drift] }
scores.label, scores.mass, scores.index = unseen.label, unseen.mass, unseen.index
r:scores(scores)

-- The latent coordinates for both classes, as in the paper: with score and label turned round for the other one.
local shown = { top = "top", qcd = "QCD" }
local note = ("%s in %s, S/B = %g, seed %d"):format(shown[o.signal], shown[background], o.ratio, o.seed)
local turned = {}
for d = 1, coordinates do turned[d] = { ("%s, %s tagging"):format(named[d][1], shown[background]), -named[d][2] } end
for _, score in ipairs(named) do score[1] = ("%s, %s tagging"):format(score[1], shown[o.signal]) end
local curves = metrics.rocs(named, unseen.label)
for _, curve in ipairs(metrics.rocs(turned, 1 - unseen.label)) do curves[#curves + 1] = curve end
print(r:figure(plot.roc(curves, { note = note }), "roc"))
print(r:figure(trace:histograms {
  label = unseen.label:narrow(1, 1, some), names = { shown[background], shown[o.signal] }, epochs = { 1, 2, 5, 20, 50, #history.total },
}, "latent"))
print(r:figure(plot.line(history.total, { xlabel = "epoch", ylabel = "training loss per jet", note = note }), "loss"))
if #drift > 0 then print(r:figure(trace:figure { note = note }, "drift")) end
