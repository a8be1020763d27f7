-- Sensitivity against sculpting: the weight of the DisCo term that keeps the constituent VAE's loss from following the mass.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850), section 5.
--   jetlua scripts/sweeps/disco.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "lambdas", { 0, 10, 30, 100, 300, 1000 }, "weights of the DisCo term" }, { "seeds", 3, "trainings of each", min = 1 },
  { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two weights, 4 epochs on 4,000 jets" },
  { "epochs", 30, "passes over the training jets; the term grows from a third to a half of them", min = 1 },
  { "out", nil, "folder of the figure and the table; the sweep's own if left out", type = "string" },
}
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../disco_vae.lua", over = { lambda = o.quick and { 0, 100 } or o.lambdas }, with = { quick = o.quick, epochs = o.epochs, start = o.epochs // 3, ramp = o.epochs // 6 },
  seeds = o.seeds, jobs = o.jobs, objective = "auc_equal_mass",
})
print(s)

-- A point for each weight that gave both figures: how much the cut sculpts the mass, and what it still tells apart.
local points = {}
for _, row in ipairs(s:rows()) do
  local sculpting = row.results.jsd
  if row.mean and sculpting then
    points[#points + 1] = { x = { sculpting.mean }, y = { row.mean }, error = { row.std }, label = ("\u{03BB} = %g"):format(row.options.lambda) }
  end
end
if #points == 0 then options.fail("expected trainings that finished, found none; jetlua sweep show %s --failed says why", s.path) end
local folder, figure = o.out or s.path, plot.scatter(points, {
  xlabel = "mass sculpting JSD at half the background [nats]", ylabel = "AUC at equal mass", logx = true, note = ("%d seeds, %d epochs"):format(o.seeds, s.record.with.epochs),
})
for _, path in ipairs { folder .. "/sweep_disco.pdf", folder .. "/sweep_disco.png" } do print(figure:save(path)) end
print(s:csv(folder .. "/sweep_disco.csv"))
