-- A line chart as SVG within the page: axes in the page's own colours, so that it is light or dark with it.

local html = require "jetlua.run.report.html"

local width, height = 460, 280
local left, right, top, bottom = 62, 12, 14, 42

-- Steps of 1, 2 or 5 times a power of ten, about `count` of them.
local function ticks(low, high, count)
  local raw = (high - low) / count
  local power = 10 ^ math.floor(math.log(raw, 10))
  local step = raw / power
  step = (step <= 1 and 1 or step <= 2 and 2 or step <= 5 and 5 or 10) * power
  local list = {}
  for i = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) do list[#list + 1] = i * step end
  return list
end

local function decades(low, high)
  local list = {}
  for i = math.ceil(low - 1e-9), math.floor(high + 1e-9) do list[#list + 1] = i end
  return list
end

local function label(x)
  if math.abs(x) < 1e-12 then return "0" end
  local s = ("%.6g"):format(x)
  return (s:gsub("e([+-]?)0*(%d+)", function(sign, digits) return "e" .. (sign == "-" and "−" or "") .. digits end):gsub("^%-", "−"))
end

local function range(series, pick)
  local low, high = math.huge, -math.huge
  for _, s in ipairs(series) do
    for _, point in ipairs(s.points) do
      local value = point[pick]
      if value - value == 0 then low, high = math.min(low, value), math.max(high, value) end
    end
  end
  return low, high
end

--- A chart of `series` = { { label =, class =, dashed =, points = { {x, y}, … } }, … }; nil where no point is finite. The y axis is
--- logarithmic where all values are above 0 and span more than two decades.
local function chart(series, options)
  local x_low, x_high = range(series, 1)
  local y_low, y_high = range(series, 2)
  if x_low > x_high or y_low > y_high then return nil end
  local logarithmic = y_low > 0 and y_high / y_low > 100
  local function scale(y) return logarithmic and math.log(y, 10) or y end
  local low, high = scale(y_low), scale(y_high)
  if x_low == x_high then x_low, x_high = x_low - 0.5, x_high + 0.5 end
  if low == high then
    local margin = math.max(math.abs(low) * 0.1, logarithmic and 0.5 or 1e-3)
    low, high = low - margin, high + margin
  end
  local pad = 0.05 * (high - low)
  low, high = low - pad, high + pad
  local function px(x) return left + (x - x_low) / (x_high - x_low) * (width - left - right) end
  local function py(y) return height - bottom - (scale(y) - low) / (high - low) * (height - top - bottom) end

  local parts = { ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(width, height, html.escape(options.title)) }
  local function add(...) parts[#parts + 1] = string.format(...) end
  local base = height - bottom
  local y_ticks = logarithmic and decades(low, high) or ticks(low, high, 5)
  if logarithmic and #y_ticks < 2 then
    y_ticks = ticks(low, high, 4)
  end
  for _, tick in ipairs(y_ticks) do
    local y = base - (tick - low) / (high - low) * (height - top - bottom)
    add('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>', left, width - right, y, y)
    add('<text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>', left - 6, y + 4, label(logarithmic and 10 ^ tick or tick))
  end
  for _, tick in ipairs(ticks(x_low, x_high, 6)) do
    if not options.whole or tick == math.floor(tick) then
      add('<line class="axis" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>', px(tick), px(tick), base, base + 4)
      add('<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>', px(tick), base + 17, label(tick))
    end
  end
  add('<path class="axis" d="M%d %dV%dH%d"/>', left, top, base, width - right)
  add('<text class="name" x="%.1f" y="%d" text-anchor="middle">%s</text>', (left + width - right) / 2, height - 6, html.escape(options.xlabel))
  for _, s in ipairs(series) do
    local path, pen, shown = {}, "M", 0
    for _, point in ipairs(s.points) do
      local ok = point[2] - point[2] == 0 and (not logarithmic or point[2] > 0)
      if ok then
        path[#path + 1] = ("%s%.1f %.1f"):format(pen, px(point[1]), py(point[2]))
        shown = shown + 1
      end
      pen = ok and "L" or "M"
    end
    add('<path class="curve %s%s" d="%s"><title>%s</title></path>', s.class, s.dashed and " dashed" or "", table.concat(path), html.escape(s.label))
    if shown <= 30 then
      for _, point in ipairs(s.points) do
        if point[2] - point[2] == 0 then
          add('<circle class="%s" cx="%.1f" cy="%.1f" r="2"><title>%s: %s, %s</title></circle>', s.class, px(point[1]), py(point[2]), html.escape(s.label),
            html.number(point[1]), html.number(point[2]))
        end
      end
    end
  end
  parts[#parts + 1] = "</svg>"
  return table.concat(parts)
end

return chart
