-- One training on constituents (arXiv:2007.01850): the plain VAE, with DisCo, or with outlier exposure.

local diagnostics, metrics, models, optim, tensor = require "diagnostics", require "metrics", require "models", require "optim", require "tensor"
local measures = require "study.measures"

local function make(s)
  local inner = models.ConstituentVAE { latent = 10, beta = 0.1 }
  if s.method == "disco" then return models.mass_decorrelation(inner, { lambda = s.lambda, score = "loss", start = s.start, ramp = s.ramp }) end
  if s.method == "oe" then return models.outlier_exposure(inner, { form = s.form, lambda = s.lambda, margin = s.margin, start = s.start, ramp = s.ramp }) end
  return inner
end

--- pT, mass and τ21 of jets given as four-vectors `[N, M, 4]`; τ21 of the first `few`.
local function observables(momenta, few)
  local sum = momenta:to("float64"):sum(2)
  local e, px, py, pz = sum:select(2, 1), sum:select(2, 2), sum:select(2, 3), sum:select(2, 4)
  local tau21 = {}
  for i, jet in ipairs(momenta:narrow(1, 1, few):totable()) do
    local particles = {}
    for _, p in ipairs(jet) do
      local size = math.sqrt(p[2] ^ 2 + p[3] ^ 2 + p[4] ^ 2)
      -- A reconstructed energy can be below the momentum: the particles count as massless.
      if size > 0 then particles[#particles + 1] = { size, p[2], p[3], p[4] } end
    end
    local tau = #particles > 0 and require("jets").nsubjettiness(particles) or { 0, 0 }
    tau21[i] = tau[1] > 0 and tau[2] / tau[1] or 0
  end
  return { pt = (px:square() + py:square()):sqrt(), mass = (e:square() - px:square() - py:square() - pz:square()):clamp(0):sqrt(), tau21 = tensor(tau21) }
end

--- What the reconstruction keeps of a jet, as rank correlations of input and output, and the strongest rank correlation of a latent
--- dimension with each quantity of the input.
local function learned(model, rows)
  local few = math.min(1000, #rows)
  local x = rows.x:narrow(1, 1, math.min(4000, #rows))
  local mu, output = nil, nil
  tensor.no_grad(function()
    mu = (model:encode(x))
    output = model:decode(mu)
  end)
  local before, after, found = observables(model:momenta(x), few), observables(model:momenta(output), few), {}
  for name, values in pairs(before) do
    local strongest = 0
    for d = 1, mu:size(2) do
      local rank = metrics.rank_correlation(mu:select(2, d):narrow(1, 1, #values):contiguous(), values)
      strongest = math.max(strongest, math.abs(rank))
    end
    found[name] = { reconstructed = metrics.rank_correlation(values, after[name]), latent = strongest }
  end
  return found
end

--- Trains with the settings and the seed. Numbers: for each class that is judged the figures of each score, what the outliers are, what the
--- latent space knows, and how many dimensions of it are in use; arrays: the scores and masses of each class.
---@param data table
---@param s { method: string, form: string|nil, lambda: number|nil, margin: number|nil, jets: integer, epochs: integer, batch: integer, start: integer, ramp: integer, test: integer|nil, emd: integer }
---@param seed integer
return function(data, s, seed)
  local sets = data:constituents(seed, s)
  tensor.manual_seed(seed)
  local model = make(s)
  local adam = optim.Adam(model:parameters(), { lr = 1e-3 })
  local schedule = s.method == "oe" and optim.MultiStepLR(adam, { milestones = { 30, 60 } }) or nil
  local history = models.fit(model, sets.rows, {
    epochs = s.epochs, batch = s.batch, optimizer = adam, schedule = schedule, outliers = s.method == "oe" and sets.outliers or nil,
  })
  local arrays, by_class = { outliers_mass = sets.outliers.mass }, {}
  for _, entry in ipairs(sets.judged) do
    local name, rows = entry[1], entry[2]
    local scores = model:scores(rows, { emd = false })
    local few = rows.x:narrow(1, 1, math.min(s.emd, #rows))
    by_class[name] = { kl = scores.kl, mse = scores.mse, loss = scores.loss, distance = scores.prior_distance, emd = model:scores(few).emd, mass = rows.mass }
    for key, values in pairs(by_class[name]) do arrays[name .. "_" .. key] = values:contiguous() end
  end
  local figures, bins = {}, {}
  for _, entry in ipairs(sets.judged) do
    local name = entry[1]
    if name ~= "qcd" then
      local function joined(key) return tensor.cat({ by_class.qcd[key], by_class[name][key] }, 1) end
      local function labels(key)
        return tensor.cat({ tensor.zeros(#by_class.qcd[key]), tensor.ones(#by_class[name][key]) }, 1):to("int64")
      end
      local named = {}
      for _, key in ipairs { "kl", "mse", "loss", "distance" } do named[#named + 1] = { key, joined(key) } end
      figures[name], bins[name] = measures.scores(named, labels "mass", joined "mass")
      -- The transport distance is that of fewer jets: it is the slowest score.
      local function few(key) return tensor.cat({ by_class.qcd[key]:narrow(1, 1, #by_class.qcd.emd), by_class[name][key]:narrow(1, 1, #by_class[name].emd) }, 1) end
      figures[name].emd = measures.scores({ { "emd", joined "emd" } }, labels "emd", few "mass").emd
    end
  end
  local background = sets.judged[1][2]
  local inner = s.method == "vae" and model or model:inner()
  local mass, score = background.mass, by_class.qcd
  local disco = {}
  for _, key in ipairs { "kl", "mse" } do disco[key] = metrics.distance_correlation(score[key]:to("float64"), mass, nil, { squared = true }) end
  local shuffled = mass:index_select(1, tensor.randperm(#mass))
  disco.shuffled = metrics.distance_correlation(score.mse:to("float64"), shuffled, nil, { squared = true })
  local latent = diagnostics.latent(inner, background.x:narrow(1, 1, math.min(4000, #background)))
  return {
    scores = figures, equal_mass = bins, outliers = sets.report, outlier_class = sets.outlier_class, disco = disco, learned = learned(inner, background),
    active = latent.active, kl_total = latent.kl_total, loss = history.total, jets = #sets.rows, test = #background,
  }, arrays
end
