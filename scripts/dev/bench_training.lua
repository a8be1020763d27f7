-- Wall time of one whole training of the published Dirichlet-VAE (arXiv:2104.08291): 180,000 jets, 200 epochs, batch 100; prints one line of
-- JSON. A file of fewer jets is drawn from with repetition.
--   jetlua scripts/dev/bench_training.lua --data train.h5

local jets, json, models, optim = require "jets", require "json", require "models", require "optim"
local options, tensor = require "options", require "tensor"
local system = require "jetlua.core.system"

local o = options {
  { "data", nil, "file of jets; the bundled sample if left out", type = "string" }, { "jets", 180000, "to train on", min = 1 },
  { "epochs", 200, "passes over them", min = 1 }, { "batch", 100, "jets per step", min = 1 }, { "seed", 1, "of all random numbers", min = 0 },
}

local started = system.monotonic()
tensor.manual_seed(o.seed)
local set = options.attempt(function() return o.data and jets.open(o.data) or jets.sample() end)
local drawn, report = set:match(set, { column = "mass", width = 5, n = o.jets, cap = 1 + o.jets // #set })
local images = drawn:images()
local prepared = system.monotonic() - started

local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = { 1, 1 }, beta = 0.1 }
local adam = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 }, eps = 1e-8 })
started = system.monotonic()
local history = models.fit(model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam })
local seconds = system.monotonic() - started
print((json.encode {
  jets = #images, distinct = report.distinct, epochs = o.epochs, batch = o.batch, threads = tensor.threads(), preparation_seconds = prepared, training_seconds = seconds,
  jets_per_second = #images * o.epochs / seconds, final_loss = history.total[#history.total],
}))
