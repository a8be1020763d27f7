-- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.

local core = require "jetlua.core.models"

local models = { fit = require "jetlua.models.fit" }

--- The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
---@param options? {input: integer, hidden: integer[], alpha: number[], beta: number, scale: boolean, dtype: string}
---@return userdata
function models.DirichletVAE(options)
  return core.DirichletVAE(options)
end

return models
