local draw = require "study.draw"

return { id = "A3", title = "Latent spaces of AE and VAE", needs = { "conv ae", "conv vae" }, draw = function(R)
  return draw.latent(R, { "conv ae", "conv vae" }, { "AE", "VAE" }),
    "ROC curves of the latent coordinate for top and for QCD tagging, mean over the seeds with their standard deviation as a band, and the latent distributions of both classes at several epochs of one seed. Convolutional networks: 5 × 5 pixels, 10 and 10 filters, an average over 2 × 2 pixels, 10 and 5 filters, a dense layer of 100, mirrored in the decoder; they see few jets for few epochs so that all seeds take less than an hour on a processor.", R:how "conv ae"
end }
