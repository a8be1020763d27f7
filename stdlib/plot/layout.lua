-- Where everything stands, in inches from the lower left corner of the figure.

local legend = require "jetlua.plot.legend"
local markup = require "jetlua.plot.markup"
local style = require "jetlua.plot.style"

local layout = {}

local gap = 0.08
local label_inches = 0.27
local tick_inches = 0.27
local bar_inches = 0.14
local bar_gap = 0.24
local lower_share = 0.36

local function tick_width(axis)
  local longest = 0
  for _, tick in ipairs(axis.ticks) do
    if tick.label then longest = math.max(longest, select(2, markup.size(tick.label))) end
  end
  return style.text_inches(longest, style.tick_size)
end

local function lines(label) return (markup.size(label)) end

--- Space a panel needs around its area, and its area.
local function measure(panel)
  local m = { left = gap, right = 0.14, top = 0.14, bottom = gap }
  if panel.title or panel.note then
    m.top = m.top + math.max(lines(panel.title), lines(panel.note), 1) * 0.2 + 0.02
  end
  if panel.frame then
    local widest = math.max(tick_width(panel.y), panel.lower and tick_width(panel.lower.y) or 0)
    if not panel.hide_y then m.left = m.left + widest + gap end
    if not panel.hide_ylabel then m.left = m.left + label_inches * math.max(lines(panel.ylabel), panel.lower and lines(panel.lower.ylabel) or 0) end
    local bottom = panel.lower or panel
    if not panel.hide_x then m.bottom = m.bottom + tick_inches end
    if bottom.xlabel and not panel.hide_xlabel then m.bottom = m.bottom + (label_inches + 0.03) * lines(bottom.xlabel) end
  end
  if not panel.frame then
    -- Corner labels of a triangle stand outside its area.
    m.bottom, m.top = math.max(m.bottom, 0.38), math.max(m.top, (panel.title or panel.note) and 0.68 or 0.38)
    m.left, m.right = math.max(m.left, 0.42), math.max(m.right, 0.42)
  end
  if panel.stamp and panel.stamp.place == "above" then m.top = m.top + 0.22 end
  if panel.colour and not panel.hide_bar then
    m.right = m.right + gap + bar_inches + bar_gap + tick_width(panel.colour) + (panel.colour.label and label_inches or 0)
  end
  if panel.legend and panel.legend.place == "outside" then m.right = m.right + gap + legend.inches(panel) end
  local width, height = panel.area[1], panel.area[2]
  if panel.aspect then height = width * panel.aspect end
  if panel.lower then height = height * (1 + lower_share) + gap end
  m.width, m.height = width, height
  return m
end

local function largest(list, key, from, to, step)
  local best = 0
  for i = from, to, step do
    if list[i] then best = math.max(best, list[i][key]) end
  end
  return best
end

local function sum(list, key)
  local total = 0
  for _, item in ipairs(list) do total = total + item[key] end
  return total
end

--- Areas of all panels of a figure.
---@param panels table[]
---@param columns integer
---@param size number[]|nil inches of the whole figure; nil lets the panels decide
---@return { width: number, height: number, places: table[] } each place: x, y, width, height of the area, `lower` likewise, title and label positions
function layout.compute(panels, columns, size)
  local measures = {}
  for i, panel in ipairs(panels) do measures[i] = measure(panel) end
  columns = math.min(columns, #panels)
  local rows = math.ceil(#panels / columns)

  -- Panels of a column share their left and right margin, those of a row top and bottom: the areas line up.
  local column, row = {}, {}
  for c = 1, columns do
    column[c] = {
      left = largest(measures, "left", c, #panels, columns), right = largest(measures, "right", c, #panels, columns),
      width = largest(measures, "width", c, #panels, columns),
    }
  end
  for r = 1, rows do
    local from, to = (r - 1) * columns + 1, math.min(r * columns, #panels)
    row[r] = {
      top = largest(measures, "top", from, to, 1), bottom = largest(measures, "bottom", from, to, 1),
      height = largest(measures, "height", from, to, 1),
    }
  end
  local width = sum(column, "left") + sum(column, "right") + sum(column, "width")
  local height = sum(row, "top") + sum(row, "bottom") + sum(row, "height")
  if size then
    local scale_x = math.max(0.2, size[1] - (width - sum(column, "width"))) / sum(column, "width")
    local scale_y = math.max(0.2, size[2] - (height - sum(row, "height"))) / sum(row, "height")
    for _, c in ipairs(column) do c.width = c.width * scale_x end
    for _, r in ipairs(row) do r.height = r.height * scale_y end
    width, height = size[1], size[2]
  end

  local places = {}
  local y = height
  for r = 1, rows do
    y = y - row[r].top - row[r].height
    local x = 0
    for c = 1, columns do
      local i = (r - 1) * columns + c
      local panel = panels[i]
      x = x + column[c].left
      if panel then
        local place = { x = x, y = y, width = column[c].width, height = row[r].height }
        if panel.aspect then
          local w = math.min(place.width, place.height / panel.aspect)
          local h = w * panel.aspect
          place.x, place.y = place.x + (place.width - w) / 2, place.y + (place.height - h) / 2
          place.width, place.height = w, h
        end
        place.left = x - column[c].left + gap
        place.bottom = y - row[r].bottom + gap
        if panel.lower then
          local upper = (place.height - gap) / (1 + lower_share)
          place.lower = { x = place.x, y = place.y, width = place.width, height = upper * lower_share, left = place.left, bottom = place.bottom }
          place.y, place.height = place.y + place.height - upper, upper
        end
        if panel.colour and not panel.hide_bar then
          local away = panel.frame and gap or 0.42
          place.bar = { x = place.x + place.width + away, y = place.y, width = bar_inches, height = place.height }
          place.bar.label = place.bar.x + bar_inches + bar_gap + tick_width(panel.colour) + label_inches / 2
        end
        place.title = place.y + place.height + 0.14 + (panel.stamp and panel.stamp.place == "above" and 0.22 or 0)
        places[i] = place
      end
      x = x + column[c].width + column[c].right
    end
    y = y - row[r].bottom
  end
  return { width = width, height = height, places = places }
end

return layout
