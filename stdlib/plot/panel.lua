-- A panel is what stands between one pair of axes, as data that every output (gnuplot, matplotlib, CSV, terminal) reads:
--   title, xlabel, ylabel, note; x, y: axes; colour: an axis of shades; aspect: height over width of the area, if fixed;
--   frame: false hides the axes; area: { width, height } wished for; lower: a panel below that shares x;
--   legend: { place = "top right" | … | "outside", entries = n } or nil; stamp: { stamp, place = a corner or "above" } or nil;
--   arrows: points beyond the y axis are marked at its end;
--   layers: in the order they are drawn, in the units of the axes:
--     { kind = "line", x, y, colour, dash, width, label }          { kind = "band", x, low, high, colour }
--     { kind = "points", x, y, error, colour, size, label }        { kind = "steps", edges, values, errors, colour, fill, label }
--     { kind = "image", rows, x = {low, high}, y = {low, high} }   (row 1 has the smallest y)
--     { kind = "cells", polygons = {{x1, y1, x2, y2, …}, …}, values }
--     { kind = "text", x, y, text, align, colour }

local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local legend = require "jetlua.plot.legend"
local numbers = require "jetlua.plot.numbers"
local stamp = require "jetlua.plot.stamp"
local style = require "jetlua.plot.style"

local panel = {}

local common = { "title", "xlabel", "ylabel", "xrange", "yrange", "logx", "logy", "legend", "note", "size", "stamp" }

--- Checks the option `size`: { width, height } of the whole figure in inches, or nil.
---@param where string
---@param value any
---@return number[]|nil
function panel.size(where, value)
  if value == nil then return nil end
  if type(value) ~= "table" or #value ~= 2 then expect.wrong(where, "size", "{width, height} in inches", value) end
  local limits = { min = 1, max = 60 }
  return { expect.number(where, "size", value[1], limits), expect.number(where, "size", value[2], limits) }
end

--- The options of a figure, checked: those of every figure and the `further` ones.
---@param where string
---@param given table|nil
---@param further? string[]
---@return table
function panel.options(where, given, further)
  local known = { table.unpack(common) }
  for _, name in ipairs(further or {}) do known[#known + 1] = name end
  local options = expect.options(where, given, known)
  for _, name in ipairs { "title", "xlabel", "ylabel", "note" } do
    if options[name] ~= nil then expect.string(where, name, options[name]) end
  end
  for _, name in ipairs { "logx", "logy", "logz" } do expect.boolean(where, name, options[name]) end
  options.xrange = expect.range(where, "xrange", options.xrange)
  options.yrange = expect.range(where, "yrange", options.yrange)
  options.size = panel.size(where, options.size)
  options.legend = legend.option(where, options.legend)
  options.stamp = stamp.option(where, options.stamp)
  return options
end

local function widen(low, high, list, positive)
  local a, b = numbers.extent(list, positive)
  if a and (not low or a < low) then low = a end
  if b and (not high or b > high) then high = b end
  return low, high
end

local function shifted(values, errors, sign)
  local list = {}
  for i, v in ipairs(values) do list[i] = v + sign * (errors and errors[i] or 0) end
  return list
end

--- Smallest and largest value, errors included, that the layers have along "x" or "y".
---@param layers table[]
---@param along "x"|"y"
---@param positive boolean only values above 0 count
---@return number|nil
---@return number|nil
function panel.extent(layers, along, positive)
  local low, high
  for _, layer in ipairs(layers) do
    local lists = {}
    if layer.kind == "steps" then
      -- Room for the upper ends of error bars; the lower ones may be cut.
      lists = along == "x" and { layer.edges } or { layer.values, shifted(layer.values, layer.errors, 1) }
    elseif layer.kind == "band" then
      lists = along == "x" and { layer.x } or { layer.low, layer.high }
    elseif layer.kind == "line" or layer.kind == "points" then
      lists = { layer[along] }
      if along == "y" and layer.error then
        lists[2], lists[3] = shifted(layer.y, layer.error, 1), shifted(layer.y, layer.error, -1)
      end
    end
    for _, list in ipairs(lists) do low, high = widen(low, high, list, positive) end
  end
  return low, high
end

--- A panel of curves from layers and options: chooses ranges, ticks and a place for the legend.
--- `defaults` may hold xlabel, ylabel, xpad, ypad (fractions), zero (the y axis starts at 0), integer (x counts), area.
---@param where string
---@param layers table[]
---@param options table from panel.options
---@param defaults? table
---@return table
function panel.curves(where, layers, options, defaults)
  defaults = defaults or {}
  local logx, logy = options.logx or false, options.logy or false
  local x_low, x_high = panel.extent(layers, "x", logx)
  x_low, x_high = axis.range(where, "x", x_low, x_high,
    { range = options.xrange or defaults.xrange, log = logx, pad = defaults.xpad or 0 })
  local y_low, y_high = panel.extent(layers, "y", logy)
  y_low, y_high = axis.range(where, "y", y_low, y_high,
    { range = options.yrange or defaults.yrange, log = logy, pad = defaults.ypad, zero = defaults.zero and not logy })
  local result = {
    title = options.title, note = options.note, layers = layers, frame = true, area = defaults.area or style.curve_area,
    xlabel = options.xlabel or defaults.xlabel, ylabel = options.ylabel or defaults.ylabel,
    x = axis.new(x_low, x_high, logx, { integer = defaults.integer }), y = axis.new(y_low, y_high, logy),
  }
  legend.place(result, options.legend, not options.yrange, options.stamp)
  return result
end

return panel
