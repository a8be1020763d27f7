-- Figures of a sweep: how the objective goes with the hyperparameters.

local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local json = require "jetlua.json"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local results = require "jetlua.sweep.results"
local space = require "jetlua.sweep.space"
local style = require "jetlua.plot.style"
local text = require "jetlua.internal.text"

local figures = {}

local kinds = { "line", "heat", "parallel", "each" }

local function dimension_of(sweep, where, name)
  expect.string(where, "hyperparameter", name)
  local plain, names = name:gsub("%-", "_"), {}
  for i, dimension in ipairs(sweep.record.dimensions) do
    if dimension.name == plain then return dimension end
    names[i] = dimension.name
  end
  if #names == 0 then raise("%s: %s: expected a hyperparameter, but this sweep varies none", where, text.one_line(name)) end
  expect.unknown(where, "hyperparameter", name, names)
end

--- Places of a hyperparameter's values on an axis: the numbers themselves, or 1, 2, … for what is no number.
---@return { place: (fun(value: any): number), ticks: table[]|nil, log: boolean }
local function scale(rows, dimension)
  local values, seen, numeric = {}, {}, true
  for _, row in ipairs(rows) do
    local value = row.options[dimension.name]
    if value ~= nil and not seen[space.written(value)] then
      seen[space.written(value)] = true
      values[#values + 1] = value
      numeric = numeric and type(value) == "number"
    end
  end
  if numeric then
    table.sort(values)
    local positive = #values > 2 and values[1] > 0 and values[#values] / values[1] >= 30
    return { place = function(value) return value end, log = dimension.log or positive, values = values }
  end
  local places, ticks = {}, {}
  -- In the order in which they were declared, not in that of the alphabet.
  local order = dimension.values or values
  local n = 0
  for _, value in ipairs(order) do
    local written = space.written(value)
    if seen[written] and not places[written] then
      n = n + 1
      places[written], ticks[n] = n, { value = n, label = written }
    end
  end
  return { place = function(value) return places[space.written(value)] end, ticks = ticks, log = false, values = order }
end

local function with_mean(where, sweep, y)
  local name = y or sweep.objective
  if name ~= nil then expect.string(where, "y", name) end
  local rows = {}
  for _, row in ipairs(results.rows(sweep, sweep.list, name)) do
    if row.mean then rows[#rows + 1] = row end
  end
  if #rows == 0 then
    raise("%s: %s", where, results.problem(name, sweep.list) or "expected trials that finished, found none")
  end
  return rows, name
end

--- Series of `y` against `x`, one for each combination of the other hyperparameters, with the spread over seeds as error.
function figures.series(sweep, x, y)
  local where = "sweep:series"
  local dimension = dimension_of(sweep, where, x)
  local rows = with_mean(where, sweep, y)
  local along = scale(rows, dimension)
  local list, by_rest = {}, {}
  for _, row in ipairs(rows) do
    local rest = {}
    for name, value in pairs(row.options) do
      if name ~= dimension.name then rest[name] = value end
    end
    local key = json.encode(rest)
    if not by_rest[key] then
      by_rest[key] = { points = {}, label = next(rest) and results.label(rest):gsub("_", " ") or nil }
      list[#list + 1] = by_rest[key]
    end
    table.insert(by_rest[key].points, { x = along.place(row.options[dimension.name]), y = row.mean, error = row.std })
  end
  local series = {}
  for i, one in ipairs(list) do
    table.sort(one.points, function(a, b) return a.x < b.x end)
    series[i] = { x = {}, y = {}, error = {}, label = one.label }
    for k, point in ipairs(one.points) do series[i].x[k], series[i].y[k], series[i].error[k] = point.x, point.y, point.error end
  end
  return series, along
end

local function shown(name) return (name:gsub("_", " ")) end

local function use_ticks(axis, along)
  if along.ticks then axis.ticks, axis.min, axis.max = along.ticks, 0.5, #along.ticks + 0.5 end
end

--- A range of the x axis that leaves room beside the first and the last of some numbers; nil where there is only one.
local function padded(series, log)
  local low, high
  for _, one in ipairs(series) do
    for _, x in ipairs(one.x) do low, high = math.min(low or x, x), math.max(high or x, x) end
  end
  if low == high or log and low <= 0 then return nil end
  if log then return { low * (low / high) ^ 0.05, high * (high / low) ^ 0.05 } end
  return { low - 0.05 * (high - low), high + 0.05 * (high - low) }
end

local function line(sweep, options)
  local plot_line = require "jetlua.plot.line"
  local name = options.x or sweep.record.dimensions[1] and sweep.record.dimensions[1].name
  local series, along = figures.series(sweep, name, options.y)
  local result = plot_line(series, {
    title = options.title, size = options.size, xlabel = shown(name), ylabel = shown(options.y or sweep.objective), logx = along.log, note = options.note,
    xrange = not along.ticks and padded(series, along.log) or nil,
  })
  -- Only these values were tried, so each is a point with its spread; a band would speak of those between them too.
  local layers = result.panels[1].layers
  for i, layer in ipairs(layers) do
    if layer.kind == "band" then
      local y, error_ = {}, {}
      for k, low in ipairs(layer.low) do y[k], error_[k] = 0.5 * (low + layer.high[k]), 0.5 * (layer.high[k] - low) end
      layers[i] = { kind = "points", x = layer.x, y = y, error = error_, colour = layer.colour, size = 0.6, opacity = 1, decoration = true }
    end
  end
  use_ticks(result.panels[1].x, along)
  return result
end

local function each(sweep, options)
  local scatter, grid = require "jetlua.plot.scatter", require "jetlua.plot.grid"
  local rows, name = with_mean("sweep:figure", sweep, options.y)
  local panels = {}
  for i, dimension in ipairs(sweep.record.dimensions) do
    local along = scale(rows, dimension)
    local points = { x = {}, y = {}, error = {} }
    for k, row in ipairs(rows) do points.x[k], points.y[k], points.error[k] = along.place(row.options[dimension.name]), row.mean, row.std end
    panels[i] = scatter(points, { xlabel = shown(dimension.name), ylabel = shown(name), logx = along.log, title = i == 1 and options.title or nil })
    use_ticks(panels[i].panels[1].x, along)
  end
  if #panels == 0 then raise("sweep:figure: each: expected a sweep that varies something, got one that varies nothing") end
  return #panels == 1 and panels[1] or grid(panels, { columns = math.min(#panels, 3), size = options.size })
end

local function short(value) return type(value) == "number" and ("%.3g"):format(value) or space.written(value) end

local function tick_list(along)
  local labels = {}
  for i, value in ipairs(along.values) do labels[i] = { value = i - 0.5, label = short(value) } end
  return labels
end

local function heat(sweep, options)
  local image = require "jetlua.plot.image"
  local rows, name = with_mean("sweep:figure", sweep, options.z)
  local dimensions = sweep.record.dimensions
  if #dimensions < 2 then raise("sweep:figure: heat: expected a sweep that varies two hyperparameters, got %d", #dimensions) end
  local x = options.x and dimension_of(sweep, "sweep:figure", options.x) or dimensions[1]
  local y = options.y and dimension_of(sweep, "sweep:figure", options.y) or dimensions[x == dimensions[2] and 1 or 2]
  if x == y then raise("sweep:figure: heat: expected two different hyperparameters, got %s twice", x.name) end
  local across, up = scale(rows, x), scale(rows, y)
  local columns, lines = {}, {}
  for i, value in ipairs(across.values) do columns[space.written(value)] = i end
  for i, value in ipairs(up.values) do lines[space.written(value)] = i end
  if #across.values * #up.values > 10000 then
    raise("sweep:figure: heat: expected values on a grid, got %d and %d different ones; take the figure each", #across.values, #up.values)
  end
  local sums, counts = {}, {}
  for i = 1, #up.values do
    sums[i], counts[i] = {}, {}
    for j = 1, #across.values do sums[i][j], counts[i][j] = 0, 0 end
  end
  local low, high
  for _, row in ipairs(rows) do
    local i, j = lines[space.written(row.options[y.name])], columns[space.written(row.options[x.name])]
    sums[i][j], counts[i][j] = sums[i][j] + row.mean, counts[i][j] + 1
  end
  for i, sum in ipairs(sums) do
    for j = 1, #sum do
      sum[j] = counts[i][j] > 0 and sum[j] / counts[i][j] or 0 / 0
      if sum[j] == sum[j] then low, high = math.min(low or sum[j], sum[j]), math.max(high or sum[j], sum[j]) end
    end
  end
  if low == high then low, high = low - 0.5, high + 0.5 end
  -- White stands for what was not tried, so the worst is a shade above it.
  local result = image(sums, {
    origin = "lower", range = { low - 0.1 * (high - low), high }, zlabel = shown(name), title = options.title, xlabel = shown(x.name),
    ylabel = shown(y.name), size = options.size,
  })
  local first = result.panels[1]
  first.x.ticks, first.y.ticks = tick_list(across), tick_list(up)
  for i, sum in ipairs(sums) do
    for j, value in ipairs(sum) do
      if value == value and #sums * #sum <= 100 then
        first.layers[#first.layers + 1] = {
          kind = "text", x = j - 0.5, y = i - 0.5, text = ("%.3g"):format(value), decoration = true,
          colour = (value - low) / (high - low) > 0.5 and "#FFFFFF" or "#000000",
        }
      end
    end
  end
  return result
end

local most_labels = 6

local function parallel(sweep, options)
  local rows, name = with_mean("sweep:figure", sweep, options.y)
  local sign = sweep.direction == "min" and -1 or 1
  table.sort(rows, function(a, b) return sign * a.mean < sign * b.mean end)
  local columns = {}
  for _, dimension in ipairs(sweep.record.dimensions) do
    local along = scale(rows, dimension)
    local function place(row)
      local at = along.place(row.options[dimension.name])
      return along.log and math.log(at) or at
    end
    columns[#columns + 1] = { name = dimension.name, place = place, few = #along.values <= most_labels, label = function(row) return short(row.options[dimension.name]) end }
  end
  columns[#columns + 1] = { name = name, place = function(row) return row.mean end, label = function(row) return ("%.3g"):format(row.mean) end }
  for _, column in ipairs(columns) do
    for _, row in ipairs(rows) do
      local at = column.place(row)
      if not column.low or at < column.low then column.low, column.first = at, row end
      if not column.high or at > column.high then column.high, column.last = at, row end
    end
  end
  local layers = {}
  for k = 1, #columns do
    layers[#layers + 1] = { kind = "line", x = { k, k }, y = { 0, 1 }, colour = style.grey, width = 1, decoration = true }
  end
  local worst, best = rows[1].mean, rows[#rows].mean
  for i, row in ipairs(rows) do
    local x, y = {}, {}
    for k, column in ipairs(columns) do
      x[k], y[k] = k, column.high > column.low and (column.place(row) - column.low) / (column.high - column.low) or 0.5
    end
    local share = best ~= worst and (row.mean - worst) / (best - worst) or 1
    layers[#layers + 1] = {
      kind = "line", x = x, y = y, colour = i == #rows and style.colours[2] or style.shade(0.25 + 0.75 * share), width = i == #rows and 2.5 or 1,
      name = results.label(row.options),
    }
  end
  for k, column in ipairs(columns) do
    layers[#layers + 1] = { kind = "text", x = k, y = 1.06, text = column.label(column.last), decoration = true }
    layers[#layers + 1] = { kind = "text", x = k, y = -0.06, text = column.label(column.first), decoration = true }
    -- What lies between the ends has its name beside it where there is room for all of them.
    local seen = { [column.low] = true, [column.high] = true }
    for _, row in ipairs(column.few and rows or {}) do
      local at = column.place(row)
      if not seen[at] then
        seen[at] = true
        layers[#layers + 1] = {
          kind = "text", x = k + 0.04, y = (at - column.low) / (column.high - column.low) + 0.025, text = column.label(row), align = "left", decoration = true,
        }
      end
    end
  end
  -- The labels of the outer columns stay in the frame.
  local function room(column) return math.max(0.4, 0.04 * math.max(#column.label(column.first), #column.label(column.last))) end
  local settings = panel.options("sweep:figure", {
    title = options.title, size = options.size, yrange = { -0.12, 1.12 }, xrange = { 1 - room(columns[1]), #columns + room(columns[#columns]) }, legend = false,
  })
  local result = panel.curves("sweep:figure", layers, settings)
  -- Each line has a scale of its own, so the frame has none; a list without any tick would bring back automatic ones.
  result.x.ticks, result.y.ticks = {}, { { value = -1 } }
  for k, column in ipairs(columns) do result.x.ticks[k] = { value = k, label = shown(column.name) } end
  result.series = #rows
  return figure.new("parallel", { result }, { size = settings.size })
end

local drawers = { line = line, heat = heat, parallel = parallel, each = each }

--- Draws a figure of a kind; see Sweep:figure.
function figures.draw(sweep, kind, options)
  options = expect.options("sweep:figure", options, { "x", "y", "z", "title", "size", "note" })
  if type(kind) ~= "string" or not drawers[kind] then expect.unknown("sweep:figure", "kind", kind, kinds) end
  return drawers[kind](sweep, options)
end

return figures
