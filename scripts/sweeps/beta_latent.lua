-- Weight of the KL term against size of the latent space of the constituent VAE, as a heat map of the AUC at equal mass.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850).
--   jetlua scripts/sweeps/beta_latent.lua --jobs 2

require "strict"
local options, sweep = require "options", require "sweep"

local o = options {
  { "betas", { 0.01, 0.1, 0.5, 1 }, "weights of the KL term" }, { "latent", { 2, 5, 10, 20 }, "dimensions of the latent space" },
  { "seeds", 2, "trainings of each", min = 1 }, { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two of each, 4 epochs on 4,000 jets" },
  { "epochs", 50, "passes over the training jets", min = 1 },
  { "out", nil, "folder of the figure and the table; the sweep's own if left out", type = "string" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../constituent_vae.lua", with = { quick = o.quick, epochs = o.epochs }, seeds = o.seeds, jobs = o.jobs, objective = "auc_equal_mass",
  over = { beta = o.quick and { 0.1, 1 } or o.betas, latent = o.quick and { 2, 10 } or o.latent },
})
print(s)
local folder, figure = o.out or s.path, s:figure("heat", { x = "latent", y = "beta" })
for _, path in ipairs { folder .. "/sweep_beta_latent.pdf", folder .. "/sweep_beta_latent.png" } do print(figure:save(path)) end
print(s:csv(folder .. "/sweep_beta_latent.csv"))
