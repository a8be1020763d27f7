-- Dirichlet-VAE with two mixtures at several signal-to-background ratios, tops in QCD jets and QCD jets in tops: how the latent
-- weight and the reconstruction tag rare jets.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, figures 9 and 10.
--   jetlua scripts/dvae_scan.lua --ratios 1,0.05 --seed 2

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "ratios", { 1, 0.25, 0.05, 0.01 }, "signal jets per background jet in training" },
  { "alpha", { 1, 0.25 }, "parameters of the Dirichlet prior where the classes are not of one size" },
  { "beta", 0.1, "weight of the KL term", min = 0 }, { "epochs", 50, "passes over the training jets", min = 1 },
  { "lr", 5e-3, "learning rate of Adam", min = 0 }, { "batch", 100, "jets per step", min = 1 },
  { "quick", false, "at most 2 epochs and 3000 jets" }, { "data", nil, "jets with labels; the bundled sample if left out", type = "string" },
  { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs = math.min(o.epochs, 2) end

local shown = { top = "top", qcd = "QCD" }
local train, test, r = options.attempt(function()
  for i, ratio in ipairs(o.ratios) do
    if ratio <= 0 or ratio > 1 then options.fail("--ratios: expected numbers above 0 and up to 1, got %g in place %d", ratio, i) end
  end
  local set = o.data and jets.open(o.data) or jets.sample()
  tensor.manual_seed(o.seed)
  if o.quick then set = set:shuffle():take(3000) end
  local train, test = set:split(0.9)
  -- A prior that is none, or a ratio that the jets cannot give, is told now, not after the trainings of the others.
  models.DirichletVAE { input = 1600, alpha = o.alpha, beta = o.beta }
  for _, ratio in ipairs(o.ratios) do
    train:mix { signal = "top", background = "qcd", ratio = ratio, n = "most" }
    train:mix { signal = "qcd", background = "top", ratio = ratio, n = "most" }
  end
  local r = run.start("dvae_scan", o)
  r:data(set)
  return train, test, r
end)

-- One training: a model of its own for each signal and ratio, all from the same seed. Label 1 is the signal.
local function experiment(signal, ratio)
  local background = signal == "top" and "qcd" or "top"
  tensor.manual_seed(o.seed)
  local images = train:mix({ signal = signal, background = background, ratio = ratio, n = "most" }):images()
  local unseen = test:mix({ signal = signal, background = background, ratio = 1, n = "most" }):images()
  local model = models.DirichletVAE { input = 1600, alpha = ratio == 1 and { 1, 1 } or o.alpha, beta = o.beta }
  local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, 0.99 } })
  models.fit(model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam })
  model:save(r:file(("checkpoints/%s_%g.safetensors"):format(signal, ratio)))
  -- The anomalous weight is declared before any label is looked at.
  local declared = model:anomaly_weight { signal = signal }
  local weight, error_ = model:weights(unseen.x):select(2, declared), model:scores(unseen.x).cross_entropy
  print(("\n%s in %s, S/B = %g"):format(shown[signal], shown[background], ratio))
  local results = metrics.summary({ { "mixture weight", weight }, { "cross-entropy", error_ } }, unseen, { width = 20, min = 10 })
  return { signal = signal, ratio = ratio, weight = weight, error = error_, label = unseen.label, results = results, model = model, images = images }
end

local done = {}
for _, signal in ipairs { "top", "qcd" } do
  for _, ratio in ipairs(o.ratios) do done[#done + 1] = options.attempt(experiment, signal, ratio) end
end

-- Top row: tops are the signal; bottom row: QCD jets are. ROC of the mixture weight, ROC of the reconstruction, latent distributions.
local panels, rows = {}, {}
for _, signal in ipairs { "top", "qcd" } do
  local by_weight, by_error, latent = {}, {}, {}
  for _, e in ipairs(done) do
    if e.signal == signal then
      local name = ("S/B = %g"):format(e.ratio)
      by_weight[#by_weight + 1], by_error[#by_error + 1] = metrics.roc(e.weight, e.label), metrics.roc(e.error, e.label)
      by_weight[#by_weight].label, by_error[#by_error].label = name, name
      latent[#latent + 1] = { x = e.weight, label = name }
      for score, figures in pairs(e.results) do
        if score ~= "mass alone" then rows[#rows + 1] = { signal = signal, ratio = e.ratio, score = score, auc = figures.auc, auc_equal_mass = figures.auc_equal_mass, jsd = figures.jsd } end
      end
    end
  end
  panels[#panels + 1] = plot.roc(by_weight, { title = shown[signal] .. " jets as signal, mixture weight" })
  panels[#panels + 1] = plot.roc(by_error, { title = shown[signal] .. " jets as signal, reconstruction" })
  panels[#panels + 1] = plot.hist(latent, { range = { 0, 1 }, density = true, logy = true, title = shown[signal] .. " jets as signal, all jets", xlabel = "anomalous mixture weight" })
end
r:report { rows = rows }
print(r:figure(plot.grid(panels, { columns = 3 }), "ratios"))

-- The mixtures of the models for rare tops: the rare one turns from three prongs to two.
local pictures = {}
for _, e in ipairs(done) do
  if e.signal == "top" then
    for i = 1, 2 do
      pictures[#pictures + 1] = plot.image(e.model:mixtures()[i]:reshape(40, 40),
        e.images:axes { title = ("S/B = %g, mixture %d"):format(e.ratio, i), logz = true, range = { 1e-5, 0.1 } })
    end
  end
end
print(r:figure(plot.grid(pictures, { columns = 2 }), "mixtures"))
