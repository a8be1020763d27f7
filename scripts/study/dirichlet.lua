-- One training of a Dirichlet-VAE on jet images or Lund planes (arXiv:2104.08291, section 4 and appendix A).

local diagnostics, models, optim, tensor = require "diagnostics", require "models", require "optim", require "tensor"
local measures = require "study.measures"

local function pictures(set, s)
  if s.images == "lund" then return set:lund_images() end
  if s.images == "centred" then return set:images { rotate = false, flip = false } end
  return set:images()
end

--- Trains with the settings and the seed. Numbers: figures of each weight and of the reconstruction, which weight was declared anomalous, the
--- loss per epoch, what the mixture images look like; arrays: weights, reconstruction scores, labels, masses, mixture images.
---@param data table
---@param s { images: string, alpha: number[], signal: string, ratio: number, jets: integer|nil, epochs: integer, batch: integer, lr: number, trace: boolean|nil }
---@param seed integer
---@param watched? fun(model: any): any what is trained in the model's place, such as one that writes down its noise
return function(data, s, seed, watched)
  local seen, unseen = data:mixed(seed, s)
  local images, judged = pictures(seen, s), pictures(unseen, s)
  tensor.manual_seed(seed)
  local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = s.alpha, beta = 0.1 }
  local adam = optim.Adam(model:parameters(), { lr = s.lr, betas = { 0.9, 0.99 }, eps = 1e-8 })
  local arrays, epochs, started = { label = judged.label, mass = judged.mass }, {}, os.clock()
  local drawn = { [1] = true, [2] = true, [5] = true, [s.epochs // 2] = true, [s.epochs] = true }
  local trace = s.trace and diagnostics.trace(model, judged.x:narrow(1, 1, math.min(1000, #judged)))
  local history = models.fit(watched and watched(model) or model, images, { epochs = s.epochs, batch = s.batch, optimizer = adam, each = trace and function(epoch)
    trace:record(epoch)
    if drawn[epoch] then
      epochs[#epochs + 1] = epoch
      arrays["weights_" .. epoch] = model:weights(judged.x)
    end
  end or nil })
  local seconds = os.clock() - started
  -- The weight is declared before a label is seen: that of the smallest alpha, with equal ones the one of the wider image.
  local declared = model:anomaly_weight { signal = s.signal }
  local scores, weights = model:scores(judged.x), model:weights(judged.x)
  arrays.weights, arrays.cross_entropy, arrays.mixtures = weights, scores.cross_entropy, model:mixtures():detach():contiguous()
  local named = { { "cross_entropy", scores.cross_entropy }, { "kl_reconstruction", scores.kl_reconstruction } }
  for i = 1, #s.alpha do named[#named + 1] = { "weight_" .. i, weights:select(2, i):contiguous() } end
  local figures, bins = measures.scores(named, judged.label, judged.mass)
  figures.declared = figures["weight_" .. declared]
  local is_signal, average, looks = judged.label:eq(1), { signal = {}, background = {} }, {}
  for i = 1, #s.alpha do
    average.signal[i], average.background[i] = weights:select(2, i)[is_signal]:mean():item(), weights:select(2, i)[~is_signal]:mean():item()
  end
  if s.images ~= "lund" then
    local dense = judged.x:todense()
    local mean = { background = dense[~is_signal]:mean(1), signal = dense[is_signal]:mean(1) }
    for i = 1, #s.alpha do
      local image = arrays.mixtures:select(1, i)
      looks[i] = measures.image(image)
      looks[i].like_background, looks[i].like_signal = measures.correlation(image, mean.background), measures.correlation(image, mean.signal)
    end
  end
  if #s.alpha == 3 then arrays.prior = model:prior_samples(10000) end
  return {
    scores = figures, equal_mass = bins, declared = declared, loss = history.total, kl = history.kl[#history.kl], average = average, looks = looks,
    jets = #images, test = #judged, epochs = epochs, drift = trace and trace:drift() or nil, training_seconds = seconds,
    valley = measures.valley(weights:select(2, declared):contiguous()),
  }, arrays, #s.alpha == 3 and model or nil
end
