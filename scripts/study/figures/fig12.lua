local arrangement, draw, plot = require "study.arrangement", require "study.draw", require "plot"

return { id = "A12", title = "Three mixture images", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local panels = {}
  for _, signal in ipairs { "top", "qcd" } do
    local arrays = R:arrays((arrangement.lowest(R, ("dvae3 %s 0.05"):format(signal))))
    for i = 1, 3 do panels[#panels + 1] = draw.image(arrays.mixtures:select(1, i), "full", { title = ("rare %s, mixture %d"):format(draw.names[signal], i) }) end
  end
  return plot.grid(panels, { columns = 3 }), "The mixture images of the models with α = (1, 0.25, 0.1): upper row rare tops, lower row rare QCD jets, S/B = 0.05, of the seed with the lowest training loss.", R:how "dvae3 top 0.05"
end }
