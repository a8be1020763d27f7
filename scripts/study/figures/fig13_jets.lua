local arrangement, diagnostics, draw, plot = require "study.arrangement", require "diagnostics", require "study.draw", require "plot"

return { id = "A13 jets", title = "Jets generated from points of the simplex", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local panels = {}
  for i, signal in ipairs { "top", "qcd" } do
    panels[i] = diagnostics.simplex_pictures(draw.model(R, (arrangement.lowest(R, ("dvae3 %s 0.05"):format(signal)))), { steps = 4, title = "rare " .. draw.names[signal] .. " jets" })
  end
  return plot.grid(panels), "What the decoder makes of points of the triangle, each image at its place. Between the corners it is a product of the mixture images to the powers of the weights, not their sum. Of the seed with the lowest training loss.", R:how "dvae3 top 0.05"
end }
