local plot = require "plot"
local methods = require "study.methods"

return { id = "B frontier", title = "Discrimination that is no mass against mass sculpting", needs = { "constituent vae", "disco", "oe kl" }, draw = function(R)
  local series = {}
  for _, method in ipairs(methods) do
    if R:has(method.task) then
      local jsd = R:over(method.task, function(n) return n.scores.top[method.score].jsd end)
      local auc = R:over(method.task, function(n) return n.scores.top[method.score].auc_equal_mass end)
      if jsd and auc then
        series[#series + 1] = { x = { jsd.mean }, y = { auc.mean }, error = { auc.std }, label = ("%s, %s"):format(method.label, method.score:upper()) }
      end
    end
  end
  if #series == 0 then return nil end
  local figure = plot.scatter(series, { xlabel = "mass sculpting JSD [nats]", ylabel = "AUC at equal mass", logx = true, legend = "outside" })
  -- A handful of points, each a whole training, not a cloud.
  for _, layer in ipairs(figure.panels[1].layers) do
    if layer.kind == "points" then layer.size = 1.0 end
  end
  return figure, "AUC at equal mass for tops against the divergence of the background's mass spectra at a background efficiency of one half; mean over the seeds, bars their standard deviation. Better is up and left.", R:how "constituent vae"
end }
