-- One training of an autoencoder, VAE or Gaussian-mixture VAE on jet images (arXiv:2104.08291, sections 2 and 3).

local diagnostics, metrics, models, optim, tensor = require "diagnostics", require "metrics", require "models", require "optim", require "tensor"
local measures = require "study.measures"

local function make(s)
  local o = { input = 1600, hidden = s.network == "dense" and { 100 } or nil }
  if s.model == "ae" then
    o.bottleneck = s.latent
    return models.Autoencoder(o)
  end
  o.latent, o.beta = s.latent, 1e-4
  if s.model == "vae" then return models.VAE(o) end
  o.components, o.separation = 2, s.separation
  return models.GaussianMixtureVAE(o)
end

--- Trains with the settings and the seed. Numbers: figures of each score, drift of the latent space from epoch to epoch, loss per epoch,
--- depth of the valley in the latent distribution; arrays: scores, labels, masses, the first latent coordinate at some epochs.
---@param data table
---@param s { model: string, network: string, latent: integer, separation: number|nil, signal: string, ratio: number, jets: integer, epochs: integer, batch: integer, lr: number }
---@param seed integer
return function(data, s, seed)
  local seen, unseen = data:mixed(seed, s)
  local images, judged = seen:images(), unseen:images()
  tensor.manual_seed(seed)
  local model = make(s)
  local adam = optim.Adam(model:parameters(), { lr = s.lr })
  local trace = diagnostics.trace(model, judged.x:narrow(1, 1, math.min(1000, #judged)))
  local arrays, epochs = { label = judged.label, mass = judged.mass }, {}
  local drawn = { [1] = true, [2] = true, [s.epochs // 4] = true, [s.epochs // 2] = true, [s.epochs] = true }
  local history = models.fit(model, images, { epochs = s.epochs, batch = s.batch, optimizer = adam, each = function(epoch)
    trace:record(epoch)
    if drawn[epoch] then
      epochs[#epochs + 1] = epoch
      arrays["latent_" .. epoch] = (model:encode(judged)):select(2, 1):to("float32"):contiguous()
    end
  end })
  local scores = model:scores(judged)
  -- The direction is declared before a label is seen: that of more active pixels, or of fewer where QCD is the signal.
  local latent = (scores.latent * model:anomaly_direction(images, { signal = s.signal })):select(2, 1):contiguous()
  arrays.latent, arrays.mse = latent, scores.mse
  local named = { { "latent", latent }, { "mse", scores.mse } }
  if scores.kl then
    arrays.kl = scores.kl
    named[3] = { "kl", scores.kl }
  end
  if scores.prior_distance and s.model == "gmvae" then named[#named + 1] = { "prior_distance", scores.prior_distance } end
  local figures, bins = measures.scores(named, judged.label, judged.mass)
  local active = judged.x:todense():ne(0):to("float64"):sum(2)
  local numbers = {
    scores = figures, equal_mass = bins, drift = trace:drift(), epochs = epochs, loss = history.total, reconstruction = history.reconstruction[#history.total],
    kl = history.kl and history.kl[#history.kl] or nil, jets = #images, test = #judged,
    valley = measures.valley(latent), valley_first_half = measures.valley(latent:narrow(1, 1, #latent // 2)),
    active_pixels = metrics.rank_correlation(latent, active), test_error = scores.mse:mean():item(),
  }
  if s.model == "gmvae" then
    numbers.ashman = model:ashman()
    local found = model:responsibilities(judged)
    local is_signal = judged.label:eq(1)
    -- In the order of active pixels: the first mode is that of fewer.
    local means = {}
    for r = 1, 2 do means[r] = ((found:select(2, r) * active:to(found.dtype)):sum() / found:select(2, r):sum():clamp(1e-9)):item() end
    local many = means[1] > means[2] and 1 or 2
    local share = found:select(2, many):gt(0.5):to("float64")
    numbers.many_pixels = { signal = share[is_signal]:mean():item(), background = share[~is_signal]:mean():item() }
  end
  return numbers, arrays
end
