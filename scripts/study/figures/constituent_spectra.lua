local plot = require "plot"
local methods = require "study.methods"

return { id = "B spectra", title = "Mass spectra of the background on both sides of a cut", needs = { "constituent vae" }, draw = function(R)
  local panels = {}
  for _, method in ipairs(methods) do
    if R:has(method.task) then
      local a = R:arrays(method.task)
      local score, mass = a["qcd_" .. method.score], a.qcd_mass
      local sorted = score:sort()
      local passing = score:ge(sorted:select(1, #score // 2 + 1):item())
      panels[#panels + 1] = plot.mass_spectra({ { x = mass[passing], label = "passing" }, { x = mass[~passing], label = "failing" } },
        { range = { 0, 300 }, bins = 60, title = ("%s, %s"):format(method.label, method.score:upper()) })
    end
  end
  return plot.grid(panels, { columns = math.min(3, #panels) }), "Masses of QCD jets above and below the cut that half of them pass, one seed. A score that does not follow the mass gives twice the same spectrum.", R:how "constituent vae"
end }
