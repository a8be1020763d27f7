-- Dirichlet-VAE with three mixtures and a hierarchical prior on jet images: each weight as a classifier, and Gibbs triangles.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, figures 11 to 13.
-- As many tops as QCD jets unless said; the paper's rare signals are
--   jetlua scripts/dvae_k3.lua --ratio 0.05
--   jetlua scripts/dvae_k3.lua --ratio 0.05 --signal qcd

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class called anomalous", choices = { "top", "qcd" } },
  { "ratio", 1.0, "signal jets per background jet in training", min = 0, max = 1 },
  { "alpha", { 1, 0.25, 0.1 }, "parameters of the Dirichlet prior, one per mixture" }, { "hidden", { 100 }, "units of the encoder's hidden layers" },
  { "beta", 0.1, "weight of the KL term", min = 0 }, { "epochs", 200, "passes over the training jets", min = 1 },
  { "settings", "published", "settings of the authors' code, or of the paper's text", presets = {
    published = { lr = 5e-3, beta2 = 0.99, batch = 100 }, paper = { lr = 1e-3, beta2 = 0.999, batch = 100 },
  } },
  { "lr", 5e-3, "learning rate of Adam", min = 0 }, { "beta2", 0.99, "decay of Adam's mean square", min = 0, max = 1 },
  { "batch", 100, "jets per step", min = 1 }, { "quick", false, "at most 20 epochs" },
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs = math.min(o.epochs, 20) end
tensor.manual_seed(o.seed)

-- Nine tenths to train on, at the ratio asked for; equal numbers of both classes of the rest to judge by. Label 1 is the signal.
-- What a wrong option or file makes fail here ends the script with one line instead of a traceback.
local background = o.signal == "top" and "qcd" or "top"
local images, unseen, model, adam, r = options.attempt(function()
  local model = models.DirichletVAE { input = 1600, hidden = o.hidden, alpha = o.alpha, beta = o.beta }
  local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, o.beta2 }, eps = 1e-8 })
  local set = o.data and jets.open(o.data) or jets.sample()
  local train, test = set:split(0.9)
  local images = train:mix({ signal = o.signal, background = background, ratio = o.ratio, n = "most" }):images()
  local unseen = test:mix({ signal = o.signal, background = background, ratio = 1, n = "most" }):images()
  local r = run.start("dvae_k3", o)
  r:data(set)
  return images, unseen, model, adam, r
end)

-- The loop that dvae_k2.lua writes out.
local history = options.attempt(models.fit, model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam, run = r })
r:checkpoint(model, adam)

-- Which weight is anomalous follows from the prior, before any label is looked at: that of the smallest alpha. The loss has several
-- minima, and in some another weight takes the rare class: of several seeds the one with the lowest loss is to be believed.
local declared = model:anomaly_weight { signal = o.signal }
local weights, scores = model:weights(unseen.x), model:scores(unseen.x)
local named = {}
for i = 1, #o.alpha do
  named[i] = { ("weight %d%s"):format(i, i == declared and ", declared" or ""), weights:select(2, i) }
end
named[#named + 1] = { "cross-entropy", scores.cross_entropy }
named[#named + 1] = { "KL reconstruction", scores.kl_reconstruction }
local results = metrics.summary(named, unseen, { width = 20, min = 10 })
r:report { auc = results[named[declared][1]].auc, loss = history.total[#history.total], scores = results, declared_weight = declared }
scores.label, scores.mass, scores.index = unseen.label, unseen.mass, unseen.index
r:scores(scores)

local shown = { top = "top", qcd = "QCD" }
local note = ("%s in %s, S/B = %g, seed %d"):format(shown[o.signal], shown[background], o.ratio, o.seed)
local pictures = {}
for i = 1, #o.alpha do
  pictures[i] = plot.image(model:mixtures()[i]:reshape(40, 40), images:axes { title = "mixture " .. i, logz = true, range = { 1e-5, 0.1 } })
end
local latent, is_signal = weights:select(2, declared), unseen.label:eq(1)
print(r:figure(plot.roc(metrics.rocs(named, unseen.label), { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = latent[~is_signal], label = shown[background] }, { x = latent[is_signal], label = shown[o.signal] },
}, { range = { 0, 1 }, density = true, logy = true, xlabel = ("mixture weight r_{%d}"):format(declared), note = note }), "latent"))
print(r:figure(plot.grid(pictures), "mixtures"))
if #o.alpha == 3 then
  print(r:figure(plot.triangle {
    { x = model:prior_samples(10000), label = "prior (softmax-Gaussian)" },
    { x = weights, weight = 1 - unseen.label, label = shown[background] },
    { x = weights, weight = unseen.label, label = shown[o.signal] },
  }, "triangles"))
end
print(r:figure(plot.line(history.total, { xlabel = "epoch", ylabel = "training loss per jet", note = note }), "loss"))
