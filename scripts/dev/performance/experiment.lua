-- A whole experiment, what Tests/reference/dirichlet_vae.py does: jets of a file as images, nine tenths of them trained on with the published
-- Dirichlet-VAE, the others judged; prints one line of JSON.
--   jetlua scripts/dev/performance/experiment.lua --data jets.h5 --epochs 50 --batch 256

local jets, json, metrics, models, optim = require "jets", require "json", require "metrics", require "models", require "optim"
local options, tensor = require "options", require "tensor"

local o = options {
  { "data", nil, "file of jets", type = "string" }, { "epochs", 50, "passes over the jets", min = 1 }, { "batch", 256, "jets per step", min = 1 },
  { "seed", 1, "of all random numbers", min = 0 },
}
tensor.manual_seed(o.seed)
local train, test = jets.open(o.data):split(0.9)
local images, unseen = train:images(), test:images()
local model = models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = { 1, 1 }, beta = 0.1 }
local adam = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } })
models.fit(model, images, { epochs = o.epochs, batch = o.batch, optimizer = adam })
local scores, weight = model:scores(unseen.x), model:weights(unseen.x):select(2, model:anomaly_weight { signal = "top" })
local curve = metrics.roc(weight, unseen.label)
print((json.encode {
  auc_weight = curve.auc, auc_cross_entropy = metrics.roc(scores.cross_entropy, unseen.label).auc, jets = #images,
}))
