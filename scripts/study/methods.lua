-- The taggers of arXiv:2007.01850 that are compared, each with the score that it is trained for.

local metrics, tensor = require "metrics", require "tensor"

--- A hunt for tops among the QCD test jets: `share` tops per QCD jet, a tenth of the QCD jets pass.
local function hunt(arrays, score)
  local background, signal = arrays["qcd_" .. score], arrays["top_" .. score]
  local count = math.min(#signal, math.max(1, #background // 20))
  local joined = tensor.cat({ background, signal:narrow(1, 1, count) }, 1)
  local mass = tensor.cat({ arrays.qcd_mass, arrays.top_mass:narrow(1, 1, count) }, 1)
  local label = tensor.cat({ tensor.zeros(#background), tensor.ones(count) }, 1):to("int64")
  local worked, found = pcall(metrics.bump_hunt, { mass = mass, score = joined, label = label, at = 0.1, window = { 150, 200 }, range = { 60, 300 }, width = 10 })
  -- Too few jets for a fit: there is nothing to show.
  return worked and found or nil
end

local list = {
  { task = "constituent vae", label = "VAE", score = "kl" }, { task = "constituent vae", label = "VAE", score = "mse" },
  { task = "disco", label = "DisCo-VAE", score = "mse" }, { task = "oe kl", label = "OE-VAE (KL form)", score = "kl" },
  { task = "oe mse", label = "OE-VAE (MSE form)", score = "mse" },
}
for _, method in ipairs(list) do method.hunt = hunt end

return list
