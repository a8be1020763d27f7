local draw = require "study.draw"

return { id = "A3", title = "Latent spaces of AE and VAE", needs = { "conv ae", "conv vae" }, draw = function(R)
  return draw.latent(R, { "conv ae", "conv vae" }, { "AE", "VAE" }),
    "ROC curves of the latent coordinate for top and for QCD tagging, mean over the seeds with their standard deviation as a band, and the latent distributions of both classes at several epochs of one seed.", R:how "conv ae"
end }
