local draw, plot = require "study.draw", require "plot"

return { id = "A14", title = "Average primary Lund planes", needs = { "averages" }, draw = function(R)
  local arrays, numbers = R:arrays "averages", R:numbers("averages")[1]
  return plot.grid {
    draw.image(arrays.lund_qcd, "lund", { title = "QCD jets" }), draw.image(arrays.lund_top, "lund", { title = "top jets" }),
  }, ("Average primary Lund plane of %d QCD and %d top jets, each plane divided by its number of splittings."):format(numbers.qcd, numbers.top), "data only, no training"
end }
