local draw = require "study.draw"

return { id = "A3 dense", title = "Latent spaces of AE and VAE, dense networks", needs = { "dense ae", "dense vae" }, draw = function(R)
  return draw.latent(R, { "dense ae", "dense vae" }, { "AE", "VAE" }),
    "As figure A3, with dense networks of 100 units, which are faster and see more jets.", R:how "dense ae"
end }
