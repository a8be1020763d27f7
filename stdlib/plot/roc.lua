local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

--- 1/ε_S, the rejection of a random choice, from 0.01 to 1.
local function random_line()
  local x, y = {}, {}
  for i = 1, 100 do x[i], y[i] = i / 100, 100 / i end
  return { kind = "line", x = x, y = y, colour = style.grey, dash = 2, width = 1.2, label = "random" }
end

--- The band of one binomial standard deviation of the background efficiency, cut off at the rejection `highest`. Neighbours that no
--- eye can tell apart are left out.
local function band(fpr, tpr, errors, highest, colour)
  local layer = { kind = "band", x = {}, low = {}, high = {}, colour = colour, decoration = true }
  local last_x, last_y
  for k = 1, #fpr do
    local x, y, error = tpr[k], fpr[k], errors[k]
    if numbers.finite(x) and numbers.finite(error) and y > 0 then
      local moved = not last_x or math.abs(x - last_x) > 0.002 or math.abs(math.log(y / last_y)) > 0.01
      if moved or k == #fpr then
        local n = #layer.x + 1
        layer.x[n], layer.low[n], layer.high[n] = x, 1 / (y + error), y > error and math.min(highest, 1 / (y - error)) or highest
        last_x, last_y = x, y
      end
    end
  end
  return layer
end

--- ROC curves as a physicist reads them: background rejection 1/ε_B against signal efficiency ε_S, with the line of a random
--- choice. Points with no background left have no finite rejection and are not drawn. Up to three curves have a band of one binomial
--- standard deviation where the result says it (`fpr_error`); `band` true or false draws it for any number or none.
---
---     plot.roc(metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0})) --> plot.roc, 1 series; save with fig:save("x.pdf")
---@param data any one result of `metrics.roc` (`{fpr, tpr, auc}`, and a `label` if set), a list of them, or a map from label to result
---@param options? table title xlabel ylabel xrange yrange logx logy (true unless said) legend note size band
---@return plot.Figure
local function roc(data, options)
  local where = "plot.roc"
  options = panel.options(where, options, { "band" })
  if options.band ~= nil then expect.boolean(where, "band", options.band) end
  if options.logy == nil then options.logy = true end
  local items = series.items(where, data, function(t) return t.fpr ~= nil or t.tpr ~= nil end)
  local layers, bands, highest = {}, {}, 10
  local banded = options.band
  if banded == nil then banded = #items <= 3 end
  for i, item in ipairs(items) do
    local result = item.value
    local what = item.label and ('"%s"'):format(item.label) or ("curve %d"):format(i)
    if type(result) ~= "table" or not result.fpr or not result.tpr then
      expect.wrong(where, what, "a result of metrics.roc", result)
    end
    local fpr = numbers.vector(where, what .. ": fpr", result.fpr)
    local tpr = numbers.vector(where, what .. ": tpr", result.tpr)
    if #fpr ~= #tpr then raise("%s: %s: expected as many tpr as fpr, got %d and %d", where, what, #tpr, #fpr) end
    local x, y = {}, {}
    for k = 1, #fpr do
      if numbers.finite(fpr[k]) and numbers.finite(tpr[k]) and fpr[k] > 0 then
        x[#x + 1], y[#y + 1] = tpr[k], 1 / fpr[k]
        if tpr[k] >= 0.02 then highest = math.max(highest, 1 / fpr[k]) end
      end
    end
    if #x == 0 then raise("%s: %s: expected a point with background, got none of %d", where, what, #fpr) end
    local label = result.label or item.label
    local colour, dash = style.series(i)
    if banded and result.fpr_error then
      local errors = numbers.vector(where, what .. ": fpr_error", result.fpr_error)
      if #errors ~= #fpr then raise("%s: %s: expected as many fpr_error as fpr, got %d and %d", where, what, #errors, #fpr) end
      bands[#bands + 1] = { fpr, tpr, errors, colour }
    end
    layers[i] = {
      kind = "line", x = x, y = y, colour = colour, dash = dash, name = label,
      label = type(result.auc) == "number" and ("%sAUC %.3f"):format(label and label .. ", " or "", result.auc) or label,
    }
  end
  local top = 10 ^ math.ceil(math.log(highest, 10))
  for i, one in ipairs(bands) do table.insert(layers, i, band(one[1], one[2], one[3], options.yrange and options.yrange[2] or top, one[4])) end
  local random = random_line()
  random.decoration = true
  layers[#layers + 1] = random
  local result = panel.curves(where, layers, options, {
    xlabel = "signal efficiency ε_{S}", ylabel = "background rejection 1/ε_{B}",
    xrange = { 0, 1 }, yrange = { 1, top },
  })
  result.series = #items
  return figure.new("roc", { result }, { size = options.size })
end

return roc
