-- All trainings of the study and their settings, from the quick form to the full one.

local image_models, dirichlet = require "study.image_models", require "study.dirichlet"
local constituents, averages = require "study.constituents", require "study.averages"

local sizes = {
  quick = {
    dvae_epochs = 20, dvae_batch = 100, dvae_lr = 5e-3, long_epochs = 40, image_jets = 4000, image_epochs = 16, conv_jets = 1000, conv_epochs = 6, conv_test = 1000,
    constituent_jets = 9000, constituent_epochs = 20, start = 6, ramp = 3, batch = 100, disco_batch = 500, emd = 300, average = 10000,
  },
  full = {
    dvae_epochs = 40, dvae_batch = 256, dvae_lr = 5e-3, long_epochs = 200, image_jets = 20000, image_epochs = 30, conv_jets = 4000, conv_epochs = 20, conv_test = 4000,
    constituent_jets = 40000, constituent_epochs = 30, start = 10, ramp = 5, batch = 100, disco_batch = 500, emd = 1000, average = 10000,
  },
}

--- The list of tasks `{name, part, version, settings, run}` in the order in which they are done.
---@param size "quick"|"full"
---@param o { ratios: number[], jets: integer, epochs: integer, signal_classes: string[]|nil } `jets` and `epochs` above 0 are limits for
--- every training; the classes of further signals with their checksums
---@return table[]
return function(size, o)
  local z, list = sizes[size], {}
  local function limit(settings)
    if o.jets > 0 then settings.jets = math.min(settings.jets or o.jets, o.jets) end
    if o.epochs > 0 and settings.epochs then settings.epochs = math.min(settings.epochs, o.epochs) end
    if o.jets > 0 and settings.emd then settings.emd = math.min(settings.emd, o.jets) end
    -- Convolutions are slow to judge by, too.
    if o.jets > 0 and settings.network == "conv" then settings.test = math.min(settings.test, math.max(o.jets, 200)) end
    return settings
  end
  local function add(part, name, run, settings, version)
    list[#list + 1] = { part = part, name = name, run = run, settings = limit(settings), version = version or 1 }
  end

  add("averages", "averages", averages, { jets = z.average })

  local function dvae(part, name, changed)
    local s = {
      images = "full", alpha = { 1, 1 }, signal = "top", ratio = 1, epochs = z.dvae_epochs, batch = z.dvae_batch, lr = z.dvae_lr, test = 20000,
    }
    for key, value in pairs(changed) do s[key] = value end
    add(part, name, dirichlet, s)
  end
  local function unequal(ratio, factor)
    if ratio == 1 then return { 1, 1 } end
    return { 1 * (factor or 1), 0.25 * (factor or 1) }
  end
  for _, signal in ipairs { "top", "qcd" } do
    for _, ratio in ipairs(o.ratios) do
      dvae("scan", ("dvae %s %g"):format(signal, ratio), { signal = signal, ratio = ratio, alpha = unequal(ratio), trace = ratio == 1 or nil })
    end
  end
  for _, signal in ipairs { "top", "qcd" } do
    dvae("three", ("dvae3 %s 0.05"):format(signal), { signal = signal, ratio = 0.05, alpha = { 1, 0.25, 0.1 } })
  end
  local function constituent(name, changed)
    local s = { method = "vae", jets = z.constituent_jets, epochs = z.constituent_epochs, batch = z.batch, start = z.start, ramp = z.ramp, emd = z.emd, test = 10000 }
    for key, value in pairs(changed) do s[key] = value end
    s.signals = #(o.signal_classes or {}) > 0 and o.signal_classes or nil
    add("constituents", name, constituents, s)
  end
  constituent("constituent vae", {})
  constituent("oe kl", { method = "oe", form = "kl", lambda = 2, margin = 1 })
  constituent("oe mse", { method = "oe", form = "mse", lambda = 2, margin = 1 })
  constituent("disco", { method = "disco", lambda = 100, batch = z.disco_batch })

  local function image(part, name, changed)
    local s = { model = "ae", network = "dense", latent = 1, signal = "top", ratio = 1, jets = z.image_jets, epochs = z.image_epochs, batch = 100, lr = 1e-3, test = 20000 }
    for key, value in pairs(changed) do s[key] = value end
    add(part, name, image_models, s)
  end
  image("gaussian", "dense ae", {})
  image("gaussian", "dense vae", { model = "vae" })
  image("gaussian", "dense gmvae", { model = "gmvae", separation = 1 })
  image("gaussian", "dense gmvae merged", { model = "gmvae", separation = 0 })
  image("gaussian", "dense gmvae wide", { model = "gmvae", separation = 1, latent = 5 })
  image("gaussian", "dense ae rare tops 1", { ratio = 0.05 })
  image("gaussian", "dense ae rare tops 30", { ratio = 0.05, latent = 30 })
  image("gaussian", "dense ae rare qcd", { signal = "qcd", ratio = 0.05 })

  for _, signal in ipairs { "top", "qcd" } do
    for _, ratio in ipairs(o.ratios) do
      dvae("lund", ("lund %s %g"):format(signal, ratio), { images = "lund", signal = signal, ratio = ratio, alpha = unequal(ratio) })
    end
  end
  for _, factor in ipairs { 0.5, 2 } do
    for _, signal in ipairs { "top", "qcd" } do
      dvae("alpha", ("dvae %s 0.05 alpha x %g"):format(signal, factor), { signal = signal, ratio = 0.05, alpha = unequal(0.05, factor) })
    end
  end
  dvae("centred", "dvae centred top 1", { images = "centred" })
  dvae("converged", "dvae long top 1", { epochs = z.long_epochs, batch = 100, jets = 40000 })

  for _, model in ipairs { "ae", "vae", "gmvae" } do
    image("convolutional", "conv " .. model, {
      model = model, network = "conv", jets = z.conv_jets, epochs = z.conv_epochs, separation = model == "gmvae" and 1 or nil, test = z.conv_test,
    })
  end
  return list
end
