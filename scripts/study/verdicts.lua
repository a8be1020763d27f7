-- The table of verdicts, from the claims of both papers.

local judging = require "study.judging"

local function number(value)
  local size = math.abs(value)
  return ((size >= 100 and "%.0f") or (size >= 10 and "%.1f") or (size >= 0.0995 and "%.3f") or "%.4f"):format(value)
end

--- Rows {id, claim, verdict, numbers, criterion} of the claims.
---@param claims table[]
---@param R table
---@param ratios number[]
---@return table
return function(claims, R, ratios)
  local rows = {}
  for i, claim in ipairs(claims) do
    local found = judging.verdict(claim, R, ratios)
    local values = {}
    if #found.parts > 0 then values[1] = table.concat(found.parts, " seeds; ") .. " seeds" end
    for _, value in ipairs(found.values) do
      values[#values + 1] = found.seeds > 1 and ("%s %s ± %s"):format(value.name, number(value.mean), number(value.std)) or ("%s %s"):format(value.name, number(value.mean))
    end
    if claim.remark and found.seeds > 0 and found.verdict ~= "holds" then values[#values + 1] = "remark: " .. claim.remark end
    if claim.paper then values[#values + 1] = "paper: " .. claim.paper end
    -- Fewer than three seeds are no verdict yet: it says so.
    local few = found.seeds > 0 and found.seeds < 3 and (" (%d seed%s)"):format(found.seeds, found.seeds > 1 and "s" or "") or ""
    rows[i] = { claim.id, claim.claim, found.verdict .. few, table.concat(values, "; "), claim.criterion }
  end
  return { head = { "no.", "claim", "verdict", "numbers (mean ± standard deviation over seeds)", "criterion for a seed" }, rows = rows, verdict_column = 3 }
end
