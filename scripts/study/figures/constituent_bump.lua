local metrics, plot, tensor = require "metrics", require "plot", require "tensor"
local methods = require "study.methods"

return { id = "B bump", title = "Bump hunt with each tagger", needs = { "constituent vae" }, draw = function(R)
  local panels = {}
  for _, method in ipairs(methods) do
    if R:has(method.task) then
      local a = R:arrays(method.task)
      local found = method.hunt(a, method.score)
      if found then panels[#panels + 1] = plot.bump_hunt(found, { title = ("%s, %s"):format(method.label, method.score:upper()) }) end
    end
  end
  if #panels == 0 then return nil end
  return plot.grid(panels, { columns = math.min(2, #panels) }), "Tops added to the QCD test jets at S/B = 0.05, cut at a tenth of the background; exp(polynomial) fitted to the side bands, window 150 to 200 GeV; one seed.", R:how "constituent vae"
end }
