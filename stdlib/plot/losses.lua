local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local style = require "jetlua.plot.style"

local first_names = { total = 1, reconstruction = 2, kl = 3 }

--- The terms of a history in order: total, reconstruction, KL, then the others by name.
local function terms_of(history)
  local names = {}
  for name, values in pairs(history) do
    if type(name) == "string" and name ~= "epoch" and not name:find("^valid_") and (type(values) == "table" or numbers.is_tensor(values)) then
      names[#names + 1] = name
    end
  end
  table.sort(names, function(a, b)
    local i, j = first_names[a] or 9, first_names[b] or 9
    if i ~= j then return i < j end
    return a < b
  end)
  return names
end

local function curve(where, name, values, epochs)
  local columns = { x = {}, y = numbers.vector(where, name, values) }
  for i = 1, #columns.y do columns.x[i] = epochs and epochs[i] or i end
  numbers.keep_finite(columns, #columns.y)
  return columns
end

--- Loss curves of what `models.fit` returns: a panel for each term, training solid and validation dashed with a point at its
--- smallest value. A term that falls by more than a factor 30 has a logarithmic axis unless `logy` says.
---
---     plot.losses({total = {3, 2, 1}, valid_total = {3, 2, 2}}) --> plot.losses, 2 series; save with fig:save("x.pdf")
---@param history table `{total=, kl=, valid_total=, …}`, numbers per epoch
---@param options? table terms (which, in order), columns, title xlabel ylabel xrange yrange logy legend note size stamp
---@return plot.Figure
local function losses(history, options)
  local where = "plot.losses"
  options = panel.options(where, options, { "terms", "columns" })
  if type(history) ~= "table" then expect.wrong(where, "history", "what models.fit returns", history) end
  local names = options.terms or terms_of(history)
  if type(names) ~= "table" or #names == 0 then expect.wrong(where, "history", "what models.fit returns", history) end
  local epochs = history.epoch ~= nil and numbers.vector(where, "epoch", history.epoch) or nil
  local panels = {}
  for i, name in ipairs(names) do
    if history[name] == nil then expect.unknown(where, "term", name, terms_of(history)) end
    local training = curve(where, name, history[name], epochs)
    local colour = style.series(i)
    local valid = history["valid_" .. name] ~= nil and curve(where, "valid_" .. name, history["valid_" .. name], epochs) or nil
    local layers = { { kind = "line", x = training.x, y = training.y, colour = colour, label = valid and "training" or nil, name = name } }
    if valid and #valid.x > 0 then
      local best = 1
      for k, y in ipairs(valid.y) do
        if y < valid.y[best] then best = k end
      end
      layers[2] = { kind = "line", x = valid.x, y = valid.y, colour = colour, dash = 2, label = "validation", name = "valid_" .. name }
      layers[3] = { kind = "points", x = { valid.x[best] }, y = { valid.y[best] }, colour = colour, size = 0.8, decoration = true }
    end
    local own = {}
    for key, value in pairs(options) do own[key] = value end
    local low, high = panel.extent(layers, "y", false)
    if own.logy == nil then own.logy = low and low > 0 and high > 30 * low and training.y[1] > training.y[#training.y] end
    local shown = name == "kl" and "KL" or name:gsub("_", " ")
    own.title = options.title and ("%s: %s"):format(options.title, shown) or #names > 1 and shown or nil
    if i > 1 then own.stamp = nil end
    if i < #names then own.note = nil end
    panels[i] = panel.curves(where, layers, own, { xlabel = "epoch", ylabel = "loss per jet", integer = true, xpad = 0.02, area = #names > 1 and { 3.1, 2.5 } or nil })
    panels[i].series = valid and 2 or 1
  end
  local columns = options.columns and expect.number(where, "columns", options.columns, { integer = true, min = 1, max = 20 }) or math.min(#panels, 3)
  return figure.new("losses", panels, { columns = columns, size = options.size })
end

return losses
