local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local figure = require "jetlua.plot.figure"
local numbers = require "jetlua.plot.numbers"
local panel = require "jetlua.plot.panel"
local raise = require "jetlua.internal.raise"
local series = require "jetlua.plot.series"
local style = require "jetlua.plot.style"

local function rows_of(where, data, options)
  local rows, width = numbers.matrix(where, "image", data)
  if options.origin ~= "lower" then
    local turned = {}
    for i = #rows, 1, -1 do turned[#turned + 1] = rows[i] end
    rows = turned
  end
  return rows, width
end

--- The axis of shades: as asked by `range`, or from 0 (linear) or over at most six decades (logarithmic).
local function shades(where, rows, options)
  local low, high
  for _, row in ipairs(rows) do
    local a, b = numbers.extent(row, options.logz)
    if a then low, high = math.min(low or a, a), math.max(high or b, b) end
  end
  if not low and not options.range then
    raise("%s: image: expected a finite value%s, got none", where, options.logz and " above 0 for logz" or "")
  end
  if options.range then
    low, high = options.range[1], options.range[2]
    if options.logz and low <= 0 then raise("%s: range: expected values above 0 with logz, got %s", where, low) end
  elseif options.logz then
    low = math.max(low, high / 1e6)
    if low == high then low = high / 10 end
  elseif low >= 0 then
    low = 0
    if high == 0 then high = 1 end
  elseif low == high then
    low, high = low - math.abs(low) / 2, high + math.abs(high) / 2
  end
  local result = axis.new(low, high, options.logz or false)
  result.label = options.zlabel
  return result
end

local function image_panel(where, data, options, title)
  local rows, width = rows_of(where, data, options)
  local x = options.xrange or { 0, width }
  local y = options.yrange or { 0, #rows }
  local hidden = 0
  for _, row in ipairs(rows) do
    for _, v in ipairs(row) do
      if not numbers.finite(v) then hidden = hidden + 1 end
    end
  end
  series.tell(where, title, 1, hidden, #rows * width, "NaN or infinite, drawn white")
  -- Sides of about one length have ticks at one distance.
  local longer, shorter = math.max(x[2] - x[1], y[2] - y[1]), math.min(x[2] - x[1], y[2] - y[1])
  local step = longer <= 2 * shorter and axis.nice_step((longer + shorter) / 2, 5) or nil
  return {
    title = title, note = options.note, xlabel = options.xlabel, ylabel = options.ylabel, frame = true,
    area = { style.square_side, style.square_side },
    aspect = options.xrange and options.yrange and (y[2] - y[1]) / (x[2] - x[1]) or #rows / width,
    x = axis.new(x[1], x[2], false, { step = step or axis.nice_step(x[2] - x[1], 4) }),
    y = axis.new(y[1], y[2], false, { step = step or axis.nice_step(y[2] - y[1], 4) }),
    colour = shades(where, rows, options), stamp = options.stamp and { stamp = options.stamp, place = "above" },
    layers = { { kind = "image", rows = rows, x = x, y = y, name = title, upper = options.origin ~= "lower" } },
  }, hidden
end

--- An image `[H, W]` with a bar of shades, row 1 on top; with `logz` values of 0 and below stay white. xrange and yrange say
--- what the edges of the image are (pixels otherwise); its axes have one scale if both are given in one unit.
---
---     plot.image(tensor.rand(4, 4)) --> plot.image; save with fig:save("x.pdf")
---@param data any a tensor `[H, W]` or nested list
---@param options? table title xlabel ylabel zlabel xrange yrange range (of the shades) logz origin ("upper" or "lower") note size
---@return plot.Figure
local function image(data, options)
  local where = "plot.image"
  options = panel.options(where, options, { "logz", "range", "origin", "zlabel" })
  options.range = expect.range(where, "range", options.range)
  if options.zlabel ~= nil then expect.string(where, "zlabel", options.zlabel) end
  if options.origin ~= nil and options.origin ~= "upper" and options.origin ~= "lower" then
    expect.wrong(where, "origin", '"upper" or "lower"', options.origin)
  end
  local result, hidden = image_panel(where, data, options, options.title)
  return figure.new("image", { result }, { size = options.size, dropped = hidden })
end

return image
