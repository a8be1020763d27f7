local expect = require "jetlua.internal.expect"

--- Mean, standard deviation (n - 1), number, and uncertainty of the mean (standard deviation / sqrt(n)) of each figure over results of
--- several seeds.
---
---     metrics.over_seeds{{auc = 0.8}, {auc = 0.9}}.auc.mean --> 0.85
---@param list table<string, number>[]
---@return table<string, { mean: number, std: number, n: integer, error: number }>
local function over_seeds(list)
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
    local sum, squares, n = 0, 0, #numbers
    for _, x in ipairs(numbers) do sum = sum + x end
    local mean = sum / n
    for _, x in ipairs(numbers) do squares = squares + (x - mean) ^ 2 end
    local std = n > 1 and math.sqrt(squares / (n - 1)) or 0.0
    summary[key] = { mean = mean, std = std, n = n, error = std / math.sqrt(n) }
  end
  return summary
end

return over_seeds
