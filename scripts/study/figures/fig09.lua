local arrangement, draw, plot = require "study.arrangement", require "study.draw", require "plot"

local function scan(kind)
  return function(R, ratios)
    local panels = {}
    for _, signal in ipairs { "top", "qcd" } do
      local by_weight, by_error, latent = {}, {}, {}
      for _, ratio in ipairs(ratios) do
        local name, shown = arrangement.lowest(R, ("%s %s %g"):format(kind, signal, ratio)), ("S/B = %g"):format(ratio)
        by_weight[#by_weight + 1] = draw.roc(R, name, shown, function(a, n) return a.weights:select(2, n.declared):contiguous(), a.label end)
        by_error[#by_error + 1] = draw.roc(R, name, shown, function(a) return a.cross_entropy, a.label end)
        latent[#latent + 1] = { x = R:arrays(name).weights:select(2, R:numbers(name)[1].declared), label = shown }
      end
      local title = draw.names[signal] .. " jets as signal, "
      panels[#panels + 1] = plot.roc(by_weight, { title = title .. "mixture weight", yrange = { 1, 1e5 }, legend = "top right", band = true })
      panels[#panels + 1] = plot.roc(by_error, { title = title .. "reconstruction", yrange = { 1, 1e5 }, legend = "top right", band = true })
      panels[#panels + 1] = plot.hist(latent, { range = { 0, 1 }, density = true, logy = true, xlabel = "anomalous mixture weight", title = title .. "latent space" })
    end
    return plot.grid(panels, { columns = 3 })
  end
end

return { id = "A9", title = "Rare signals, Dirichlet-VAE with R = 2", scan = "dvae", draw_scan = scan, draw = function(R, ratios)
  return scan("dvae")(R, ratios),
    "Upper row tops as signal, lower row QCD jets: ROC curves by the declared mixture weight and by the reconstruction (cross-entropy), mean and standard deviation over the seeds that ended in the arrangement of the lowest training loss; latent distributions of one seed, both classes together in equal numbers.", R:how(("dvae top %g"):format(ratios[#ratios]))
end }
