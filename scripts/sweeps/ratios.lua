-- Rare jets: the two-mixture Dirichlet-VAE at falling signal-to-background ratios, tops in QCD jets and QCD jets in tops.
-- Dillon, Plehn, Sauer, Sorrenson, "Better Latent Spaces for Better Autoencoders" (arXiv:2104.08291), section 4, the ratios of figure 9.
--   jetlua scripts/sweeps/ratios.lua --jobs 2

require "strict"
local options, plot, sweep = require "options", require "plot", require "sweep"

local o = options {
  { "ratios", { 1, 0.25, 0.05, 0.01 }, "signal jets per background jet" }, { "alpha", { 1, 0.25 }, "parameters of the Dirichlet prior where the classes are not of one size" },
  { "seeds", 3, "trainings of each", min = 1 }, { "epochs", 200, "passes over the training jets", min = 1 },
  { "jobs", 1, "trainings at a time", min = 1 }, { "quick", false, "two ratios, at most 20 epochs" },
  { "out", nil, "folder of the figure and the table; the sweep's own if left out", type = "string" },
}
-- The prior belongs to the ratio, so the values go together instead of making a grid.
local over = { ratio = {}, signal = {}, alpha = {} }
for _, signal in ipairs { "top", "qcd" } do
  for _, ratio in ipairs(o.quick and { 1, 0.05 } or o.ratios) do
    local n = #over.ratio + 1
    over.ratio[n], over.signal[n], over.alpha[n] = ratio, signal, ratio == 1 and { 1, 1 } or o.alpha
  end
end
local here = arg[0]:match("^(.-)[^/]*$")
local s = options.attempt(sweep, {
  script = here .. "../dvae_k2.lua", strategy = "zip", over = over, with = { epochs = o.quick and math.min(o.epochs, 20) or o.epochs },
  seeds = o.seeds, jobs = o.jobs, objective = "auc",
})
print(s)

-- Both directions, by the mixture weight that is declared before a label is seen and by the reconstruction. Each training is a point: one
-- that gives the rare class the other weight has an AUC below one half, and the mean of both kinds would be that of none.
local shown, series = { top = "tops in QCD jets, ", qcd = "QCD jets in tops, " }, {}
for _, kind in ipairs {
  { "top", "auc", "mixture weight", "#0072B2", 0.91 }, { "top", "auc_cross_entropy", "reconstruction", "#56B4E9", 1.03 },
  { "qcd", "auc", "mixture weight", "#D55E00", 0.97 }, { "qcd", "auc_cross_entropy", "reconstruction", "#E69F00", 1.09 },
} do
  local points = { x = {}, y = {}, colour = kind[4], label = shown[kind[1]] .. kind[3] }
  for _, trial in ipairs(s:trials()) do
    if trial.status == "finished" and trial.options.signal == kind[1] then
      -- A little beside one another, or they would hide each other.
      table.insert(points.x, trial.options.ratio * kind[5])
      table.insert(points.y, trial.results[kind[2]])
    end
  end
  if #points.x > 0 then series[#series + 1] = points end
end
if #series == 0 then options.fail("expected trainings that finished, found none; jetlua sweep show %s --failed says why", s.path) end
local figure = plot.scatter(series, {
  xlabel = "signal-to-background ratio", ylabel = "AUC", logx = true, xrange = { 0.007, 1.5 }, yrange = { 0, 1 },
  note = ("a point for each of %d seeds, %d epochs"):format(o.seeds, s.record.with.epochs),
})
local folder = o.out or s.path
for _, path in ipairs { folder .. "/sweep_ratios.pdf", folder .. "/sweep_ratios.png" } do print(figure:save(path)) end
print(s:csv(folder .. "/sweep_ratios.csv"))
