-- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.

local core = require "jetlua.core.models"

local files = require "jetlua.models.files"
local host = require "jetlua.core.host"

local models = {
  fit = require "jetlua.models.fit", load = files.load, replay = require("jetlua.models.anomaly").replay,
  Autoencoder = require "jetlua.models.Autoencoder", VAE = require "jetlua.models.VAE",
  GaussianMixtureVAE = require "jetlua.models.GaussianMixtureVAE",
  ConstituentVAE = require "jetlua.models.ConstituentVAE",
}

local Model = require "jetlua.models.Model"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"

--- A class of models of one's own, with the methods of `models.Model`: `encode`, `decode`, `save`, `load`, `options`; `models.load` knows it once
--- it is defined. Its `init` calls `settle` and makes `encoder` and `decoder`; `posterior(x)` gives mu and logvar with a graph (or the
--- bottleneck alone), `loss(x, options)` a table with `total` and its terms, `scores(x)` a table of scores per jet. To define it again, at the
--- prompt, replaces it.
---
---     Own = models.class "Own"
---     Own --> class models.Own
---@param name string
---@return models.Model class
function models.class(name)
  expect.string("models.class", "name", name)
  if not name:find("^[%a_][%w_]*$") then expect.wrong("models.class", "name", "a name such as MyVAE", name) end
  if models[name] ~= nil then raise("models.class: name: %s is taken by jetlua; choose another one", name) end
  return Model.class(name)
end

files.declare("DirichletVAE", core.DirichletVAE, host.members "DirichletVAE")

local decorrelate, expose = require "jetlua.models.mass_decorrelation", require "jetlua.models.outlier_exposure"

--- A model whose loss keeps a score from following the jets' mass: the model's loss + `lambda` · DisCo(`score`, mass), the square of the
--- distance correlation (arXiv:2007.01850). `model:loss(x, {mass = batch.mass})` wants the masses; all other methods are the model's.
---
--- `score` is the loss per jet, "loss", or one of its terms ("kl", "reconstruction", also as "mse"). The term is off for `start` epochs
--- and then grows over `ramp` epochs; `model:epoch(n)` says which epoch it is, and `models.fit` says it by itself. Without any epoch said
--- the term is on in full.
---
---     models.mass_decorrelation(models.ConstituentVAE{}, {lambda = 100}).lambda --> 100
---@param model any
---@param options? { lambda: number|nil, score: string|nil, start: number|nil, ramp: number|nil } 100, "loss", 10, 5
---@return any
function models.mass_decorrelation(model, options) return decorrelate(model, options) end

--- A model that is also shown outliers while it is trained: the model's loss − `lambda` · a term that grows as outliers look less like the
--- jets (arXiv:2007.01850). `model:loss(x, {outliers = batch.x})` wants a batch of them; all other methods are the model's.
---
--- `form` says what tells them: "kl", the divergence of each latent dimension from the prior, or "mse", the reconstruction's error, each up
--- to `margin` beyond the jets' own; or "sigmoid" of the difference of the errors. `start`, `ramp` and epochs are as in
--- `mass_decorrelation`.
---
---     models.outlier_exposure(models.ConstituentVAE{}, {form = "kl"}).margin --> 1
---@param model any
---@param options? { form: "kl"|"mse"|"sigmoid"|nil, lambda: number|nil, margin: number|nil, start: number|nil, ramp: number|nil } "kl", 2, 1, 10, 5
---@return any
function models.outlier_exposure(model, options) return expose(model, options) end

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
