local figure = require "jetlua.plot.figure"
local panel = require "jetlua.plot.panel"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

local most_points = 20000

--- Points `{x=, y=, error=, label=}`, smaller and more transparent the more there are. Of more than 20,000 points every
--- k-th is shown and saved, and stderr says how many.
---
---     plot.scatter({x = {1, 2, 3}, y = {1, 4, 9}}) --> plot.scatter, 1 series; save with fig:save("x.pdf")
---@param data any one series, a list of them, or a map from label to series
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
local function scatter(data, options)
  options = panel.options("plot.scatter", options)
  local layers, dropped, total = {}, 0, 0
  local list = series.list("plot.scatter", data, true)
  for _, s in ipairs(list) do total = total + s.n end
  local every = math.max(1, math.ceil(total / most_points))
  local shown = total / every
  for i, s in ipairs(list) do
    local x, y, errors = {}, {}, s.error and {}
    for k = 1, s.n, every do
      x[#x + 1], y[#y + 1] = s.x[k], s.y[k]
      if errors then errors[#errors + 1] = s.error[k] end
    end
    if every > 1 then series.tell("plot.scatter", s.label, i, s.n - #x, s.n, "more than 20000 points") end
    dropped = dropped + s.dropped + s.n - #x
    layers[#layers + 1] = {
      kind = "points", x = x, y = y, error = errors, colour = (style.series(i, s)), label = s.label,
      size = shown > 5000 and 0.2 or shown > 1500 and 0.35 or shown > 300 and 0.45 or 0.6, opacity = shown > 2000 and 0.35 or shown > 300 and 0.6 or 1,
    }
  end
  local result = panel.curves("plot.scatter", layers, options, { xpad = 0.04, ypad = 0.05 })
  result.series = #list
  return figure.new("scatter", { result }, { size = options.size, dropped = dropped })
end

return scatter
