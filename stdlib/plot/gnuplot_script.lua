-- Writes a figure as a gnuplot script. Data enter as numbers formatted here, texts as strings in which nothing is special
-- (markup.gnuplot), so that no figure can make gnuplot do anything else.

local draw = require "jetlua.plot.gnuplot_layers"
local layout = require "jetlua.plot.layout"
local legend = require "jetlua.plot.legend"
local markup = require "jetlua.plot.markup"
local numbers = require "jetlua.plot.numbers"
local style = require "jetlua.plot.style"

local script = {}
script.__index = script

function script:add(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
end

local function value(x)
  return numbers.finite(x) and ("%.9g"):format(x) or "NaN"
end

--- Adds a block of rows and returns its name. Rows are lists of numbers.
function script:block(rows)
  self.blocks = self.blocks + 1
  local name = "$d" .. self.blocks
  local lines = { name .. " << END" }
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, #row do cells[i] = value(row[i]) end
    lines[#lines + 1] = table.concat(cells, " ")
  end
  lines[#lines + 1] = "END"
  self[#self + 1] = table.concat(lines, "\n")
  return name
end

--- A text at a point of the figure in inches.
function script:text(label, x, y, settings)
  if not label then return end
  local width, height = self.width, self.height
  local size = settings.size or style.text_size
  local lines, longest = markup.size(label)
  if settings.room then
    while size > 6 and style.text_inches(longest, size) > settings.room do size = size - 0.5 end
  end
  -- The point is the baseline of the first line; further lines of a text hang below it.
  if settings.above then y = y + (lines - 1) * size * 1.25 / 72 end
  self:add('set label %s at screen %.6f,%.6f %s %s font "%s,%g" tc rgb "%s" front', markup.gnuplot(label),
    x / width, y / height, settings.align or "center", settings.rotate and "rotate by 90" or "norotate",
    style.font, size, settings.colour or "#000000")
end

local function ticks_of(axis)
  local parts = {}
  for i, tick in ipairs(axis.ticks) do
    parts[i] = tick.label and ("%s %.10g 0"):format(markup.gnuplot(tick.label), tick.value)
      or ('"" %.10g 1'):format(tick.value)
  end
  return "(" .. table.concat(parts, ", ") .. ")"
end

local function bare(axis)
  local parts = {}
  for i, tick in ipairs(axis.ticks) do parts[i] = ('"" %.10g %d'):format(tick.value, tick.label and 0 or 1) end
  return "(" .. table.concat(parts, ", ") .. ")"
end

function script:axes(panel, place)
  local width, height = self.width, self.height
  self:add("set lmargin at screen %.6f; set rmargin at screen %.6f", place.x / width, (place.x + place.width) / width)
  self:add("set bmargin at screen %.6f; set tmargin at screen %.6f", place.y / height, (place.y + place.height) / height)
  for _, name in ipairs { "x", "y" } do
    local axis = panel[name]
    -- On the logarithmic axis of the panel before, a range from below 0 would be refused.
    self:add("unset logscale %s; set %srange [%.10g:%.10g] noextend", name, name, axis.min, axis.max)
    if axis.log then self:add("set logscale %s", name) end
    if panel.frame then
      local hidden = panel["hide_" .. name]
      -- Data that fill the area hide ticks inside it.
      self:add('set %stics %s scale 0.7,0.4 %s font "%s,%g" %s', name, panel.colour and "out nomirror" or "in mirror",
        name == "y" and "right" or "center", style.font, style.tick_size, hidden and bare(axis) or ticks_of(axis))
    else
      self:add("unset %stics", name)
    end
  end
  self:add(panel.frame and "set border 15 lw 1 front" or "unset border")
end

function script:labels(panel, place)
  local middle_x, middle_y = place.x + place.width / 2, place.y + place.height / 2
  local top = place.title or place.y + place.height + 0.14
  if panel.note then
    -- The note keeps its size up to half of the width; the title has the rest.
    local wanted = style.text_inches(select(2, markup.size(panel.note)), style.small_size)
    local room = panel.title and math.min(wanted, place.width / 2) or place.width
    self:text(panel.title, place.x, top, { align = "left", size = style.title_size, above = true, room = place.width - room - 0.15 })
    self:text(panel.note, place.x + place.width, top,
      { align = "right", size = style.small_size, above = true, room = room, colour = style.grey })
  else
    self:text(panel.title, middle_x, top + (panel.frame and 0 or 0.32),
      { size = style.title_size, above = true, room = place.width + 0.8 })
  end
  if panel.frame and not panel.hide_xlabel then
    self:text(panel.xlabel, middle_x, place.bottom + 0.13, { above = true, room = place.width + 0.8 })
  end
  if panel.frame and not panel.hide_ylabel then
    self:text(panel.ylabel, place.left + 0.1, middle_y, { rotate = true, room = place.height + 0.4 })
  end
end

--- Splits an area between the legend's corner and the rest: `set key` at a fixed point, sized as legend.inches says.
function script:key(panel, place)
  if not panel.legend then
    self:add("set key off")
    return
  end
  local x, y, corner
  if panel.legend.place == "outside" then
    x, y, corner = place.x + place.width + 0.06, place.y + place.height, "left top"
  else
    local vertical, horizontal = panel.legend.place:match("^(%a+) (%a+)$")
    x = horizontal == "right" and place.x + place.width - 0.12 or place.x + 0.08
    y = vertical == "top" and place.y + place.height - 0.05 or place.y + 0.05
    corner = horizontal .. " " .. vertical
  end
  self:add('set key at screen %.6f,%.6f %s vertical Left reverse noopaque samplen 2 spacing %.3f width 0 height 0 font "%s,%g"',
    x / self.width, y / self.height, corner, legend.line_inches * 72 / style.tick_size / 1.32, style.font, style.tick_size)
end

--- The stamp in its corner, or on a line of its own above the frame.
function script:stamp(panel, place)
  if not panel.stamp then return end
  local stamp, corner = panel.stamp.stamp, panel.stamp.place
  local heading = markup.gnuplot(stamp.heading, true)
  local function label(expression, x, y, align)
    self:add('set label %s at screen %.6f,%.6f %s norotate font "%s,%g" tc rgb "#000000" front', expression, x / self.width, y / self.height,
      align, style.font, style.tick_size)
  end
  if corner == "above" then
    local line = #stamp.lines > 0 and (' . "   " . %s'):format(markup.gnuplot((table.concat(stamp.lines, ", "):gsub("\n", " ")))) or ""
    label(heading .. line, place.x - (panel.frame and 0 or 0.3), place.y + place.height + 0.1 + (panel.frame and 0 or 0.36), "left")
    return
  end
  local vertical, horizontal = corner:match("^(%a+) (%a+)$")
  local n = 1 + #stamp.lines
  local x = horizontal == "right" and place.x + place.width - 0.12 or place.x + 0.14
  local y = vertical == "top" and place.y + place.height - 0.17 or place.y + 0.17 + (n - 1) * legend.stamp_inches
  label(heading, x, y, horizontal)
  for i, line in ipairs(stamp.lines) do label(markup.gnuplot(line), x, y - i * legend.stamp_inches, horizontal) end
end

--- A filled polygon; a rim of its own colour closes the hairline that smoothing leaves between neighbours.
function script:polygon(corners, colour)
  local points = {}
  for i = 1, #corners, 2 do points[#points + 1] = ("%.7g,%.7g"):format(corners[i], corners[i + 1]) end
  points[#points + 1] = points[1]
  self.objects = self.objects + 1
  self:add('set object %d polygon from first %s fc rgb "%s" fs solid 1 border rgb "%s" lw 0.3 behind', self.objects,
    table.concat(points, " to first "), colour, colour)
end

--- Plots values from 0 to 1 on a grid in the shades of the palette.
function script:shades(rows)
  return ("%s using 1:2:3 with image notitle"):format(self:block(rows))
end

--- A bar of shades beside an area, drawn as a plot of its own.
function script:colour_bar(panel, bar)
  local scale = panel.colour
  self:add("unset label; unset object; set key off; set border 15 lw 1 front; unset logscale; unset xtics; unset ytics")
  self:add("set lmargin at screen %.6f; set rmargin at screen %.6f", bar.x / self.width, (bar.x + bar.width) / self.width)
  self:add("set xrange [0:1] noextend; set yrange [0:1] noextend")
  self:add("set y2range [%.10g:%.10g] noextend", scale.min, scale.max)
  if scale.log then self:add("set logscale y2") end
  self:add('set y2tics out nomirror scale 0.5,0.3 font "%s,%g" %s', style.font, style.tick_size, ticks_of(scale))
  if scale.label then
    self:text(scale.label, bar.label, bar.y + bar.height / 2, { rotate = true, room = bar.height + 0.4 })
  end
  local rows = {}
  for i = 1, 256 do
    local t = (i - 0.5) / 256
    local value = scale.log and scale.min * (scale.max / scale.min) ^ t or scale.min + (scale.max - scale.min) * t
    local shade = style.darkness(scale, value)
    rows[2 * i - 1], rows[2 * i] = { 0.25, t, shade }, { 0.75, t, shade }
  end
  self:add("plot %s", self:shades(rows))
  self:add("unset y2tics; unset logscale")
end

function script:panel(panel, place, bar)
  self:add("unset label; unset object")
  self.objects = 0
  self:axes(panel, place)
  self:labels(panel, place)
  self:key(panel, place)
  self:stamp(panel, place)
  local parts = {}
  for _, layer in ipairs(panel.layers) do
    for _, part in ipairs(draw[layer.kind](self, layer, panel)) do parts[#parts + 1] = part end
  end
  self:add("plot %s", #parts > 0 and table.concat(parts, ", \\\n  ") or "NaN notitle")
  if bar and not panel.hide_bar then self:colour_bar(panel, bar) end
end

--- The commands that draw a figure, without the choice of a terminal.
---@param figure table
---@return string
---@return table plan from layout.compute
local function commands(figure)
  local plan = layout.compute(figure.panels, figure.columns, figure.size)
  local self = setmetatable({ blocks = 0, objects = 0, width = plan.width, height = plan.height }, script)
  self:add("set encoding utf8")
  local stops = {}
  for i, shade in ipairs(style.shades) do stops[i] = ('%d "%s"'):format(i - 1, shade) end
  self:add("set palette defined (%s); set cbrange [0:1]; unset colorbox", table.concat(stops, ", "))
  self:add("set multiplot")
  for i, panel in ipairs(figure.panels) do
    local place = plan.places[i]
    if panel.lower then
      panel.hide_x, panel.hide_xlabel = true, true
      self:panel(panel, place)
      panel.hide_x, panel.hide_xlabel = nil, nil
      self:panel(panel.lower, place.lower)
    else
      self:panel(panel, place, place.bar)
    end
  end
  self:add("unset multiplot")
  return table.concat(self, "\n") .. "\n", plan
end

return commands
