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

--- Distance correlation, or with `squared` its square, the DisCo of the papers.
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

--- Weights that give both classes one mass spectrum, in bins of `width` GeV with at least `min` jets of each class.
---
--- ```lua
--- set = jets.sample()
--- weights, facts = metrics.equal_mass_weights(set.mass, set.label, {width = 20})
--- weights.shape --> {20000}
--- ```
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { width: number|nil, min: integer|nil } 5, 20
---@return tensor weights
---@return { range: number[], kept: table<string, number>, effective: table<string, number> } facts
function metrics.equal_mass_weights(mass, label, options) end

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

--- Divergence in nats between the mass spectra of background (label 0) that passes and that fails a cut at the background efficiency `at`, in bins of `width` GeV, and the floor that equal spectra reach by chance.
---
--- ```lua
--- set = jets.sample()
--- metrics.mass_sculpting(set.n_constituents, set.mass, set.label) --> {efficiency = …}
--- ```
---@param score tensor|number[]
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, width: number|nil } 0.5, 5
---@return { jsd: number, floor: number, threshold: number, efficiency: number, width: number, passing: tensor, failing: tensor }
function metrics.mass_sculpting(score, mass, label, options) end

--- Mean, standard deviation (n - 1) and number of each figure over results of several seeds.
---
--- ```lua
--- metrics.over_seeds{{auc = 0.8}, {auc = 0.9}}.auc.mean --> 0.85
--- ```
---@param list table<string, number>[]
---@return table<string, { mean: number, std: number, n: integer }>
function metrics.over_seeds(list) end

--- 1 / background efficiency at the first threshold whose signal efficiency reaches `at`, or interpolated between the two neighbours. With no background passing N / 2.3 and the string "lower limit (90 %)".
---
--- ```lua
--- metrics.rejection({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}, {at = 1}) --> 2.0
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil } 0.3, false
---@return number rejection, string? limit
function metrics.rejection(score, label, options) end

--- The ROC curve: one point per distinct score, from (0, 0) to (1, 1); a jet passes where score >= threshold.
---
--- ```lua
--- metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0}).tpr --> [0., 0.5, 0.5, 1., 1.]
--- ```
---@param score tensor|number[]
---@param label tensor|integer[] 1 signal, 0 background
---@param weight? tensor|number[]
---@return { fpr: tensor, tpr: tensor, threshold: tensor, auc: number }
function metrics.roc(score, label, weight) end

--- The significance improvement, signal efficiency / sqrt(background efficiency), where at least ten background jets pass.
---
--- ```lua
--- set = jets.sample()
--- metrics.sic(set.mass, set.label).max > 1 --> true
--- ```
---@param score tensor|number[]
---@param label tensor|integer[]
---@return { tpr: tensor, sic: tensor, max: number|nil, at: number|nil }
function metrics.sic(score, label) end

--- Prints on one screen AUC, AUC at equal mass with its effective numbers, background rejection at the signal efficiencies 0.3 and 0.5 and the mass sculpting with its floor, for a score or a list of named scores `{{"name", score}, …}`, and for the jet mass alone, its sign such that it separates (AUC of at least 0.5). Returns the numbers: of the one score, or by name.
---
--- `width` (GeV) and `min` (jets of each class in a bin) are those of `equal_mass_weights`; a small set needs wider bins.
---
--- ```lua
--- set = jets.sample()
--- metrics.summary(set.n_constituents, set, {width = 20}).auc --> …mass alone…
--- ```
---@param score tensor|number[]|{ [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass
---@param options? { width: number|nil, min: integer|nil } 5, 20
---@return table<string, number>|table<string, table<string, number>>
function metrics.summary(score, set, options) end

return metrics
