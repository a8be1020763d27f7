local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local metrics = require "metrics"
local jets = require "jets"
local tensor = require "tensor"
local equal, near, raises, check = testing.equal, testing.near, testing.raises, testing.check

local score, label = { 0.1, 0.4, 0.35, 0.8 }, { 0, 0, 1, 1 }
near(metrics.auc(score, label), 0.75, 1e-15)
near(metrics.auc(tensor(score), tensor(label, { dtype = "int64" })), 0.75, 1e-15)
near(metrics.auc({ 1, 1, 1, 1 }, label), 0.5, 0)
near(metrics.auc({ 3, 2, 1 }, { 1, 0, 1 }, { 1, 1, 3 }), 0.25, 1e-15)
local roc = metrics.roc(score, label)
equal(roc.fpr:totable(), { 0.0, 0.0, 0.5, 0.5, 1.0 })
equal(roc.tpr:totable(), { 0.0, 0.5, 0.5, 1.0, 1.0 })
equal(roc.threshold:totable(), { math.huge, 0.8, 0.4, 0.35, 0.1 })
near(roc.auc, 0.75, 1e-15)
near(roc.fpr_error[3], math.sqrt(0.5 * 0.5 / 2), 1e-15)
equal({ roc.tpr_error[1], roc.tpr_error[5] }, { 0.0, 0.0 })
-- Weights of 1 and 3 are worth (1 + 3)^2 / (1 + 9) jets.
near(metrics.roc({ 3, 2, 1 }, { 1, 0, 1 }, { 1, 1, 3 }).tpr_error[2], math.sqrt(0.25 * 0.75 / 1.6), 1e-15)

local rejection, limit = metrics.rejection(score, label, { at = 0.9 })
equal({ rejection, limit }, { 2.0, nil })
rejection, limit = metrics.rejection(score, label)
equal(limit, "lower limit (90 %)")
near(rejection, 2 / 2.3, 1e-15)

local many, class = {}, {}
for i = 1, 60 do many[i], class[i] = 61 - i, i % 3 == 0 and 0 or 1 end
local sic = metrics.sic(many, class)
near(sic.max, 1 / math.sqrt(0.95), 1e-12)
near(sic.tpr[1], 0.5, 1e-15)
equal(metrics.sic(score, label).max, nil)

near(metrics.jsd({ 1, 0 }, { 0, 1 }), math.log(2), 1e-15)
near(metrics.jsd({ 1, 0 }, { 0, 1 }, { base = 2 }), 1, 1e-15)
near(metrics.jsd({ 1, 0 }, { 0, 1 }, { base = "e" }), math.log(2), 1e-15)
near(metrics.distance_correlation({ 1, 2, 3, 4, 5 }, { 2, 1, 4, 3, 5 }), 0.8583950752789521, 1e-12)
near(metrics.distance_correlation({ 1, 2, 3, 4, 5 }, { 2, 1, 4, 3, 5 }, nil, { squared = true }), 0.7368421052631579, 1e-12)
near(metrics.distance_correlation({ 1, 2, 3, 4, 5 }, { 2, 1, 4, 3, 5 }, { squared = true }), 0.7368421052631579, 1e-12)
near(metrics.distance_correlation({ 1, 2, 3, 4 }, { 4, 1, 3, 2 }, { .5, 1.5, 1, 1 }), 0.7067555546121107, 1e-12)


-- As a term of a loss, and the slope of a training step: less dependence after it.
local nn = require "nn"
local score_x, mass_x = tensor.rand(500):requires_grad(true), tensor.rand(500)
mass_x = mass_x + score_x:detach()
local disco = nn.distance_correlation(score_x, mass_x, { squared = true })
near(disco:item(), metrics.distance_correlation(score_x:detach(), mass_x, { squared = true }), 1e-6)
disco:backward()
local after = score_x:detach() - 50 * score_x.grad
check(metrics.distance_correlation(after, mass_x, { squared = true }) < disco:item())

near(metrics.emd({ { 3, 0, 0 }, { 1, 0.6, 0.8 } }, { { 4, 0, 0 } }), 1, 1e-12)
near(metrics.emd({ { 3, 0, 0 }, { 1, 0.6, 0.8 } }, tensor { { 4, 0, 0 } }, { norm = true, R = 2 }), 0.125, 1e-12)
near(metrics.emd({ { 1, 1, 0, 0 } }, { { 1, 0, 1, 0 } }), math.pi / 2, 1e-12)
local batch = tensor { { { 1, 0, 0 }, { 2, 0.1, 0 } }, { { 4, 0, 0 }, { 0, 0, 0 } } }
equal(metrics.emd(batch, batch):totable(), { 0.0, 0.0 })
near(metrics.emd(batch:select(1, 1), batch:select(1, 2)), 2 * 0.1 + 1, 1e-6)
raises("emd: jet_b: no particle has a pt above 0", metrics.emd, { { 1, 0, 0 } }, { { 0, 0, 0 } })
raises("emd: jet_a: expected a finite pt from 0 for particle 1, got nan", metrics.emd, { { 0 / 0, 0, 0 } }, { { 1, 0, 0 } })
raises("emd: jet_b: expected particles (pt, y, phi) or (E, px, py, pz)", metrics.emd, { { 1, 0, 0 } }, { 1, 0, 0 })
raises("got shape [1, 2]", metrics.emd, { { 1, 0 } }, { { 1, 0, 0 } })
raises("emd: jet_a and jet_b: expected two jets or two batches", metrics.emd, batch, { { 1, 0, 0 } })
raises("emd: 2 jets against 1", metrics.emd, batch, { { { 1, 0, 0 } } })
raises("emd: R: expected at least 1.0, half the largest distance", metrics.emd, { { 1, 0, 0 } }, { { 1, 2, 0 } }, { R = 0.5 })
raises('unknown option "r"', metrics.emd, { { 1, 0, 0 } }, { { 1, 0, 0 } }, { r = 1 })

local seeds = metrics.over_seeds { { auc = 0.8, note = "x" }, { auc = 0.9 }, { auc = 1.0, jsd = 2 } }
near(seeds.auc.mean, 0.9, 1e-15)
near(seeds.auc.std, 0.1, 1e-12)
near(seeds.auc.error, 0.1 / math.sqrt(3), 1e-12)
equal({ seeds.auc.n, seeds.jsd.n, seeds.jsd.std, seeds.note }, { 3, 1, 0.0, nil })

-- The bundled sample: the jet mass alone separates the classes, and no longer does at equal mass.
local set = jets.sample()
local auc = metrics.auc(set.mass, set.label)
check(auc > 0.9 and auc < 0.95, auc)
local weights, facts = metrics.equal_mass_weights(set.mass, set.label)
near(metrics.auc(set.mass, set.label, weights), 0.5, 0.01)
check(facts.range[1] < 173 and facts.range[2] > 173 and facts.kept.signal < 1 and facts.effective.background > 100)
local sculpting = metrics.mass_sculpting(set.mass, set.mass, set.label)
check(sculpting.jsd > 0.6 and sculpting.floor < 0.01)
local print_before, lines = print, {}
print = function(line) lines[#lines + 1] = line end
local summary = metrics.summary(set.n_constituents, set:images())
print = print_before
near(summary.auc_mass_alone, auc, 1e-12)
local screen = table.concat(lines, "\n")
check(screen:find("AUC at equal mass", 1, true) and screen:find("floor", 1, true), screen)
check(screen:find("effectively %d+ signal and %d+ background jets"), screen)
check(select(2, screen:gsub("\n", "")) < 24, "more than a screen")
near(summary["rejection_0.3"], metrics.rejection(set.n_constituents, set.label), 1e-12)
near(summary.auc_equal_mass, metrics.auc(set.n_constituents, set.label, weights), 1e-12)
near(summary.jsd, metrics.mass_sculpting(set.n_constituents, set.mass, set.label).jsd, 1e-12)

-- Several scores at once, light jets as the signal, and a set too small for the bins.
local few = set:take(40)
local light = { label = 1 - few.label, mass = few.mass }
lines = {}
print = function(line) lines[#lines + 1] = line end
local both = metrics.summary({ { "constituents", few.n_constituents }, { "none", few.pt * 0 } }, light, { width = 5, min = 20 })
print = print_before
screen = table.concat(lines, "\n")
near(both.constituents.auc, metrics.auc(few.n_constituents, light.label), 1e-12)
near(both["mass alone"].auc, 1 - metrics.auc(few.mass, light.label), 1e-12)
check(both["mass alone"].auc >= 0.5)
equal({ both.none.auc, both.none.auc_equal_mass, both.none.jsd }, { 0.5 })
check(screen:find("none +0%.500 ± 0%.000 +%- +1%.0 ± 0%.0 +1%.0 ± 0%.0 +%- +%-\n"), screen)
check(screen:find("equal mass: no bin of 5 GeV holds 20 jets of each class", 1, true), screen)
lines = {}
print = function(line) lines[#lines + 1] = line end
local thousand = set:take(2000)
local wide = metrics.summary(thousand.n_constituents, thousand)
print = print_before
check(table.concat(lines, "\n"):find("in bins of 20 GeV", 1, true), table.concat(lines, "\n"))
near(wide.auc_equal_mass, metrics.auc(thousand.n_constituents, thousand.label, (metrics.equal_mass_weights(thousand.mass, thousand.label, { width = 20, min = 10 }))), 1e-12,
  "wider bins for few jets")
raises("summary: score[2]: expected {name, score}, got an empty table", metrics.summary, { { "a", few.pt }, {} }, few)
raises('summary: unknown option "with"; did you mean "width"?', metrics.summary, few.pt, few, { with = 3 })
raises("summary: set: expected jets with label and mass, got 3", metrics.summary, few.pt, 3)

-- Uncertainties: DeLong's beside the bootstrap's, intervals, and what weights do.
local some = set:take(3000)
local fine = metrics.auc_error(some.mass, some.label)
near(metrics.roc(some.mass, some.label).auc_error, fine, 1e-15)
tensor.manual_seed(3)
local drawn = metrics.bootstrap(function(weight)
  return {
    auc = metrics.auc(some.mass, some.label, weight), rejection = metrics.rejection(some.mass, some.label, { weight = weight }),
    jsd = metrics.mass_sculpting(some.n_constituents, some.mass, some.label, { weight = weight }).jsd,
  }
end, some.label, { samples = 60 })
check(math.abs(drawn.auc.std / fine - 1) < 0.3, drawn.auc.std .. " " .. fine)
check(drawn.auc.low < drawn.auc.mean and drawn.auc.mean < drawn.auc.high)
equal({ drawn.auc.n, drawn.auc.undefined }, { 60, 0 })
local binomial = metrics.rejection_interval(some.mass, some.label)
near(binomial.value, metrics.rejection(some.mass, some.label), 1e-12)
check(drawn.rejection.std > 0.7 * binomial.error and binomial.low < binomial.value and binomial.value < binomial.high)
local shaped = metrics.mass_sculpting(some.n_constituents, some.mass, some.label)
check(math.abs(drawn.jsd.std / shaped.error - 1) < 0.4, drawn.jsd.std .. " " .. shaped.error)
tensor.manual_seed(3)
local number = metrics.bootstrap(function(weight) return metrics.auc(some.mass, some.label, weight) end, some.label, { samples = 2 })
tensor.manual_seed(3)
local first = metrics.bootstrap(function(weight) return metrics.auc(some.mass, some.label, weight) end, some.label, { samples = 2, weight = some.weight })
equal(number, first)
raises("bootstrap: figure: expected a function of weights, got 3", metrics.bootstrap, 3, label)
raises("bootstrap: samples: expected an integer of at least 2, got 1", metrics.bootstrap, print, label, { samples = 1 })
raises("bootstrap: figure: expected a function that returns a number or a table of numbers, got \"x\"", metrics.bootstrap, function() return "x" end, label)

local better = metrics.auc_difference(some.mass, some.n_constituents, some.label)
near(better.difference, metrics.auc(some.mass, some.label) - metrics.auc(some.n_constituents, some.label), 1e-12)
check(better.z > 5 and better.p < 1e-6 and better.error < fine + metrics.auc_error(some.n_constituents, some.label))
local same = metrics.auc_difference(some.mass, some.mass, some.label)
equal({ same.difference, same.error, same.p }, { 0.0, 0.0, 1.0 })
local low, high = metrics.binomial_interval(0, 10, { level = 0.9 })
equal(low, 0.0)
near(high, 1 - 0.05 ^ 0.1, 1e-12)
raises("binomial_interval: expected 0 <= passing <= total", metrics.binomial_interval, 2, 1)
raises("rejection_interval: level: expected a probability between 0 and 1, got 2", metrics.rejection_interval, score, label, { level = 2 })

-- A jet of weight 2 counts as two jets.
local twice = { score = { 1, 2, 2, 3, 3, 4 }, label = { 0, 0, 0, 1, 1, 0 } }
equal(metrics.rejection({ 1, 2, 3, 4 }, { 0, 0, 1, 0 }, { at = 1, weight = { 1, 2, 2, 1 } }), metrics.rejection(twice.score, twice.label, { at = 1 }))
local heavy = tensor.full({ #many }, 5.0)
near(metrics.sic(many, class, heavy).max, sic.max, 1e-12)
near(metrics.sic(many, class, heavy).error[1], sic.error[1], 1e-12)
near(metrics.mass_sculpting(some.n_constituents, some.mass, some.label, { weight = some.weight * 2 }).error, shaped.error, 1e-9)
local own = metrics.equal_mass_weights(set.mass, set.label, { weight = set.weight * 3 })
near(own:sum():item(), 3 * weights:sum():item(), 1e-6 * own:sum():item())
raises("mass_sculpting: 2 weights for 4 jets", metrics.mass_sculpting, score, score, label, { weight = { 1, 2 } })

-- The frontier: what none beats in both, in order of the sculpting.
local flat = tensor.rand(#set)
local rows = metrics.frontier({ { "mass", set.mass }, { "constituents", set.n_constituents }, { "none", flat }, { "less", set.mass + 1e-9 * flat } }, set, { width = 20 })
equal({ #rows, rows[1].name, rows[1].best, rows[2].name, rows[2].best }, { 4, "none", true, "constituents", false })
for i = 2, 4 do check(rows[i].jsd >= rows[i - 1].jsd) end
near(rows[2].auc, metrics.auc(set.n_constituents, set.label), 1e-12)
check(rows[2].auc_equal_mass_error > 0 and rows[2].jsd_error > 0 and rows[1].jsd < 3 * rows[1].floor)
raises('frontier: scores: expected a list {{"name", score}, …}, got one score', metrics.frontier, flat, set)
raises("frontier: set: expected jets with label and mass, got 3", metrics.frontier, { { "a", flat } }, 3)

raises("auc: no jet has label 1 (signal) among 2", metrics.auc, { 1, 2 }, { 0, 0 })
raises("auc: score: 1 of 2 values are NaN", metrics.auc, { 0 / 0, 2 }, { 0, 1 })
raises("auc: 1 labels for 2 scores", metrics.auc, { 1, 2 }, { 0 })
raises("auc: score: expected a tensor or a list of numbers, got nil", metrics.auc)
raises("rejection: at: expected a signal efficiency above 0 and at most 1, got 0", metrics.rejection, score, label, { at = 0 })
raises('unknown option "att"; did you mean "at"?', metrics.rejection, score, label, { att = 0.3 })
raises('base: expected "e" or a number above 1, got 1', metrics.jsd, { 1 }, { 1 }, { base = 1 })
raises("jsd: histograms of 1 and 2 bins", metrics.jsd, { 1 }, { 1, 2 })
raises("mass_sculpting: at: expected a background efficiency between 0 and 1", metrics.mass_sculpting, score, score, label, { at = 1 })
raises("no bin of 5 GeV holds 20 jets of each class", metrics.equal_mass_weights, score, label)
raises("summary: set: expected jets with label and mass", metrics.summary, score, {})

-- The bundled sample, its heavy jets as a signal.
local bump = metrics.bump_hunt { mass = set.mass, score = set.n_constituents, label = set.label, at = 0.5, window = { 150, 200 }, width = 10 }
check(bump.z > 5 and bump.n > bump.b and bump.sigma > 0 and bump.asimov > 5 and bump.p < 1e-6, bump.z)
equal({ bump.window, #bump.fit, #bump.count, bump.uncut.window }, { { 150.0, 200.0 }, #bump.mass, #bump.mass, { 150.0, 200.0 } })
check(bump.background.z < bump.z and bump.efficiency >= 0.5 and bump.efficiency < 0.55)
local scanned = metrics.bump_hunt { mass = set.mass, score = set.n_constituents, at = 0.5, width = 10, window = 40, range = { 60, 300 } }
equal({ scanned.background, scanned.asimov, #scanned.scan.mass }, { nil, nil, 17 })
near(scanned.z, scanned.scan.z:max():item(), 1e-9)
local globally = metrics.bump_hunt {
  mass = set.mass, score = set.n_constituents, label = set.label, at = 0.5, width = 10, window = 40, range = { 60, 300 }, max_degree = 2, toys = 20, weight = set.weight,
}
equal({ globally.toys, globally.background.toys, globally.uncut.toys, #globally.fit_error }, { 20, 20, nil, #globally.fit })
near(globally.p_global, 1 / 21, 1e-12)
equal({ globally.z_global_is_lower_limit, scanned.z_global_is_lower_limit }, { true })
check(globally.z_global < globally.z and globally.p_global_error > 0 and globally.background.p_global >= globally.background.p)
raises("bump_hunt: toys: expected a number of spectra in 0...1000000, got -1", metrics.bump_hunt, { mass = { 1 }, score = { 1 }, toys = -1 })
raises("bump_hunt: expected a table with mass = and score =", metrics.bump_hunt, { mass = { 1 } })
raises('bump_hunt: unknown option "masses"; did you mean "mass"?', metrics.bump_hunt, { masses = { 1 }, score = { 1 } })
raises("bump_hunt: window: expected {low, high} in GeV", metrics.bump_hunt, { mass = { 1 }, score = { 1 }, window = { 1 } })
raises("bump_hunt: 1 masses, 2 scores; give one of each per jet", metrics.bump_hunt, { mass = { 1 }, score = { 1, 2 } })
raises("bump_hunt: at: expected a fraction of the background above 0 and at most 1, got 2", metrics.bump_hunt, { mass = { 1 }, score = { 1 }, at = 2 })
raises("the side bands of any window hold too little among 1 masses", metrics.bump_hunt, { mass = { 1 }, score = { 1 } })

-- Junk ends in an error, never in a crash
local junk = {
  nil, false, 0, -1, 0 / 0, 1 / 0, math.maxinteger, "", {}, { 1, 2 }, { 0 / 0, 1 }, { 1 / 0, 1 }, { -1, 1e308 }, { {} }, { at = 0 / 0 },
  { width = 1e-300 }, { min = math.maxinteger }, { base = 1 / 0 }, io.stdout, print, set, score, label, tensor { 1, 2 }, tensor.zeros(0),
}
math.randomseed(4)
local names = { "roc", "auc", "rejection", "sic", "jsd", "mass_sculpting", "equal_mass_weights", "distance_correlation", "emd", "bump_hunt", "over_seeds", "summary",
  "auc_error", "auc_difference", "rejection_interval", "binomial_interval", "bootstrap", "frontier" }
for _ = 1, 4000 do
  pcall(metrics.bump_hunt, { mass = junk[math.random(25)], score = junk[math.random(25)], window = junk[math.random(25)], range = junk[math.random(25)], at = junk[math.random(25)] })
  pcall(metrics[names[math.random(#names)]], junk[math.random(25)], junk[math.random(25)], junk[math.random(25)], junk[math.random(25)])
end
equal(#metrics.roc(score, label).fpr, 5)

-- Several scores at once, and background and signal put together.
local curves = metrics.rocs({ { "a", { 0.9, 0.6, 0.4, 0.1 } }, { "b", { 0.1, 0.4, 0.6, 0.9 } } }, { 1, 0, 1, 0 })
equal({ #curves, curves[1].label, curves[1].auc, curves[2].label, curves[2].auc }, { 2, "a", 0.75, "b", 0.25 })
raises('metrics.rocs: named[2]: expected {"name", score}', metrics.rocs, { { "a", { 1, 2 } }, { "b" } }, { 0, 1 })
raises('metrics.rocs: named: expected {{"name", score}, …}, got an empty table', metrics.rocs, {}, { 0, 1 })
local joined = metrics.labelled({ kl = tensor { 1, 2 }, latent = tensor { { 1, 2 }, { 3, 4 } }, only = tensor { 1 } }, { kl = tensor { 5 }, latent = tensor { { 6, 7 } } })
equal({ joined.kl:totable(), joined.latent:totable(), joined.label:totable(), joined.only }, { { 1.0, 2.0, 5.0 }, { { 1.0, 2.0 }, { 3.0, 4.0 }, { 6.0, 7.0 } }, { 0, 0, 1 } })
equal(joined.label.dtype, "int64")
raises("metrics.labelled: b has 1 background and 1 signal jets, a has 2 and 1; give the same jets in each", metrics.labelled, { a = tensor { 1, 2 }, b = tensor { 1 } }, { a = tensor { 1 }, b = tensor { 1 } })
raises("metrics.labelled: the tables have no column in common", metrics.labelled, { a = tensor { 1 } }, { b = tensor { 1 } })
raises("metrics.labelled: signal: expected a table of tensors, got 3", metrics.labelled, {}, 3)
raises("metrics.labelled: a: expected tensors of both classes", metrics.labelled, { a = 1 }, { a = 2 })

testing.finish()
