-- What an anomaly score is worth: ROC and what follows from it, mass dependence, averages over seeds.
-- Scores, labels, masses and weights are tensors or lists; a jet passes where score >= threshold.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"

local metrics = {}

--- The ROC curve: one point per distinct score, from (0, 0) to (1, 1); a jet passes where score >= threshold.
--- `fpr_error` and `tpr_error` are the binomial uncertainties sqrt(e (1 - e) / n), n the effective number (sum w)^2 / sum w^2 of the class.
---
---     metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}).tpr --> [0., 0.5, 0.5, 1., 1.]
---@param score tensor|number[]
---@param label tensor|integer[] 1 signal, 0 background
---@param weight? tensor|number[]
---@return { fpr: tensor, tpr: tensor, threshold: tensor, auc: number, fpr_error: tensor, tpr_error: tensor }
function metrics.roc(score, label, weight) return core.roc(score, label, weight) end

--- P(s > b) + P(s = b) / 2 for a signal score s and a background score b.
---
---     metrics.auc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}) --> 0.75
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number
function metrics.auc(score, label, weight) return core.auc(score, label, weight) end

--- 1 / background efficiency at the first threshold whose signal efficiency reaches `at`, or interpolated between the two
--- neighbours. With no background passing N / 2.3 and the string "lower limit (90 %)".
---
---     metrics.rejection({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}) --> 2.0
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil } 0.3, false
---@return number rejection, string? limit
function metrics.rejection(score, label, options) return core.rejection(score, label, options) end

--- The significance improvement, signal efficiency / sqrt(background efficiency), where at least ten background jets pass.
---
---     set = jets.sample()
---     metrics.sic(set.mass, set.label).max > 1 --> true
---@param score tensor|number[]
---@param label tensor|integer[]
---@return { tpr: tensor, sic: tensor, max: number|nil, at: number|nil }
function metrics.sic(score, label) return core.sic(score, label) end

--- Jensen-Shannon divergence of two histograms with the same bins.
---
---     metrics.jsd({1, 0}, {0, 1}, {base = 2}) --> 1.0
---@param p tensor|number[]
---@param q tensor|number[]
---@param options? { base: "e"|number|nil }
---@return number
function metrics.jsd(p, q, options) return core.jsd(p, q, options) end

--- Divergence in nats between the mass spectra of background (label 0) that passes and that fails a cut at the background
--- efficiency `at`, in bins of `width` GeV, and the floor that equal spectra reach by chance.
---
---     set = jets.sample()
---     metrics.mass_sculpting(set.n_constituents, set.mass, set.label) --> {efficiency = …}
---@param score tensor|number[]
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, width: number|nil } 0.5, 5
---@return { jsd: number, floor: number, threshold: number, efficiency: number, width: number, passing: tensor, failing: tensor }
function metrics.mass_sculpting(score, mass, label, options) return core.mass_sculpting(score, mass, label, options) end

--- Weights that give both classes one mass spectrum, in bins of `width` GeV with at least `min` jets of each class.
---
---     set = jets.sample()
---     weights, facts = metrics.equal_mass_weights(set.mass, set.label, {width = 20})
---     weights.shape --> {20000}
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { width: number|nil, min: integer|nil } 5, 20
---@return tensor weights
---@return { range: number[], kept: table<string, number>, effective: table<string, number> } facts
function metrics.equal_mass_weights(mass, label, options) return core.equal_mass_weights(mass, label, options) end

--- Distance correlation, or with `squared` its square, the DisCo of the papers; exact, in O(N log N). As a term of a loss, with its
--- gradient: `nn.distance_correlation`.
---
---     metrics.distance_correlation({1, 2, 3}, {2, 4, 6}) --> 1.0
---@param x tensor|number[]
---@param y tensor|number[]
---@param weight? tensor|number[]
---@param options? { squared: boolean|nil }
---@return number
function metrics.distance_correlation(x, y, weight, options) return core.distance_correlation(x, y, weight, options) end

--- The energy mover's distance of two jets, exact: min over flows f of sum f_ij theta_ij / R + |sum pt_i - sum pt_j|, theta the
--- distance in (y, phi) with phi periodic; with `norm` each jet's pt are divided by their sum. A jet is a tensor or list of
--- particles (pt, y, phi), or of (E, px, py, pz); particles without pt are padding. Of two batches `[N, M, 3]` the distances of
--- the pairs, on all threads. Without `norm`, R must be at least half the largest theta.
---
---     metrics.emd({{3, 0, 0}, {1, 0.6, 0.8}}, {{4, 0, 0}}) --> 1.0
---@param jet_a tensor|number[][]
---@param jet_b tensor|number[][]
---@param options? { R: number|nil, norm: boolean|nil } 1, false
---@return number|tensor
function metrics.emd(jet_a, jet_b, options) return core.emd(jet_a, jet_b, options) end

--- A bump hunt: keeps the jets whose score passes a cut, at which the fraction `at` of the background (of all jets without
--- labels) passes, fits exp(polynomial) to the side bands of a mass window by maximum Poisson likelihood, the degree chosen by an
--- F-test up to `max_degree`, and compares the jets in the window with what the fit expects there. `window` is `{low, high}` in
--- GeV, or the width of windows to try everywhere (six bins unless given), of which the most significant one is kept. The fit
--- covers `range = {low, high}`, or everything above the spectrum's peak. With labels it also hunts on the background alone
--- (`background`), since a score that shapes the mass makes its own bump, and gives the expectation for the signal that passes
--- (`asimov`); `uncut` is the same window without the cut. `z` is a local significance. Jets count as they are, without weights.
---
---     set = jets.sample()
---     bump = metrics.bump_hunt{mass = set.mass, score = set.n_constituents, label = set.label, at = 0.5, window = {150, 200}, width = 10}
---     bump.z > 5 --> true
---@param options { mass: tensor|number[], score: tensor|number[], label: tensor|integer[]|nil, at: number|nil, width: number|nil, window: number|number[]|nil, range: number[]|nil, max_degree: integer|nil } at 0.01, width 5, max_degree 4
---@return { z: number, p: number, n: number, b: number, sigma: number, window: number[], threshold: number, efficiency: number, degree: integer, deviance: number, dof: integer, mass: tensor, count: tensor, fit: tensor, scan: { mass: tensor, z: tensor }, asimov: number|nil, uncut: table|nil, background: table|nil }
function metrics.bump_hunt(options) return core.bump_hunt(options) end

--- Mean, standard deviation (n - 1) and number of each figure over results of several seeds.
---
---     metrics.over_seeds{{auc = 0.8}, {auc = 0.9}}.auc.mean --> 0.85
---@param list table<string, number>[]
---@return table<string, { mean: number, std: number, n: integer }>
function metrics.over_seeds(list)
  local where = "over_seeds"
  if type(list) ~= "table" or #list == 0 then expect.wrong(where, "list", "a list of results", list) end
  local values = {}
  for i, result in ipairs(list) do
    if type(result) ~= "table" then expect.wrong(where, ("list[%d]"):format(i), "a table of numbers", result) end
    for key, value in pairs(result) do
      if type(value) == "number" then
        values[key] = values[key] or {}
        table.insert(values[key], value)
      end
    end
  end
  local summary = {}
  for key, numbers in pairs(values) do
    local sum, squares = 0, 0
    for _, x in ipairs(numbers) do sum = sum + x end
    local mean = sum / #numbers
    for _, x in ipairs(numbers) do squares = squares + (x - mean) ^ 2 end
    summary[key] = { mean = mean, std = #numbers > 1 and math.sqrt(squares / (#numbers - 1)) or 0.0, n = #numbers }
  end
  return summary
end

metrics.summary = require "jetlua.metrics.summary"

return metrics
