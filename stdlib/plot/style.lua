-- How every figure looks: colours that colour-blind readers can tell apart, sizes that survive a slide.

local axis = require "jetlua.plot.axis"

local style = {}

-- Okabe and Ito, "Color Universal Design" (2008), without the yellow that vanishes on white.
style.colours = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000" }
style.grey = "#707070"

-- Light to dark (ColorBrewer YlGnBu below white), so that an empty bin is paper and a print in grey keeps its order.
style.shades = {
  "#FFFFFF", "#EDF8B1", "#C7E9B4", "#7FCDBB", "#41B6C4", "#1D91C0", "#225EA8", "#253494", "#081D58",
}

-- Points (1/72 inch).
style.font = "DejaVu Sans"
style.text_size = 11
style.tick_size = 10
style.title_size = 12
style.small_size = 9

-- Inches: the area inside the axes.
style.curve_area = { 3.9, 2.9 }
style.square_side = 3.1
style.png_dots_per_inch = 200

--- Colour of the i-th series, unless it says its own; beyond the last one they repeat with another dash.
---@param i integer
---@param series? { colour: string|nil, dash: integer|nil }
---@return string colour "#RRGGBB"
---@return integer dash 1 is a solid line
function style.series(i, series)
  local n = #style.colours
  return series and series.colour or style.colours[(i - 1) % n + 1], series and series.dash or (i - 1) // n + 1
end

local function channels(colour)
  local value = tonumber(colour:sub(2), 16)
  return value >> 16, value >> 8 & 255, value & 255
end

--- Shade at `t` from 0 (white) to 1 (darkest).
---@param t number
---@return string "#RRGGBB"
function style.shade(t)
  local position = math.max(0, math.min(1, t)) * (#style.shades - 1)
  local i = math.min(math.floor(position), #style.shades - 2)
  local f = position - i
  local r1, g1, b1 = channels(style.shades[i + 1])
  local r2, g2, b2 = channels(style.shades[i + 2])
  local function mix(a, b) return math.floor(a + (b - a) * f + 0.5) end
  return ("#%02X%02X%02X"):format(mix(r1, r2), mix(g1, g2), mix(b1, b2))
end

--- Darkness from 0 to 1 of a value on an axis of shades. On a logarithmic one the smallest value is still darker than
--- paper, which stands for 0 and for what is not finite.
---@param scale table from axis.new
---@param value number
---@return number
function style.darkness(scale, value)
  local t = axis.fraction(scale, value)
  if not t then return 0 end
  t = math.max(0, math.min(1, t))
  return scale.log and (value < scale.min and 0 or 0.1 + 0.9 * t) or t
end

--- Width in inches that text as wide as `characters` digits takes at `size` points.
---@param characters number
---@param size number
---@return number
function style.text_inches(characters, size)
  return characters * size * 0.637 / 72
end

return style
