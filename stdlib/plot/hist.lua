local histogram_figure = require "jetlua.plot.histogram"
local panel = require "jetlua.plot.panel"
local series = require "jetlua.plot.series"

--- Histograms with their errors √Σw². A series is a list, a tensor or `{x=, weight=, label=, style=}`; a value outside the range or
--- not finite is left out and counted on stderr. Without `bins` there are about 40 of a round width. Up to three are filled unless
--- `fill` says; `style = "points"` draws one as points with their errors, as data are; `errors` is "bars" (unless said), "band" or false.
---
---     plot.hist({1, 1, 2, 5}, {bins = 5, range = {0, 5}, title = "counts"}) --> plot.hist, "counts", 1 series; save with fig:save("x.pdf")
---@param data any one series, a list of them, or a map from label to series
---@param options? table bins (a number or the edges), range, density (unit area), ratio (to the first series), fill, errors, title xlabel
---  ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
local function hist(data, options)
  options = panel.options("plot.hist", options, { "bins", "range", "density", "ratio", "fill", "errors" })
  return histogram_figure("plot.hist", series.list("plot.hist", data, false), options)
end

return hist
