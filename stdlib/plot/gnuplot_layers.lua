-- How each kind of layer becomes gnuplot commands: functions of the script that is written, the layer and its panel, which return
-- the parts of the panel's plot command.

local axis = require "jetlua.plot.axis"
local markup = require "jetlua.plot.markup"
local style = require "jetlua.plot.style"
local thin = require "jetlua.plot.thin"

local function transparent(colour, opacity)
  return ('rgb "#%02X%s"'):format(math.floor(255 * (1 - opacity) + 0.5), colour:sub(2))
end

local function title_of(layer)
  return layer.label and "title " .. markup.gnuplot(layer.label) or "notitle"
end

local draw = {}

function draw.line(self, layer, panel)
  local x, y = thin(panel, layer.x, layer.y)
  local rows = {}
  for i = 1, #x do rows[i] = { x[i], y[i] } end
  return { ('%s using 1:2 with lines lw %g dt %s lc rgb "%s" %s'):format(self:block(rows), layer.width or 1.8,
    layer.dash and layer.dash > 1 and "(10,8)" or "solid", layer.colour, title_of(layer)) }
end

function draw.band(self, layer)
  local rows = {}
  for i = 1, #layer.x do rows[i] = { layer.x[i], layer.low[i], layer.high[i] } end
  return { ("%s using 1:2:3 with filledcurves fs solid noborder lc %s notitle"):format(self:block(rows),
    transparent(layer.colour, 0.2)) }
end

function draw.points(self, layer, panel)
  local rows = {}
  for i = 1, #layer.x do rows[i] = { layer.x[i], layer.y[i], layer.error and layer.error[i] } end
  local name = self:block(rows)
  local parts = {}
  if panel.arrows then
    local beyond = { [9] = {}, [11] = {} }
    for i = 1, #layer.x do
      local v = axis.fraction(panel.y, layer.y[i])
      -- Half a marker inside the frame, so that all of it shows.
      local edge = 0.055 * (panel.y.max - panel.y.min)
      if v and v > 1 then table.insert(beyond[9], { layer.x[i], panel.y.max - edge }) end
      if v and v < 0 then table.insert(beyond[11], { layer.x[i], panel.y.min + edge }) end
    end
    for _, marker in ipairs { 9, 11 } do
      local points = beyond[marker]
      if #points > 0 then
        parts[#parts + 1] = ('%s using 1:2 with points pt %d ps 0.7 lc rgb "%s" notitle'):format(self:block(points), marker, layer.colour)
      end
    end
  end
  if layer.error then
    local floor = panel.y.log and panel.y.min or -1e300
    parts[#parts + 1] = ('%s using 1:($2-$3>%.10g?$2-$3:%.10g):(0):($2-$3>%.10g?2*$3:$2+$3-%.10g) with vectors nohead lw 1.2 lc rgb "%s" notitle'):format(
      name, floor, floor, floor, floor, layer.colour)
  end
  parts[#parts + 1] = ("%s using 1:2 with points pt 7 ps %g lc %s notitle"):format(name, layer.size or 0.5,
    transparent(layer.colour, layer.opacity or 1))
  -- The legend shows a point that can be seen, however small those of the data are.
  if layer.label then parts[#parts + 1] = ('keyentry with points pt 7 ps 0.7 lc rgb "%s" %s'):format(layer.colour, title_of(layer)) end
  return parts
end

--- The outline of a histogram as runs of bins that are not empty, from the base and back to it; at the frame it has no sides.
local function outline_of(layer, base, log)
  local rows, n = {}, #layer.values
  local function shown(i)
    local v = layer.values[i] or 0
    return log and math.max(v, base) or v
  end
  for i = 1, n do
    local v = shown(i)
    if v ~= base or shown(i - 1) ~= base and i > 1 then
      if i > 1 and (v ~= base and shown(i - 1) == base) then
        if #rows > 0 then rows[#rows + 1] = {} end
        rows[#rows + 1] = { layer.edges[i], base }
      end
      if v ~= base then
        rows[#rows + 1] = { layer.edges[i], v }
        rows[#rows + 1] = { layer.edges[i + 1], v }
      else
        rows[#rows + 1] = { layer.edges[i], base }
      end
    end
  end
  if #rows == 0 then rows = { { layer.edges[1], base }, { layer.edges[n + 1], base } } end
  return rows
end

--- The uncertainty of each bin as a box of its width.
local function error_boxes(self, layer, base, log)
  local rows = {}
  for i, v in ipairs(layer.values) do
    local error = layer.errors[i]
    if error > 0 and (not log or v > base) then
      local low, high = v - error, v + error
      if log then low = math.max(low, base) end
      for _, x in ipairs { layer.edges[i], layer.edges[i + 1] } do rows[#rows + 1] = { x, low, high } end
      rows[#rows + 1] = {}
    end
  end
  if #rows == 0 then return nil end
  return ("%s using 1:2:3 with filledcurves fs solid noborder lc %s notitle"):format(self:block(rows), transparent(layer.colour, 0.35))
end

local function histogram_points(self, layer, panel)
  local points = { x = {}, y = {}, error = layer.show_errors and {} or nil, colour = layer.colour, size = 0.7, label = layer.label }
  for i, v in ipairs(layer.values) do
    if v > 0 or not panel.y.log and layer.errors[i] > 0 then
      local n = #points.x + 1
      points.x[n], points.y[n] = (layer.edges[i] + layer.edges[i + 1]) / 2, v
      if points.error then points.error[n] = layer.errors[i] end
    end
  end
  return draw.points(self, points, panel)
end

function draw.steps(self, layer, panel)
  if layer.as_points then return histogram_points(self, layer, panel) end
  local log = panel.y.log
  local base = log and panel.y.min or 0
  local centres, area = {}, {}
  area[1] = { layer.edges[1], base }
  for i, v in ipairs(layer.values) do
    local shown = log and math.max(v, base) or v
    area[#area + 1] = { layer.edges[i], shown }
    area[#area + 1] = { layer.edges[i + 1], shown }
    if layer.show_errors == "bars" and layer.errors[i] > 0 and (not log or v > base) then
      local low, high = v - layer.errors[i], v + layer.errors[i]
      if log then low = math.max(low, base) end
      centres[#centres + 1] = { (layer.edges[i] + layer.edges[i + 1]) / 2, low, 0, high - low }
    end
  end
  area[#area + 1] = { layer.edges[#layer.edges], base }
  local parts = {}
  if layer.fill then
    parts[1] = ("%s using 1:2 with filledcurves y1=%.10g fs solid noborder lc %s notitle"):format(self:block(area), base,
      transparent(layer.colour, 0.2))
  end
  if layer.show_errors == "band" then parts[#parts + 1] = error_boxes(self, layer, base, log) end
  parts[#parts + 1] = ('%s using 1:2 with lines lw %g dt %s lc rgb "%s" %s'):format(self:block(outline_of(layer, base, log)), layer.width or 1.8,
    layer.dash and layer.dash > 1 and "(10,8)" or "solid", layer.colour, title_of(layer))
  if #centres > 0 then
    parts[#parts + 1] = ('%s using 1:2:3:4 with vectors nohead lw 1 lc rgb "%s" notitle'):format(self:block(centres), layer.colour)
  end
  return parts
end

function draw.image(self, layer, panel)
  local height, width = #layer.rows, #layer.rows[1]
  local dx, dy = (layer.x[2] - layer.x[1]) / width, (layer.y[2] - layer.y[1]) / height
  local rows = {}
  for i = 1, height do
    for j = 1, width do
      local shade = style.darkness(panel.colour, layer.rows[i][j])
      rows[#rows + 1] = { layer.x[1] + (j - 0.5) * dx, layer.y[1] + (i - 0.5) * dy, shade }
    end
  end
  return { self:shades(rows) }
end

function draw.cells(self, layer, panel)
  for i, polygon in ipairs(layer.polygons) do
    self:polygon(polygon, style.shade(style.darkness(panel.colour, layer.values[i])))
  end
  return {}
end

function draw.text(self, layer)
  self:add('set label %s at first %.7g,%.7g %s font "%s,%g" tc rgb "%s" front', markup.gnuplot(layer.text), layer.x, layer.y,
    layer.align or "center", style.font, style.text_size, layer.colour or "#000000")
  return {}
end

return draw
