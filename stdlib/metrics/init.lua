-- What an anomaly score is worth: ROC and what follows from it, mass dependence, averages over seeds.
-- Scores, labels, masses and weights are tensors or lists; a jet passes where score >= threshold.

local columns = require "jetlua.metrics.columns"
local core = require "jetlua.core.metrics"

local metrics = {}

--- The ROC curve: one point per distinct score, from (0, 0) to (1, 1); a jet passes where score >= threshold.
--- `fpr_error` and `tpr_error` are the binomial uncertainties sqrt(e (1 - e) / n), n the effective number (sum w)^2 / sum w^2 of the class,
--- `auc_error` is that of `metrics.auc_error`.
---
---     metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}).tpr --> [0., 0.5, 0.5, 1., 1.]
---@param score tensor|number[]
---@param label tensor|integer[] 1 signal, 0 background
---@param weight? tensor|number[]
---@return { fpr: tensor, tpr: tensor, threshold: tensor, auc: number, fpr_error: tensor, tpr_error: tensor, auc_error: number|nil }
function metrics.roc(score, label, weight) return core.roc(score, label, weight) end

--- The ROC curves of several scores of the same jets, each with its name as its `label`, for `plot.roc`.
---
---     metrics.rocs({{"mass", {0.9, 0.6, 0.4, 0.1}}}, {1, 0, 1, 0})[1].label --> mass
---@param named table[] `{{"name", score}, …}`, as for `metrics.summary`
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return table[] curves as `metrics.roc` gives them
function metrics.rocs(named, label, weight) return columns.rocs(named, label, weight) end

--- Background and signal one after the other: the columns that both tables have, and `label`, 0 for background and 1 for signal.
---
---     metrics.labelled({mass = tensor{80, 90}}, {mass = tensor{170}}).label --> [0, 0, 1]
---@param background table<string, tensor> such as scores of the background's jets, with their `mass`
---@param signal table<string, tensor>
---@return table<string, tensor>
function metrics.labelled(background, signal) return columns.labelled(background, signal) end

--- P(s > b) + P(s = b) / 2 for a signal score s and a background score b.
---
---     metrics.auc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}) --> 0.75
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number
function metrics.auc(score, label, weight) return core.auc(score, label, weight) end

--- The uncertainty of the AUC by DeLong, DeLong and Clarke-Pearson (1988); with weights w their estimate of the spread with u = w / sum w:
--- the sum over both classes of sum u^2 (V - AUC)^2 / (1 - sum u^2), V the fraction of the other class that a jet beats. nil where a
--- class has but one jet.
---
---     metrics.auc_error({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}) --> 0.35355339059327
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number|nil
function metrics.auc_error(score, label, weight) return core.auc_error(score, label, weight) end

--- The difference of the AUCs of two scores of the same jets, with the uncertainty in which their correlation is counted (DeLong), the
--- difference in units of it, and the two-sided probability of as much by chance.
---
---     set = jets.sample()
---     metrics.auc_difference(set.mass, set.n_constituents, set.label).z > 10 --> true
---@param score tensor|number[]
---@param other tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return { difference: number, error: number|nil, z: number|nil, p: number|nil }
function metrics.auc_difference(score, other, label, weight) return core.auc_difference(score, other, label, weight) end

--- 1 / background efficiency at the first threshold whose signal efficiency reaches `at`, or interpolated between the two
--- neighbours. With no background passing N / 2.3 and the string "lower limit (90 %)".
---
---     metrics.rejection({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}) --> 2.0
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil, weight: tensor|number[]|nil } 0.3, false
---@return number rejection, string? limit
function metrics.rejection(score, label, options) return core.rejection(score, label, options) end

--- A rejection with its interval at the confidence `level`, from that of Clopper and Pearson for the background efficiency (with weights
--- of the effective number of jets), which stays right where few jets pass; `high` is infinite where none does. `error` is the binomial
--- spread of 1 / efficiency. The cut counts as fixed; `metrics.bootstrap` also has the spread of the signal that places it.
---
---     metrics.rejection_interval({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}).low --> 1.0902…
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil, weight: tensor|number[]|nil, level: number|nil } 0.3, false, none, 0.6827
---@return { value: number, limit: string|nil, low: number, high: number, error: number|nil, passing: number, signal_efficiency: number }
function metrics.rejection_interval(score, label, options) return core.rejection_interval(score, label, options) end

--- The interval of Clopper and Pearson for an efficiency of which `passing` of `total` jets are known, at the confidence `level`: it covers
--- the truth at least that often. Effective numbers of weighted jets need not be whole.
---
---     metrics.binomial_interval(0, 10, {level = 0.9}) --> 0.0 0.25886…
---@param passing number
---@param total number
---@param options? { level: number|nil } 0.6827
---@return number low, number high
function metrics.binomial_interval(passing, total, options) return core.binomial_interval(passing, total, options) end

--- The significance improvement, signal efficiency / sqrt(background efficiency), where at least ten background jets pass (effectively,
--- with weights), with its binomial uncertainty.
---
---     set = jets.sample()
---     metrics.sic(set.mass, set.label).max > 1 --> true
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return { tpr: tensor, sic: tensor, max: number|nil, at: number|nil, error: tensor, max_error: number|nil }
function metrics.sic(score, label, weight) return core.sic(score, label, weight) end

--- Jensen-Shannon divergence of two histograms with the same bins.
---
---     metrics.jsd({1, 0}, {0, 1}, {base = 2}) --> 1.0
---@param p tensor|number[]
---@param q tensor|number[]
---@param options? { base: "e"|number|nil }
---@return number
function metrics.jsd(p, q, options) return core.jsd(p, q, options) end

--- Divergence in nats between the mass spectra of background (label 0) that passes and that fails a cut at the background
--- efficiency `at`, in bins of `width` GeV, the floor that equal spectra reach by chance, and its uncertainty `error`.
---
---     set = jets.sample()
---     metrics.mass_sculpting(set.n_constituents, set.mass, set.label) --> {efficiency = …}
---@param score tensor|number[]
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, width: number|nil, weight: tensor|number[]|nil } 0.5, 5
---@return { jsd: number, floor: number, error: number, threshold: number, efficiency: number, width: number, passing: tensor, failing: tensor }
function metrics.mass_sculpting(score, mass, label, options) return core.mass_sculpting(score, mass, label, options) end

--- Weights that give both classes one mass spectrum, in bins of `width` GeV with at least `min` jets of each class. Weights that the jets
--- have of their own are multiplied in.
---
---     set = jets.sample()
---     weights, facts = metrics.equal_mass_weights(set.mass, set.label, {width = 20})
---     weights.shape --> {20000}
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { width: number|nil, min: integer|nil, weight: tensor|number[]|nil } 5, 20
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

--- Spearman's rank correlation, in -1 to 1; ties share the mean of their ranks.
---
---     metrics.rank_correlation({1, 2, 3}, {1, 8, 27}) --> 1.0
---@param x tensor|number[]
---@param y tensor|number[]
---@return number
function metrics.rank_correlation(x, y) return core.rank_correlation(x, y) end

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
--- (`asimov`); `uncut` is the same window without the cut. `z` is a local significance. With `toys` that many spectra are drawn from the
--- fit and searched in the same windows: `p_global` is the fraction with a window at least as significant, `z_global` the significance
--- that it stands for, a lower limit where no toy was as significant. With weights, sums of weights are compared in units of sum w^2 / sum w.
---
---     set = jets.sample()
---     bump = metrics.bump_hunt{mass = set.mass, score = set.n_constituents, label = set.label, at = 0.5, window = {150, 200}, width = 10}
---     bump.z > 5 --> true
---@param options { mass: tensor|number[], score: tensor|number[], label: tensor|integer[]|nil, at: number|nil, width: number|nil, window: number|number[]|nil, range: number[]|nil, max_degree: integer|nil, weight: tensor|number[]|nil, toys: integer|nil } at 0.01, width 5, max_degree 4, toys 0
---@return { z: number, p: number, n: number, b: number, sigma: number, window: number[], threshold: number, efficiency: number, degree: integer, deviance: number, dof: integer, mass: tensor, count: tensor, fit: tensor, scan: { mass: tensor, z: tensor }, asimov: number|nil, uncut: table|nil, background: table|nil, fit_error: tensor, p_global: number|nil, p_global_error: number|nil, z_global: number|nil, z_global_is_lower_limit: boolean|nil, toys: integer|nil }
function metrics.bump_hunt(options) return core.bump_hunt(options) end

metrics.over_seeds = require "jetlua.metrics.over_seeds"
metrics.bootstrap = require "jetlua.metrics.bootstrap"
metrics.frontier = require "jetlua.metrics.frontier"
metrics.summary = require "jetlua.metrics.summary"

return metrics
