-- Rare jets: the three-mixture Dirichlet-VAE at falling signal-to-background ratios, tops in QCD jets and QCD jets in tops.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4.
--   jetlua scripts/sweeps/ratios.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "ratios", { 1, 0.25, 0.05, 0.01 }, "signal jets per background jet" }, { "seeds", 3, "trainings of each", min = 1 },
  { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two ratios, 20 epochs" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../dvae_k3.lua", over = { ratio = o.quick and { 1, 0.05 } or o.ratios, signal = { "top", "qcd" } },
  with = { quick = o.quick }, seeds = o.seeds, jobs = o.jobs, objective = "auc",
})
print(s)
print(plot.line(s, { x = "ratio", y = "auc" }):save(s.path .. "/ratios.pdf"))
