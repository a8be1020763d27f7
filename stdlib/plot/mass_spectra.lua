local histogram_figure = require "jetlua.plot.histogram"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local series = require "jetlua.plot.series"

local bin_width = 5

--- Mass spectra of unit area in bins of 5 GeV; series as for `plot.hist`.
---
---     set = jets.sample():take(500)
---     plot.mass_spectra(set.mass) --> plot.…; save with fig:save("x.pdf")
---@param data any one series of masses in GeV, a list of them, or a map from label to series
---@param options? table as for plot.hist; density is true unless said
---@return plot.Figure
local function mass_spectra(data, options)
  local where = "plot.mass_spectra"
  options = panel.options(where, options, { "bins", "range", "density", "ratio", "fill", "errors" })
  local list = series.list(where, data, false)
  options.xlabel = options.xlabel or "$m_{\\mathrm{jet}}$ [GeV]"
  if options.density == nil then options.density = true end
  if options.density and not options.ylabel then options.ylabel = "normalised [1/GeV]" end
  if options.bins == nil and options.range == nil then
    local high = 0
    for _, s in ipairs(list) do high = math.max(high, select(2, numbers.extent(s.x))) end
    options.bins = math.max(1, math.ceil(high / bin_width - 1e-9))
    options.range = { 0, options.bins * bin_width }
  end
  return histogram_figure(where, list, options)
end

return mass_spectra
