local arrangement, plot, tensor = require "study.arrangement", require "plot", require "tensor"

--- Points drawn from a Dirichlet distribution as normalised gamma variables (Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000) 363).
local function dirichlet(alpha, n)
  tensor.manual_seed(1)
  local function gamma(a)
    -- For a below 1 the variable of a + 1 times U^(1/a).
    local d = a + 1 - 1 / 3
    local c = 1 / math.sqrt(9 * d)
    while true do
      local x = tensor.randn(1):item()
      local v = (1 + c * x) ^ 3
      local u = tensor.rand(1):item()
      if v > 0 and u > 0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v) then return d * v * tensor.rand(1):item() ^ (1 / a) end
    end
  end
  local points = {}
  for i = 1, n do
    local point, sum = {}, 0
    for k, a in ipairs(alpha) do
      point[k] = gamma(a)
      sum = sum + point[k]
    end
    -- A draw so small that it is 0 in all three has no direction.
    if sum > 0 then
      for k = 1, #alpha do point[k] = point[k] / sum end
      points[#points + 1] = point
    end
  end
  return tensor(points)
end

return { id = "A13", title = "Gibbs triangles", needs = { "dvae3 top 0.05", "dvae3 qcd 0.05" }, draw = function(R)
  local top, qcd = R:arrays((arrangement.lowest(R, "dvae3 top 0.05"))), R:arrays((arrangement.lowest(R, "dvae3 qcd 0.05")))
  local function class(arrays, label, name) return { x = arrays.weights, weight = arrays.label:eq(label):to("float64"), label = name } end
  return plot.triangle({
    { x = dirichlet(R:settings("dvae3 top 0.05").alpha, 4000), label = "Dirichlet distribution" }, class(top, 0, "rare tops: QCD jets"), class(top, 1, "rare tops: top jets"),
    { x = top.prior, label = "prior: its softmax-Gaussian" }, class(qcd, 0, "rare QCD: top jets"), class(qcd, 1, "rare QCD: QCD jets"),
  }, { columns = 3 }),
    "Densities on the triangle of the three weights. Left: the Dirichlet distribution with these α, and the softmax of a Gaussian that stands for it as the prior. Then both classes in the models for rare tops and for rare QCD jets; S/B = 0.05, of the seed with the lowest training loss.", R:how "dvae3 top 0.05"
end }
