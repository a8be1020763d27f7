-- A panel of curves, points and histograms as lines of characters, with its axes.

local axis = require "jetlua.plot.axis"
local canvas = require "jetlua.plot.canvas"
local markup = require "jetlua.plot.markup"
local text = require "jetlua.internal.text"

local marks = { "*", "+", "o", "x", "#", "%", "@" }

--- Labels of the major ticks by character position along `length`; one that would run into the one before is left out.
local function ticks_at(a, length, wide)
  local list, reach = {}, -math.huge
  for _, tick in ipairs(a.ticks) do
    local fraction = tick.label and axis.fraction(a, tick.value)
    if fraction and fraction >= -1e-9 and fraction <= 1 + 1e-9 then
      local label = markup.plain((tick.label:gsub("10^{(.-)}", "1e%1"):gsub("×1e", "e"):gsub("−", "-")))
      local at = math.floor(fraction * (length - 1) + 0.5)
      local half = wide and text.width(label) // 2 or 0
      if at - half > reach then
        list[#list + 1] = { at = at, label = label }
        reach = at + half + (wide and 1 or 0)
      end
    end
  end
  return list
end

--- Draws the layers of a panel.
local function draw(panel, area)
  local across, down = area:points()
  local function place(x, y)
    local u, v = axis.fraction(panel.x, x), axis.fraction(panel.y, y)
    if not u then return end
    -- Zero on a logarithmic axis lies below it.
    v = v or (panel.y.log and -1) or nil
    if not v then return end
    local function clipped(t, n) return math.floor(math.max(-1, math.min(2, t)) * (n - 1) + 0.5) end
    return clipped(u, across), clipped(v, down)
  end
  local function curve(points, colour, mark)
    local i1, j1
    for _, point in ipairs(points) do
      local i2, j2 = place(point[1], point[2])
      if i1 and i2 then area:line(i1, j1, i2, j2, colour, mark) elseif i2 then area:set(i2, j2, colour, mark) end
      i1, j1 = i2, j2
    end
  end
  local legend, number = {}, 0
  for _, layer in ipairs(panel.layers) do
    if layer.kind == "line" or layer.kind == "points" or layer.kind == "steps" then
      if not layer.decoration then number = number + 1 end
      local colour = layer.colour
      local mark = not (area.fine and area.style.colour) and marks[(number - 1) % #marks + 1] or nil
      -- One series needs no mark to be told apart.
      if mark and area.fine and not layer.label then mark = nil end
      if layer.decoration then mark = mark and "." end
      if layer.kind == "line" then
        local points = {}
        for i = 1, #layer.x do points[i] = { layer.x[i], layer.y[i] } end
        curve(points, colour, mark)
      elseif layer.kind == "points" then
        for i = 1, #layer.x do
          local a, b = place(layer.x[i], layer.y[i])
          if a then area:set(a, b, colour, mark or (#layer.x <= 60 and area.fine and "•") or nil) end
        end
      else
        local points = {}
        for i, v in ipairs(layer.values) do
          points[#points + 1] = { layer.edges[i], v }
          points[#points + 1] = { layer.edges[i + 1], v }
        end
        curve(points, colour, mark)
      end
      if layer.label then legend[#legend + 1] = { markup.plain(layer.label), colour, mark or (layer.kind == "points" and "•" or "━") } end
    end
  end
  return legend
end

--- `s` in the middle of `width` characters.
local function centred(s, width)
  s = text.shorten(s, width)
  return (" "):rep((width - text.width(s)) // 2) .. s
end

--- The legend as lines of at most `width` characters.
local function legend_lines(legend, width, style, indent)
  local lines, line, used = {}, {}, 0
  for _, entry in ipairs(legend) do
    local label = text.shorten(entry[1], width - 6)
    local room = text.width(label) + 5
    if used > 0 and used + room > width then
      lines[#lines + 1] = indent .. table.concat(line)
      line, used = {}, 0
    end
    local sample = entry[3] .. entry[3]
    line[#line + 1] = (style.colour and canvas.escape(entry[2]) .. sample .. "\27[0m" or sample) .. " " .. label .. "  "
    used = used + room
  end
  if used > 0 then lines[#lines + 1] = indent .. table.concat(line) end
  return lines
end

--- Lines of a panel in `width` x `height` characters of area and axes.
---@param panel table
---@param width integer
---@param height integer
---@param style { unicode: boolean, colour: boolean }
---@return string[] lines
local function curves(panel, width, height, style)
  local lower = panel.lower and curves(panel.lower, width, math.max(6, height // 2), style)
  local labels, room = ticks_at(panel.y, height, false), 1
  for _, tick in ipairs(labels) do room = math.max(room, text.width(tick.label)) end
  local area = canvas.new(math.max(10, width - room - 3), height, style)
  local legend = draw(panel, area)
  local bar, corner, dash, notch, foot = "│", "└", "─", "┤", "┬"
  if not style.unicode then bar, corner, dash, notch, foot = "|", "+", "-", "+", "+" end

  local lines = {}
  local function add(line) lines[#lines + 1] = (line:gsub("%s+$", "")) end
  if panel.title then add((" "):rep(room + 2) .. centred(markup.plain(panel.title), area.width)) end
  if panel.stamp then add((" "):rep(room + 2) .. tostring(panel.stamp.stamp)) end
  if panel.note then add((" "):rep(room + 2) .. markup.plain(panel.note)) end
  for _, line in ipairs(legend_lines(legend, area.width, style, (" "):rep(room + 2))) do add(line) end
  if panel.ylabel then add(markup.plain(panel.ylabel)) end
  local by_row = {}
  for _, tick in ipairs(labels) do by_row[height - 1 - tick.at] = tick.label end
  for i, line in ipairs(area:lines()) do
    local label = by_row[i - 1]
    add(text.pad(label or "", -room) .. " " .. (label and notch or bar) .. line)
  end
  local bottom, numbers = {}, {}
  for i = 1, area.width do bottom[i] = dash end
  local reach = 0
  for _, tick in ipairs(ticks_at(panel.x, area.width, true)) do
    bottom[tick.at + 1] = foot
    local start = math.max(reach, tick.at - text.width(tick.label) // 2)
    numbers[#numbers + 1] = (" "):rep(start - reach) .. tick.label
    reach = start + text.width(tick.label)
  end
  add((" "):rep(room + 1) .. corner .. table.concat(bottom))
  if not panel.lower then
    add((" "):rep(room + 2) .. table.concat(numbers))
    if panel.xlabel then add((" "):rep(room + 2) .. centred(markup.plain(panel.xlabel), area.width)) end
  else
    for _, line in ipairs(lower) do add(line) end
  end
  return lines
end

return curves
