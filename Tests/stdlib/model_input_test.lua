-- Wrong input of models and their experiments: one clear line before anything is trained or written, and nothing lost where it shows later.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local jets, json, models, nn, optim = require "jets", require "json", require "models", require "nn", require "optim"
local progress, run, system, tensor = require "progress", require "run", require "jetlua.core.system", require "tensor"
progress.quiet(true)
local root, plays = testing.scratch(), 0

-- The one line that a script says; no run is begun.
local function refused(script, message, ...)
  plays = plays + 1
  local runs = ("%s/runs%d"):format(root, plays)
  system.make_directory(runs)
  local outcome = testing.run(testing.folder .. "../../scripts/" .. script, { ... }, { JETLUA_RUNS = runs })
  equal({ outcome.status, outcome.stderr, #system.list_directory(runs) }, { 1, ("%s: %s\n"):format(script, message), 0 })
end

-- alpha of 0 or less, and a single mixture.
raises("DirichletVAE: alpha: expected numbers above 0, got 0.0", models.DirichletVAE, { alpha = { 1, 0 } })
raises("DirichletVAE: alpha: expected numbers above 0, got -2.0", models.DirichletVAE, { alpha = { -2, 1 } })
raises("DirichletVAE: alpha: expected at least two numbers, one per mixture, got 1", models.DirichletVAE, { alpha = { 1 } })
for _, script in ipairs { "dvae_k2.lua", "dvae_k3.lua", "dvae_scan.lua", "lund_dvae.lua", "bump_hunt.lua" } do
  if script ~= "bump_hunt.lua" then refused(script, "DirichletVAE: alpha: expected numbers above 0, got 0.0", "--alpha", "1,0") end
  if script:find "scan" or script:find "lund" then
    refused(script, "DirichletVAE: alpha: expected at least two numbers, one per mixture, got 1", "--alpha", "1")
  end
end

-- A latent space of no dimension.
raises("Autoencoder: bottleneck: expected an integer from 1 to 100000, got 0", models.Autoencoder, { bottleneck = 0 })
for _, class in ipairs { "VAE", "GaussianMixtureVAE", "ConstituentVAE" } do
  raises(class .. ": latent: expected an integer from 1 to 100000, got 0", models[class], { latent = 0 })
end
refused("ae.lua", "--bottleneck: expected an integer of at least 1, got 0", "--bottleneck", "0")
refused("gmvae.lua", "--components: expected an integer of at least 1, got 0", "--components", "0")
for _, script in ipairs { "vae.lua", "gmvae.lua", "constituent_vae.lua", "disco_vae.lua", "oe_vae.lua" } do
  refused(script, "--latent: expected an integer of at least 1, got 0", "--latent", "0")
end

-- Ratios that no sample can give.
for script, option in pairs { ["ae.lua"] = "--ratio", ["dvae_scan.lua"] = "--ratios", ["lund_dvae.lua"] = "--ratios" } do
  refused(script, "mix: ratio 1e-09 of 8991 qcd jets leaves no top jet; ask for a ratio of at least 0.00011122233344455567, for more background jets, "
    .. "or for a ratio of 0", option, option == "--ratio" and "1e-9" or "1,1e-9")
  refused(script, option == "--ratio" and "--ratio: expected a number from 0 to 1, got 3" or "--ratios: expected numbers above 0 and up to 1, got 3 in place 1", option, "3")
end

-- A checkpoint of another architecture: which parameter differs, and how; the model stays as it was.
local function file(model)
  model:save(root .. "/model.safetensors")
  return root .. "/model.safetensors"
end
local function keeps(model, message, path)
  local before = {}
  for name, values in pairs(model:state_dict()) do before[name] = values:clone() end
  raises(message, model.load, model, path)
  for name, values in pairs(model:state_dict()) do check(values:eq(before[name]):all():item(), name .. " is as it was") end
end
keeps(models.VAE { hidden = { 6 }, latent = 3 }, "hidden {5}, not {6}", file(models.VAE { hidden = { 5 }, latent = 3 }))
keeps(models.DirichletVAE { hidden = { 4 } }, "alpha {1, 1, 1}, not {1, 1}", file(models.DirichletVAE { hidden = { 4 }, alpha = { 1, 1, 1 } }))
keeps(models.VAE { hidden = { 6 } }, "expected a VAE, got a Autoencoder", file(models.Autoencoder { hidden = { 6 } }))
keeps(nn.Sequential(nn.Linear(3, 2)), "weight: expected shape [2, 3], got [2, 4]", file(nn.Sequential(nn.Linear(4, 2))))
keeps(nn.Sequential(nn.Linear(4, 2)), "unknown 2.bias, 2.weight", file(nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 2))))

-- Outliers that share no mass range with the background.
local light, heavy = root .. "/light.h5", root .. "/heavy.h5"
jets.sample():where("mass < 60"):save(light)
jets.sample():where("mass > 200"):save(heavy)
local outcome = testing.run(testing.folder .. "../../scripts/oe_vae.lua", { "--background", light, "--outliers", heavy }, { JETLUA_RUNS = root })
equal({ outcome.status, outcome.stdout }, { 1, "" })
check(outcome.stderr:find("^oe_vae%.lua: match: no jet lies where the reference's mass does: the jets' goes from 200%.0 to %d+%.0, the reference's from %d+%.0 to 60%.0; "
  .. "choose a wider bin or another reference\n$"), outcome.stderr)

-- A loss that becomes NaN on the way: the training stops with the cause, the last good epoch's weights are in the model and in the run's folder.
system.make_directory(root .. "/nan")
local images = jets.sample():take(600):images()
local record = run.start("nan", {}, { folder = root .. "/nan" })
local model = models.VAE { hidden = { 6 }, latent = 2 }
local adam, good = optim.Adam(model:parameters(), { lr = 1e-3 }), nil
local worked, message = pcall(models.fit, model, images, { epochs = 5, batch = 100, optimizer = adam, run = record, each = function(epoch)
  if epoch == 2 then
    good = {}
    for name, values in pairs(model:state_dict()) do good[name] = values:clone() end
    adam.lr = 1e30
  end
end })
check(not worked and message:find("models.fit: epoch 3, batch 2: the loss is nan: its terms", 1, true), message)
check(message:find("take a smaller learning rate; the model has the weights of epoch 2 again, which are in ", 1, true), message)
local kept = models.load(message:match("which are in ([^;]+)"))
for name, values in pairs(good) do
  check(kept:state_dict()[name]:eq(values):all():item() and model:state_dict()[name]:eq(values):all():item(), name .. " of the last good epoch")
end

-- The same where a script writes the loop itself.
local runs = root .. "/written"
system.make_directory(runs)
system.write_file(root .. "/wild.lua", ([[
local optim = require "optim"
local Adam, steps = optim.Adam, 0
optim.Adam = function(...)
  local adam = Adam(...)
  return setmetatable({ step = function() steps = steps + 1; if steps == 200 then adam.lr = 1e30 end; adam:step() end }, { __index = function(_, name)
    local value = adam[name]
    if type(value) ~= "function" then return value end
    return function(_, ...) return value(adam, ...) end
  end })
end
arg[0] = %q
dofile(arg[0])
]]):format(testing.folder .. "../../scripts/dvae_k2.lua"))
outcome = testing.run(root .. "/wild.lua", { "--epochs", "3", "--batch", "150" }, { JETLUA_RUNS = runs })
check(outcome.status == 1 and outcome.stderr:find("the loss is NaN in epoch 2; give a smaller %-%-lr; checkpoints/last has the weights of epoch 1\n$"), outcome.stderr)
local folder = runs .. "/" .. system.list_directory(runs)[1]
equal(json.decode(system.read_file(folder .. "/run.json")).status, "failed")
for name, values in pairs(models.load(folder .. "/checkpoints/last.safetensors"):state_dict()) do check(values:isfinite():all():item(), name .. " is finite") end

testing.finish()
