local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local input = require "jetlua.diagnostics.input"

--- Spearman's rank correlation of each latent dimension with named quantities of the jets, such as `{mass = set.mass, pt = set.pt}`: what
--- the model has learned without being told.
---
---     images = jets.sample():take(200):images()
---     found = diagnostics.correlations(models.DirichletVAE{input = 1600, hidden = {8}}, images, {mass = images.mass})
---     #found.mass --> 2
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows
---@param columns table<string, tensor|number[]>
---@return table<string, number[]> correlations by name, one per latent dimension
local function correlations(model, x, columns)
  local where = "diagnostics.correlations"
  if type(columns) ~= "table" or next(columns) == nil then expect.wrong(where, "columns", "{name = values}", columns) end
  local mu = input.posterior(where, model, x)
  local found = {}
  for name, values in pairs(columns) do
    found[name] = {}
    for d = 1, mu:size(2) do found[name][d] = core.rank_correlation(mu:select(2, d), values) end
  end
  return found
end

return correlations
