local draw = require "study.draw"

return { id = "A5 dense", title = "The GMVAE with and without the separation loss, dense networks", needs = { "dense gmvae", "dense gmvae merged" }, draw = function(R)
  return draw.latent(R, { "dense gmvae", "dense gmvae merged" }, { "with", "without" }),
    "Upper row with the mode-separation loss, lower row without it: the modes merge.", R:how "dense gmvae"
end }
