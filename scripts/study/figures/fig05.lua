local metrics = require "metrics"
local draw = require "study.draw"

return { id = "A5", title = "Latent space of the GMVAE", needs = { "conv gmvae" }, draw = function(R)
  local caption = "As figure A3, with the same convolutional networks and as few jets, for the Gaussian-mixture VAE with the mode-separation loss."
  -- Both begin with the same weights and see the same jets: how far has the other prior led?
  local both = math.min(R:count "conv vae", R:count "conv gmvae")
  if both > 0 then
    local sum = 0
    for i = 1, both do
      sum = sum + math.abs(metrics.rank_correlation(R:arrays("conv vae", i).latent, R:arrays("conv gmvae", i).latent))
    end
    caption = caption .. (" The rank correlation of its coordinate with that of the VAE of the same seed is %.3f in the mean over the seeds: in so few steps the prior's modes, weighted with β = 10⁻⁴, hardly act; figure A5 dense is after more steps."):format(sum / both)
  end
  return draw.latent(R, { "conv gmvae" }, { "GMVAE" }), caption, R:how "conv gmvae"
end }
