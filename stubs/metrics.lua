---@meta metrics

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- What an anomaly score is worth: ROC and what follows from it, mass dependence, averages over seeds. Scores, labels, masses and weights are tensors or lists; a jet passes where score >= threshold.
---@class jetlua.metrics
local metrics = {}

--- P(s > b) + P(s = b) / 2 for a signal score s and a background score b.
---
--- ```lua
--- metrics.auc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}) --> 0.75
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number
function metrics.auc(score, label, weight) end

--- The difference of the AUCs of two scores of the same jets, with the uncertainty in which their correlation is counted (DeLong), the difference in units of it, and the two-sided probability of as much by chance.
---
--- ```lua
--- set = jets.sample()
--- metrics.auc_difference(set.mass, set.n_constituents, set.label).z > 10 --> true
--- ```
---@param score tensor|number[]
---@param other tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return { difference: number, error: number|nil, z: number|nil, p: number|nil }
function metrics.auc_difference(score, other, label, weight) end

--- The uncertainty of the AUC by DeLong, DeLong and Clarke-Pearson (1988); with weights w their estimate of the spread with u = w / sum w: the sum over both classes of sum u^2 (V - AUC)^2 / (1 - sum u^2), V the fraction of the other class that a jet beats. nil where a class has but one jet.
---
--- ```lua
--- metrics.auc_error({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}) --> 0.35355339059327
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number|nil
function metrics.auc_error(score, label, weight) end

--- The interval of Clopper and Pearson for an efficiency of which `passing` of `total` jets are known, at the confidence `level`: it covers the truth at least that often. Effective numbers of weighted jets need not be whole.
---
--- ```lua
--- metrics.binomial_interval(0, 10, {level = 0.9}) --> 0.0 0.25886…
--- ```
---@param passing number
---@param total number
---@param options? { level: number|nil } 0.6827
---@return number low, number high
function metrics.binomial_interval(passing, total, options) end

--- The uncertainty of any figure by the bootstrap: `figure(weight)` is called with weights that stand for jets drawn again with repetition, as many of each label as there are, and returns a number or a table of named numbers. Seeded by `tensor.manual_seed`. Gives for the number, or for each name, mean, standard deviation and the quantiles between which the fraction `level` lies.
---
--- ```lua
--- score, label = {0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}
--- metrics.bootstrap(function(w) return metrics.auc(score, label, w) end, label, {samples = 50}).n --> 50
--- ```
---@param figure fun(weight: tensor): number|table<string, number>
---@param label tensor|integer[] of the jets
---@param options? { samples: integer|nil, level: number|nil, weight: tensor|number[]|nil } 200, 0.6827, and the jets' own weights
---@return table { mean, std, low, high, n, undefined }, or such a table by name
function metrics.bootstrap(figure, label, options) end

--- A bump hunt: keeps the jets whose score passes a cut, at which the fraction `at` of the background (of all jets without labels) passes, fits exp(polynomial) to the side bands of a mass window by maximum Poisson likelihood, the degree chosen by an F-test up to `max_degree`, and compares the jets in the window with what the fit expects there. `window` is `{low, high}` in GeV, or the width of windows to try everywhere (six bins unless given), of which the most significant one is kept. The fit covers `range = {low, high}`, or everything above the spectrum's peak. With labels it also hunts on the background alone (`background`), since a score that shapes the mass makes its own bump, and gives the expectation for the signal that passes (`asimov`); `uncut` is the same window without the cut. `z` is a local significance. With `toys` that many spectra are drawn from the fit and searched in the same windows: `p_global` is the fraction with a window at least as significant, `z_global` the significance that it stands for, a lower limit where no toy was as significant. With weights, sums of weights are compared in units of sum w^2 / sum w.
---
--- ```lua
--- set = jets.sample()
--- bump = metrics.bump_hunt{mass = set.mass, score = set.n_constituents, label = set.label, at = 0.5, window = {150, 200}, width = 10}
--- bump.z > 5 --> true
--- ```
---@param options { mass: tensor|number[], score: tensor|number[], label: tensor|integer[]|nil, at: number|nil, width: number|nil, window: number|number[]|nil, range: number[]|nil, max_degree: integer|nil, weight: tensor|number[]|nil, toys: integer|nil } at 0.01, width 5, max_degree 4, toys 0
---@return { z: number, p: number, n: number, b: number, sigma: number, window: number[], threshold: number, efficiency: number, degree: integer, deviance: number, dof: integer, mass: tensor, count: tensor, fit: tensor, scan: { mass: tensor, z: tensor }, asimov: number|nil, uncut: table|nil, background: table|nil, fit_error: tensor, p_global: number|nil, p_global_error: number|nil, z_global: number|nil, z_global_is_lower_limit: boolean|nil, toys: integer|nil }
function metrics.bump_hunt(options) end

--- Distance correlation, or with `squared` its square, the DisCo of the papers; exact, in O(N log N). As a term of a loss, with its gradient: `nn.distance_correlation`.
---
--- ```lua
--- metrics.distance_correlation({1, 2, 3}, {2, 4, 6}) --> 1.0
--- ```
---@param x tensor|number[]
---@param y tensor|number[]
---@param weight? tensor|number[]
---@param options? { squared: boolean|nil }
---@return number
function metrics.distance_correlation(x, y, weight, options) end

--- The energy mover's distance of two jets, exact: min over flows f of sum f_ij theta_ij / R + |sum pt_i - sum pt_j|, theta the distance in (y, phi) with phi periodic; with `norm` each jet's pt are divided by their sum. A jet is a tensor or list of particles (pt, y, phi), or of (E, px, py, pz); particles without pt are padding. Of two batches `[N, M, 3]` the distances of the pairs, on all threads. Without `norm`, R must be at least half the largest theta.
---
--- ```lua
--- metrics.emd({{3, 0, 0}, {1, 0.6, 0.8}}, {{4, 0, 0}}) --> 1.0
--- ```
---@param jet_a tensor|number[][]
---@param jet_b tensor|number[][]
---@param options? { R: number|nil, norm: boolean|nil } 1, false
---@return number|tensor
function metrics.emd(jet_a, jet_b, options) end

--- Weights that give both classes one mass spectrum, in bins of `width` GeV with at least `min` jets of each class. Weights that the jets have of their own are multiplied in.
---
--- ```lua
--- set = jets.sample()
--- weights, facts = metrics.equal_mass_weights(set.mass, set.label, {width = 20})
--- weights.shape --> {20000}
--- ```
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { width: number|nil, min: integer|nil, weight: tensor|number[]|nil } 5, 20
---@return tensor weights
---@return { range: number[], kept: table<string, number>, effective: table<string, number> } facts
function metrics.equal_mass_weights(mass, label, options) end

--- AUC at equal mass against mass sculpting for a list of named scores `{{"name", score}, …}` of one set, in order of the sculpting. A score is on the frontier (`best`) where no other one has at least its AUC at equal mass with no more sculpting; `plot.frontier` draws it. Bins without enough jets of both classes raise, since all scores must be judged in the same bins.
---
--- ```lua
--- set = jets.sample()
--- rows = metrics.frontier({{"mass", set.mass}, {"constituents", set.n_constituents}}, set, {width = 20})
--- rows[1].name, rows[1].best --> constituents true
--- ```
---@param scores { [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass, and weight if it has one
---@param options? { width: number|nil, min: integer|nil, at: number|nil, weight: tensor|number[]|nil } width (GeV, 5) and min (20) of the bins at equal mass; `at` (0.5) the background efficiency of the cut that sculpts, in bins of 5 GeV
---@return { name: string, auc: number, auc_error: number, auc_equal_mass: number, auc_equal_mass_error: number, jsd: number, jsd_error: number, floor: number, best: boolean }[]
function metrics.frontier(scores, set, options) end

--- Jensen-Shannon divergence of two histograms with the same bins.
---
--- ```lua
--- metrics.jsd({1, 0}, {0, 1}, {base = 2}) --> 1.0
--- ```
---@param p tensor|number[]
---@param q tensor|number[]
---@param options? { base: "e"|number|nil }
---@return number
function metrics.jsd(p, q, options) end

--- Background and signal one after the other: the columns that both tables have, and `label`, 0 for background and 1 for signal.
---
--- ```lua
--- metrics.labelled({mass = tensor{80, 90}}, {mass = tensor{170}}).label --> [0, 0, 1]
--- ```
---@param background table<string, tensor> such as scores of the background's jets, with their `mass`
---@param signal table<string, tensor>
---@return table<string, tensor>
function metrics.labelled(background, signal) end

--- Divergence in nats between the mass spectra of background (label 0) that passes and that fails a cut at the background efficiency `at`, in bins of `width` GeV, the floor that equal spectra reach by chance, and its uncertainty `error`.
---
--- ```lua
--- set = jets.sample()
--- metrics.mass_sculpting(set.n_constituents, set.mass, set.label) --> {efficiency = …}
--- ```
---@param score tensor|number[]
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, width: number|nil, weight: tensor|number[]|nil } 0.5, 5
---@return { jsd: number, floor: number, error: number, threshold: number, efficiency: number, width: number, passing: tensor, failing: tensor }
function metrics.mass_sculpting(score, mass, label, options) end

--- Mean, standard deviation (n - 1), number, and uncertainty of the mean (standard deviation / sqrt(n)) of each figure over results of several seeds.
---
--- ```lua
--- metrics.over_seeds{{auc = 0.8}, {auc = 0.9}}.auc.mean --> 0.85
--- ```
---@param list table<string, number>[]
---@return table<string, { mean: number, std: number, n: integer, error: number }>
function metrics.over_seeds(list) end

--- Spearman's rank correlation, in -1 to 1; ties share the mean of their ranks.
---
--- ```lua
--- metrics.rank_correlation({1, 2, 3}, {1, 8, 27}) --> 1.0
--- ```
---@param x tensor|number[]
---@param y tensor|number[]
---@return number
function metrics.rank_correlation(x, y) end

--- 1 / background efficiency at the first threshold whose signal efficiency reaches `at`, or interpolated between the two neighbours. With no background passing N / 2.3 and the string "lower limit (90 %)".
---
--- ```lua
--- metrics.rejection({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}) --> 2.0
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil, weight: tensor|number[]|nil } 0.3, false
---@return number rejection, string? limit
function metrics.rejection(score, label, options) end

--- A rejection with its interval at the confidence `level`, from that of Clopper and Pearson for the background efficiency (with weights of the effective number of jets), which stays right where few jets pass; `high` is infinite where none does. `error` is the binomial spread of 1 / efficiency. The cut counts as fixed; `metrics.bootstrap` also has the spread of the signal that places it.
---
--- ```lua
--- metrics.rejection_interval({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}).low --> 1.0902…
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil, weight: tensor|number[]|nil, level: number|nil } 0.3, false, none, 0.6827
---@return { value: number, limit: string|nil, low: number, high: number, error: number|nil, passing: number, signal_efficiency: number }
function metrics.rejection_interval(score, label, options) end

--- The ROC curve: one point per distinct score, from (0, 0) to (1, 1); a jet passes where score >= threshold. `fpr_error` and `tpr_error` are the binomial uncertainties sqrt(e (1 - e) / n), n the effective number (sum w)^2 / sum w^2 of the class, `auc_error` is that of `metrics.auc_error`.
---
--- ```lua
--- metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}).tpr --> [0., 0.5, 0.5, 1., 1.]
--- ```
---@param score tensor|number[]
---@param label tensor|integer[] 1 signal, 0 background
---@param weight? tensor|number[]
---@return { fpr: tensor, tpr: tensor, threshold: tensor, auc: number, fpr_error: tensor, tpr_error: tensor, auc_error: number|nil }
function metrics.roc(score, label, weight) end

--- The ROC curves of several scores of the same jets, each with its name as its `label`, for `plot.roc`.
---
--- ```lua
--- metrics.rocs({{"mass", {0.9, 0.6, 0.4, 0.1}}}, {1, 0, 1, 0})[1].label --> mass
--- ```
---@param named table[] `{{"name", score}, …}`, as for `metrics.summary`
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return table[] curves as `metrics.roc` gives them
function metrics.rocs(named, label, weight) end

--- The significance improvement, signal efficiency / sqrt(background efficiency), where at least ten background jets pass (effectively, with weights), with its binomial uncertainty.
---
--- ```lua
--- set = jets.sample()
--- metrics.sic(set.mass, set.label).max > 1 --> true
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return { tpr: tensor, sic: tensor, max: number|nil, at: number|nil, error: tensor, max_error: number|nil }
function metrics.sic(score, label, weight) end

--- Prints on one screen AUC, AUC at equal mass with its effective numbers, background rejection at the signal efficiencies 0.3 and 0.5 and the mass sculpting with its floor, for a score or a list of named scores `{{"name", score}, …}`, and for the jet mass alone, its sign such that it separates (AUC of at least 0.5). Behind each stands one standard deviation: DeLong's for an AUC, the binomial one for a rejection. Returns the numbers: of the one score, or by name.
---
--- `width` (GeV) and `min` (jets of each class in a bin) are those of `equal_mass_weights`: 5 and 20, and where neither is given and no bin holds so many, 20 and 10 or 40 and 5; what was taken is printed. The jets count with the weights of the set, if it has some.
---
--- ```lua
--- set = jets.sample()
--- metrics.summary(set.n_constituents, set, {width = 20}).auc --> …mass alone…
--- ```
---@param score tensor|number[]|{ [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass
---@param options? { width: number|nil, min: integer|nil, weight: tensor|number[]|nil }
---@return table<string, number>|table<string, table<string, number>>
function metrics.summary(score, set, options) end

return metrics
