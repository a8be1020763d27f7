-- Every kind of figure, drawn from the bundled jets and a Dirichlet-VAE trained on them for a moment.
--   jetlua scripts/examples/gallery.lua --out gallery --format pdf
--   jetlua scripts/examples/gallery.lua --only roc,triangle

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, tensor = require "options", require "plot", require "tensor"

local o = options {
  { "out", "gallery", "folder of the pictures and their numbers" },
  { "format", "png", "of the pictures", choices = { "png", "pdf", "svg", "py" } },
  { "dpi", 200, "dots per inch of a PNG", min = 20, max = 1200 },
  { "only", "", "names of the pictures wanted, with commas between them; all if empty" },
  { "n", 20000, "jets read", min = 400 }, { "epochs", 20, "passes over the training jets", min = 1 },
  { "seeds", 3, "trainings for the bands", min = 2 }, { "show", false, "draw them in the terminal too" },
}

-- Two halves of the jets: one to train on, one to judge by.
local train, test = options.attempt(function()
  tensor.manual_seed(1)
  return jets.sample():take(o.n):split(0.5)
end)
local images, unseen = train:images(), test:images()
local is_top = unseen.label:eq(1)
local stamp = plot.stamp("simulation", "anti-$k_T$, $R = 0.8$", "$550 < p_T < 650$ GeV")

--- A column by class, as series.
local function by_class(values)
  return { { x = values[~is_top], label = "QCD" }, { x = values[is_top], label = "top" } }
end

-- The same training from several seeds; the last one is looked at closely.
local model, history, scores
local rocs, sics = { cross_entropy = {}, weight = {} }, { cross_entropy = {}, weight = {} }
for seed = 1, o.seeds do
  tensor.manual_seed(seed)
  model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = { 1, 0.25, 0.1 }, beta = 0.1 }
  history = models.fit(model, images, {
    epochs = o.epochs, batch = 100, optimizer = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } }), valid = unseen,
  })
  scores = model:scores(unseen.x)
  for name, score in pairs { cross_entropy = scores.cross_entropy, weight = scores.weights:select(2, model:anomaly_weight()) } do
    table.insert(rocs[name], metrics.roc(score, unseen.label))
    table.insert(sics[name], metrics.sic(score, unseen.label))
  end
end
local weights, cross_entropy = scores.weights, scores.cross_entropy

local draw = {}

function draw.line()
  -- Mean multiplicity in bins of pT, with the error of the mean.
  local series = {}
  for label, name in pairs { [0] = "QCD", "top" } do
    local class, x, y, error = test:where("label == " .. label), {}, {}, {}
    for low = 550, 640, 10 do
      local bin = class.n_constituents[class.pt:ge(low) & class.pt:lt(low + 10)]:to("float32")
      if #bin > 1 then
        x[#x + 1], y[#y + 1], error[#error + 1] = low + 5, bin:mean():item(), (bin:var() / #bin):sqrt():item()
      end
    end
    series[label + 1] = { x = x, y = y, error = error, label = name }
  end
  return plot.line(series, { xlabel = "jet $p_T$ [GeV]", ylabel = "mean number of constituents", stamp = stamp })
end

function draw.losses()
  return plot.losses(history, { title = "Dirichlet-VAE, $R = 3$", note = ("seed %d"):format(o.seeds) })
end

function draw.hist_filled()
  return plot.hist(by_class(unseen.mass), { xlabel = "jet mass $m$ [GeV]", range = { 0, 300 }, bins = 60, stamp = stamp })
end

function draw.hist_stepped()
  local tau32 = test:column("tau32")
  return plot.hist(by_class(tau32), {
    xlabel = "$\\tau_{32}$", density = true, fill = false, errors = "band", range = { 0, 1.2 }, bins = 48,
  })
end

function draw.hist_log()
  return plot.hist(by_class(cross_entropy), { xlabel = "cross-entropy", logy = true, stamp = stamp })
end

function draw.hist_ratio()
  -- Half of the sample in the place of data, the other half as what is expected.
  local qcd = train:where("label == 0")
  return plot.hist({
    { x = qcd.pt, label = "expected" }, { x = test:where("label == 0").pt, label = "other half", style = "points", colour = 7 },
  }, { xlabel = "jet $p_T$ [GeV]", ratio = true, range = { 550, 650 }, bins = 25, errors = "band", stamp = plot.stamp("simulation", "QCD jets") })
end

function draw.roc()
  return plot.roc({
    { seeds = rocs.cross_entropy, label = "cross-entropy" }, { seeds = rocs.weight, label = "mixture weight" },
    { fpr = metrics.roc(unseen.mass, unseen.label).fpr, tpr = metrics.roc(unseen.mass, unseen.label).tpr, auc = metrics.auc(unseen.mass, unseen.label), label = "jet mass" },
  }, { note = ("%d seeds, ± one standard deviation"):format(o.seeds) })
end

function draw.sic()
  return plot.sic({
    { seeds = sics.cross_entropy, label = "cross-entropy" }, { seeds = sics.weight, label = "mixture weight" },
  }, { note = ("%d seeds, ± one standard deviation"):format(o.seeds) })
end

function draw.image()
  return plot.image(images:mean(), images:axes { title = "average of all jets", range = { 0, 0.02 } })
end

function draw.image_log()
  local figures = {}
  for label, title in ipairs { [1] = "top", [2] = "QCD" } do
    local class = test:where("label == " .. 2 - label):images()
    figures[label] = plot.image(class:mean(), class:axes { title = "average " .. title .. " jet", logz = true, range = { 1e-6, 0.1 } })
  end
  return plot.grid(figures, { columns = 2 })
end

function draw.image_grid()
  local figures = {}
  for i = 1, 6 do
    figures[i] = plot.image(unseen.x:narrow(1, i, 1):todense():reshape(40, 40),
      images:axes { title = ("jet %d, $m = %.0f$ GeV"):format(i, unseen.mass[i]), logz = true, range = { 1e-4, 1 } })
  end
  return plot.grid(figures, { columns = 3 })
end

function draw.mixtures()
  local figures = {}
  for i = 1, 3 do
    figures[i] = plot.image(model:mixtures()[i]:reshape(40, 40), images:axes { title = "mixture " .. i, logz = true, range = { 1e-5, 0.1 } })
  end
  return plot.grid(figures)
end

function draw.triangle()
  return plot.triangle {
    { x = model:prior_samples(10000), label = "prior" }, { x = weights[~is_top], label = "QCD" }, { x = weights[is_top], label = "top" },
  }
end

function draw.scatter()
  local series = {}
  for i, one in ipairs { { ~is_top, "QCD" }, { is_top, "top" } } do
    local mass, score = unseen.mass[one[1]], cross_entropy[one[1]]
    local n = math.min(600, #mass)
    series[i] = { x = mass:narrow(1, 1, n), y = score:narrow(1, 1, n), label = one[2] }
  end
  return plot.scatter(series, { xlabel = "jet mass $m$ [GeV]", ylabel = "cross-entropy" })
end

function draw.mass_spectra()
  local qcd = unseen.mass[~is_top]
  local passes = cross_entropy[~is_top]:gt(cross_entropy[~is_top]:quantile(0.9))
  return plot.mass_spectra({
    { x = qcd, label = "all QCD jets" }, { x = qcd[passes], label = "after the cut, $\\epsilon_B = 0.1$" },
  }, { bins = 32, range = { 0, 320 }, stamp = "simulation" })
end

function draw.bump_hunt()
  local mixed = test:mix { signal = "top", background = "qcd", ratio = 0.05, n = "most" }
  return plot.bump_hunt(metrics.bump_hunt {
    mass = mixed.mass, score = model:scores(mixed:images().x).cross_entropy, label = mixed.label, at = 0.5, width = 10, window = { 150, 190 }, range = { 60, 300 },
  })
end

function draw.frontier()
  return plot.frontier(metrics.frontier({
    { "cross-entropy", cross_entropy }, { "KL reconstruction", scores.kl_reconstruction }, { "weight", weights:select(2, model:anomaly_weight()) }, { "mass", unseen.mass },
  }, unseen, { width = 20, min = 10 }))
end

function draw.grid()
  return plot.grid({
    plot.hist(by_class(unseen.pt), { xlabel = "jet $p_T$ [GeV]", bins = 25, range = { 550, 650 }, density = true }),
    plot.hist(by_class(test.eta), { xlabel = "jet $\\eta$", density = true }),
    plot.hist(by_class(test.n_constituents), { xlabel = "constituents", density = true }),
    plot.hist(by_class(unseen.mass), { xlabel = "jet mass $m$ [GeV]", density = true }),
  }, { columns = 2 })
end

options.attempt(function()
  local wanted = {}
  for name in o.only:gmatch("[^,%s]+") do wanted[#wanted + 1] = name end
  if #wanted == 0 then
    for name in pairs(draw) do wanted[#wanted + 1] = name end
    table.sort(wanted)
  end
  require("jetlua.core.system").make_directory(o.out)
  for _, name in ipairs(wanted) do
    if not draw[name] then options.fail(("gallery: no picture is called %q"):format(name)) end
    local figure = draw[name]()
    if o.show then figure:show() end
    print(figure:save(("%s/%s.%s"):format(o.out, name, o.format), { dpi = o.dpi }))
  end
end)
