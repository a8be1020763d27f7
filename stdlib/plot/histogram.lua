local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"
local text = require "jetlua.internal.text"

local function all_whole(list)
  for _, s in ipairs(list) do
    for _, x in ipairs(s.x) do
      if x ~= math.floor(x) then return false end
    end
  end
  return true
end

--- About 40 bins of a round width that hold all data; whole numbers lie in the middle of theirs.
local function round_edges(list, low, high)
  if low == high then
    low, high = axis.round_range(low, high)
    return numbers.edges(low, high, 40)
  end
  local whole = all_whole(list)
  local width = axis.nice_step(high - low, 40)
  local first, last
  if whole then
    width = math.max(1, width)
    first = math.floor(low / width) * width - (width == 1 and 0.5 or 0)
    last = first + math.max(1, math.floor((high - first) / width) + 1) * width
  else
    first, last = math.floor(low / width + 1e-9) * width, math.ceil(high / width - 1e-9) * width
  end
  return numbers.edges(first, last, math.max(1, math.floor((last - first) / width + 0.5)))
end

--- Edges of the bins: as given, or `bins` equal ones over the range of the data widened to round numbers.
local function edges_of(where, list, options)
  local bins = options.bins or 40
  if type(bins) == "table" or numbers.is_tensor(bins) then
    local edges = numbers.vector(where, "bins", bins)
    for i = 2, #edges do
      if not (edges[i] > edges[i - 1]) then raise("%s: bins: expected edges that increase, got %s after %s", where,
        text.number(edges[i]), text.number(edges[i - 1])) end
    end
    if #edges < 2 then raise("%s: bins: expected at least 2 edges, got %d", where, #edges) end
    return edges
  end
  bins = expect.number(where, "bins", bins, { integer = true, min = 1, max = 100000 })
  local range = expect.range(where, "range", options.range)
  if range then return numbers.edges(range[1], range[2], bins) end
  local low, high
  for _, s in ipairs(list) do
    local a, b = numbers.extent(s.x)
    low, high = low and math.min(low, a) or a, high and math.max(high, b) or b
  end
  if not options.bins and high - low < math.huge then return round_edges(list, low, high) end
  low, high = axis.round_range(low, high)
  return numbers.edges(low, high, bins)
end

local function scale(histogram, edges, density)
  if not density then return end
  local sum = 0
  for _, v in ipairs(histogram.values) do sum = sum + v end
  for i = 1, #histogram.values do
    local factor = sum ~= 0 and 1 / (sum * (edges[i + 1] - edges[i])) or 0
    histogram.values[i], histogram.errors[i] = histogram.values[i] * factor, histogram.errors[i] * factor
  end
end

--- Quotients of all further series and the first one, with the errors of both added in quadrature.
local function ratio_panel(where, above, layers, options)
  local first = layers[1]
  local quotients = {
    { kind = "line", x = { first.edges[1], first.edges[#first.edges] }, y = { 1, 1 }, colour = style.grey, width = 1, decoration = true },
  }
  local low, high
  for i = 2, #layers do
    local x, y, errors = {}, {}, {}
    for k, v in ipairs(layers[i].values) do
      local reference = first.values[k]
      if reference > 0 and v > 0 then
        local r = v / reference
        x[#x + 1], y[#y + 1] = (first.edges[k] + first.edges[k + 1]) / 2, r
        errors[#errors + 1] = r * math.sqrt((layers[i].errors[k] / v) ^ 2 + (first.errors[k] / reference) ^ 2)
        low, high = math.min(low or r, r), math.max(high or r, r)
      end
    end
    quotients[#quotients + 1] = { kind = "points", x = x, y = y, error = errors, colour = layers[i].colour, size = 0.7, name = layers[i].label }
  end
  local reach = math.max(0.2, math.min(1, math.max((high or 1) - 1, 1 - (low or 1)) * 1.2))
  local y = axis.new(math.max(0, 1 - reach), 1 + reach, false, { count = 3 })
  -- A label at the upper end would run into the 0 of the panel above.
  local highest = y.ticks[#y.ticks]
  if highest.value > y.max - 0.02 * (y.max - y.min) then highest.label = nil end
  return {
    layers = quotients, frame = true, arrows = true, area = above.area, x = above.x, y = y,
    xlabel = options.xlabel, ylabel = first.label and select(2, require("jetlua.plot.markup").size(first.label)) <= 12
      and "ratio to\n" .. first.label or "ratio",
  }
end

--- "entries / 5 GeV" or "normalised [1/GeV]", with the unit of the axis below.
local function ylabel_of(options, width)
  local unit = options.xlabel and options.xlabel:match("%[([^%[%]]+)%]%s*$")
  if options.density then return unit and ("normalised [1/%s]"):format(unit) or "normalised" end
  if not width then return "entries" end
  local number = text.number(tonumber(("%.3g"):format(width)))
  if not unit and number == "1" then return "entries" end
  return unit and ("entries / %s %s"):format(number, unit) or ("entries / %s"):format(number)
end

--- The figure of the histograms of a list of series; `where` is the function that the user called.
---@param where string
---@param list table[] from series.list
---@param options table checked
---@return plot.Figure
local function histogram_figure(where, list, options)
  for _, name in ipairs { "density", "ratio", "fill" } do expect.boolean(where, name, options[name]) end
  local errors = options.errors
  if errors == nil then errors = "bars" end
  if errors ~= false and errors ~= "bars" and errors ~= "band" then expect.wrong(where, "errors", '"bars", "band" or false', errors) end
  if options.ratio and #list < 2 then raise("%s: ratio: expected at least 2 series, got %d", where, #list) end
  local edges = edges_of(where, list, options)
  local layers, dropped = {}, 0
  for i, s in ipairs(list) do
    local histogram = numbers.histogram(s.x, s.weight, edges)
    if options.logy then
      for k, v in ipairs(histogram.values) do
        if v < 0 then raise("%s: logy: expected bins of at least 0, got %s in bin %d", where, text.number(v), k) end
      end
    end
    series.tell(where, s.label, i, histogram.outside, s.n,
      ("outside %s to %s"):format(text.number(edges[1]), text.number(edges[#edges])))
    scale(histogram, edges, options.density)
    dropped = dropped + s.dropped + histogram.outside
    local colour, dash = style.series(i, s)
    local fill = options.fill
    if fill == nil then fill = #list <= 3 end
    layers[i] = {
      kind = "steps", edges = edges, values = histogram.values, errors = histogram.errors, colour = colour, dash = dash,
      fill = fill, label = s.label, show_errors = errors, as_points = s.style == "points",
    }
  end
  local width = edges[2] - edges[1]
  local equal = math.abs((edges[#edges] - edges[1]) / (#edges - 1) - width) < 1e-9 * math.abs(width)
  local result = panel.curves(where, layers, options, {
    xrange = { edges[1], edges[#edges] }, zero = true, ypad = options.logy and 0.1 or 0.08,
    ylabel = ylabel_of(options, equal and width),
  })
  result.series = #list
  if options.ratio then result.lower = ratio_panel(where, result, layers, options) end
  return figure.new(where:match("%.(.+)$"), { result }, { size = options.size, dropped = dropped })
end

return histogram_figure
