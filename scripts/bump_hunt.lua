-- A bump hunt with a Dirichlet-VAE as the tagger: a few tops hide among QCD jets, the model is trained on that mixture without a label,
-- jets above a cut on its score are kept, and their mass spectrum is searched for a bump over a fit to the side bands.
-- Jet mass is what a bump hunt looks at, so a score that knows the mass makes bumps of its own: the same search on the background alone
-- stands beside every result. After Cheng et al., arXiv:2007.01850; the model is that of arXiv:2104.08291, section 4.
--   jetlua scripts/bump_hunt.lua --ratio 0.05 --score cross_entropy
--   jetlua scripts/bump_hunt.lua --window 150,200 --seeds 3

require "strict"
local diagnostics, jets, metrics, models = require "diagnostics", require "jets", require "metrics", require "models"
local optim, options, plot, run, tensor = require "optim", require "options", require "plot", require "run", require "tensor"

local o = options {
  { "signal", "top", "the class that makes the bump", choices = { "top", "qcd" } },
  { "ratio", 0.05, "signal jets per background jet, in training and in the spectrum", min = 0, max = 1 },
  { "score", "weight", "what is cut on: the declared mixture weight or a score of the reconstruction",
    choices = { "weight", "cross_entropy", "kl_reconstruction" } },
  { "at", 0.1, "fraction of the background that passes the cut", min = 0, max = 1 },
  { "width", 10, "bins of the mass spectrum in GeV", min = 1 },
  { "window", { 40 }, "low and high edge of the window in GeV, or one number: the width of windows tried everywhere" },
  { "range", { 110, 310 }, "low and high edge of the fit in GeV; one number leaves it to the spectrum's peak and end" },
  { "toys", 1000, "spectra of background drawn for the global significance", min = 0 },
  { "alpha", { 1, 0.25 }, "parameters of the Dirichlet prior, one per mixture" }, { "beta", 0.1, "weight of the KL term", min = 0 },
  { "epochs", 100, "passes over the training jets", min = 1 }, { "lr", 5e-3, "learning rate of Adam", min = 0 },
  { "batch", 100, "jets per step", min = 1 }, { "quick", false, "at most 5 epochs and 20 toys" },
  { "share", 0.5, "share of the jets to train on; the others make the spectrum", min = 0, max = 1 },
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" },
  { "seeds", 1, "trainings, with the seeds from --seed up", min = 1 }, { "seed", 1, "of all random numbers", min = 0 },
}
if o.quick then o.epochs, o.toys = math.min(o.epochs, 5), math.min(o.toys, 20) end
local background = o.signal == "top" and "qcd" or "top"
local window = #o.window == 1 and o.window[1] or o.window

--- One training and one hunt; label 1 is the signal, and no label is used before the figures are drawn up.
local function hunt(set, seed, r)
  tensor.manual_seed(seed)
  local train, test = set:split(o.share)
  local images = train:mix({ signal = o.signal, background = background, ratio = o.ratio, n = "most" }):images()
  local unseen = test:mix({ signal = o.signal, background = background, ratio = o.ratio, n = "most" }):images()
  local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = o.alpha, beta = o.beta }
  local adam = optim.Adam(model:parameters(), { lr = o.lr, betas = { 0.9, 0.99 }, eps = 1e-8 })
  models.fit(model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam, run = r })
  r:checkpoint(model, adam)
  local scores = model:scores(unseen.x)
  local score = o.score == "weight" and scores.weights:select(2, model:anomaly_weight { signal = o.signal }) or scores[o.score]
  local bump = metrics.bump_hunt {
    mass = unseen.mass, score = score, label = unseen.label, at = o.at, width = o.width, window = window,
    range = #o.range == 2 and o.range or nil, toys = o.toys,
  }
  return bump, score, unseen, model
end

local function figures_of(bump, score, unseen)
  local sculpting = metrics.mass_sculpting(score, unseen.mass, unseen.label, { at = o.at })
  return {
    z = bump.z, z_global = bump.z_global, n = bump.n, b = bump.b, sigma = bump.sigma, asimov = bump.asimov, z_uncut = bump.uncut and bump.uncut.z,
    z_background = bump.background.z, z_global_background = bump.background.z_global, auc = metrics.auc(score, unseen.label), jsd = sculpting.jsd,
    jsd_floor = sculpting.floor,
  }
end

local set, r = options.attempt(function()
  local set = o.data and jets.open(o.data) or jets.sample()
  local r = run.start("bump_hunt", o)
  r:data(set)
  return set, r
end)
local results, first = {}, nil
for i = 1, o.seeds do
  local bump, score, unseen, model = options.attempt(hunt, set, o.seed + i - 1, r)
  results[i] = figures_of(bump, score, unseen)
  first = first or { bump = bump, score = score, unseen = unseen, model = model }
end
local over = metrics.over_seeds(results)
r:report { z = over.z.mean, z_background = over.z_background.mean, auc = over.auc.mean, over_seeds = over, seeds = results }

-- The table: what the window holds with and without the cut, and what the background alone makes of the same search.
local bump, unseen = first.bump, first.unseen
local line = "%-22s  %-14s  %6s  %-14s  %7s  %8s"
print(line:format("jets", "window [GeV]", "found", "expected", "local Z", "global Z"))
for _, row in ipairs { { "all, no cut", bump.uncut }, { "that pass the cut", bump }, { "background that passes", bump.background } } do
  local found = row[2]
  if found then
    print(line:format(row[1], ("%g to %g"):format(found.window[1], found.window[2]), ("%.0f"):format(found.n), ("%.1f +- %.1f"):format(found.b, found.sigma),
      ("%.2f"):format(found.z), found.z_global and (found.z_global_is_lower_limit and "> " or "") .. ("%.2f"):format(found.z_global) or "-"))
  end
end
print(("expected from the signal that passes: Z = %.2f; AUC %.3f ± %.3f; mass sculpting at ε_B = %g: JSD %.4f nats (floor %.4f)"):format(
  bump.asimov, results[1].auc, metrics.auc_error(first.score, unseen.label), o.at, results[1].jsd, results[1].jsd_floor))
if o.seeds > 1 then
  print(("over %d seeds: Z = %.2f ± %.2f, on background alone %.2f ± %.2f, AUC %.3f ± %.3f"):format(o.seeds, over.z.mean, over.z.std,
    over.z_background.mean, over.z_background.std, over.auc.mean, over.auc.std))
end
print(diagnostics.latent(first.model, unseen))

local names = { top = "top", qcd = "QCD" }
local note = ("%s in %s, S/B = %g, seed %d"):format(names[o.signal], names[background], o.ratio, o.seed)
local passing, is_signal = first.score:ge(bump.threshold), unseen.label:eq(1)
local roc, sic = metrics.roc(first.score, unseen.label), metrics.sic(first.score, unseen.label)
roc.label, sic.label = o.score:gsub("_", " "), o.score:gsub("_", " ")
print(r:figure(plot.mass_spectra({
  { x = unseen.mass[~is_signal], label = names[background] }, { x = unseen.mass[passing & ~is_signal], label = names[background] .. " that passes" },
  { x = unseen.mass[is_signal], label = names[o.signal] },
}, { note = note }), "spectra"))
print(r:figure(plot.grid({
  plot.bump_hunt(bump, { title = "with signal" }), plot.bump_hunt(bump.background, { title = "background alone" }),
}), "bump"))
if type(window) == "number" then
  print(r:figure(plot.line({
    { x = bump.scan.mass, y = bump.scan.z, label = "with signal" },
    { x = bump.background.scan.mass, y = bump.background.scan.z, label = "background alone" },
  }, { xlabel = "centre of the window [GeV]", ylabel = "local significance Z", note = note }), "scan"))
end
print(r:figure(plot.roc(roc, { note = note }), "roc"))
if sic.max then print(r:figure(plot.sic(sic, { note = note }), "sic")) end
