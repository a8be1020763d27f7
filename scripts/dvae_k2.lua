-- Dirichlet-VAE with two mixtures on jet images: tells top from QCD jets without having seen a label.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, figures 7 and 8.
-- For rare signals (--ratio 0.05) an unequal prior is the better choice: --alpha 1,0.25.
--   jetlua scripts/dvae_k2.lua --signal qcd --seed 2

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, progress, run, tensor = require "options", require "plot", require "progress", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class called anomalous", choices = { "top", "qcd" } },
  { "ratio", 1.0, "signal jets per background jet in training", min = 0, max = 1 },
  { "alpha", { 1.0, 1.0 }, "parameters of the Dirichlet prior, one per mixture" },
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
  local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = o.alpha, beta = o.beta }
  local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, o.beta2 }, eps = 1e-8 })
  local set = o.data and jets.open(o.data) or jets.sample()
  local train, test = set:split(0.9)
  local images = train:mix({ signal = o.signal, background = background, ratio = o.ratio, n = "most" }):images()
  local unseen = test:mix({ signal = o.signal, background = background, ratio = 1, n = "most" }):images()
  local r = run.start("dvae_k2", o)
  r:data(set)
  return images, unseen, model, adam, r
end)

-- What the training keeps; `jetlua resume` goes on with it, in the middle of an epoch too. The weights of each good epoch are
-- checkpoints/last: a loss that is not finite ends the training before it spoils them.
local losses = {}
local training = r:training { model = model, optimizer = adam, losses = losses }
for epoch in progress(training:epochs(o.epochs), { desc = "epoch" }) do
  local sums = training.sums
  for batch in training:batches(images, o.batch, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    local total = loss.total:item()
    if total - total ~= 0 then
      local kept = epoch > 1 and ("checkpoints/last has the weights of epoch %d"):format(epoch - 1) or "no epoch was good"
      options.fail("the loss is NaN in epoch %d; give a smaller --lr; %s", epoch, kept)
    end
    loss.total:backward()
    adam:step()
    sums.total, sums.kl = (sums.total or 0) + #batch * total, (sums.kl or 0) + #batch * loss.kl:item()
  end
  losses[epoch] = sums.total / #images
  r:log { epoch = epoch, total = losses[epoch], kl = sums.kl / #images }
  r:checkpoint(model, adam)
end

-- Which weight is anomalous follows from the prior and the mixture images, before any label is looked at: that of the smallest
-- alpha, and with equal alphas the one of the wider image (the other one for QCD jets, which are narrow).
local declared = model:anomaly_weight { signal = o.signal }
local latent, scores = model:weights(unseen.x):select(2, declared), model:scores(unseen.x)
local named = {
  { "mixture weight", latent }, { "cross-entropy", scores.cross_entropy }, { "KL reconstruction", scores.kl_reconstruction },
}
local results = metrics.summary(named, unseen, { width = 20, min = 10 })
local auc, auc_cross_entropy = results["mixture weight"].auc, results["cross-entropy"].auc
r:report { auc = auc, auc_weight = auc, auc_cross_entropy = auc_cross_entropy, scores = results, declared_weight = declared }
scores.label, scores.mass, scores.index = unseen.label, unseen.mass, unseen.index
r:scores(scores)

local shown, is_signal, pictures = { top = "top", qcd = "QCD" }, unseen.label:eq(1), {}
local note = ("%s in %s, S/B = %g, seed %d"):format(shown[o.signal], shown[background], o.ratio, o.seed)
for i = 1, #o.alpha do
  pictures[i] = plot.image(model:mixtures()[i]:reshape(40, 40), images:axes { title = "mixture " .. i, logz = true, range = { 1e-5, 0.1 } })
end
print(r:figure(plot.roc(metrics.rocs(named, unseen.label), { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = latent[~is_signal], label = shown[background] }, { x = latent[is_signal], label = shown[o.signal] },
}, { range = { 0, 1 }, density = true, xlabel = ("mixture weight r_{%d}"):format(declared), note = note }), "latent"))
print(r:figure(plot.grid(pictures), "mixtures"))
print(r:figure(plot.line(losses, { xlabel = "epoch", ylabel = "training loss per jet", note = note }), "loss"))
