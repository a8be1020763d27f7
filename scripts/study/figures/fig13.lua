local draw, plot = require "study.draw", require "plot"

return { id = "A13", title = "Gibbs triangles", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local top, qcd = R:arrays "dvae3 top 0.05", R:arrays "dvae3 qcd 0.05"
  local series = { { x = top.prior, label = "prior (softmax-Gaussian)" } }
  for _, case in ipairs { { "rare tops", top, { "QCD", "top" } }, { "rare QCD", qcd, { "top", "QCD" } } } do
    for class = 0, 1 do
      series[#series + 1] = { x = case[2].weights, weight = case[2].label:eq(class):to("float64"), label = ("%s: %s jets"):format(case[1], case[3][class + 1]) }
    end
  end
  return plot.triangle(series, { columns = 3 }), "Densities on the triangle of the three weights: the prior (the softmax of the Gaussian that approximates the Dirichlet, not the Dirichlet itself), then both classes in the models for rare tops and for rare QCD jets; S/B = 0.05, one seed.", R:how "dvae3 top 0.05"
end }
