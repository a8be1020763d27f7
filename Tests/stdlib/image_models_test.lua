-- The image models of arXiv:2104.08291: against PyTorch, formulas, files, wrong options.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local jets, json, models, nn, optim, tensor = require "jets", require "json", require "models", require "nn", require "optim", require "tensor"
local progress, system = require "progress", require "jetlua.core.system"
progress.quiet(true)

local function fixture(name) return json.decode(system.read_file(testing.folder .. "../Fixtures/" .. name)) end
local function double(values) return tensor(values, { dtype = "float64" }) end

local function close(got, expected, tolerance, what)
  local shape = expected.shape
  equal(got.shape, shape, what .. ": shape")
  local distance = (got:to("float64") - expected):abs():max():item()
  near(distance / math.max(1, expected:abs():max():item()), 0, tolerance, what)
end

-- Losses, gradients and scores of PyTorch with the same weights and noise, dense and as sparse rows, in both types.
for _, case in ipairs(fixture "image_models.json") do
  local state = {}
  for name, values in pairs(case.state) do state[name] = double(values) end
  for _, dtype in ipairs { "float64", "float32" } do
    local tolerance = dtype == "float64" and 1e-10 or 1e-5
    local options = {}
    for key, value in pairs(case.options) do options[key] = value end
    options.dtype = dtype
    local x, noise, weight = double(case.x):to(dtype), double(case.noise):to(dtype), double(case.weight):to(dtype)
    -- An autoencoder has no sample.
    if case.model == "Autoencoder" then noise = nil end
    local what, model = case.model .. " in " .. dtype .. ": ", nil
    for _, input in ipairs(dtype == "float32" and { x, tensor.sparse_rows(x) } or { x }) do
      model = models[case.model](options)
      local own = {}
      for name, values in pairs(state) do own[name] = values:to(dtype) end
      model:load_state_dict(own)
      local loss = model:loss(input, { noise = noise, weight = weight })
      near(loss.total:item(), case.total, tolerance * math.max(1, case.total), what .. "total")
      loss.total:backward()
      for name, p in model:named_parameters() do close(p.grad, double(case.gradients[name]), tolerance, what .. "gradient of " .. name) end
    end
    local each = model:loss(x, { noise = noise, reduction = "none" })
    for name, values in pairs(case.terms) do close(each[name], double(values), tolerance, what .. name) end
    near((model:eval():loss(x, { noise = noise, reduction = "none" }).total - each.total):abs():max():item(), 0, tolerance, what .. "noise in evaluation")
    local scores = model:scores(x)
    for name, values in pairs(case.scores) do
      close(name == "responsibilities" and model:responsibilities(x) or scores[name], double(values), tolerance, what .. name)
    end
  end
end

-- The prior and its distances by their formulas.
local vectors = fixture "vectors.json"
local F = nn.functional
for i, v in ipairs(vectors.gmvae_kl) do
  local function row(name) return double { v[name] } end
  local z = F.gaussian_sample(row "mu", row "logvar", row "eps")
  local prior = F.gaussian_mixture_log_prob(z, double(v.prior_logits), double(v.prior_means), double(v.prior_logvars)):item()
  local entropy = F.gaussian_entropy(row "logvar"):item()
  near(prior, v.log_prior, 1e-12 * math.max(1, math.abs(v.log_prior)), "gmvae_kl " .. i)
  near(-entropy, v.neg_entropy, 1e-12, "gmvae_kl " .. i)
  near(-entropy - prior, v.kl_one_sample, 1e-12 * math.max(1, math.abs(v.kl_one_sample)), "gmvae_kl " .. i)
end
for i, v in ipairs(vectors.ashman_D) do
  local distance = F.ashman_distance(double { v.mu1, v.mu2 }, double({ v.var1, v.var2 }):log())
  near(distance:item(), v.D, 1e-12, "ashman_D " .. i)
  near(1 - (distance / 2):tanh():item(), v.one_minus_tanh_half, 1e-12, "ashman_D " .. i)
end
for i, v in ipairs(vectors.recon) do
  near(nn.squared_error(double { v.p }, double { v.x }, { over = "mean" }):item(), v.mse, 1e-12, "recon " .. i)
end

-- What all have in common.
tensor.manual_seed(2)
local set = jets.sample():take(1300)
local images = set:images()
for class, options in pairs { Autoencoder = { hidden = { 6 } }, VAE = { hidden = { 6 }, latent = 3 }, GaussianMixtureVAE = { hidden = { 6 }, components = 3 } } do
  local model = models[class](options)
  local weight = tensor.rand(#images)
  local each, mean = model:eval():loss(images, { reduction = "none" }), model:loss(images, { weight = weight })
  near(model:loss(images).total:item(), each.total:mean():item(), 1e-5, class)
  near(model:loss(images, { reduction = "sum" }).total:item(), each.total:sum():item(), 0.02, class)
  near(mean.total:item(), ((each.total * weight):sum() / weight:sum()):item(), 1e-5, class)
  model:train()
  local scores, again = model:scores(images), model:scores(images.x:todense())
  check(model.training and model.encoder[1].training, "scores leave the mode as it was")
  check(not scores.mse:requires_grad(), "no graph")
  for name, values in pairs(scores) do
    check(name == "latent" or values:dim() == 1, name)
    near((values - again[name]):abs():max():item(), 0, 1e-4, class .. " of dense and sparse images: " .. name)
  end
  local mu, logvar = model:encode(images)
  equal(mu:eq(scores.latent):all():item(), true)
  equal(logvar ~= nil, class ~= "Autoencoder")
  near((model:eval():forward(images) - model:decode(mu)):abs():max():item(), 0, 1e-5, "forward is decode of encode")

  -- Training by the model's own loop, the recipe, files.
  local history = models.fit(model, images, { epochs = 3, optimizer = optim.Adam(model:parameters(), { lr = 3e-3 }) })
  check(history.total[3] < history.total[1], class .. " learns")
  equal(model.recipe.size, 40)
  local path = testing.scratch() .. "/model.safetensors"
  model:save(path)
  local loaded = models.load(path)
  equal(loaded.training, false)
  equal(loaded:options(), model:options())
  equal(loaded.recipe, model.recipe)
  equal(loaded:scores(images).mse:eq(model:scores(images).mse):all():item(), true, class .. " from a file")
  raises("x: jets of another recipe than the model's: rotate false, not true; make them with :images(model.recipe)", loaded.scores, loaded,
    set:images { rotate = false })
  local other = models[class](class == "Autoencoder" and { hidden = { 6 }, bottleneck = 2 } or { hidden = { 6 }, latent = 2 })
  local before = other:state_dict()
  raises(class == "Autoencoder" and "bottleneck 1, not 2" or "latent " .. (options.latent or 1) .. ", not 2", other.load, other, path)
  check(not other:state_dict()["encoder.1.weight"]:ne(before["encoder.1.weight"]):any():item(), "nothing has changed")
end

-- Networks of one's own: their plan is in the file, or the file says that it is not.
local model = models.VAE {
  encoder = nn.Sequential(nn.Unflatten(2, { 1, 40, 40 }), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(100, 8, { init = "kaiming_normal" }), nn.Tanh(), nn.Linear(8, 4)),
  decoder = nn.Sequential { nn.Linear(2, 1600, { bias = false }), nn.Softmax() }, latent = 2,
}
local path = testing.scratch() .. "/own.safetensors"
model:save(path)
equal(tostring(models.load(path)), tostring(model))
equal(models.load(path):scores(images).mse:eq(model:scores(images).mse):all():item(), true)
local Two = nn.Module:extend("Two")
function Two:init() self.mu, self.logvar = nn.Linear(1600, 1), nn.Linear(1600, 1) end
function Two:forward(x) return self.mu(x), self.logvar(x) end
local own = models.VAE { encoder = Two(), decoder = nn.Linear(1, 1600), beta = 0.5 }
own:loss(images).total:backward()
check(own.encoder.logvar.weight.grad, "an encoder of two results")
own:save(path)
raises("models.load: " .. path .. ": the options in the file make no model: VAE: encoder: the file holds the weights of one of your own, Two; "
  .. "make the model with it and call model:load(path)", models.load, path)
local same = models.VAE { encoder = Two(), decoder = nn.Linear(1, 1600), beta = 0.5 }
equal(same:load(path):encode(images):eq((own:encode(images))):all():item(), true)

-- The noise of training comes from the seed.
local function noisy()
  tensor.manual_seed(9)
  local m = models.VAE { hidden = { 4 } }
  return m:loss(images).total:item()
end
equal(noisy(), noisy())
local m = models.VAE { hidden = { 4 }, beta = 2 }
local a, b = m:loss(images).total:item(), m:loss(images).total:item()
check(a ~= b, "two samples")
m.beta = 0
local loss = m:loss(images)
near(loss.total:item(), loss.reconstruction:item(), 0, "beta may change")
equal(m:to("float64"):options().dtype, "float64")
m:save(path)
equal(models.load(path):encode(images).dtype, "float64")

-- The prior of the mixture.
local mixture = models.GaussianMixtureVAE { hidden = { 4 }, latent = 2, components = 3 }
local prior = mixture:prior()
equal({ prior.means:totable(), prior.variances.shape }, { { { -1.0, -1.0 }, { 0.0, 0.0 }, { 1.0, 1.0 } }, { 3, 2 } })
near(prior.weights:sum():item(), 1, 1e-6)
near(mixture:ashman(), math.sqrt(2), 1e-6, "of the nearest pair")
near((mixture:responsibilities(images):sum(2) - 1):abs():max():item(), 0, 1e-5)
equal(models.GaussianMixtureVAE({ hidden = { 4 }, components = 1 }):loss(images).separation, nil)
raises("GaussianMixtureVAE: ashman: expected at least two components, got one", function() return models.GaussianMixtureVAE({ hidden = { 4 }, components = 1 }):ashman() end)

-- Directions of latent coordinates, declared without labels.
local towards = models.VAE({ hidden = { 4 }, latent = 3 }):anomaly_direction(images)
equal(towards:abs():totable(), { 1.0, 1.0, 1.0 })
local counts = images.x:todense():gt(0):to("float32"):sum(2, true)
local counter = models.Autoencoder { encoder = function(x) return x:gt(0):to("float32"):sum(2, true) end, decoder = nn.Linear(1, 1600) }
equal({ counter:anomaly_direction(images.x:todense()):item(), counter:anomaly_direction(images.x:todense(), { signal = "qcd" }):item() }, { 1.0, -1.0 })
equal((counter:encode(images.x:todense())):eq(counts):all():item(), true)

-- With sums over pixels the VAE of the paper is active: its divergence is above half a nat after 20 epochs.
tensor.manual_seed(1)
local active = models.VAE()
local history = models.fit(active, jets.sample():take(800):images(), { epochs = 20, batch = 50, optimizer = optim.Adam(active:parameters(), { lr = 1e-3 }) })
check(history.kl[20] > 0.5, ("a divergence of %.3f nats"):format(history.kl[20]))

-- Wrong options and inputs.
raises("VAE: latent: expected an integer from 1 to 100000, got 0", models.VAE, { latent = 0 })
raises("VAE: beta: expected a number of at least 0, got -1", models.VAE, { beta = -1 })
raises("VAE: beta: expected a number of at least 0, got nan", models.VAE, { beta = 0 / 0 })
raises('VAE: unknown option "laten"; did you mean "latent"?', models.VAE, { laten = 1 })
raises("GaussianMixtureVAE: components: expected an integer from 1 to 1000, got 0", models.GaussianMixtureVAE, { components = 0 })
raises("GaussianMixtureVAE: separation: expected a number of at least 0, got -0.5", models.GaussianMixtureVAE, { separation = -0.5 })
raises("Autoencoder: bottleneck: expected an integer from 1 to 100000, got 1.5", models.Autoencoder, { bottleneck = 1.5 })
raises('Autoencoder: mse: expected "sum" or "mean" over the numbers of a jet, got "max"', models.Autoencoder, { mse = "max" })
raises("VAE: encoder: expected it to make [1, 2], mu and logvar of 1 latent dimension of one jet, got [1, 3]; end it with nn.Linear(…, 2)", models.VAE,
  { encoder = nn.Linear(1600, 3) })
raises("Autoencoder: encoder: expected it to make [1, 2] of one jet, got [1, 1] and [1, 1]; end it with nn.Linear(…, 2)", models.Autoencoder,
  { encoder = Two(), bottleneck = 2 })
raises("VAE: encoder: it cannot take rows [1, 1600]: encoder (nn.Conv2d(1 -> 3, kernel_size = 5)): conv2d: x: expected shape [N, C, H, W]", models.VAE, { encoder = nn.Conv2d(1, 3, 5) })
raises("VAE: decoder: expected it to make [1, 1600] of one latent point, got [1, 3]; end it with nn.Linear(…, 1600) or nn.Flatten()", models.VAE,
  { decoder = nn.Linear(1, 3) })
raises("VAE: encoder: expected a network: nn.Sequential(…) or another module, got 5", models.VAE, { encoder = 5 })
raises("VAE: input: the convolutions need square images whose side can be halved 1 time, got 1601 pixels; give hidden = {100}", models.VAE, { input = 1601 })
raises("VAE: input: 1600 does not go with size 20; give one of them", models.VAE, { input = 1600, size = 20 })
raises("VAE: kernel: expected an odd number, which keeps the size of images, got 4", models.VAE, { kernel = 4 })
raises('VAE: unknown activation "relu"; did you mean "ReLU"?', models.VAE, { activation = "relu" })
raises("VAE: filters[2]: expected at least one number of filters, got an empty table", models.VAE, { filters = { { 10 }, {} } })
raises("VAE: hidden[1]: expected an integer from 1 to 1000000, got 0", models.VAE, { hidden = { 0 } })
raises('VAE: dtype: expected "float32" or "float64", got "int64"', models.VAE, { dtype = "int64" })
local vae = models.VAE { hidden = { 4 } }
raises("VAE: loss: x: expected jets [N, 1600], got shape [3, 4]", vae.loss, vae, tensor.zeros(3, 4))
raises("VAE: loss: x: expected jets [N, 1600]: a tensor, sparse rows or a set, got 3", vae.loss, vae, 3)
raises('VAE: loss: reduction: expected one of "mean", "sum", "none", got "men"', vae.loss, vae, images, { reduction = "men" })
raises("VAE: loss: noise: expected shape [1300, 1], got [3, 2]", vae.loss, vae, images, { noise = tensor.zeros(3, 2) })
raises("VAE: loss: weight: expected shape [1300], got [3]", vae.loss, vae, images, { weight = tensor.zeros(3) })
local dirichlet = models.DirichletVAE { hidden = { 4 } }
raises("loss: noise: expected shape [1300, 2], got [3, 2]", dirichlet.loss, dirichlet, images.x, { noise = tensor.zeros(3, 2) })
raises('VAE: loss: unknown option "wieght"; did you mean "weight"?', vae.loss, vae, images, { wieght = tensor.zeros(3) })
raises('VAE: anomaly_direction: signal: expected "top" or "qcd", got "w"', vae.anomaly_direction, vae, images, { signal = "w" })
raises("VAE: decode: z: expected points [N, 1] of the latent space, got shape [3, 2]", vae.decode, vae, tensor.zeros(3, 2))
raises("VAE: scores: x: expected jets [N, 1600]: a tensor, sparse rows or a set, got nil", vae.scores, vae)

testing.finish()
