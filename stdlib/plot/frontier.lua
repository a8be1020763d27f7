local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local panel = require "jetlua.plot.panel"
local style = require "jetlua.plot.style"

--- The rows of `metrics.frontier`: AUC at equal mass against mass sculpting, each with its uncertainty in the AUC, a line through those
--- that none beats in both. Up to twelve points of one list have their names. Of several lists `{name = rows}` each has its own colour and line.
---
---     set = jets.sample()
---     rows = metrics.frontier({{"mass", set.mass}, {"constituents", set.n_constituents}}, set, {width = 20})
---     plot.frontier(rows) --> plot.frontier, 1 series; save with fig:save("x.pdf")
---@param rows table[]|table<string, table[]>
---@param options? table title xlabel ylabel xrange yrange logx (true unless said) logy legend note size stamp
---@return plot.Figure
local function frontier(rows, options)
  local where = "plot.frontier"
  options = panel.options(where, options)
  if options.logx == nil then options.logx = true end
  if type(rows) ~= "table" or next(rows) == nil then expect.wrong(where, "rows", "rows of metrics.frontier", rows) end
  local lists = {}
  if rows[1] then
    lists[1] = { rows }
  else
    for name, list in pairs(rows) do lists[#lists + 1] = { list, name } end
    table.sort(lists, function(a, b) return a[2] < b[2] end)
  end
  local layers = {}
  for i, one in ipairs(lists) do
    local x, y, error, line = {}, {}, {}, { x = {}, y = {} }
    for k, row in ipairs(type(one[1]) == "table" and one[1] or {}) do
      if type(row) ~= "table" or type(row.jsd) ~= "number" or type(row.auc_equal_mass) ~= "number" then
        expect.wrong(where, ("rows[%d]"):format(k), "a row of metrics.frontier", row)
      end
      x[k], y[k], error[k] = math.max(row.jsd, 1e-6), row.auc_equal_mass, row.auc_equal_mass_error or 0
      if row.best then line.x[#line.x + 1], line.y[#line.y + 1] = x[k], y[k] end
    end
    if #x == 0 then expect.wrong(where, "rows", "rows of metrics.frontier", one[1]) end
    local colour = style.series(i)
    if #line.x > 1 then layers[#layers + 1] = { kind = "line", x = line.x, y = line.y, colour = colour, width = 1, name = (one[2] or "") .. " frontier" } end
    layers[#layers + 1] = { kind = "points", x = x, y = y, error = error, colour = colour, size = 0.8, label = one[2], name = one[2] or "scores" }
  end
  local result = panel.curves(where, layers, options, {
    xlabel = "mass sculpting JSD [nats]", ylabel = "AUC at equal mass", xpad = 0.12, ypad = 0.1,
  })
  local only = #lists == 1 and lists[1][1]
  if only and #only <= 12 then
    for _, row in ipairs(only) do
      local above = row.auc_equal_mass + (row.auc_equal_mass_error or 0) + 0.03 * (result.y.max - result.y.min)
      local place = axis.fraction(result.x, math.max(row.jsd, 1e-6)) or 0.5
      result.layers[#result.layers + 1] = {
        kind = "text", x = math.max(row.jsd, 1e-6), y = above, text = tostring(row.name or ""), decoration = true,
        align = place < 0.25 and "left" or place > 0.75 and "right" or "center",
      }
    end
  end
  result.series = #lists
  return figure.new("frontier", { result }, { size = options.size })
end

return frontier
