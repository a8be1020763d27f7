-- What an anomaly score is worth: ROC and what follows from it, mass dependence, averages over seeds.
-- Scores, labels, masses and weights are tensors or lists; a jet passes where score >= threshold.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local metrics = {}

--- The ROC curve: one point per distinct score, from (0, 0) to (1, 1); a jet passes where score >= threshold.
---@param score tensor|number[]
---@param label tensor|integer[] 1 signal, 0 background
---@param weight? tensor|number[]
---@return { fpr: tensor, tpr: tensor, threshold: tensor, auc: number }
function metrics.roc(score, label, weight) return core.roc(score, label, weight) end

--- P(s > b) + P(s = b) / 2 for a signal score s and a background score b.
---@param score tensor|number[]
---@param label tensor|integer[]
---@param weight? tensor|number[]
---@return number
function metrics.auc(score, label, weight) return core.auc(score, label, weight) end

--- 1 / background efficiency at the first threshold whose signal efficiency reaches `at`, or interpolated between the two
--- neighbours. With no background passing N / 2.3 and the string "lower limit (90 %)".
---@param score tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, interpolate: boolean|nil } 0.3, false
---@return number rejection, string? limit
function metrics.rejection(score, label, options) return core.rejection(score, label, options) end

--- The significance improvement, signal efficiency / sqrt(background efficiency), where at least ten background jets pass.
---@param score tensor|number[]
---@param label tensor|integer[]
---@return { tpr: tensor, sic: tensor, max: number|nil, at: number|nil }
function metrics.sic(score, label) return core.sic(score, label) end

--- Jensen-Shannon divergence of two histograms with the same bins.
---@param p tensor|number[]
---@param q tensor|number[]
---@param options? { base: "e"|number|nil }
---@return number
function metrics.jsd(p, q, options) return core.jsd(p, q, options) end

--- Divergence in nats between the mass spectra of background (label 0) that passes and that fails a cut at the background
--- efficiency `at`, in bins of `width` GeV, and the floor that equal spectra reach by chance.
---@param score tensor|number[]
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { at: number|nil, width: number|nil } 0.5, 5
---@return { jsd: number, floor: number, threshold: number, efficiency: number, width: number, passing: tensor, failing: tensor }
function metrics.mass_sculpting(score, mass, label, options) return core.mass_sculpting(score, mass, label, options) end

--- Weights that give both classes one mass spectrum, in bins of `width` GeV with at least `min` jets of each class.
---@param mass tensor|number[]
---@param label tensor|integer[]
---@param options? { width: number|nil, min: integer|nil } 5, 20
---@return tensor weights
---@return { range: number[], kept: table<string, number>, effective: table<string, number> } facts
function metrics.equal_mass_weights(mass, label, options) return core.equal_mass_weights(mass, label, options) end

--- Distance correlation, or with `squared` its square, the DisCo of the papers.
---@param x tensor|number[]
---@param y tensor|number[]
---@param weight? tensor|number[]
---@param options? { squared: boolean|nil }
---@return number
function metrics.distance_correlation(x, y, weight, options) return core.distance_correlation(x, y, weight, options) end

--- Mean, standard deviation (n - 1) and number of each figure over results of several seeds.
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

--- A rejection as it is printed: a lower limit with its sign.
local function rejection_row(score, label, at)
  local value, limit = core.rejection(score, label, { at = at })
  return { ("1/eps_B at eps_S = %s"):format(text.number(at)), (limit and "> " or "") .. ("%.1f"):format(value), limit or "" }
end

--- Prints AUC, AUC at equal mass, rejections and mass sculpting of a score on one screen, beside the mass alone, and
--- returns the numbers.
---@param score tensor|number[]
---@param set jets.Set|jets.Images with label and mass
---@return table<string, number>
function metrics.summary(score, set)
  local label, mass = set.label, set.mass
  if label == nil or mass == nil then raise("summary: set: expected jets with label and mass, got %s", text.describe(set)) end
  local result = { auc = core.auc(score, label), auc_mass_alone = core.auc(mass, label) }
  local rows = { { "AUC", ("%.4f"):format(result.auc), "" }, { "AUC of the jet mass alone", ("%.4f"):format(result.auc_mass_alone), "" } }

  local weighted, weights, facts = pcall(core.equal_mass_weights, mass, label)
  if weighted then
    result.auc_equal_mass = core.auc(score, label, weights)
    rows[#rows + 1] = {
      "AUC at equal mass", ("%.4f"):format(result.auc_equal_mass),
      ("%g to %g GeV, effectively %.0f signal and %.0f background jets"):format(
        facts.range[1], facts.range[2], facts.effective.signal, facts.effective.background),
    }
  else
    rows[#rows + 1] = { "AUC at equal mass", "-", "too few jets of both classes at one mass" }
  end

  for _, at in ipairs { 0.3, 0.5 } do
    result[("rejection_%s"):format(text.number(at))] = core.rejection(score, label, { at = at })
    rows[#rows + 1] = rejection_row(score, label, at)
  end

  local sculpting = core.mass_sculpting(score, mass, label)
  result.jsd, result.jsd_floor = sculpting.jsd, sculpting.floor
  rows[#rows + 1] = {
    "mass sculpting, JSD in nats", ("%.5f"):format(sculpting.jsd),
    ("floor %.5f, at eps_B = %.2f in bins of %g GeV"):format(sculpting.floor, sculpting.efficiency, sculpting.width),
  }
  print(text.columns(rows))
  return result
end

return metrics
