local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"
local text = require "jetlua.internal.text"

local height = math.sqrt(3) / 2

--- Point of the plane for (r₁, r₂, r₃): the corners are (0, 0), (1, 0) and (1/2, √3/2).
local function place(r1, r2, r3)
  return r2 + r3 / 2, r3 * height
end

--- The corners of cell (a, b) of a triangle cut n times along each side; a counts along r₁, b along r₂.
local function corners(a, b, upward, n)
  local result = {}
  local points = upward and { { a, b }, { a + 1, b }, { a, b + 1 } } or { { a + 1, b + 1 }, { a + 1, b }, { a, b + 1 } }
  for _, p in ipairs(points) do
    local r1, r2 = p[1] / n, p[2] / n
    local x, y = place(r1, r2, 1 - r1 - r2)
    result[#result + 1], result[#result + 2] = x, y
  end
  return result
end

--- Rows of `[N, 3]` that are points of the simplex; others are counted.
local function points_of(where, what, data, weight)
  local rows = numbers.matrix(where, what, data, 3)
  local kept, kept_weights = {}, weight and {}
  for i, r in ipairs(rows) do
    local sum = r[1] + r[2] + r[3]
    if numbers.finite(sum) and math.abs(sum - 1) < 1e-3 and math.min(r[1], r[2], r[3]) > -1e-6 and
      (not weight or numbers.finite(weight[i])) then
      kept[#kept + 1] = { math.max(r[1], 0), math.max(r[2], 0), math.max(r[3], 0) }
      if weight then kept_weights[#kept] = weight[i] end
    end
  end
  if #kept == 0 then
    raise("%s: %s: expected rows of three numbers from 0 that sum to 1, got none among %d", where, what, #rows)
  end
  return kept, kept_weights, #rows - #kept, #rows
end

--- Points that count: those whose weight is not 0.
local function entries(rows, weight)
  local n = 0
  for i = 1, #rows do
    if not weight or weight[i] ~= 0 then n = n + 1 end
  end
  return n
end

local function density(where, what, rows, weight, n)
  local counts = numbers.triangle_cells(rows, weight, n)
  local total, polygons, values = 0, {}, {}
  local keys = {}
  for key, count in pairs(counts) do
    total = total + count
    keys[#keys + 1] = key
  end
  if total <= 0 then raise("%s: %s: weight: expected a sum above 0, got %s", where, what, text.number(total)) end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local cell = key // 2
    polygons[#polygons + 1] = corners(cell // n, cell % n, key % 2 == 0, n)
    -- In units of the density of points spread evenly: each of the n² cells would hold total / n².
    values[#values + 1] = counts[key] * n * n / total
  end
  return polygons, values
end

local function triangle_panel(options, title, polygons, values)
  local low, high = numbers.extent(values, options.logz)
  local range = options.range
  local scale
  if options.logz then
    scale = axis.new(range and range[1] or low, range and range[2] or math.max(high, low * 10), true)
  else
    scale = axis.new(range and range[1] or 0, range and range[2] or high, false)
  end
  scale.label = "density / even density"
  local labels = options.labels or { "r_{1} = 1", "r_{2} = 1", "r_{3} = 1" }
  return {
    title = title, note = options.note, frame = false, stamp = options.stamp and { stamp = options.stamp, place = "above" }, area = { style.square_side * 0.85, style.square_side }, aspect = height,
    x = axis.new(0, 1, false), y = axis.new(0, height, false), colour = scale,
    layers = {
      { kind = "cells", polygons = polygons, values = values, name = title },
      { kind = "line", x = { 0, 1, 0.5, 0 }, y = { 0, 0, height, 0 }, colour = "#000000", width = 1.2, decoration = true },
      { kind = "text", x = 0, y = -0.075, text = labels[1], decoration = true },
      { kind = "text", x = 1, y = -0.075, text = labels[2], decoration = true },
      { kind = "text", x = 0.5, y = height + 0.075, text = labels[3], decoration = true },
    },
    series = 1,
  }
end

--- Gibbs triangle: the density of points of the simplex `[N, 3]`, whose corners are r₁ = 1 (lower left), r₂ = 1 (lower right)
--- and r₃ = 1 (top), in the unit of an even density. Several series stand side by side under their labels, in shades of
--- one scale. Rows that are no point of the simplex are left out and counted on stderr.
---
---     plot.triangle(tensor.rand(100, 3):softmax(2)) --> plot.triangle…; save with fig:save("x.pdf")
---@param data any a tensor `[N, 3]`, `{x=, weight=, label=}`, a list of these, or a map from label to tensor
---@param options? table title bins (cuts per side), range (of the shades), logz (true unless said), labels (of the corners), note, size
---@return plot.Figure
local function triangle(data, options)
  local where = "plot.triangle"
  options = panel.options(where, options, { "bins", "range", "logz", "labels", "columns" })
  options.range = expect.range(where, "range", options.range)
  -- Weights crowd at the corners: on a linear scale everything else would be white.
  if options.logz == nil then options.logz = not (options.range and options.range[1] <= 0) end
  if options.range and options.logz and options.range[1] <= 0 then
    raise("%s: range: expected values above 0 with logz, got %s", where, text.number(options.range[1]))
  end
  if options.labels ~= nil then
    if type(options.labels) ~= "table" or #options.labels ~= 3 then expect.wrong(where, "labels", "three strings", options.labels) end
    for i = 1, 3 do expect.string(where, "labels", options.labels[i]) end
  end
  local bins = options.bins and expect.number(where, "bins", options.bins, { integer = true, min = 2, max = 100 })
  local items = series.items(where, data, function(t) return t.x ~= nil or type(t[1]) == "table" and type(t[1][1]) == "number" end)

  local parts, dropped, highest, lowest, fewest = {}, 0, 0, math.huge, math.huge
  for i, item in ipairs(items) do
    local value, weight, label = item.value, nil, item.label
    local what = label and ('"%s"'):format(label) or ("series %d"):format(i)
    if not numbers.is_tensor(value) and type(value) == "table" and value.x ~= nil then
      for key in pairs(value) do
        if key ~= "x" and key ~= "weight" and key ~= "label" then expect.unknown(where .. ": " .. what, "field", key, { "x", "weight", "label" }) end
      end
      label = value.label or label
      weight = value.weight ~= nil and numbers.vector(where, what .. ": weight", value.weight) or nil
      value = value.x
    end
    local rows, kept_weights, left_out, total = points_of(where, what, value, weight)
    series.tell(where, label, i, left_out, total, "no point of the simplex")
    dropped = dropped + left_out
    parts[i] = { label = label, what = what, rows = rows, weight = kept_weights }
    fewest = math.min(fewest, entries(rows, kept_weights))
  end
  -- About six points per cell: fewer would show noise, more would hide the shape.
  local n = bins or math.max(8, math.min(32, math.floor(math.sqrt(fewest / 6))))
  for _, part in ipairs(parts) do
    part.polygons, part.values = density(where, part.what, part.rows, part.weight, n)
    local low, high = numbers.extent(part.values, true)
    lowest, highest = math.min(lowest, low or math.huge), math.max(highest, high or 0)
  end
  if #items > 1 and not options.range then options.range = { options.logz and lowest or 0, highest } end

  local panels = {}
  for i, part in ipairs(parts) do
    panels[i] = triangle_panel(options, part.label or options.title, part.polygons, part.values)
    -- One bar of shades serves all.
    if i < #parts then panels[i].hide_bar = true end
  end
  return figure.new("triangle", panels, { columns = options.columns or #panels, size = options.size, dropped = dropped })
end

return triangle
