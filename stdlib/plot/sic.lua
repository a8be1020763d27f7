local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local over_seeds = require "jetlua.plot.over_seeds"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

local function columns_of(where, what, result)
  if type(result) ~= "table" or not result.sic or not result.tpr then
    expect.wrong(where, what, "a result of metrics.sic", result)
  end
  local columns = {
    x = numbers.vector(where, what .. ": tpr", result.tpr), y = numbers.vector(where, what .. ": sic", result.sic),
  }
  local n = #columns.x
  if n ~= #columns.y then raise("%s: %s: expected as many tpr as sic, got %d and %d", where, what, n, #columns.y) end
  numbers.keep_finite(columns, n)
  if #columns.x == 0 then raise("%s: %s: expected a finite point, got none of %d", where, what, n) end
  return columns
end

--- Significance improvement ε_S/√ε_B against the signal efficiency, with the line of a random choice. `{seeds = {…}, label=}` of results of
--- several seeds is drawn as their mean at equal ε_S with a band of one standard deviation.
---
---     set = jets.sample():take(2000)
---     plot.sic(metrics.sic(set.mass, set.label)) --> plot.sic, 1 series; save with fig:save("x.pdf")
---@param data any one result of `metrics.sic` (`{tpr, sic, max}`, and a `label` if set), a list of them, or a map from label to result
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
local function sic(data, options)
  local where = "plot.sic"
  options = panel.options(where, options)
  local items = series.items(where, data, function(t) return t.sic ~= nil or t.tpr ~= nil or t.seeds ~= nil end)
  local layers = {}
  for i, item in ipairs(items) do
    local what = item.label and ('"%s"'):format(item.label) or ("curve %d"):format(i)
    local results = over_seeds.list(where, what, item.value)
    local colour, dash = style.series(i)
    local columns, best
    if results then
      local curves = {}
      for k, result in ipairs(results) do curves[k] = columns_of(where, ("%s: seed %d"):format(what, k), result) end
      columns, best = over_seeds.curve(where, what, curves), over_seeds.text(results, "max", "%.2f")
    else
      columns = columns_of(where, what, item.value)
      best = type(item.value.max) == "number" and ("%.2f"):format(item.value.max) or nil
    end
    local label = item.value.label or item.label
    if label ~= nil then expect.string(where, what .. ": label", label) end
    if results then
      layers[#layers + 1] = {
        kind = "band", x = columns.x, low = columns.low, high = columns.high, colour = colour, name = (label or ("curve %d"):format(i)) .. ", band",
      }
    end
    layers[#layers + 1] = {
      kind = "line", x = columns.x, y = columns.y, colour = colour, dash = dash, name = label,
      label = best and ("%smax %s"):format(label and label .. ", " or "", best) or label,
    }
  end
  local x, y = {}, {}
  for i = 0, 100 do x[i + 1], y[i + 1] = i / 100, math.sqrt(i / 100) end
  layers[#layers + 1] = { kind = "line", x = x, y = y, colour = style.grey, dash = 2, width = 1.2, label = "random", decoration = true }
  local result = panel.curves(where, layers, options, {
    xlabel = "signal efficiency ε_{S}", ylabel = "significance improvement ε_{S}/√ε_{B}",
    xrange = options.logx and { 1e-3, 1 } or { 0, 1 }, zero = true,
  })
  result.series = #items
  return figure.new("sic", { result }, { size = options.size })
end

return sic
