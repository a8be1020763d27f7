-- An outlier sample for outlier exposure (arXiv:2007.01850): jets drawn again so that their mass spectrum is the background's, by
-- set:match. The more jets are asked for, the more often those in the tails are repeated, up to a cap, and the worse the spectra agree;
-- with --jsd as many are taken as keep the divergence below that.
--   jetlua scripts/examples/outliers.lua
--   jetlua scripts/examples/outliers.lua --outliers w.h5 --background qcd.h5 --cut "mass < 300"

require "strict"
local jets, options, plot, tensor = require "jets", require "options", require "plot", require "tensor"

local o = options {
  { "outliers", nil, "file of the outliers, whatever their label; the tops of the bundled sample if left out", type = "string" },
  { "background", nil, "file whose jets of label 0 are followed; the bundled QCD jets if left out", type = "string" },
  { "cut", "120 < mass and mass < 250", "both are cut to where both have jets" },
  { "width", 5, "bins of the spectrum in GeV", min = 0.1 }, { "cap", 10, "how often a jet may be drawn", min = 1 },
  { "jsd", 0.01, "largest divergence of the spectra in nats", min = 1e-6 },
  { "n", { 500, 1000, 2000, 5000, 10000, 20000 }, "numbers of jets for the table" }, { "seed", 1, "of all random numbers", min = 0 },
  { "out", "outliers.png", "the spectra; their numbers are written beside it" },
}
tensor.manual_seed(o.seed)

local outliers, background = options.attempt(function()
  local outliers = o.outliers and jets.open(o.outliers) or jets.sample():where("label == 1")
  local background = (o.background and jets.open(o.background) or jets.sample()):where("label == 0")
  return outliers:where(o.cut), background:where(o.cut)
end)

local line = "%8s  %8s  %9s  %9s  %7s  %8s  %12s"
print(("%d outliers, %d background jets with %s"):format(#outliers, #background, o.cut))
print(line:format("asked", "drawn", "distinct", "effective", "largest", "JSD", "full [GeV]"))
local function row(asked, report)
  print(line:format(asked, report.n, report.distinct, ("%.0f"):format(report.effective), report.largest, ("%.5f"):format(report.jsd),
    ("%g to %g"):format(report.low, report.high)))
end
for _, n in ipairs(o.n) do
  if n <= #outliers then row(n, select(2, outliers:match(background, { width = o.width, cap = o.cap, n = n }))) end
end
local matched, report = options.attempt(outliers.match, outliers, background, { width = o.width, cap = o.cap, jsd = o.jsd })
row("JSD", report)

print(plot.mass_spectra({
  { x = background.mass, label = "background" }, { x = outliers.mass, label = "outliers as they are" },
  { x = matched.mass, label = ("%d drawn, effectively %.0f"):format(report.n, report.effective) },
}):save(o.out))
