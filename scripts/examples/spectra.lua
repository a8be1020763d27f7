-- Spectra of QCD and top jets after a selection, and its cutflow.
--   jetlua scripts/examples/spectra.lua --cut "pt > 580 and soft_drop_mass > 20" --out spectra.png

require "strict"
local jets, options, plot = require "jets", require "options", require "plot"

local o = options {
  { "data", nil, "jets with labels; the bundled sample if left out", type = "string" },
  { "n", 20000, "jets read", min = 1 },
  { "cut", "550 < pt < 650 and abs(eta) < 2", "the selection, on any column that sets have" },
  { "axes", "onepass_kt", "axes of the N-subjettiness that is drawn", choices = { "kt", "wta_kt", "onepass_kt" } },
  { "out", "spectra.png", "the figure; its numbers are written beside it" },
}
local names = { qcd = "QCD", top = "top" }
local columns = {
  { "pt", "p_{T} [GeV]", "1/GeV" }, { "eta", "η", "" }, { "mass", "m_{jet} [GeV]", "1/GeV" },
  { "n_constituents", "constituents", "" }, { "tau21", "τ_{21}", "" }, { "tau32", "τ_{32}", "" },
}

options.attempt(function()
  local set = (o.data and jets.open(o.data) or jets.sample()):take(o.n):where(o.cut)
  set:where("tau32 < 0.6 and soft_drop_mass > 120", { name = "three prongs, heavy" }):cutflow()
  local figures = {}
  for _, column in ipairs(columns) do
    local name, xlabel, unit = table.unpack(column)
    local series, undefined = {}, 0
    for label = 0, 1 do
      local class = set:where("label == " .. label)
      local values, missing = class:column(name, name:find "^tau" and { axes = o.axes } or nil)
      local class_name = class:class_name(label) or "label " .. label
      series[#series + 1], undefined = { x = values, label = names[class_name] or class_name }, undefined + missing
    end
    if undefined > 0 then print(("%s: undefined for %d jets, drawn as 0"):format(name, undefined)) end
    figures[#figures + 1] = plot.hist(series, {
      xlabel = xlabel, ylabel = unit == "" and "normalised" or ("normalised [%s]"):format(unit), density = true, bins = 40,
    })
  end
  plot.grid(figures, { columns = 3 }):save(o.out)
  print(o.out)
end)
