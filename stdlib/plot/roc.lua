local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local over_seeds = require "jetlua.plot.over_seeds"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

--- 1/ε_S, the rejection of a random choice, up to `top`.
local function random_line(top)
  local x, y = {}, {}
  for i = 0, 200 do
    y[i + 1] = top ^ (1 - i / 200)
    x[i + 1] = 1 / y[i + 1]
  end
  return { kind = "line", x = x, y = y, colour = style.grey, dash = 2, width = 1.2, label = "random", decoration = true }
end

--- The columns of a result of metrics.roc as lists.
local function columns_of(where, what, result)
  if type(result) ~= "table" or not result.fpr or not result.tpr then
    expect.wrong(where, what, "a result of metrics.roc", result)
  end
  local fpr = numbers.vector(where, what .. ": fpr", result.fpr)
  local tpr = numbers.vector(where, what .. ": tpr", result.tpr)
  if #fpr ~= #tpr then raise("%s: %s: expected as many tpr as fpr, got %d and %d", where, what, #tpr, #fpr) end
  local curve = { x = {}, y = {} }
  for k = 1, #fpr do
    if numbers.finite(fpr[k]) and numbers.finite(tpr[k]) and fpr[k] > 0 then
      curve.x[#curve.x + 1], curve.y[#curve.y + 1] = tpr[k], 1 / fpr[k]
    end
  end
  if #curve.x == 0 then raise("%s: %s: expected a point with background, got none of %d", where, what, #fpr) end
  return curve, fpr, tpr
end

--- The band of one binomial standard deviation of the background efficiency. Neighbours that no eye can tell apart are left out.
local function binomial_band(where, what, result, fpr, tpr)
  local errors = numbers.vector(where, what .. ": fpr_error", result.fpr_error)
  if #errors ~= #fpr then raise("%s: %s: expected as many fpr_error as fpr, got %d and %d", where, what, #errors, #fpr) end
  local band, last_x, last_y = { x = {}, low = {}, high = {} }, nil, nil
  for k = 1, #fpr do
    local x, y, error = tpr[k], fpr[k], errors[k]
    if numbers.finite(x) and numbers.finite(error) and y > 0 then
      local moved = not last_x or math.abs(x - last_x) > 0.002 or math.abs(math.log(y / last_y)) > 0.01
      if moved or k == #fpr then
        local n = #band.x + 1
        band.x[n], band.low[n], band.high[n] = x, 1 / (y + error), y > error and 1 / (y - error) or math.huge
        last_x, last_y = x, y
      end
    end
  end
  return band
end

--- The curve of one entry, its band or nil, and what the legend says of its AUC.
local function curve_of(where, what, value, banded)
  local results = over_seeds.list(where, what, value)
  if results then
    local curves = {}
    for i, result in ipairs(results) do curves[i] = columns_of(where, ("%s: seed %d"):format(what, i), result) end
    local curve = over_seeds.curve(where, what, curves)
    return curve, banded ~= false and { x = curve.x, low = curve.low, high = curve.high } or nil, over_seeds.text(results, "auc", "%.3f")
  end
  local curve, fpr, tpr = columns_of(where, what, value)
  local band = banded and value.fpr_error and binomial_band(where, what, value, fpr, tpr) or nil
  return curve, band, type(value.auc) == "number" and ("%.3f"):format(value.auc) or nil
end

--- ROC curves as a physicist reads them: background rejection 1/ε_B against signal efficiency ε_S, with the line of a random
--- choice. Points with no background left have no finite rejection and are not drawn. Up to three curves have a band of one binomial
--- standard deviation where the result says it (`fpr_error`); `band` true or false draws it for any number or none. `{seeds = {…}, label=}`
--- of results of several seeds is drawn as their mean at equal ε_S with a band of one standard deviation.
---
---     plot.roc(metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0})) --> plot.roc, 1 series; save with fig:save("x.pdf")
---@param data any one result of `metrics.roc` (`{fpr, tpr, auc}`, and a `label` if set), a list of them, or a map from label to result
---@param options? table title xlabel ylabel xrange yrange logx logy (true unless said) legend note size stamp band
---@return plot.Figure
local function roc(data, options)
  local where = "plot.roc"
  options = panel.options(where, options, { "band" })
  if options.band ~= nil then expect.boolean(where, "band", options.band) end
  if options.logy == nil then options.logy = true end
  local items = series.items(where, data, function(t) return t.fpr ~= nil or t.tpr ~= nil or t.seeds ~= nil end)
  local banded = options.band
  local layers, bands, highest = {}, {}, 10
  for i, item in ipairs(items) do
    local what = item.label and ('"%s"'):format(item.label) or ("curve %d"):format(i)
    local one = banded
    if one == nil and not (type(item.value) == "table" and item.value.seeds) then one = #items <= 3 end
    local curve, band, auc = curve_of(where, what, item.value, one)
    for k, x in ipairs(curve.x) do
      if x >= 0.02 then highest = math.max(highest, curve.y[k]) end
    end
    local label = item.value.label or item.label
    if label ~= nil then expect.string(where, what .. ": label", label) end
    local colour, dash = style.series(i)
    if band then
      band.kind, band.colour, band.name = "band", colour, (label or ("curve %d"):format(i)) .. ", band"
      bands[#bands + 1] = band
    end
    layers[i] = {
      kind = "line", x = curve.x, y = curve.y, colour = colour, dash = dash, name = label,
      label = auc and ("%sAUC %s"):format(label and label .. ", " or "", auc) or label,
    }
  end
  local top = 10.0 ^ math.ceil(math.log(highest, 10) - 1e-9)
  local shown = options.yrange and options.yrange[2] or top
  for i, band in ipairs(bands) do
    -- A band without an upper end goes to the frame's.
    for k, high in ipairs(band.high) do
      band.high[k], band.low[k] = math.min(high, math.max(shown, band.low[k])), math.max(band.low[k], 1e-3)
    end
    table.insert(layers, i, band)
  end
  layers[#layers + 1] = random_line(math.max(shown, 10))
  local result = panel.curves(where, layers, options, {
    xlabel = "signal efficiency ε_{S}", ylabel = "background rejection 1/ε_{B}",
    xrange = options.logx and { 1e-3, 1 } or { 0, 1 }, yrange = { 1, top },
  })
  result.series = #items
  return figure.new("roc", { result }, { size = options.size })
end

return roc
