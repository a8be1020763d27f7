-- Dirichlet-VAE with three mixtures and a hierarchical prior on jet images: each weight as a classifier, and Gibbs triangles.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, figures 11 to 13, with
-- the settings the authors published. As many tops as QCD jets unless said; the paper's rare signals are
--   jetlua scripts/dvae_k3.lua --ratio 0.05
--   jetlua scripts/dvae_k3.lua --ratio 0.05 --signal qcd

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, progress, run, tensor = require "options", require "plot", require "progress", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class called anomalous", choices = { "top", "qcd" } },
  { "ratio", 1.0, "signal jets per background jet in training", min = 0, max = 1 },
  { "epochs", 200, "passes over the training jets", min = 1 }, { "batch", 100, "jets per step", min = 1 },
  { "lr", 5e-3, "learning rate of Adam", min = 0 }, { "beta", 0.1, "weight of the KL term", min = 0 },
  { "alpha", { 1, 0.25, 0.1 }, "parameters of the Dirichlet prior, one per mixture" },
  { "data", "", "file of jets with labels; the bundled sample if left out" },
  { "seed", 1, "root of all random numbers", min = 0 }, { "quick", false, "at most 20 epochs" },
}
if o.quick then o.epochs = math.min(o.epochs, 20) end
tensor.manual_seed(o.seed)

-- Nine tenths to train on, at the ratio asked for; equal numbers of both classes of the rest to judge by. Label 1 is the signal.
local set = o.data == "" and jets.sample() or jets.open(o.data)
local background = o.signal == "top" and "qcd" or "top"
local function mixed(from, ratio)
  local tops = math.tointeger(from.label:sum():item())
  local signal = o.signal == "top" and tops or #from - tops
  local n = math.tointeger(math.min(#from - signal, signal // ratio))
  return from:mix { signal = o.signal, background = background, ratio = ratio, n = n > 0 and n or nil }
end
local train, test = set:split(0.9)
local images, unseen = mixed(train, o.ratio):images(), mixed(test, 1):images()

local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = o.alpha, beta = o.beta }
local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, 0.99 }, eps = 1e-8 })
local r = run.start("dvae_k3", o)
r:data(set)
local losses = {}
for epoch in progress(o.epochs, { desc = "epoch" }) do
  local total, kl, steps = 0, 0, 0
  for batch in images:batches(o.batch, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    loss.total:backward()
    adam:step()
    total, kl, steps = total + loss.total:item(), kl + loss.kl:item(), steps + 1
  end
  losses[epoch] = total / steps
  r:log { epoch = epoch, loss = total / steps, kl = kl / steps }
end

-- Which weight is anomalous follows from the prior, before any label is looked at: that of the smallest alpha.
local weights, scores, declared = model:weights(unseen.x), model:scores(unseen.x), model:anomaly_weight()
local scored = {
  { "cross-entropy", scores.cross_entropy }, { "KL reconstruction", scores.kl_reconstruction },
  { "mass alone", o.signal == "top" and unseen.mass or -unseen.mass },
}
for i = #o.alpha, 1, -1 do
  table.insert(scored, 1, { ("weight r_{%d}%s"):format(i, i == declared and ", declared" or ""), weights:select(2, i) })
end
local overlap, same_mass = pcall(metrics.equal_mass_weights, unseen.mass, unseen.label, { width = 20, min = 10 })
local results, curves = {}, {}
print(("%-20s  %6s  %13s  %11s  %11s"):format("score", "AUC", "at equal mass", "1/eB at 0.3", "1/eB at 0.5"))
for _, named in ipairs(scored) do
  local name, score = named[1], named[2]
  local function rejection(at)
    local value, limit = metrics.rejection(score, unseen.label, { at = at })
    return (limit and "> %.1f" or "%.1f"):format(value)
  end
  local roc, fair = metrics.roc(score, unseen.label), overlap and metrics.auc(score, unseen.label, same_mass) or 0 / 0
  print(("%-20s  %6.3f  %13.3f  %11s  %11s"):format((name:gsub("[_{}]", "")), roc.auc, fair, rejection(0.3), rejection(0.5)))
  results[#results + 1], curves[#curves + 1], roc.label = roc.auc, roc, name
end
r:report { auc = results[declared], auc_weights = { table.unpack(results, 1, #o.alpha) }, auc_cross_entropy = results[#o.alpha + 1],
  auc_kl_reconstruction = results[#o.alpha + 2], auc_mass = results[#o.alpha + 3], declared_weight = declared }

local shown = { top = "top", qcd = "QCD" }
local note = ("%s in %s, S/B = %g, seed %d"):format(shown[o.signal], shown[background], o.ratio, o.seed)
local pictures = {}
for i = 1, #o.alpha do
  pictures[i] = plot.image(model:mixtures()[i]:reshape(40, 40), {
    title = "mixture " .. i, xlabel = "η′", ylabel = "φ′", zlabel = "fraction of p_{T}", xrange = { -0.5845, 0.5755 },
    yrange = { -0.709, 0.691 }, origin = "lower", logz = true, range = { 1e-5, 0.1 },
  })
end
local latent = weights:select(2, declared)
print(r:figure(plot.roc(curves, { note = note }), "roc"))
print(r:figure(plot.hist({
  { x = latent, weight = 1 - unseen.label, label = shown[background] }, { x = latent, weight = unseen.label, label = shown[o.signal] },
}, { range = { 0, 1 }, density = true, logy = true, xlabel = ("mixture weight r_{%d}"):format(declared), note = note }), "latent"))
print(r:figure(plot.grid(pictures), "mixtures"))
print(r:figure(plot.triangle {
  { x = model:prior_samples(10000), label = "prior (softmax-Gaussian)" },
  { x = weights, weight = 1 - unseen.label, label = shown[background] .. " jets" },
  { x = weights, weight = unseen.label, label = shown[o.signal] .. " jets" },
}, "triangles"))
print(r:figure(plot.line(losses, { xlabel = "epoch", ylabel = "training loss per jet", note = note }), "loss"))
