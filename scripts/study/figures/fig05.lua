local draw = require "study.draw"

return { id = "A5", title = "Latent space of the GMVAE", needs = { "conv gmvae" }, draw = function(R)
  return draw.latent(R, { "conv gmvae" }, { "GMVAE" }),
    "As figure A3, for the Gaussian-mixture VAE with the mode-separation loss.", R:how "conv gmvae"
end }
