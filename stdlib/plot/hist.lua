local histogram_figure = require "jetlua.plot.histogram"
local panel = require "jetlua.plot.panel"
local series = require "jetlua.plot.series"

--- Histograms with their errors √Σw². A series is a list, a tensor or `{x=, weight=, label=}`; a value outside the range or
--- not finite is left out and counted on stderr.
---
---     plot.hist({1, 1, 2, 5}, {bins = 5, range = {0, 5}, title = "counts"}) --> plot.hist, "counts", 1 series; save with fig:save("x.pdf")
---@param data any one series, a list of them, or a map from label to series
---@param options? table bins (a number or the edges), range, density (unit area), ratio (to the first series), title xlabel
---  ylabel xrange yrange logx logy legend note size
---@return plot.Figure
local function hist(data, options)
  options = panel.options("plot.hist", options, { "bins", "range", "density", "ratio" })
  return histogram_figure("plot.hist", series.list("plot.hist", data, false), options)
end

return hist
