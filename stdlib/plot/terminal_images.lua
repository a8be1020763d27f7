-- Images and densities on a triangle as lines of characters: half blocks in the figure's shades where the terminal has colours, a ramp of characters
-- elsewhere.

local axis = require "jetlua.plot.axis"
local canvas = require "jetlua.plot.canvas"
local markup = require "jetlua.plot.markup"
local style_of = require "jetlua.plot.style"
local text = require "jetlua.internal.text"

local ramp = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" }

local function character(panel, value)
  local t = value and axis.fraction(panel.colour, value)
  if not t or t <= 0 then return " " end
  return ramp[math.min(#ramp, math.ceil(math.min(t, 1) * (#ramp - 1)) + 1)]
end

--- Rows of values, bottom first, of an image no wider than `width` and no higher than `height`: of more pixels every k-th.
local function pixels_of(layer, width, height)
  local every = math.max(1, math.ceil(#layer.rows[1] / width), math.ceil(#layer.rows / height))
  local rows = {}
  for i = 1, #layer.rows, every do
    local row = {}
    for j = 1, #layer.rows[1], every do row[#row + 1] = layer.rows[i][j] end
    rows[#rows + 1] = row
  end
  return rows
end

--- Whether a point lies in a triangle { x1, y1, x2, y2, x3, y3 }.
local function inside(t, x, y)
  local function side(i, j) return (t[j] - t[i]) * (y - t[i + 1]) - (t[j + 1] - t[i + 1]) * (x - t[i]) end
  local a, b, c = side(1, 3), side(3, 5), side(5, 1)
  return a >= -1e-12 and b >= -1e-12 and c >= -1e-12 or a <= 1e-12 and b <= 1e-12 and c <= 1e-12
end

--- Rows of values, bottom first, of the cells of a triangle on `width` x `height` pixels; 0 inside it where no cell is, false outside.
local function pixels_of_cells(layer, width, height)
  local top = math.sqrt(3) / 2
  local rows = {}
  for i = 1, height do
    rows[i] = {}
    for j = 1, width do
      local x, y = (j - 0.5) / width, (i - 0.5) / height * top
      rows[i][j] = inside({ 0, 0, 1, 0, 0.5, top }, x, y) and 0
    end
  end
  for k, t in ipairs(layer.polygons) do
    local left, right = math.min(t[1], t[3], t[5]), math.max(t[1], t[3], t[5])
    local low, high = math.min(t[2], t[4], t[6]), math.max(t[2], t[4], t[6])
    for i = math.max(1, math.floor(low / top * height)), math.min(height, math.ceil(high / top * height) + 1) do
      for j = math.max(1, math.floor(left * width)), math.min(width, math.ceil(right * width) + 1) do
        if inside(t, (j - 0.5) / width, (i - 0.5) / height * top) then rows[i][j] = layer.values[k] end
      end
    end
  end
  return rows
end

--- Two pixels a character, one above the other, in colour.
local function half_blocks(panel, rows)
  local lines = {}
  local function shade(value) return value ~= nil and value ~= false and style_of.shade(style_of.darkness(panel.colour, value)) or nil end
  for i = #rows, 1, -2 do
    local parts = {}
    for j = 1, #rows[1] do
      local upper, lower = shade(rows[i][j]), rows[i - 1] and shade(rows[i - 1][j])
      if upper and lower then
        parts[#parts + 1] = canvas.escape(upper) .. canvas.escape(lower, true) .. "▀\27[0m"
      elseif upper or lower then
        parts[#parts + 1] = canvas.escape(upper or lower) .. (upper and "▀" or "▄") .. "\27[0m"
      else
        parts[#parts + 1] = " "
      end
    end
    lines[#lines + 1] = table.concat(parts)
  end
  return lines, #rows[1]
end

--- Pixels as characters, each `repeated` times, in a frame; of a triangle its outside stays blank.
local function characters(panel, rows, repeated)
  local lines = { "+" .. ("-"):rep(#rows[1] * repeated) .. "+" }
  for i = #rows, 1, -1 do
    local parts = {}
    for j = 1, #rows[1] do parts[j] = character(panel, rows[i][j] or nil):rep(repeated) end
    lines[#lines + 1] = "|" .. table.concat(parts) .. "|"
  end
  lines[#lines + 1] = lines[1]
  return lines, #rows[1] * repeated + 2
end

--- "0.1", "1e-05": an end of an axis.
local function short(value) return ("%.3g"):format(value) end

--- Lines of a panel with a colour axis, at most `width` characters wide.
---@param panel table
---@param layer table of kind "image" or "cells"
---@param width integer
---@param style { unicode: boolean, colour: boolean }
---@return string[]
local function images(panel, layer, width, style)
  local lines, body, used = {}, nil, nil
  local half = style.colour and style.unicode
  if layer.kind == "image" then
    local repeated = not half and #layer.rows[1] * 2 + 2 <= width and 2 or 1
    local rows = pixels_of(layer, half and width or (width - 2) // repeated, half and 80 or 60)
    if half then body, used = half_blocks(panel, rows) else body, used = characters(panel, rows, repeated) end
  else
    local across = math.min(width - 2, 56)
    local rows = pixels_of_cells(layer, across, half and math.floor(across * 0.87 + 0.5) or math.floor(across * 0.43 + 0.5))
    if half then
      body, used = half_blocks(panel, rows)
    else
      -- An empty place inside is a dot: so the triangle shows.
      body = {}
      for i = #rows, 1, -1 do
        local parts = {}
        for j = 1, across do
          local value = rows[i][j]
          local shown = character(panel, value or nil)
          parts[j] = value and shown == " " and "." or shown
        end
        body[#body + 1] = table.concat(parts)
      end
      used = across
    end
  end
  local function add(line) lines[#lines + 1] = text.shorten(line, width) end
  if panel.title then add((" "):rep(math.max(0, (used - text.width(markup.plain(panel.title))) // 2)) .. markup.plain(panel.title)) end
  if panel.stamp then add(tostring(panel.stamp.stamp)) end
  for _, line in ipairs(body) do lines[#lines + 1] = line end
  if panel.frame then
    add(("%s: %s to %s"):format(panel.xlabel and markup.plain(panel.xlabel) or "x", short(panel.x.min), short(panel.x.max)))
    add(("%s: %s to %s"):format(panel.ylabel and markup.plain(panel.ylabel) or "y", short(panel.y.min), short(panel.y.max)))
  else
    local corners = {}
    for _, one in ipairs(panel.layers) do
      if one.kind == "text" then corners[#corners + 1] = markup.plain(one.text) end
    end
    if #corners == 3 then add(("left %s, right %s, top %s"):format(table.unpack(corners))) end
  end
  local scale = panel.colour
  local bar = half and {} or table.concat(ramp, "", 2)
  if half then
    for i = 1, 16 do bar[i] = canvas.escape(style_of.shade((i - 0.5) / 16)) .. "█" end
    bar = table.concat(bar) .. "\27[0m"
  end
  lines[#lines + 1] = ("%s %s %s%s%s"):format(short(scale.min), bar, short(scale.max), scale.log and " log" or "", scale.label and " " .. markup.plain(scale.label) or "")
  return lines
end

return images
