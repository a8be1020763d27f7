-- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.

local core = require "jetlua.core.models"

local files = require "jetlua.models.files"
local host = require "jetlua.core.host"

local models = {
  fit = require "jetlua.models.fit", load = files.load,
  Autoencoder = require "jetlua.models.Autoencoder", VAE = require "jetlua.models.VAE",
  GaussianMixtureVAE = require "jetlua.models.GaussianMixtureVAE",
}

files.declare("DirichletVAE", core.DirichletVAE, host.members "DirichletVAE")

--- The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
---
--- `model:save(path)` keeps it with its class, options and the recipe of its images, `models.load(path)` gives it back.
---
---     models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 0.25}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 0.25}, beta 0.1) …
---@param options? {input: integer, hidden: integer[], alpha: number[], beta: number, scale: boolean, dtype: "float32"|"float64"}
--- 1600 pixels, one hidden layer of 100, alpha {1, 1}, beta 0.1 by default
---@return models.DirichletVAE
function models.DirichletVAE(options)
  return core.DirichletVAE(options)
end

return models
