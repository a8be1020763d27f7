-- Writes a figure as a Python script that redraws it with matplotlib and holds all of its numbers.

local layout = require "jetlua.plot.layout"
local markup = require "jetlua.plot.markup"
local numbers = require "jetlua.plot.numbers"
local style = require "jetlua.plot.style"

local matplotlib = {}

local function value(x)
  if not numbers.finite(x) then return ('float("%s")'):format(x ~= x and "nan" or x > 0 and "inf" or "-inf") end
  for digits = 6, 17 do
    local s = ("%." .. digits .. "g"):format(x)
    if tonumber(s) == x then return s end
  end
end

local function list(values)
  local parts = {}
  for i = 1, #values do parts[i] = type(values[i]) == "table" and list(values[i]) or value(values[i]) end
  return "[" .. table.concat(parts, ", ") .. "]"
end

local function label_of(layer)
  return layer.label and ", label=" .. markup.matplotlib(layer.label) or ""
end

local draw = {}

function draw.line(layer)
  return ('ax.plot(%s, %s, color="%s", lw=%g, ls="%s"%s)'):format(list(layer.x), list(layer.y), layer.colour,
    layer.width or 1.8, layer.dash and layer.dash > 1 and "--" or "-", label_of(layer))
end

function draw.band(layer)
  return ('ax.fill_between(%s, %s, %s, color="%s", alpha=0.2, lw=0)'):format(list(layer.x), list(layer.low), list(layer.high), layer.colour)
end

function draw.points(layer)
  return ('ax.errorbar(%s, %s%s, fmt="o", color="%s", alpha=%g, ms=%g, lw=1.2%s)'):format(list(layer.x), list(layer.y),
    layer.error and ", yerr=" .. list(layer.error) or "", layer.colour, layer.opacity or 1, 6 * (layer.size or 0.5), label_of(layer))
end

local function centres_of(layer)
  local centres = {}
  for i = 1, #layer.values do centres[i] = (layer.edges[i] + layer.edges[i + 1]) / 2 end
  return list(centres)
end

function draw.steps(layer)
  if layer.as_points then
    return ('ax.errorbar(%s, %s%s, fmt="o", color="%s", ms=4, lw=1.2%s)'):format(centres_of(layer), list(layer.values),
      layer.show_errors and ", yerr=" .. list(layer.errors) or "", layer.colour, label_of(layer))
  end
  local lines = { ('ax.stairs(%s, %s, color="%s", lw=1.8%s)'):format(list(layer.values), list(layer.edges), layer.colour, label_of(layer)) }
  if layer.fill then
    lines[#lines + 1] = ('ax.stairs(%s, %s, color="%s", alpha=0.2, fill=True)'):format(list(layer.values), list(layer.edges), layer.colour)
  end
  if layer.show_errors == "bars" then
    lines[#lines + 1] = ('ax.errorbar(%s, %s, yerr=%s, fmt="none", color="%s", lw=1)'):format(centres_of(layer), list(layer.values),
      list(layer.errors), layer.colour)
  elseif layer.show_errors == "band" then
    local low, high = {}, {}
    for i, v in ipairs(layer.values) do low[i], high[i] = v - layer.errors[i], v + layer.errors[i] end
    lines[#lines + 1] = ('ax.stairs(%s, %s, baseline=%s, color="%s", alpha=0.35, fill=True)'):format(list(high), list(layer.edges), list(low), layer.colour)
  end
  return table.concat(lines, "\n")
end

local function norm(panel)
  return ("%s(%s, %s)"):format(panel.colour.log and "LogNorm" or "Normalize", value(panel.colour.min), value(panel.colour.max))
end

function draw.image(layer, panel)
  return ('shades = ax.imshow(%s, origin="lower", aspect="auto", cmap=CMAP, norm=%s, extent=(%s, %s, %s, %s))'):format(list(layer.rows),
    norm(panel), value(layer.x[1]), value(layer.x[2]), value(layer.y[1]), value(layer.y[2]))
end

function draw.cells(layer, panel)
  local polygons = {}
  for i, corners in ipairs(layer.polygons) do
    local points = {}
    for k = 1, #corners, 2 do points[#points + 1] = ("(%s, %s)"):format(value(corners[k]), value(corners[k + 1])) end
    polygons[i] = "[" .. table.concat(points, ", ") .. "]"
  end
  return ('shades = ax.add_collection(PolyCollection([%s], array=%s, cmap=CMAP, norm=%s, edgecolor="face", lw=0.3))'):format(
    table.concat(polygons, ", "), list(layer.values), norm(panel))
end

function draw.text(layer)
  return ('ax.text(%s, %s, %s, ha="%s", va="center", color="%s")'):format(value(layer.x), value(layer.y), markup.matplotlib(layer.text), layer.align or "center",
    layer.colour or "#000000")
end

local corners = {
  ["top right"] = '"upper right"', ["top left"] = '"upper left"', ["bottom right"] = '"lower right"', ["bottom left"] = '"lower left"',
}

local function add_axis(lines, name, axis)
  lines[#lines + 1] = ("ax.set_%slim(%s, %s)"):format(name, value(axis.min), value(axis.max))
  if axis.log then lines[#lines + 1] = ('ax.set_%sscale("log")'):format(name) end
end

local function title_settings(name, panel)
  if name ~= "title" then return "" end
  -- The label of a triangle's upper corner stands between the triangle and its title.
  return (panel.note and ', loc="left"' or "") .. (panel.frame and "" or ", pad=30")
end

local function add_panel(lines, panel, place, width, height)
  lines[#lines + 1] = ("ax = fig.add_axes((%.5f, %.5f, %.5f, %.5f))"):format(place.x / width, place.y / height,
    place.width / width, place.height / height)
  for _, layer in ipairs(panel.layers) do lines[#lines + 1] = draw[layer.kind](layer, panel) end
  add_axis(lines, "x", panel.x)
  add_axis(lines, "y", panel.y)
  for _, name in ipairs { "title", "xlabel", "ylabel" } do
    if panel[name] and not panel["hide_" .. name] and not (panel.lower and name == "xlabel") then
      lines[#lines + 1] = ("ax.set_%s(%s%s)"):format(name, markup.matplotlib(panel[name]), title_settings(name, panel))
    end
  end
  if panel.hide_x or panel.lower then lines[#lines + 1] = "ax.tick_params(labelbottom=False)" end
  if panel.hide_y then lines[#lines + 1] = "ax.tick_params(labelleft=False)" end
  if panel.note then
    lines[#lines + 1] = ('ax.set_title(%s, loc="right", fontsize=%d, color="%s")'):format(markup.matplotlib(panel.note), style.small_size, style.grey)
  end
  if panel.stamp then
    local stamp, corner = panel.stamp.stamp, panel.stamp.place
    local function put(s, x, y, across, up, bold)
      lines[#lines + 1] = ('ax.text(%g, %g, %s, transform=ax.transAxes, ha="%s", va="%s"%s)'):format(x, y, markup.matplotlib(s), across, up,
        bold and ', weight="bold"' or "")
    end
    if corner == "above" then
      put(tostring(stamp), 0, 1.02, "left", "bottom")
    else
      local vertical, horizontal = corner:match("^(%a+) (%a+)$")
      local x, n = horizontal == "right" and 0.97 or 0.03, #stamp.lines
      local first = vertical == "top" and 0.97 or 0.04 + 0.07 * (n + 1)
      put(stamp.heading, x, first, horizontal, "top", true)
      for i, line in ipairs(stamp.lines) do put(line, x, first - 0.07 * i, horizontal, "top") end
    end
  end
  if not panel.frame then lines[#lines + 1] = "ax.set_axis_off()" end
  if panel.legend then
    lines[#lines + 1] = ("ax.legend(loc=%s, frameon=False)"):format(corners[panel.legend.place] or '"upper left", bbox_to_anchor=(1, 1)')
  end
  if place.bar then
    local bar = place.bar
    lines[#lines + 1] = ("fig.colorbar(shades, cax=fig.add_axes((%.5f, %.5f, %.5f, %.5f))%s)"):format(bar.x / width, bar.y / height,
      bar.width / width, bar.height / height, panel.colour.label and ", label=" .. markup.matplotlib(panel.colour.label) or "")
  end
  lines[#lines + 1] = ""
end

--- A Python script that draws the figure with matplotlib, saves it under the script's own name with .pdf, or as its argument.
---@param figure table
---@return string
function matplotlib.script(figure)
  local plan = layout.compute(figure.panels, figure.columns, figure.size)
  local shades = {}
  for i, shade in ipairs(style.shades) do shades[i] = '"' .. shade .. '"' end
  local lines = {
    "import pathlib", "import sys", "",
    "import matplotlib", 'matplotlib.use("Agg")', "import matplotlib.pyplot as plt",
    "from matplotlib.collections import PolyCollection", "from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize", "",
    ('CMAP = LinearSegmentedColormap.from_list("shades", [%s])'):format(table.concat(shades, ", ")),
    ('plt.rcParams.update({"font.size": %d, "xtick.top": True, "ytick.right": True})'):format(style.text_size),
    'plt.rcParams.update({"xtick.direction": "in", "ytick.direction": "in"})',
    ("fig = plt.figure(figsize=(%.3f, %.3f))"):format(plan.width, plan.height), "",
  }
  for i, panel in ipairs(figure.panels) do
    add_panel(lines, panel, plan.places[i], plan.width, plan.height)
    if panel.lower then add_panel(lines, panel.lower, plan.places[i].lower, plan.width, plan.height) end
  end
  lines[#lines + 1] = 'fig.savefig(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_suffix(".pdf"))'
  return table.concat(lines, "\n") .. "\n"
end

return matplotlib
