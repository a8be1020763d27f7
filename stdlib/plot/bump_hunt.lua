local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local style = require "jetlua.plot.style"

--- A column of the result as a list.
local function column(where, bump, name)
  if bump[name] == nil then expect.wrong(where, "bump", "a result of metrics.bump_hunt", bump) end
  return numbers.vector(where, name, bump[name])
end

--- The deviation of each bin from the fit in units of its spread, sqrt(fit + fit_error^2), with the window shaded.
local function deviations(mass, count, fit, error, window, x)
  local points, highest = { x = {}, y = {} }, 3
  for i, m in ipairs(mass) do
    if fit[i] > 0 then
      local n = #points.x + 1
      points.x[n], points.y[n] = m, (count[i] - fit[i]) / math.sqrt(fit[i] + error[i] ^ 2)
      highest = math.max(highest, math.abs(points.y[n]))
    end
  end
  highest = math.min(highest * 1.1, 12)
  local y = axis.new(-highest, highest, false, { count = 3 })
  y.ticks[#y.ticks].label = nil
  return {
    frame = true, x = x, y = y, ylabel = "(data − fit)/σ", arrows = true,
    layers = {
      { kind = "band", x = window, low = { -highest, -highest }, high = { highest, highest }, colour = style.colours[5], decoration = true },
      { kind = "line", x = { x.min, x.max }, y = { 0, 0 }, colour = style.grey, width = 1, decoration = true },
      { kind = "points", x = points.x, y = points.y, colour = style.colours[7], size = 0.6, name = "deviation" },
    },
  }
end

--- The spectrum of a bump hunt: the jets per bin, the fit to the side bands with its uncertainty, the window shaded, and below the
--- deviation of each bin from the fit in standard deviations. The legend says what the window holds, the note its significance.
---
---     set = jets.sample()
---     bump = metrics.bump_hunt{mass = set.mass, score = set.n_constituents, at = 0.5, width = 10, window = {150, 200}}
---     plot.bump_hunt(bump) --> plot.bump_hunt, 1 series; save with fig:save("x.pdf")
---@param bump table a result of `metrics.bump_hunt`, or its `background` or `uncut`
---@param options? table title xlabel ylabel xrange yrange logy (true unless said) legend note size stamp
---@return plot.Figure
local function bump_hunt(bump, options)
  local where = "plot.bump_hunt"
  options = panel.options(where, options)
  if type(bump) ~= "table" then expect.wrong(where, "bump", "a result of metrics.bump_hunt", bump) end
  if options.logx then raise("%s: logx: the bins of a bump hunt are linear; leave it out", where) end
  local mass, count, fit, error = column(where, bump, "mass"), column(where, bump, "count"), column(where, bump, "fit"), column(where, bump, "fit_error")
  if #mass < 2 or #count ~= #mass or #fit ~= #mass or #error ~= #mass then expect.wrong(where, "bump", "columns of one length", bump) end
  if options.logy == nil then options.logy = true end
  options.legend = options.legend or "bottom left"
  local half = (mass[2] - mass[1]) / 2
  local points, low, high, highest, lowest = { x = {}, y = {}, error = {} }, {}, {}, 1, math.huge
  for i, m in ipairs(mass) do
    if count[i] > 0 then
      local n = #points.x + 1
      points.x[n], points.y[n], points.error[n] = m, count[i], math.sqrt(count[i])
      lowest = math.min(lowest, count[i])
    end
    low[i], high[i] = math.max(fit[i] - error[i], 1e-3), fit[i] + error[i]
    highest = math.max(highest, count[i] + math.sqrt(count[i]), high[i])
  end
  local yrange = options.yrange or (options.logy and { 0.5 * math.min(1, lowest), highest * 3 } or { 0, highest * 1.15 })
  options.yrange = yrange
  local window = column(where, bump, "window")
  local globally = bump.z_global and (", globally %s%.1f"):format(bump.z_global_is_lower_limit and "> " or "", bump.z_global) or ""
  options.note = options.note or ("Z = %.1f%s"):format(bump.z, globally)
  local layers = {
    { kind = "band", x = window, low = { yrange[1], yrange[1] }, high = { yrange[2], yrange[2] }, colour = style.colours[5], decoration = true },
    { kind = "band", x = mass, low = low, high = high, colour = style.colours[2], decoration = true },
    { kind = "line", x = mass, y = fit, colour = style.colours[2], label = ("fit: %.0f ± %.0f"):format(bump.b, bump.sigma), name = "side-band fit", error = error },
    { kind = "points", x = points.x, y = points.y, error = points.error, colour = style.colours[7], size = 0.6, label = ("%g–%g GeV: %.0f jets"):format(window[1], window[2], bump.n), name = "jets" },
  }
  local result = panel.curves(where, layers, options, {
    xlabel = "$m_{\\mathrm{jet}}$ [GeV]", ylabel = ("jets / %g GeV"):format(2 * half), xrange = { mass[1] - half, mass[#mass] + half },
  })
  result.series = 1
  result.lower = deviations(mass, count, fit, error, window, result.x)
  result.lower.area, result.lower.xlabel = result.area, result.xlabel
  return figure.new("bump_hunt", { result }, { size = options.size })
end

return bump_hunt
