local plot = require "plot"

return { id = "A loss", title = "Convergence of the Dirichlet-VAE", needs = { "dvae long top 1" }, draw = function(R)
  local curves = {}
  for i, numbers in ipairs(R:numbers "dvae long top 1") do
    curves[i] = { y = numbers.loss, label = ("seed %d"):format(R.by_name["dvae long top 1"].seeds[i].seed) }
  end
  return plot.line(curves, { xlabel = "epoch", ylabel = "training loss per jet", logx = true }), "Training loss of the balanced R = 2 model. A uniform output has a cross-entropy of ln 1600 = 7.378.", R:how "dvae long top 1"
end }
