local arrangement, draw, plot = require "study.arrangement", require "study.draw", require "plot"

return { id = "A11", title = "Three mixtures: each weight as a classifier", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local panels, counts = {}, {}
  for _, signal in ipairs { "top", "qcd" } do
    local name, count = arrangement.lowest(R, ("dvae3 %s 0.05"):format(signal))
    local curves = {}
    for i = 1, 3 do
      curves[i] = draw.roc(R, name, ("r_{%d}, α = %g"):format(i, R:settings(name).alpha[i]), function(a) return a.weights:select(2, i):contiguous(), a.label end)
    end
    panels[#panels + 1] = plot.roc(curves, { title = "rare " .. draw.names[signal] .. " jets, S/B = 0.05", yrange = { 1, 1e5 }, legend = "top right", band = true })
    counts[#counts + 1] = ("%s for rare %s"):format(count, draw.names[signal])
  end
  return plot.grid(panels), ("ROC curves of each of the three mixture weights for rare tops and rare QCD jets: mean and standard deviation over the trainings that ended in the arrangement of the one with the lowest training loss, which needs no label to be chosen: %s. In the others the weights have changed places, as a table below counts."):format(
    table.concat(counts, ", ")), R:how "dvae3 top 0.05"
end }
