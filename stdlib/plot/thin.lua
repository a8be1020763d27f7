-- A curve of a million points looks like one of two thousand, and makes a file of many megabytes.

local axis = require "jetlua.plot.axis"

local resolution = 2000

--- The points of a curve that show: one is left out if it lies within 1/2000 of both axes from the last one kept. Curves of
--- up to 2000 points stay whole. Numbers saved beside a figure are never thinned.
---@param panel table
---@param x number[]
---@param y number[]
---@return number[]
---@return number[]
local function thin(panel, x, y)
  if #x <= resolution then return x, y end
  local kept_x, kept_y = {}, {}
  local last_u, last_v
  for i = 1, #x do
    local u, v = axis.fraction(panel.x, x[i]), axis.fraction(panel.y, y[i])
    local moved = not (u and v and last_u and last_v)
      or math.abs(u - last_u) > 1 / resolution or math.abs(v - last_v) > 1 / resolution
    if moved or i == #x then
      kept_x[#kept_x + 1], kept_y[#kept_y + 1] = x[i], y[i]
      last_u, last_v = u, v
    end
  end
  return kept_x, kept_y
end

return thin
