-- Scores of one set of jets on one screen.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local samples = require "jetlua.metrics.samples"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

-- Bins of an equal mass, in the order in which they are tried: width in GeV, jets of each class.
local bins = { { 5, 20 }, { 20, 10 }, { 40, 5 } }

--- Everything that is printed of one score, as numbers.
local function measure(score, set, equal_mass)
  local label, weight = set.label, set.weight
  local figures = { auc = core.auc(score, label, weight), auc_error = core.auc_error(score, label, weight) }
  if equal_mass then
    figures.auc_equal_mass, figures.auc_equal_mass_error = core.auc(score, label, equal_mass), core.auc_error(score, label, equal_mass)
  end
  for _, at in ipairs { 0.3, 0.5 } do
    local name = ("rejection_%s"):format(text.number(at))
    local found = core.rejection_interval(score, label, { at = at, weight = weight })
    figures[name], figures[name .. "_is_lower_limit"] = found.value, found.limit and true or nil
    figures[name .. "_error"], figures[name .. "_low"], figures[name .. "_high"] = found.error, found.low, found.high
  end
  -- A score with one value for all background jets separates them into no two spectra.
  local separated, sculpting = pcall(core.mass_sculpting, score, set.mass, label, { weight = weight })
  if separated then figures.jsd, figures.jsd_floor, figures.jsd_error = sculpting.jsd, sculpting.floor, sculpting.error end
  return figures
end

local function row(name, figures)
  local function shown(form, key, error)
    if not figures[key] then return "-" end
    return form:format(figures[key]) .. (error and figures[error] and " ± " .. form:format(figures[error]) or "")
  end
  local function rejection(at)
    local key = "rejection_" .. at
    return figures[key .. "_is_lower_limit"] and "> " .. ("%.1f"):format(figures[key]) or shown("%.1f", key, key .. "_error")
  end
  return {
    name, shown("%.3f", "auc", "auc_error"), shown("%.3f", "auc_equal_mass", "auc_equal_mass_error"), rejection("0.3"), rejection("0.5"),
    shown("%.4f", "jsd", "jsd_error"), shown("%.4f", "jsd_floor"),
  }
end

--- Prints on one screen AUC, AUC at equal mass with its effective numbers, background rejection at the signal efficiencies
--- 0.3 and 0.5 and the mass sculpting with its floor, for a score or a list of named scores `{{"name", score}, …}`, and for the
--- jet mass alone, its sign such that it separates (AUC of at least 0.5). Behind each stands one standard deviation: DeLong's for an
--- AUC, the binomial one for a rejection. Returns the numbers: of the one score, or by name.
---
--- `width` (GeV) and `min` (jets of each class in a bin) are those of `equal_mass_weights`: 5 and 20, and where neither is given and no bin
--- holds so many, 20 and 10 or 40 and 5; what was taken is printed. The jets count with the weights of the set, if it has some.
---
---     set = jets.sample()
---     metrics.summary(set.n_constituents, set, {width = 20}).auc --> …mass alone…
---@param score tensor|number[]|{ [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass
---@param options? { width: number|nil, min: integer|nil, weight: tensor|number[]|nil }
---@return table<string, number>|table<string, table<string, number>>
local function summary(score, set, options)
  local where = "summary"
  options = expect.options(where, options, { "width", "min", "weight" })
  local label, mass, weight = samples.columns(where, set, options.weight)
  local scores, single = samples.named_scores(where, score)
  local width = expect.number(where, "width", options.width == nil and bins[1][1] or options.width)
  local min = expect.number(where, "min", options.min == nil and bins[1][2] or options.min, { integer = true, min = 1 })
  local weighted, weights, facts = pcall(core.equal_mass_weights, mass, label, { width = width, min = min, weight = weight })
  for i = 2, not weighted and options.width == nil and options.min == nil and #bins or 1 do
    if not weighted then
      width, min = bins[i][1], bins[i][2]
      weighted, weights, facts = pcall(core.equal_mass_weights, mass, label, { width = width, min = min, weight = weight })
    end
  end

  local results, rows = {}, { { "score", "AUC", "AUC at equal mass", "1/ε_B(0.3)", "1/ε_B(0.5)", "JSD", "floor" } }
  local function add(name, values)
    results[name] = measure(values, { label = label, mass = mass, weight = weight }, weighted and weights or nil)
    rows[#rows + 1] = row(name, results[name])
  end
  for _, entry in ipairs(scores) do add(entry[1], entry[2]) end
  local masses = type(mass) == "table" and tensor(mass) or mass
  add("mass alone", core.auc(mass, label, weight) >= 0.5 and masses or -masses)

  local equal_mass = weighted
    and ("equal mass: %g to %g GeV in bins of %g GeV, effectively %.0f signal and %.0f background jets"):format(
      facts.range[1], facts.range[2], width, facts.effective.signal, facts.effective.background)
    or ("equal mass: no bin of %g GeV holds %d jets of each class"):format(width, min)
  print(text.columns(rows, true))
  print(equal_mass .. "\n1/ε_B(x): background rejection at signal efficiency x; JSD: mass sculpting at ε_B = 0.5 in nats, bins of 5 GeV; "
    .. "± one standard deviation")
  if not single then return results end
  results.score.auc_mass_alone = results["mass alone"].auc
  return results.score
end

return summary
