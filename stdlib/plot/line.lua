local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local panel = require "jetlua.plot.panel"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

--- A sweep gives its own series: {x =, y =} name a hyperparameter and a result.
local function of_sweep(sweep, options)
  local rest, own = {}, {}
  for key, value in pairs(type(options) == "table" and options or {}) do
    if key == "x" or key == "y" or key == "title" or key == "size" or key == "note" then own[key] = value else rest[key] = value end
  end
  if next(rest) then expect.unknown("plot.line", "option", (next(rest)), { "x", "y", "title", "size", "note" }) end
  return sweep:figure("line", own)
end

--- Curves through points. A series is a list, a 1-D tensor (its y; x counts 1, 2, …) or `{x=, y=, error=, label=, colour=, dash=}`; an
--- error is drawn as a band y ± error. Of a sweep, `plot.line(s, {x = "alpha", y = "auc"})` draws mean and spread over seeds.
---
---     plot.line({1, 4, 9}, {xlabel = "epoch"}) --> plot.line, 1 series; save with fig:save("x.pdf")
---@param data any one series, a list of them, or a map from label to series
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
local function line(data, options)
  if type(data) == "table" and getmetatable(data) and type(data.series) == "function" then return of_sweep(data, options) end
  options = panel.options("plot.line", options)
  local layers, dropped, counts = {}, 0, true
  local list = series.list("plot.line", data, true)
  for i, s in ipairs(list) do
    local colour, dash = style.series(i, s)
    if s.error then
      local low, high = {}, {}
      for k, y in ipairs(s.y) do low[k], high[k] = y - s.error[k], y + s.error[k] end
      layers[#layers + 1] = { kind = "band", x = s.x, low = low, high = high, colour = colour, decoration = true }
    end
    layers[#layers + 1] = { kind = "line", x = s.x, y = s.y, colour = colour, dash = dash, label = s.label, errors = s.error }
    for _, x in ipairs(s.x) do counts = counts and x == math.floor(x) end
    dropped = dropped + s.dropped
  end
  local result = panel.curves("plot.line", layers, options, { integer = counts })
  result.series = #list
  return figure.new("line", { result }, { size = options.size, dropped = dropped })
end

return line
