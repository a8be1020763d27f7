local draw, plot = require "study.draw", require "plot"

return { id = "A1", title = "Average images", needs = { "averages" }, draw = function(R)
  local arrays, numbers = R:arrays("averages"), R:numbers("averages")[1]
  local figure = plot.grid {
    draw.image(arrays.image_qcd, "full", { title = "QCD jets" }), draw.image(arrays.image_top, "full", { title = "top jets" }),
  }
  return figure, ("Average image of %d QCD and %d top jets after centring, rotation and flips; share of the jet's pT in each pixel."):format(numbers.qcd, numbers.top), "data only, no training"
end }
