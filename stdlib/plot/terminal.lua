-- Figures as characters: curves by gnuplot's dumb terminal, shades by a ramp of characters.

local axis = require "jetlua.plot.axis"
local gnuplot = require "jetlua.plot.gnuplot"
local markup = require "jetlua.plot.markup"

local terminal = {}

local ramp = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" }

local function character(panel, value)
  local t = axis.fraction(panel.colour, value)
  if not t or t <= 0 then return " " end
  return ramp[math.min(#ramp, math.ceil(math.min(t, 1) * (#ramp - 1)) + 1)]
end

local function image(panel, layer, columns)
  local width = #layer.rows[1]
  local repeated = math.max(1, math.min(2, columns // width))
  local lines = {}
  for i = #layer.rows, 1, -1 do
    local cells = {}
    for j = 1, math.min(width, columns) do cells[j] = character(panel, layer.rows[i][j]):rep(repeated) end
    lines[#lines + 1] = (table.concat(cells):gsub("%s+$", ""))
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Shades of cells on a grid of characters: each cell marks the character under its centre.
local function cells(panel, layer, columns)
  local width = math.min(columns - 1, 60)
  local height = math.floor(width * 0.45)
  local grid = {}
  for i = 0, height do grid[i] = {} end
  for i, corners in ipairs(layer.polygons) do
    local x, y, n = 0, 0, #corners // 2
    for k = 1, #corners, 2 do x, y = x + corners[k] / n, y + corners[k + 1] / n end
    local column = math.floor(axis.fraction(panel.x, x) * width)
    local row = math.floor(axis.fraction(panel.y, y) * height)
    if grid[row] then grid[row][column] = character(panel, layer.values[i]) end
  end
  local lines = {}
  for row = height, 0, -1 do
    local line = {}
    for column = 0, width do line[#line + 1] = grid[row][column] or " " end
    lines[#lines + 1] = (table.concat(line):gsub("%s+$", ""))
  end
  return table.concat(lines, "\n") .. "\n"
end

local function dumb(panel, columns)
  local series, blocks = {}, {}
  local function add(points, label)
    local rows = {}
    for i, point in ipairs(points) do rows[i] = ("%.9g %.9g"):format(point[1], point[2]) end
    blocks[#blocks + 1] = ("$d%d << END\n%s\nEND"):format(#blocks + 1, table.concat(rows, "\n"))
    series[#series + 1] = ("$d%d using 1:2 with lines %s"):format(#blocks, label and "title " .. markup.gnuplot(markup.plain(label)) or "notitle")
  end
  for _, layer in ipairs(panel.layers) do
    local points = {}
    if layer.kind == "line" or layer.kind == "points" then
      for i = 1, #layer.x do points[i] = { layer.x[i], layer.y[i] } end
    elseif layer.kind == "steps" then
      for i, v in ipairs(layer.values) do
        local shown = panel.y.log and math.max(v, panel.y.min) or v
        points[#points + 1] = { layer.edges[i], shown }
        points[#points + 1] = { layer.edges[i + 1], shown }
      end
    end
    if #points > 0 then add(points, layer.label) end
  end
  if #series == 0 then return "" end
  local width = math.max(40, math.min(columns - 1, 100))
  return gnuplot.run("figure:show", table.concat({
    ("set terminal dumb noenhanced size %d,%d"):format(width, width // 3), "set encoding utf8",
    panel.title and "set title " .. markup.gnuplot(markup.plain(panel.title)) or "",
    panel.xlabel and "set xlabel " .. markup.gnuplot(markup.plain(panel.xlabel)) or "",
    ("set xrange [%.10g:%.10g]; set yrange [%.10g:%.10g]"):format(panel.x.min, panel.x.max, panel.y.min, panel.y.max),
    panel.x.log and "set logscale x" or "", panel.y.log and "set logscale y" or "",
    table.concat(blocks, "\n"), "plot " .. table.concat(series, ", "), "",
  }, "\n"))
end

--- The figure as lines of text, panel below panel.
---@param figure table
---@param columns integer
---@return string
function terminal.text(figure, columns)
  local parts = {}
  for _, panel in ipairs(figure.panels) do
    local shaded
    for _, layer in ipairs(panel.layers) do
      if layer.kind == "image" then shaded = image(panel, layer, columns) end
      if layer.kind == "cells" then shaded = cells(panel, layer, columns) end
    end
    if shaded then
      parts[#parts + 1] = (panel.title and markup.plain(panel.title) .. "\n" or "") .. shaded
    else
      parts[#parts + 1] = dumb(panel, columns)
    end
  end
  return table.concat(parts, "\n")
end

return terminal
