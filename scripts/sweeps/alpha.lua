-- The prior of the rarest mixture: how its parameter decides what is called anomalous.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4.
--   jetlua scripts/sweeps/alpha.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "values", { 0.05, 0.1, 0.25, 0.5 }, "of the third parameter of the prior" }, { "ratio", 0.05, "tops per QCD jet", min = 0, max = 1 },
  { "seeds", 3, "trainings of each", min = 1 }, { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two values, at most 20 epochs" },
  { "epochs", 200, "passes over the training jets", min = 1 },
  { "out", nil, "folder of the figure and the table; the sweep's own if left out", type = "string" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../dvae_k3.lua", over = { alpha3 = o.quick and { 0.1, 0.5 } or o.values }, with = { ratio = o.ratio, epochs = o.quick and math.min(o.epochs, 20) or o.epochs },
  seeds = o.seeds, jobs = o.jobs, objective = "auc",
})
print(s)
local folder, figure = o.out or s.path, plot.line(s, { x = "alpha3", y = "auc", note = ("S/B = %g, %d seeds, %d epochs"):format(o.ratio, o.seeds, s.record.with.epochs) })
for _, path in ipairs { folder .. "/sweep_alpha.pdf", folder .. "/sweep_alpha.png" } do print(figure:save(path)) end
print(s:csv(folder .. "/sweep_alpha.csv"))
