-- Dirichlet-VAE with two mixtures on jet images: tells top from QCD jets without having seen a label.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, figures 7 and 8,
-- with the settings the authors published. For rare signals (--ratio 0.05) they use an unequal prior, such as --alpha 1,0.25.
--   jetlua scripts/dvae_k2.lua --signal qcd --seed 2

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, progress, run, tensor = require "options", require "plot", require "progress", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class called anomalous", choices = { "top", "qcd" } },
  { "ratio", 1.0, "signal jets per background jet in training", min = 0, max = 1 },
  { "epochs", 200, "passes over the training jets", min = 1 },
  { "batch", 100, "jets per step", min = 1 },
  { "lr", 5e-3, "learning rate of Adam", min = 0 },
  { "beta", 0.1, "weight of the KL term", min = 0 },
  { "alpha", { 1.0, 1.0 }, "parameters of the Dirichlet prior, one per mixture" },
  { "seed", 1, "root of all random numbers", min = 0 },
  { "data", "", "file of jets with labels; the bundled sample if left out" },
  { "quick", false, "at most 20 epochs" },
}
if o.quick then o.epochs = math.min(o.epochs, 20) end
tensor.manual_seed(o.seed)
local set = o.data == "" and jets.sample() or jets.open(o.data)
local r = run.start("dvae_k2", o)
r:data(set)

-- Jets of both classes at a ratio, as many as there are; label 1 is the signal.
local function mixed(from, ratio)
  local tops = math.tointeger(from.label:sum():item())
  local signal = o.signal == "top" and tops or #from - tops
  local n = math.tointeger(math.min(#from - signal, signal // ratio))
  return from:mix { signal = o.signal, background = o.signal == "top" and "qcd" or "top", ratio = ratio, n = n > 0 and n or nil }
end
local train, test = set:split(0.9)
local images, unseen = mixed(train, o.ratio):images(), mixed(test, 1):images()

local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = o.alpha, beta = o.beta }
local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, 0.99 }, eps = 1e-8 })
local losses = {}
for epoch in progress(o.epochs, { desc = "epoch" }) do
  local total, kl, n = 0, 0, 0
  for batch in images:batches(o.batch, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    loss.total:backward()
    adam:step()
    total, kl, n = total + loss.total:item(), kl + loss.kl:item(), n + 1
  end
  losses[epoch] = total / n
  r:log { epoch = epoch, loss = total / n, kl = kl / n }
end

-- Which weight is the anomalous one follows from prior and mixture images, before any label is looked at: with equal alphas it
-- is that of the wider image, and QCD jets are the narrow ones.
local weights, scores = model:weights(unseen.x), model:scores(unseen.x)
local declared = model:anomaly_weight()
if o.signal == "qcd" and o.alpha[1] == o.alpha[2] then declared = 3 - declared end
local score = weights:select(2, declared)
local heavy = o.signal == "top" and unseen.mass or -unseen.mass
local table_rows = {
  { ("mixture weight r_{%d}"):format(declared), score }, { "cross-entropy", scores.cross_entropy },
  { "KL reconstruction", scores.kl_reconstruction }, { "jet mass alone", heavy },
}
local same_mass = metrics.equal_mass_weights and metrics.equal_mass_weights(unseen.mass, unseen.label)
local curves = {}
print(("%-24s %7s %13s %11s %11s"):format("score, " .. #unseen .. " jets", "AUC", "at equal mass", "1/eB at 0.3", "1/eB at 0.5"))
for i, row in ipairs(table_rows) do
  local function rejection(at)
    local value, limit = metrics.rejection(row[2], unseen.label, { at = at })
    return (limit and "> " or "") .. ("%.1f"):format(value)
  end
  curves[i] = metrics.roc(row[2], unseen.label)
  curves[i].label = row[1]
  local fair = same_mass and ("%.3f"):format(metrics.auc(row[2], unseen.label, same_mass)) or "-"
  print(("%-24s %7.3f %13s %11s %11s"):format(row[1]:gsub("[_{}]", ""), curves[i].auc, fair, rejection(0.3), rejection(0.5)))
end
r:report { auc = curves[1].auc, auc_cross_entropy = curves[2].auc, auc_kl_reconstruction = curves[3].auc, auc_mass = curves[4].auc }
r:scores { weights = weights, cross_entropy = scores.cross_entropy, label = unseen.label, mass = unseen.mass, index = unseen.index }

local note = ("%s in %s, S/B = %g, seed %d"):format(o.signal, o.signal == "top" and "QCD" or "top", o.ratio, o.seed)
local function mixture(i)
  return plot.image(model:mixtures()[i]:reshape(40, 40), { title = ("mixture %d"):format(i), logz = true, range = { 1e-5, 0.1 },
    origin = "lower", xrange = { -0.5845, 0.5755 }, yrange = { -0.709, 0.691 }, xlabel = "η′", ylabel = "φ′", zlabel = "fraction of p_{T}" })
end
local signal, background = unseen.label:eq(1), unseen.label:eq(0)
print(r:figure(plot.roc(curves, { note = note }), "roc"))
print(r:figure(plot.hist({ { x = score[background], label = "background" }, { x = score[signal], label = "signal" } },
  { range = { 0, 1 }, density = true, xlabel = ("mixture weight r_{%d}"):format(declared), note = note }), "latent"))
print(r:figure(plot.grid { mixture(1), mixture(2) }, "mixtures"))
print(r:figure(plot.line(losses, { xlabel = "epoch", ylabel = "training loss per jet", note = note }), "loss"))
