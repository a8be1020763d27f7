local draw, plot = require "study.draw", require "plot"

local function declared(prefix)
  return function(a, n) return a[prefix]:select(2, n.declared):contiguous(), a.label end
end

return { id = "A7", title = "Latent space of the Dirichlet-VAE, R = 2", needs = { "dvae top 1" }, draw = function(R)
  local name = "dvae top 1"
  local arrays, numbers = R:arrays(name), R:numbers(name)[1]
  local latent = declared "weights"
  local panels = { plot.roc({
    draw.roc(R, name, "top tagging", latent),
    draw.roc(R, name, "QCD tagging", function(a, n) return -latent(a, n), 1 - a.label end),
  }, { title = "mixture weight" }) }
  local epochs = numbers.epochs
  for _, i in ipairs(#epochs >= 3 and { 1, #epochs - 1, #epochs } or { 1, #epochs }) do
    panels[#panels + 1] = draw.classes(arrays["weights_" .. epochs[i]]:select(2, numbers.declared), arrays.label, { "QCD", "top" },
      { range = { 0, 1 }, bins = 40, title = ("epoch %d, seed %d"):format(epochs[i], R.by_name[name].seeds[1].seed), xlabel = ("mixture weight r_{%d}"):format(numbers.declared) })
  end
  return plot.grid(panels, { columns = #panels }),
    "ROC curves of the mixture weight declared anomalous, mean over the seeds with their standard deviation, and its distribution in both classes at several epochs of one seed.", R:how(name)
end }
