-- Claims are judged by numbers: every seed by the stated criterion, the verdict by all seeds.

local metrics = require "metrics"

local judging = {}

--- Calls `judge(numbers of each task, …)` for each seed. It returns whether the claim holds for that seed, or for each part of the claim
--- `{name, whether it holds}` in a list, nil where it cannot be said; and a list of numbers `{name, value}`. The result is nil if a task is
--- missing.
---@param R table results
---@param tasks string[]
---@param judge fun(...: table): boolean|table[]|nil, table
---@return table[]|nil
function judging.each(R, tasks, judge)
  if not R:has(table.unpack(tasks)) then return nil end
  local list = {}
  for _, seed in ipairs(R:seeds_of(tasks[1])) do
    local given = {}
    for _, name in ipairs(tasks) do given[#given + 1] = R:numbers_of(name, seed) end
    -- A seed counts where each task has it.
    if #given == #tasks then
      local holds, values = judge(table.unpack(given))
      list[#list + 1] = { holds = holds, values = values or {} }
    end
  end
  return list
end

--- The verdict of a claim: "holds" if each part holds for all seeds, "does not hold" if none holds for any, else which parts hold for how
--- many seeds; and mean ± standard deviation of each number.
---@param claim { judge: function }
---@param R table
---@param ratios number[]
---@return { verdict: string, parts: string[], seeds: integer, values: { name: string, mean: number, std: number }[] }
function judging.verdict(claim, R, ratios)
  local list = claim.judge(R, ratios)
  if not list or #list == 0 then return { verdict = "not tested", parts = {}, seeds = 0, values = {} } end
  local judged, order, by_name, counts, parts = 0, {}, {}, {}, {}
  for _, seed in ipairs(list) do
    if seed.holds ~= nil then
      judged = judged + 1
      for i, part in ipairs(type(seed.holds) == "table" and seed.holds or { { "", seed.holds } }) do
        counts[i] = counts[i] or { name = part[1], agree = 0 }
        if part[2] then counts[i].agree = counts[i].agree + 1 end
      end
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
  local all, none = true, true
  for i, count in ipairs(counts) do
    all, none = all and count.agree == judged, none and count.agree == 0
    if #counts > 1 then parts[i] = ("%s: %d of %d"):format(count.name, count.agree, judged) end
  end
  local verdict = judged == 0 and "not tested" or all and "holds" or none and "does not hold"
    or #counts == 1 and ("for %d of %d seeds"):format(counts[1].agree, judged) or "holds in part"
  return { verdict = verdict, parts = parts, seeds = judged, values = values }
end

return judging
