-- Finds corners where stamp and legend cover no data; if there are none, makes room above the data or goes outside.

local axis = require "jetlua.plot.axis"
local expect = require "jetlua.internal.expect"
local markup = require "jetlua.plot.markup"
local style = require "jetlua.plot.style"

local legend = {}

local places = { "top right", "top left", "bottom right", "bottom left", "outside", "none" }
legend.line_inches = 0.22
legend.sample_inches = 0.5
legend.stamp_inches = 0.2

--- Checks the option `legend`: a corner, "outside", "none" or false; nil leaves the choice to the figure.
---@param where string
---@param value any
---@return string|nil
function legend.option(where, value)
  if value == nil then return nil end
  if value == false then return "none" end
  for _, place in ipairs(places) do
    if value == place then return place end
  end
  if type(value) ~= "string" then expect.wrong(where, "legend", "a place such as \"top right\"", value) end
  expect.unknown(where, "legend place", value, places)
end

local function labels(panel)
  local list = {}
  for _, layer in ipairs(panel.layers) do
    if layer.label then list[#list + 1] = layer.label end
  end
  return list
end

--- Width and height in inches of the legend of a panel; 0, 0 if no layer has a label.
---@param panel table
---@return number
---@return number
function legend.inches(panel)
  local list, longest = labels(panel), 0
  if #list == 0 then return 0, 0 end
  for _, label in ipairs(list) do longest = math.max(longest, select(2, markup.size(label))) end
  return legend.sample_inches + 0.15 + style.text_inches(longest, style.tick_size), #list * legend.line_inches + 0.1
end

--- Width and height in inches of a stamp.
local function stamp_inches(stamp)
  local longest = 1.1 * utf8.len(stamp.heading)
  for _, line in ipairs(stamp.lines) do longest = math.max(longest, select(2, markup.size(line))) end
  return 0.2 + style.text_inches(longest, style.tick_size), 0.12 + (1 + #stamp.lines) * legend.stamp_inches
end

--- Calls `visit(u, v)` with points of a layer in fractions of the area; v runs along segments and filled steps.
local function each_point(panel, layer, visit)
  local function u_of(x) return axis.fraction(panel.x, x) end
  local function v_of(y) return axis.fraction(panel.y, y) or (panel.y.log and 0 or nil) end
  local function segment(u1, v1, u2, v2)
    if not (u1 and v1 and u2 and v2) then return end
    local steps = math.max(1, math.min(60, math.ceil(math.max(math.abs(u2 - u1), math.abs(v2 - v1)) * 60)))
    for k = 0, steps do visit(u1 + (u2 - u1) * k / steps, v1 + (v2 - v1) * k / steps) end
  end
  if layer.kind == "steps" then
    for i, value in ipairs(layer.values) do
      local error = layer.errors and layer.errors[i] or 0
      local u1, u2, v = u_of(layer.edges[i]), u_of(layer.edges[i + 1]), v_of(value + error)
      for k = 0, 20 do
        if u1 and u2 and v then segment(u1, v * k / 20, u2, v * k / 20) end
      end
    end
  elseif layer.kind == "line" or layer.kind == "points" then
    for i, x in ipairs(layer.x) do
      local u, v = u_of(x), v_of(layer.y[i])
      if layer.kind == "line" and i > 1 then
        segment(u_of(layer.x[i - 1]), v_of(layer.y[i - 1]), u, v)
      elseif u and v then
        visit(u, v)
      end
      if layer.error then segment(u, v_of(layer.y[i] - layer.error[i]), u, v_of(layer.y[i] + layer.error[i])) end
    end
  elseif layer.kind == "band" then
    for i, x in ipairs(layer.x) do segment(u_of(x), v_of(layer.low[i]), u_of(x), v_of(layer.high[i])) end
  end
end

--- The first corner of `wanted` without data for a box of the fractions `width` and `height`, or nil.
local function free_corner(panel, width, height, wanted)
  local taken = {}
  for _, layer in ipairs(panel.layers) do
    each_point(panel, layer, function(u, v)
      if u < 0 or u > 1 or v < 0 or v > 1 then return end
      local right, left, top, bottom = u > 1 - width, u < width, v > 1 - height, v < height
      if right and top then taken["top right"] = true end
      if left and top then taken["top left"] = true end
      if right and bottom then taken["bottom right"] = true end
      if left and bottom then taken["bottom left"] = true end
    end)
  end
  for _, place in ipairs(wanted) do
    if not taken[place] then return place end
  end
end

--- Whether boxes of these widths and heights at two corners stay apart.
local function apart(a, width_a, height_a, b, width_b, height_b)
  if a == b then return false end
  local above_a, side_a = a:match("^(%a+) (%a+)$")
  local above_b, side_b = b:match("^(%a+) (%a+)$")
  return above_a ~= above_b and height_a + height_b < 1 or side_a ~= side_b and width_a + width_b < 1
end

--- Corners for stamp and legend as the panel is now, or nil.
local function corners_for(panel, stamp, box)
  local stamp_corner
  if stamp then
    for _, place in ipairs { "top left", "top right", "bottom left", "bottom right" } do
      if place ~= box.wish and free_corner(panel, stamp.width, stamp.height, { place }) then
        if not box.width then return place end
        local wanted = {}
        for _, other in ipairs(box.wish and { box.wish } or { "top right", "top left", "bottom right", "bottom left" }) do
          if apart(place, stamp.width, stamp.height, other, box.width, box.height) then wanted[#wanted + 1] = other end
        end
        local corner = box.wish and wanted[1] or free_corner(panel, box.width, box.height, wanted)
        if corner then return place, corner end
      end
    end
    return nil
  end
  local corner = free_corner(panel, box.width, box.height, { table.unpack(places, 1, 4) })
  if corner then return stamp_corner, corner end
end

--- Gives the panel its stamp and a legend: where wished for, in free corners, or outside. With `may_grow` the y axis may become
--- longer by up to 60 % to make corners free.
---@param panel table
---@param wish string|nil
---@param may_grow boolean
---@param stamp? table
function legend.place(panel, wish, may_grow, stamp)
  local entries = #labels(panel)
  local has_legend = entries > 0 and wish ~= "none"
  if has_legend and wish and not (stamp and wish ~= "outside") then panel.legend = { place = wish, entries = entries } end
  local searched = has_legend and not panel.legend
  if not (searched or stamp) then return end

  local box, stamped = { wish = wish ~= "outside" and wish ~= "none" and wish or nil }, nil
  if searched then
    local width, height = legend.inches(panel)
    box.width, box.height = (width + 0.08) / panel.area[1], (height + 0.08) / panel.area[2]
  end
  if stamp then
    local width, height = stamp_inches(stamp)
    stamped = { width = width / panel.area[1], height = height / panel.area[2] }
  end
  local original = panel.y
  local fits = not searched or box.wish or box.width <= 0.92 and box.height <= 0.6
  if fits and (not stamped or stamped.width <= 0.9 and stamped.height <= 0.6) then
    for _, growth in ipairs(may_grow and { 1, 1.15, 1.3, 1.45, 1.6 } or { 1 }) do
      if growth > 1 then
        local low, high = original.min, original.max
        high = original.log and low * (high / low) ^ growth or low + (high - low) * growth
        panel.y = axis.new(low, high, original.log, { integer = original.integer })
      end
      local stamp_corner, corner = corners_for(panel, stamped, box)
      if stamp_corner or corner then
        if stamp then panel.stamp = { stamp = stamp, place = stamp_corner } end
        if corner then panel.legend = { place = corner, entries = entries } end
        return
      end
    end
  end
  panel.y = original
  -- Above the frame it covers nothing.
  if stamp then
    panel.stamp = { stamp = stamp, place = "above" }
    if searched then return legend.place(panel, wish, may_grow) end
  end
  if searched then panel.legend = { place = "outside", entries = entries } end
end

return legend
