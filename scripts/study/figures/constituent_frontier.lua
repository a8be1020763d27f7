local metrics, plot = require "metrics", require "plot"
local methods = require "study.methods"

return { id = "B frontier", title = "Discrimination that is no mass against mass sculpting", needs = { "constituent vae", "disco", "oe kl" }, draw = function(R)
  local rows = {}
  for _, method in ipairs(methods) do
    if R:has(method.task) then
      local jsd = R:over(method.task, function(n) return n.scores.top[method.score].jsd end)
      local auc = R:over(method.task, function(n) return n.scores.top[method.score].auc_equal_mass end)
      if jsd and auc then
        rows[("%s, %s"):format(method.label, method.score:upper())] = { { jsd = jsd.mean, auc_equal_mass = auc.mean, auc_equal_mass_error = auc.std } }
      end
    end
  end
  if next(rows) == nil then return nil end
  return plot.frontier(rows), "AUC at equal mass for tops against the divergence of the background's mass spectra at a background efficiency of one half; mean over the seeds, bars their standard deviation. Better is up and left.", R:how "constituent vae"
end }
