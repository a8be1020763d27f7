-- Scores of one set of jets on one screen.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

--- Everything that is printed of one score, as numbers.
local function measure(score, set, equal_mass)
  local label = set.label
  local figures = { auc = core.auc(score, label) }
  if equal_mass then figures.auc_equal_mass = core.auc(score, label, equal_mass) end
  for _, at in ipairs { 0.3, 0.5 } do
    local name = ("rejection_%s"):format(text.number(at))
    local value, limit = core.rejection(score, label, { at = at })
    figures[name], figures[name .. "_is_lower_limit"] = value, limit and true or nil
  end
  -- A score with one value for all background jets separates them into no two spectra.
  local separated, sculpting = pcall(core.mass_sculpting, score, set.mass, label)
  if separated then figures.jsd, figures.jsd_floor = sculpting.jsd, sculpting.floor end
  return figures
end

local function row(name, figures)
  local function shown(form, value) return value and form:format(value) or "-" end
  local function rejection(at)
    return (figures["rejection_" .. at .. "_is_lower_limit"] and "> " or "") .. ("%.1f"):format(figures["rejection_" .. at])
  end
  return {
    name, shown("%.3f", figures.auc), shown("%.3f", figures.auc_equal_mass), rejection("0.3"), rejection("0.5"),
    shown("%.4f", figures.jsd), shown("%.4f", figures.jsd_floor),
  }
end

--- The scores as a list of {name, score}, and whether there is but one, without a name.
local function named_scores(where, score)
  local list = type(score) == "table" and type(score[1]) == "table"
  if not list then return { { "score", score } }, true end
  for i, entry in ipairs(score) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string" or entry[2] == nil then
      expect.wrong(where, ("score[%d]"):format(i), "{name, score}", entry)
    end
  end
  return score, false
end

--- Prints on one screen AUC, AUC at equal mass with its effective numbers, background rejection at the signal efficiencies
--- 0.3 and 0.5 and the mass sculpting with its floor, for a score or a list of named scores `{{"name", score}, …}`, and for the
--- jet mass alone, its sign such that it separates (AUC of at least 0.5). Returns the numbers: of the one score, or by name.
---
--- `width` (GeV) and `min` (jets of each class in a bin) are those of `equal_mass_weights`; a small set needs wider bins.
---
---     set = jets.sample()
---     metrics.summary(set.n_constituents, set, {width = 20}).auc --> …mass alone…
---@param score tensor|number[]|{ [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass
---@param options? { width: number|nil, min: integer|nil } 5, 20
---@return table<string, number>|table<string, table<string, number>>
local function summary(score, set, options)
  local where = "summary"
  options = expect.options(where, options, { "width", "min" })
  local indexed, label, mass = pcall(function() return set.label, set.mass end)
  if not indexed or label == nil or mass == nil then
    raise("%s: set: expected jets with label and mass, got %s", where, text.describe(set))
  end
  local scores, single = named_scores(where, score)
  local width = expect.number(where, "width", options.width == nil and 5 or options.width)
  local min = expect.number(where, "min", options.min == nil and 20 or options.min, { integer = true, min = 1 })
  local weighted, weights, facts = pcall(core.equal_mass_weights, mass, label, { width = width, min = min })

  local results, rows = {}, { { "score", "AUC", "AUC at equal mass", "1/ε_B(0.3)", "1/ε_B(0.5)", "JSD", "floor" } }
  local function add(name, values)
    results[name] = measure(values, { label = label, mass = mass }, weighted and weights or nil)
    rows[#rows + 1] = row(name, results[name])
  end
  for _, entry in ipairs(scores) do add(entry[1], entry[2]) end
  local masses = type(mass) == "table" and tensor(mass) or mass
  add("mass alone", core.auc(mass, label) >= 0.5 and masses or -masses)

  local equal_mass = weighted
    and ("equal mass: %g to %g GeV in bins of %g GeV, effectively %.0f signal and %.0f background jets"):format(
      facts.range[1], facts.range[2], width, facts.effective.signal, facts.effective.background)
    or ("equal mass: no bin of %g GeV holds %d jets of each class"):format(width, min)
  print(text.columns(rows, true))
  print(equal_mass .. "\n1/ε_B(x): background rejection at signal efficiency x; JSD: mass sculpting at ε_B = 0.5 in nats, bins of 5 GeV")
  if not single then return results end
  results.score.auc_mass_alone = results["mass alone"].auc
  return results.score
end

return summary
