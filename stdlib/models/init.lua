-- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.

local core = require "jetlua.core.models"

local files = require "jetlua.models.files"
local host = require "jetlua.core.host"

local models = { fit = require "jetlua.models.fit", load = files.load }

files.declare("DirichletVAE", core.DirichletVAE, host.members "DirichletVAE")

--- The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
---
--- `model:save(path)` keeps it with its class, options and the recipe of its images, `models.load(path)` gives it back.
---@param options? {input: integer, hidden: integer[], alpha: number[], beta: number, scale: boolean, dtype: string}
---@return userdata
function models.DirichletVAE(options)
  return core.DirichletVAE(options)
end

return models
