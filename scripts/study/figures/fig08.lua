local draw, plot = require "study.draw", require "plot"

return { id = "A8", title = "Mixture images, R = 2", needs = { "dvae top 1" }, draw = function(R)
  local arrays, numbers = R:arrays "dvae top 1", R:numbers("dvae top 1")[1]
  local panels = {}
  for i = 1, 2 do
    panels[i] = draw.image(arrays.mixtures:select(1, i), "full", { title = ("mixture %d%s"):format(i, i == numbers.declared and ", declared anomalous" or "") })
  end
  return plot.grid(panels), "The two mixture images softmax(W_i) of one seed of the balanced sample.", R:how "dvae top 1"
end }
