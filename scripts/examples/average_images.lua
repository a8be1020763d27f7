-- Average images of QCD and top jets (arXiv:2104.08291, figure 1), with every step of the preprocessing to switch.
--   jetlua scripts/examples/average_images.lua --power 0.5 --blur 1 --out blurred.png

require "strict"
local jets, options, plot = require "jets", require "options", require "plot"

local o = options {
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" },
  { "n", 10000, "jets of each class", min = 1 }, { "size", 40, "pixels a side", min = 1, max = 256 },
  { "weight", "pt", "what a constituent adds to its pixel", choices = { "pt", "energy", "one" } },
  { "centre", true, "shift to the pT-weighted centroid" }, { "rotate", true, "turn the main axis upright" },
  { "flip", true, "most pT to the upper left" }, { "power", 1.0, "exponent of the pixels", min = 0, max = 4 },
  { "blur", 0.0, "width of a Gaussian in pixels", min = 0, max = 20 },
  { "out", "average_images.png", "the figure; its numbers are written beside it" },
}
local names = { qcd = "QCD", top = "top" }

options.attempt(function()
  local set = o.data and jets.open(o.data) or jets.sample()
  local means, titles, highest, axes = {}, {}, 0, nil
  for label = 0, 1 do
    local class = set:where("label == " .. label):take(o.n)
    local images = class:images {
      size = o.size, weight = o.weight, center = o.centre, rotate = o.rotate, flip = o.flip, power = o.power, blur = o.blur,
    }
    local name = class:class_name(label) or "label " .. label
    means[label], titles[label] = images:mean(), ("average of %d %s jets"):format(#images, names[name] or name)
    highest, axes = math.max(highest, means[label]:max():item()), images:axes()
    print(("%s: %d jets, %.1f active pixels each, %d without one, brightest pixel of the average %.3f"):format(
      name, #images, images.x:nnz() / #images, images.empty, means[label]:max():item()))
  end
  local figures = {}
  for label = 0, 1 do
    axes.title, axes.logz, axes.range = titles[label], true, { highest * 1e-5, highest }
    figures[#figures + 1] = plot.image(means[label], axes)
  end
  plot.grid(figures, { columns = 2 }):save(o.out)
  print(o.out)
end)
