local draw, plot = require "study.draw", require "plot"

return { id = "A10", title = "Mixture images for rare tops", scan = "dvae", draw = function(R, ratios)
  local panels = {}
  for i = 1, 2 do
    for _, ratio in ipairs(ratios) do
      local arrays = R:arrays(("dvae top %g"):format(ratio))
      panels[#panels + 1] = draw.image(arrays.mixtures:select(1, i), "full", { title = ("S/B = %g, mixture %d"):format(ratio, i) })
    end
  end
  return plot.grid(panels, { columns = #ratios }),
    "Mixture images of the models trained with tops as signal, one seed. At S/B = 1 the two priors are alike and either mixture may be that of the tops; at the others mixture 2 has the smaller α.", R:how(("dvae top %g"):format(ratios[#ratios]))
end }
