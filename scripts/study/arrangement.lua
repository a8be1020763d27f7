-- Trainings of a Dirichlet-VAE end in one of several arrangements: which weight takes the rare class differs from seed to seed.

local arrangement = {}

--- Which of three weights takes the signal: the one that separates the classes best.
---@param weights number[] the AUC of each
---@return integer
function arrangement.taker(weights)
  local best = 1
  for i = 2, 3 do
    if weights[i] > weights[best] then best = i end
  end
  return best
end

-- Two weights are each other's complement: what differs is whether the declared one takes the signal.
local function taker_of(numbers)
  if not numbers.scores.weight_3 then return numbers.scores.declared.auc >= 0.5 end
  return arrangement.taker { numbers.scores.weight_1.auc, numbers.scores.weight_2.auc, numbers.scores.weight_3.auc }
end

--- The trainings that ended in the arrangement of the one with the lowest training loss, a choice without labels; that one comes first.
--- They are a task of their own in the results, whose name is returned.
---@param R table
---@param name string
---@return string name, string count such as "2 of 3 seeds", integer seed of the lowest loss
function arrangement.lowest(R, name)
  local seeds, least = R.by_name[name].seeds, nil
  for _, kept in ipairs(seeds) do
    local loss = kept.numbers.loss
    if not least or loss[#loss] < least.numbers.loss[#least.numbers.loss] then least = kept end
  end
  local alike = { least }
  for _, kept in ipairs(seeds) do
    if kept ~= least and taker_of(kept.numbers) == taker_of(least.numbers) then alike[#alike + 1] = kept end
  end
  local group = name .. ", lowest loss"
  R.by_name[group] = { task = R.by_name[name].task, seeds = alike }
  return group, ("%d of %d seed%s"):format(#alike, #seeds, #seeds > 1 and "s" or ""), least.seed
end

return arrangement
