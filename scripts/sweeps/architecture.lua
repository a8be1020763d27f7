-- Architectures of the Dirichlet-VAE: hidden sizes, numbers of mixtures and learning rate, chosen by a tree-structured Parzen estimator;
-- trainings that fall behind the median are ended early.
--   jetlua scripts/sweeps/architecture.lua --trials 40 --jobs 2

require "strict"
local options, sweep = require "options", require "sweep"

local o = options {
  { "trials", 40, "architectures", min = 1 }, { "seeds", 1, "trainings of each", min = 1 }, { "jobs", 1, "trainings at a time", min = 1 },
  { "ratio", 0.05, "tops per QCD jet", min = 0, max = 1 }, { "quick", false, "12 architectures, at most 20 epochs" },
  { "epochs", 200, "passes over the training jets", min = 1 },
  { "out", nil, "folder of the figure and the table; the sweep's own if left out", type = "string" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../dvae_k3.lua", strategy = "tpe", trials = o.quick and math.min(o.trials, 12) or o.trials, with = { ratio = o.ratio, epochs = o.quick and math.min(o.epochs, 20) or o.epochs },
  over = {
    hidden = { { 50 }, { 100 }, { 200 }, { 100, 50 } }, alpha = { { 1, 0.25 }, { 1, 0.25, 0.1 }, { 1, 0.5, 0.25, 0.1 } },
    lr = { min = 5e-4, max = 2e-2, log = true },
  },
  seeds = o.seeds, jobs = o.jobs, objective = "auc", prune = { kind = "median", metric = "total" },
})
print(s)
local folder, figure = o.out or s.path, s:figure("parallel")
for _, path in ipairs { folder .. "/sweep_architecture.pdf", folder .. "/sweep_architecture.png" } do print(figure:save(path)) end
print(s:csv(folder .. "/sweep_architecture.csv"))
