--- Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
local function distance(a, b)
  local before_last, last, current = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    current = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(last[j] + 1, current[j - 1] + 1, last[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before_last[j - 2] + 1)
      end
      current[j] = best
    end
    before_last, last = last, current
  end
  return last[#b]
end

--- The name among `names` that was probably meant by `wanted`, or nil if none is near.
---@param wanted string
---@param names string[]
---@return string|nil
local function nearest(wanted, names)
  wanted = wanted:sub(1, 64):lower()
  local best, best_distance
  for _, name in ipairs(names) do
    local d = distance(wanted, name:lower())
    if #wanted >= 3 and name:lower():sub(1, #wanted) == wanted then d = math.min(d, 1) end
    if not best or d < best_distance or d == best_distance and name < best then best, best_distance = name, d end
  end
  if best and best_distance <= math.max(2, #wanted // 2) and best_distance < math.max(#wanted, #best) then
    return best
  end
end

return nearest
