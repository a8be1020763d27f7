-- Claims are judged by numbers: every seed by the stated criterion, the verdict by all seeds.

local metrics = require "metrics"

local judging = {}

--- Calls `judge(numbers of each task, …)` for each seed. It returns whether the claim holds for that seed and a list of `{name, value}`; nil
--- where it cannot be said. The result is nil if a task is missing.
---@param R table results
---@param tasks string[]
---@param judge fun(...: table): boolean|nil, table
---@return table[]|nil
function judging.each(R, tasks, judge)
  if not R:has(table.unpack(tasks)) then return nil end
  local seeds, list = R:count(tasks[1]), {}
  for _, name in ipairs(tasks) do seeds = math.min(seeds, R:count(name)) end
  for i = 1, seeds do
    local given = {}
    for k, name in ipairs(tasks) do given[k] = R:numbers(name)[i] end
    local holds, values = judge(table.unpack(given))
    list[i] = { holds = holds, values = values or {} }
  end
  return list
end

--- The verdict of a claim: its words, how many seeds agree, and mean ± standard deviation of each value.
---@param claim { judge: function }
---@param R table
---@param ratios number[]
---@return { verdict: string, agree: integer, seeds: integer, values: { name: string, mean: number, std: number }[] }
function judging.verdict(claim, R, ratios)
  local list = claim.judge(R, ratios)
  if not list or #list == 0 then return { verdict = "not tested", agree = 0, seeds = 0, values = {} } end
  local agree, judged, order, by_name = 0, 0, {}, {}
  for _, seed in ipairs(list) do
    if seed.holds ~= nil then
      judged = judged + 1
      if seed.holds then agree = agree + 1 end
    end
    for _, value in ipairs(seed.values) do
      if type(value[2]) == "number" and value[2] == value[2] then
        if not by_name[value[1]] then
          by_name[value[1]] = {}
          order[#order + 1] = value[1]
        end
        table.insert(by_name[value[1]], { value = value[2] })
      end
    end
  end
  local values = {}
  for i, name in ipairs(order) do
    local over = metrics.over_seeds(by_name[name]).value
    values[i] = { name = name, mean = over.mean, std = over.std }
  end
  local verdict = judged == 0 and "not tested" or agree == judged and "holds" or agree == 0 and "does not hold"
    or ("holds for %d of %d seeds"):format(agree, judged)
  return { verdict = verdict, agree = agree, seeds = judged, values = values }
end

return judging
