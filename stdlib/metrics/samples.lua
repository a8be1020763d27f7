-- What measures of several scores read from their arguments.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local samples = {}

--- Labels, masses and weights of a set; `weight` goes before the set's own, which may be missing.
---@param where string
---@param set any
---@param weight? any
---@return any label, any mass, any weight
function samples.columns(where, set, weight)
  local indexed, label, mass = pcall(function() return set.label, set.mass end)
  if not indexed or label == nil or mass == nil then
    raise("%s: set: expected jets with label and mass, got %s", where, text.describe(set))
  end
  return label, mass, weight == nil and set.weight or weight
end

--- The scores as a list of {name, score}, and whether there is but one, without a name.
---@param where string
---@param score any
---@return table[] scores, boolean single
function samples.named_scores(where, score)
  local list = type(score) == "table" and type(score[1]) == "table"
  if not list then return { { "score", score } }, true end
  for i, entry in ipairs(score) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string" or entry[2] == nil then
      expect.wrong(where, ("score[%d]"):format(i), "{name, score}", entry)
    end
  end
  return score, false
end

return samples
