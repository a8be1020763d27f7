local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"

local function copy(t)
  local result = {}
  for key, value in pairs(t) do result[key] = value end
  return result
end

local function all_equal(panels, key)
  for _, p in ipairs(panels) do
    if p[key] ~= panels[1][key] then return false end
  end
  return true
end

local function same_axis(panels, name)
  for _, p in ipairs(panels) do
    local a, b = p[name], panels[1][name]
    if a.min ~= b.min or a.max ~= b.max or a.log ~= b.log or not p.frame or p.lower then return false end
  end
  return true
end

local function same_shades(panels)
  for _, p in ipairs(panels) do
    local a, b = p.colour, panels[1].colour
    if a.min ~= b.min or a.max ~= b.max or a.log ~= b.log or a.label ~= b.label then return false end
  end
  return true
end

--- Panels of images that share their axes say so once: numbers and labels stand at the left and at the bottom only, and one bar
--- of shades ends a row.
local function share_labels(panels, columns)
  local images = true
  for _, p in ipairs(panels) do images = images and p.layers[1] and p.layers[1].kind == "image" end
  if not images then return end
  local share_x = same_axis(panels, "x") and all_equal(panels, "xlabel")
  local share_y = same_axis(panels, "y") and all_equal(panels, "ylabel")
  local share_shades = same_shades(panels)
  for i, p in ipairs(panels) do
    p.hide_bar = share_shades and i % columns ~= 0 and i < #panels or nil
    local bottom = i + columns > #panels
    local left = (i - 1) % columns == 0
    if share_x and not bottom then p.hide_x, p.hide_xlabel = true, true end
    if share_y and not left then p.hide_y, p.hide_ylabel = true, true end
  end
end

--- Joins figures into one, row by row; images with the same axes share their labels.
---
---     plot.grid({plot.line({1, 2}), plot.line({2, 1})}) --> plot.grid, 2 panels, 2 series; save with fig:save("x.pdf")
---@param figures plot.Figure[]
---@param options? table columns (all in one row unless said, at most 3), size
---@return plot.Figure
local function grid(figures, options)
  options = expect.options("plot.grid", options, { "columns", "size" })
  if type(figures) ~= "table" or #figures == 0 then expect.wrong("plot.grid", "figures", "a list of figures", figures) end
  local panels, dropped = {}, 0
  for i, f in ipairs(figures) do
    if not figure.is(f) then expect.wrong("plot.grid", ("figure %d"):format(i), "a figure", f) end
    for _, p in ipairs(f.panels) do panels[#panels + 1] = copy(p) end
    dropped = dropped + f.dropped
  end
  if #panels > 100 then raise("plot.grid: figures: expected at most 100 panels, got %d", #panels) end
  local columns = options.columns and expect.number("plot.grid", "columns", options.columns, { integer = true, min = 1, max = 100 })
    or math.min(#panels, 3)
  local size = panel.size("plot.grid", options.size)
  share_labels(panels, columns)
  return figure.new("grid", panels, { columns = columns, size = size, dropped = dropped })
end

return grid
