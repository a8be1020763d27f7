local draw, plot, tensor = require "study.draw", require "plot", require "tensor"

local function joined(a, class, key) return tensor.cat({ a["qcd_" .. key], a[class .. "_" .. key] }, 1), tensor.cat({ tensor.zeros(#a["qcd_" .. key]), tensor.ones(#a[class .. "_" .. key]) }, 1):to("int64") end

return { id = "B roc", title = "Scores in input space and in latent space", needs = { "constituent vae" }, draw = function(R)
  local panels = {}
  for _, class in ipairs { "top", "w" } do
    if R:numbers("constituent vae")[1].scores[class] then
      local curves = {}
      for i, score in ipairs { { "kl", "KL" }, { "mse", "MSE" }, { "emd", "EMD" }, { "distance", "distance to the prior" } } do
        curves[i] = draw.roc(R, "constituent vae", score[2], function(a) return joined(a, class, score[1]) end)
      end
      panels[#panels + 1] = plot.roc(curves, { title = draw.names[class] .. " jets as signal", yrange = { 1, 1e4 }, legend = "top right", band = true })
    end
  end
  return plot.grid(panels), "ROC curves of the plain constituent VAE's scores, mean over the seeds with their standard deviation. The transport distance (EMD) is that of fewer jets.", R:how "constituent vae"
end }
