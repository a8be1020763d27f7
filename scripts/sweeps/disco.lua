-- Sensitivity against sculpting: the weight of the DisCo term that keeps the constituent VAE's loss from following the mass.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850), section 5.
--   jetlua scripts/sweeps/disco.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "lambdas", { 0, 10, 30, 100, 300, 1000 }, "weights of the DisCo term" }, { "seeds", 3, "trainings of each", min = 1 },
  { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two weights, 4 epochs" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../disco_vae.lua", over = { lambda = o.quick and { 0, 100 } or o.lambdas }, with = { quick = o.quick },
  seeds = o.seeds, jobs = o.jobs, objective = "auc_equal_mass",
})
print(s)

-- A point for each weight that gave both figures: how much the cut sculpts the mass, and what it still tells apart.
local points = { x = {}, y = {}, error = {} }
for _, row in ipairs(s:rows()) do
  local sculpting = row.results.jsd
  if row.mean and sculpting then
    table.insert(points.x, sculpting.mean)
    table.insert(points.y, row.mean)
    table.insert(points.error, row.std)
  end
end
if #points.x > 0 then
  print(plot.line(points, { xlabel = "mass sculpting JSD [nats]", ylabel = "AUC at equal mass" }):save(s.path .. "/frontier.pdf"))
end
