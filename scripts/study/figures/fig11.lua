local draw, plot = require "study.draw", require "plot"

return { id = "A11", title = "Three mixtures: each weight as a classifier", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local panels = {}
  for _, signal in ipairs { "top", "qcd" } do
    local curves, name = {}, ("dvae3 %s 0.05"):format(signal)
    for i = 1, 3 do
      curves[i] = draw.roc(R, name, ("weight %d, α = %g"):format(i, R:settings(name).alpha[i]), function(a) return a.weights:select(2, i):contiguous(), a.label end)
    end
    panels[#panels + 1] = plot.roc(curves, { title = "rare " .. draw.names[signal] .. " jets, S/B = 0.05", yrange = { 1, 1e5 }, legend = "top right", band = true })
  end
  return plot.grid(panels), "ROC curves of each of the three mixture weights for rare tops and rare QCD jets, mean over the seeds with their standard deviation.", R:how "dvae3 top 0.05"
end }
