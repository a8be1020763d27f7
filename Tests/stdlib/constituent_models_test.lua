-- ConstituentVAE and the losses around models: against PyTorch with the same weights and noise (Tests/reference/constituent_models.py),
-- the project's vectors, and what wrong input says.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local jets, json, metrics, models, optim, progress, tensor = require "jets", require "json", require "metrics", require "models", require "optim", require "progress", require "tensor"
local system = require "jetlua.core.system"
progress.quiet(true)

local function fixture(name) return json.decode(system.read_file(testing.folder .. "../Fixtures/" .. name)) end

-- PyTorch: every term and every gradient.
local reference = fixture "constituent_models.json"
local makers = {
  ConstituentVAE = function(dtype) return models.ConstituentVAE { input = 8, hidden = { 6, 5 }, latent = 3, beta = 0.1, dtype = dtype } end,
  VAE = function(dtype) return models.VAE { input = 8, hidden = { 6 }, latent = 3, beta = 0.3, dtype = dtype } end,
  DirichletVAE = function(dtype) return models.DirichletVAE { input = 8, hidden = { 5 }, alpha = { 1, 0.25, 0.1 }, beta = 0.1, dtype = dtype }:eval() end,
}
local function given(entry, dtype) return tensor(entry.values, { dtype = dtype }):reshape(entry.shape) end
for dtype, tolerance in pairs { float64 = 1e-10, float32 = 1e-5 } do
  local inputs = {}
  for name, entry in pairs(reference.inputs) do inputs[name] = given(entry, dtype) end
  for i, case in ipairs(reference.cases) do
    local what = ("%s %s %s in %s"):format(case.model, case.wrapper, json.encode(case.options), dtype)
    local model = makers[case.model](dtype)
    local state = {}
    for name, entry in pairs(reference.models[case.model]) do state[name] = given(entry, dtype) end
    model:load_state_dict(state)
    local options, x, others = { noise = inputs.noise }, inputs.x, inputs.outliers
    if case.model == "DirichletVAE" then options, x, others = {}, inputs.image, inputs.other end
    if case.options.weight then options.weight = inputs.weight end
    if case.wrapper == "mass_decorrelation" then
      model = models.mass_decorrelation(model, { score = case.options.score })
      options.mass, options.mask = inputs.mass, case.options.mask and inputs.mask:gt(0) or nil
    elseif case.wrapper == "outlier_exposure" then
      model = models.outlier_exposure(model, { form = case.options.form })
      options.outliers = others
      if case.model ~= "DirichletVAE" then options.outlier_noise = inputs.outlier_noise end
    end
    local loss = model:loss(x, options)
    local names, wanted = {}, {}
    for name in pairs(loss) do names[#names + 1] = name end
    for name in pairs(case.terms) do wanted[#wanted + 1] = name end
    table.sort(names)
    table.sort(wanted)
    equal(names, wanted, what)
    for name, value in pairs(case.terms) do near(loss[name]:item(), value, tolerance * math.max(1, math.abs(value)), what .. ": " .. name) end
    loss.total:backward()
    local worst, scale = 0, 1
    for name, parameter in model:named_parameters() do
      local expected = tensor(case.gradients[name], { dtype = "float64" })
      local got = parameter.grad and parameter.grad:to("float64"):flatten() or tensor.zeros_like(expected)
      worst = math.max(worst, (got - expected):abs():max():item())
      scale = math.max(scale, expected:abs():max():item())
    end
    check(worst <= tolerance * scale, ("%s: gradients differ by %g of %g"):format(what, worst, scale))
  end
end

-- The project's vectors, with a model that gives the errors and divergences asked for.
local vectors = fixture "vectors.json"
local function stub(error_in, error_out, kl_in, kl_out)
  local model = {}
  local function is_outlier(x) return x[1] == 1 end
  function model:parameters() return {} end
  function model:loss(x)
    local term = tensor({ is_outlier(x) and error_out or error_in }, { dtype = "float64" })
    return { total = term, reconstruction = term }
  end
  function model:posterior(x)
    local mu = {}
    for i, kl in ipairs(is_outlier(x) and kl_out or kl_in) do mu[i] = math.sqrt(2 * kl) end
    return tensor({ mu }, { dtype = "float64" }), tensor.zeros(1, #mu, { dtype = "float64" })
  end
  return model
end
for _, v in ipairs(vectors.oe_losses) do
  for form, name in pairs { kl = "kl_margin", mse = "mse_margin", sigmoid = "sigmoid_loss" } do
    local model = models.outlier_exposure(stub(v.mse_in, v.mse_out, v.kl_in_per_dim, v.kl_out_per_dim), { form = form, margin = v.margin, lambda = 2 })
    local loss = model:loss(tensor { 0 }, { outliers = tensor { 1 } })
    near(loss.oe:item(), v[name], 1e-12, name)
    near(loss.total:item(), v.mse_in - 2 * v[name], 1e-12, "total with " .. name)
  end
end
local ramped = models.outlier_exposure(models.ConstituentVAE {}, { ramp = 4 })
for i = 1, 20 do near(ramped:epoch(i - 1):strength(), vectors.annealing.oe_v2[i], 1e-12, "annealing") end

-- Training, scores, files.
tensor.manual_seed(3)
local set = jets.sample():take(1200)
local qcd, top = set:where("label == 0"), set:where("label == 1")
local train = qcd:constituents()
local model = models.ConstituentVAE {}
check(tostring(model):find("^models.ConstituentVAE%(80 %-> 10 %-> 80, beta 0.1%): 125796 parameters"), tostring(model))
local function adam(of) return optim.Adam(of:parameters(), { lr = 1e-3 }) end
local history = models.fit(model, train, { epochs = 5, batch = 100, optimizer = adam(model) })
check(history.total[5] < history.total[1] - 0.05, "it learns")
equal(model.recipe.center, train.recipe.center, "the first batch gives the recipe")
local scores, without_pt = model:scores(train)
equal({ scores.kl.shape, scores.latent.shape, without_pt }, { { #train }, { #train, 10 }, 0 })
local mu, logvar = model:encode(train.x)
near(scores.kl:mean():item(), ((logvar:exp() + mu:square() - 1 - logvar) * 0.5):sum(2):mean():item(), 1e-5, "kl is the sum over dimensions")
near(scores.loss:mean():item(), (scores.mse + scores.kl * 0.01):mean():item(), 1e-6, "loss is mse + beta kl / latent")
near(scores.prior_distance:mean():item(), mu:square():sum(2):mean():item() / 2, 1e-5)
equal(model:scores(train, { emd = false }).emd, nil, "the slow score left out")
-- The EMD by metrics.emd on four-vectors that were scaled back here, the padding known from the unscaled jets.
local plain = qcd:constituents({ n = 20, scale = "none" }).x:reshape(#qcd, 20, 4)
model:eval()
local back = model:momenta(model(train.x))
for i = 1, 20 do
  local function particles(rows, drops)
    local list = {}
    for _, p in ipairs(rows:totable()) do
      local pt = math.sqrt(p[2] ^ 2 + p[3] ^ 2)
      local padding = drops and p[1] == 0 and pt == 0 and p[4] == 0
      if not padding then list[#list + 1] = { pt, math.log((math.sqrt(pt ^ 2 + p[4] ^ 2) + math.abs(p[4])) / pt) * (p[4] < 0 and -1 or 1), math.atan(p[3], p[2]) } end
    end
    return list
  end
  near(scores.emd[i], metrics.emd(particles(plain[i], true), particles(back[i], false), { norm = true }), 2e-4, "emd of jet " .. i)
end
-- A jet that is all padding has no distance and is counted.
local empty = tensor.zeros(1, 80)
for i = 1, 80 do empty[1][i] = (0 - train.recipe.center[i]) / train.recipe.spread[i] end
local lone, count = model:scores(tensor.cat({ empty, train.x:narrow(1, 1, 2) }, 1))
check(count == 1 and lone.emd[1] ~= lone.emd[1] and lone.emd[2] == lone.emd[2], "a jet without pT is NaN and counted")

local path = testing.scratch() .. "/model.safetensors"
for _, made in ipairs { model, models.mass_decorrelation(model, { lambda = 30, score = "kl" }), models.outlier_exposure(models.mass_decorrelation(model), { form = "mse" }) } do
  made:save(path)
  local again = models.load(path)
  equal({ again:class_name(), again:options(), again.recipe, again.training }, { made:class_name(), made:options(), model.recipe, false })
  equal(again:scores(train).emd:totable(), scores.emd:totable(), "the same scores to the last bit")
end
raises("load: " .. path .. ": expected a ConstituentVAE, got a outlier_exposure; models.load makes it", model.load, model, path)

-- The wrappers train; all else is the model's.
local others = top:match(qcd, { width = 20, n = 100 }):constituents(train.recipe)
for _, form in ipairs { "kl", "mse", "sigmoid" } do
  tensor.manual_seed(1)
  local wrapped = models.outlier_exposure(models.ConstituentVAE {}, { form = form, start = 1, ramp = 0 })
  history = models.fit(wrapped, train, { epochs = 4, batch = 100, optimizer = adam(wrapped), outliers = others })
  check(history.oe[4] > history.oe[1], form .. " is told apart better")
  near(history.total[4], history.reconstruction[4] + 0.1 * history.kl[4] - 2 * history.oe[4], 1e-4)
  near(history.total[1], history.reconstruction[1] + 0.1 * history.kl[1], 1e-5, "off in the first epoch")
end
tensor.manual_seed(1)
local wrapped = models.mass_decorrelation(models.ConstituentVAE {}, { start = 3, ramp = 0, lambda = 100 })
history = models.fit(wrapped, train, { epochs = 20, batch = #train, optimizer = adam(wrapped), valid = train })
check(history.disco[20] < 0.8 * history.disco[3], ("DisCo falls: %g, %g"):format(history.disco[3], history.disco[20]))
local each = wrapped:inner():loss(train.x, { reduction = "none", noise = tensor.zeros(#train, 10) }).total
near(wrapped:loss(train.x, { mass = train.mass, noise = tensor.zeros(#train, 10) }).disco:item(),
  metrics.distance_correlation(each, train.mass, nil, { squared = true }), 1e-5, "the measure of the same name")
equal({ wrapped:epoch(), wrapped.lambda, wrapped.latent, wrapped:inner():class_name(), wrapped:eval() == wrapped }, { 20, 100, 10, "ConstituentVAE", true })
wrapped.beta, wrapped.lambda = 0.5, 3
equal({ wrapped:inner().beta, wrapped.lambda, wrapped:options().lambda }, { 0.5, 3, 3 })
check(tostring(wrapped):find("^models.mass_decorrelation%(lambda 3, score loss, start 3, ramp 0%) of models.ConstituentVAE"), tostring(wrapped))
local both = models.outlier_exposure(models.mass_decorrelation(models.ConstituentVAE {}), { form = "mse" }):epoch(12)
local loss = both:loss(train.x, { mass = train.mass, outliers = others.x })
near(loss.total:item(), (loss.reconstruction + loss.kl * 0.1 + loss.disco * 40 - loss.oe * 0.8):item(), 1e-3, "both at once")
equal(both:loss(train.x, { mass = train.mass, outliers = others.x, reduction = "none" }).oe.shape, { #train })

-- The other models.
local image, other = qcd:take(60):images(), top:take(30):images()
for _, inner in ipairs { models.VAE { hidden = { 8 } }, models.DirichletVAE { hidden = { 8 } }, models.Autoencoder { hidden = { 8 } } } do
  local name = inner:class_name()
  near(models.mass_decorrelation(inner):loss(image.x, { mass = image.mass }).disco:item(), 0.5, 0.5, name)
  if name ~= "Autoencoder" then check(models.outlier_exposure(inner):loss(image.x, { outliers = other.x }).oe:item() < 0, name) end
  if name ~= "DirichletVAE" then check(models.outlier_exposure(inner, { form = "mse" }):loss(image.x, { outliers = other.x }).oe:item() < 0, name) end
end
raises('outlier_exposure: form "kl": Autoencoder has no', function() models.outlier_exposure(models.Autoencoder { hidden = { 8 } }):loss(image.x, { outliers = other.x }) end)
raises('outlier_exposure: form "mse": DirichletVAE reconstructs by a cross-entropy', function()
  models.outlier_exposure(models.DirichletVAE { hidden = { 8 } }, { form = "mse" }):loss(image.x, { outliers = other.x })
end)
-- One pass of the encoder for the jets and one for the outliers.
for _, class in ipairs { models.VAE, models.ConstituentVAE } do
  local passes, weight = 0, tensor.rand(8, 4)
  local inner = class {
    input = 8, latent = 2, decoder = function(z) return z:matmul(tensor.ones(2, 8)) end,
    encoder = function(rows)
      passes = passes + 1
      return rows:matmul(weight)
    end,
  }
  passes = 0
  models.outlier_exposure(inner):loss(tensor.rand(5, 8), { outliers = tensor.rand(5, 8) })
  equal(passes, 2, inner:class_name() .. " encodes each batch once")
end
-- A derived class with a loss of its own is exposed with that loss.
local Doubled = models.VAE:extend("Doubled")
function Doubled:loss(rows, options)
  local loss = models.VAE.loss(self, rows, options)
  loss.total = loss.total * 2
  return loss
end
local doubled = Doubled { input = 8, hidden = { 3 } }:eval()
local shown = tensor.rand(5, 8)
near(models.outlier_exposure(doubled):epoch(1):loss(shown, { outliers = shown }).total:item(), doubled:loss(shown).total:item(), 1e-6)
-- A jet left over after whole batches is left out; batches of one are refused.
equal(#models.fit(models.mass_decorrelation(models.VAE { hidden = { 4 } }), qcd:take(41):images(), { epochs = 1, batch = 20 }).disco, 1)
raises("mass_decorrelation: loss: expected at least 2 jets", models.fit, models.mass_decorrelation(models.VAE { hidden = { 4 } }), qcd:take(1):images(), { epochs = 1 })

-- Bad input.
raises("Autoencoder: loss: noise: an autoencoder takes no sample; leave it out", function() models.Autoencoder { input = 4, hidden = { 3 } }:loss(tensor.rand(2, 4), { noise = tensor.zeros(2, 1) }) end)
raises("ConstituentVAE: latent: expected an integer from 1 to 100000, got 0", models.ConstituentVAE, { latent = 0 })
raises("ConstituentVAE: input: expected four numbers E, px, py, pz for each constituent, got 81 numbers", models.ConstituentVAE, { input = 81 })
raises('ConstituentVAE: unknown option "latents"; did you mean "latent"?', models.ConstituentVAE, { latents = 2 })
raises("ConstituentVAE: beta: expected a number of at least 0, got nan", models.ConstituentVAE, { beta = 0 / 0 })
raises("mass_decorrelation: lambda: expected a number of at least 0, got -1", models.mass_decorrelation, model, { lambda = -1 })
raises("mass_decorrelation: lambda: expected a number of at least 0, got nan", models.mass_decorrelation, model, { lambda = 0 / 0 })
raises("outlier_exposure: margin: expected a number of at least 0, got -0.5", models.outlier_exposure, model, { margin = -0.5 })
raises('outlier_exposure: unknown form "emd"; known: kl, mse, sigmoid', models.outlier_exposure, model, { form = "emd" })
raises("outlier_exposure: model: expected a model, such as models.VAE{}, got nil", models.outlier_exposure)
local disco, exposed = models.mass_decorrelation(model), models.outlier_exposure(model)
local x, mass = train.x, train.mass
raises("mass_decorrelation: loss: mass: expected the jets' masses [N], got nil; say {mass = batch.mass}", disco.loss, disco, x)
raises(("mass_decorrelation: loss: mass: expected shape [%d], one number per jet, got [3]"):format(#train), disco.loss, disco, x, { mass = tensor { 1, 2, 3 } })
raises(("mass_decorrelation: loss: mass: %d of %d masses are not finite; leave those jets out, with mask for one"):format(#train, #train), disco.loss, disco, x, { mass = mass * (0 / 0) })
raises("mass_decorrelation: loss: expected at least 2 jets to take the distance correlation of, got 1", disco.loss, disco, x:narrow(1, 1, 1), { mass = mass:narrow(1, 1, 1) })
raises("mass_decorrelation: loss: expected at least 2 jets to take the distance correlation of, got 0", disco.loss, disco, x, { mass = mass, mask = mass:lt(0) })
raises('mass_decorrelation: unknown score "emd"; known: kl, loss, reconstruction', function() models.mass_decorrelation(model, { score = "emd" }):loss(x, { mass = mass }) end)
local holed = mass:clone()
holed[1] = 0 / 0
check(disco:loss(x, { mass = holed, mask = holed:isfinite() }).disco:item() > 0, "a masked jet may have no mass")
raises("outlier_exposure: loss: outliers: expected jets unlike those to train on, got nil; say {outliers = batch.x}", exposed.loss, exposed, x, {})
raises("outlier_exposure: loss: outliers: expected jets [N, 80], got shape [3, 40]", exposed.loss, exposed, x, { outliers = tensor.zeros(3, 40) })
raises("outlier_exposure: loss: outliers: jets of another recipe than the model's: a scaler fitted on other jets; make them with :constituents(model.recipe)",
  exposed.loss, exposed, x, { outliers = top:constituents().x })
raises("ConstituentVAE: loss: x: jets of another recipe than the model's: align=false, not true; make them with :constituents(model.recipe)", model.loss, model,
  qcd:constituents({ align = false }).x)
raises("models.fit: outliers: expected a set of jets, which this model's loss wants, got nil", models.fit, exposed, train, { epochs = 1 })
raises("match: no jet lies where the reference's mass does", set.match, set:where("mass < 40"), set:where("mass > 200"))
raises("outlier_exposure: epoch: n: expected a number of at least 0, got -1", exposed.epoch, exposed, -1)

testing.finish()
