-- Which of many scores are worth having: discrimination that is no mass against sculpting of the mass.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local samples = require "jetlua.metrics.samples"

--- AUC at equal mass against mass sculpting for a list of named scores `{{"name", score}, …}` of one set, in order of the sculpting. A
--- score is on the frontier (`best`) where no other one has at least its AUC at equal mass with no more sculpting; `plot.frontier` draws it.
--- Bins without enough jets of both classes raise, since all scores must be judged in the same bins.
---
---     set = jets.sample()
---     rows = metrics.frontier({{"mass", set.mass}, {"constituents", set.n_constituents}}, set, {width = 20})
---     rows[1].name, rows[1].best --> constituents true
---@param scores { [1]: string, [2]: tensor|number[] }[]
---@param set jets.Set|jets.Images with label and mass, and weight if it has one
---@param options? { width: number|nil, min: integer|nil, at: number|nil, weight: tensor|number[]|nil }
--- width (GeV, 5) and min (20) of the bins at equal mass; `at` (0.5) the background efficiency of the cut that sculpts, in bins of 5 GeV
---@return { name: string, auc: number, auc_error: number, auc_equal_mass: number, auc_equal_mass_error: number, jsd: number, jsd_error: number, floor: number, best: boolean }[]
local function frontier(scores, set, options)
  local where = "frontier"
  options = expect.options(where, options, { "width", "min", "at", "weight" })
  local label, mass, weight = samples.columns(where, set, options.weight)
  local named, single = samples.named_scores(where, scores)
  if single then raise("%s: scores: expected a list {{\"name\", score}, …}, got one score", where) end
  local equal_mass = core.equal_mass_weights(mass, label, { width = options.width, min = options.min, weight = weight })
  local rows = {}
  for i, entry in ipairs(named) do
    local name, score = entry[1], entry[2]
    local sculpting = core.mass_sculpting(score, mass, label, { at = options.at, weight = weight })
    rows[i] = {
      name = name, auc = core.auc(score, label, weight), auc_error = core.auc_error(score, label, weight),
      auc_equal_mass = core.auc(score, label, equal_mass), auc_equal_mass_error = core.auc_error(score, label, equal_mass),
      jsd = sculpting.jsd, jsd_error = sculpting.error, floor = sculpting.floor,
    }
  end
  for _, row in ipairs(rows) do
    row.best = true
    for _, other in ipairs(rows) do
      local beats = other.auc_equal_mass >= row.auc_equal_mass and other.jsd <= row.jsd
      if beats and (other.auc_equal_mass > row.auc_equal_mass or other.jsd < row.jsd) then row.best = false end
    end
  end
  table.sort(rows, function(a, b) return a.jsd < b.jsd or a.jsd == b.jsd and a.auc_equal_mass > b.auc_equal_mass end)
  return rows
end

return frontier
