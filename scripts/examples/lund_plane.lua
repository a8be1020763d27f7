-- The density of the primary Lund plane (arXiv:1807.04758) of QCD and top jets, and what a cut on the substructure leaves.
--   jetlua scripts/examples/lund_plane.lua --kt_min 1 --out lund_plane.png

require "strict"
local jets, options, plot = require "jets", require "options", require "plot"

local o = options {
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" },
  { "n", 10000, "jets of each class", min = 1 }, { "plane", 1, "1 is the primary plane", min = 1 }, { "size", 40, "pixels a side", min = 1, max = 256 },
  { "kt_min", 0.0, "splittings of a smaller kt (GeV) are left out", min = 0 },
  { "out", "lund_plane.png", "the figure; its numbers are written beside it" },
}
local names = { qcd = "QCD", top = "top" }

options.attempt(function()
  local set = o.data and jets.open(o.data) or jets.sample()
  local axes
  local densities, titles, highest, figures = {}, {}, 0, {}
  for label = 0, 1 do
    local class = set:where("label == " .. label):take(o.n)
    local name = class:class_name(label) or "label " .. label
    -- Splittings per jet and unit area of the plane: counts, divided by the area of a pixel.
    local images = class:lund_images { plane = o.plane, size = o.size, kt_min = o.kt_min, normalise = false }
    local area = (7 / o.size) ^ 2
    local density = images:mean() / area
    print(("%s: %d jets, %.2f splittings each, %d jets without one"):format(
      name, #class, (density:sum() * area):item(), images.empty))
    densities[label], titles[label], highest = density, ("%d %s jets"):format(#class, names[name] or name), math.max(highest, density:max():item())
    axes = images:axes()
  end
  for label = 0, 1 do
    axes.title, axes.zlabel, axes.range = titles[label], "splittings per jet and unit area", { 0, highest }
    figures[#figures + 1] = plot.image(densities[label], axes)
  end
  local figure = plot.grid(figures, { columns = 2 })
  figure:save(o.out)
  set:where("tau32 < 0.5 and soft_drop_mass > 120", { name = "three prongs, heavy" }):cutflow()
  print(o.out)
end)
