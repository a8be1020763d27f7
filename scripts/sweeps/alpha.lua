-- The prior of the rarest mixture: how its parameter decides what is called anomalous.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4.
--   jetlua scripts/sweeps/alpha.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "values", { 0.05, 0.1, 0.25, 0.5 }, "of the third parameter of the prior" }, { "ratio", 0.05, "tops per QCD jet", min = 0, max = 1 },
  { "seeds", 3, "trainings of each", min = 1 }, { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two values, 20 epochs" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../dvae_k3.lua", over = { alpha3 = o.quick and { 0.1, 0.5 } or o.values }, with = { quick = o.quick, ratio = o.ratio },
  seeds = o.seeds, jobs = o.jobs, objective = "auc",
})
print(s)
print(plot.line(s, { x = "alpha3", y = "auc" }):save(s.path .. "/alpha.pdf"))
