local Model = require "jetlua.models.Model"
local core = require "jetlua.core.models"
local expect = require "jetlua.internal.expect"
local gaussian_kl = require("jetlua.core.losses").gaussian_kl
local gaussian_posterior = require("jetlua.nn.functional").gaussian_posterior
local kind_of = require("jetlua.core.nn").kind
local networks = require "jetlua.models.networks"
local raise = require "jetlua.internal.raise"
local reconstruction = require "jetlua.models.reconstruction"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

local known = { "input", "hidden", "latent", "beta", "activation", "encoder", "decoder", "dtype" }

--- The variational autoencoder of arXiv:2007.01850 on the hardest constituents of jets, `set:constituents()`: a Gaussian posterior
--- N(mu, e^logvar) with the standard normal prior.
---
--- Loss: mean squared error over the numbers of a jet + beta · the mean over latent dimensions of ½ (σ² + μ² − 1 − ln σ²).
---
---     models.ConstituentVAE{} --> models.ConstituentVAE(80 -> 10 -> 80, beta 0.1): … parameters …
---@class models.ConstituentVAE: models.Model
---@operator call(any): tensor
---@field latent integer dimensions of the latent space
---@field beta number the prefactor of the divergence; may change while the model is trained
local ConstituentVAE = Model.class "ConstituentVAE"

-- Recipes in the form in which comparing them costs nothing, with the table that each was made from.
local recipes = setmetatable({}, { __mode = "k" })

--- `input` numbers per jet (80: E, px, py, pz of 20 constituents), widths of the `hidden` layers ({256, 128, 64}, mirrored in the
--- decoder), `latent` dimensions (10), `beta` (0.1), `activation` ("ReLU"), `dtype` ("float32"); or networks of one's own: `encoder`,
--- which gives mu and logvar as `[N, 2 latent]` or as two tensors, and `decoder`.
---@param options? table
function ConstituentVAE:init(options)
  local where = self.short
  local given = expect.options(where, options, known)
  given.input = expect.number(where, "input", given.input == nil and 80 or given.input, { integer = true, min = 4, max = 4000 })
  if given.input % 4 ~= 0 then raise("%s: input: expected four numbers E, px, py, pz for each constituent, got %d numbers", where, given.input) end
  given.hidden = given.hidden == nil and { 256, 128, 64 } or given.hidden
  given.activation = given.activation == nil and "ReLU" or given.activation
  local o = networks.settings(where, given)
  o.kernel = nil
  o.latent = expect.number(where, "latent", given.latent == nil and 10 or given.latent, { integer = true, min = 1, max = 100000 })
  o.beta = expect.number(where, "beta", given.beta == nil and 0.1 or given.beta, { min = 0 })
  self:settle(o)
  self.latent, self.beta = o.latent, o.beta
  networks.install(self, where, given, o, o.latent, 2)
  if o.dtype ~= "float32" then self:to(o.dtype) end
end

local function recipe_of(self)
  local own, kept = self.recipe, recipes[self]
  if own == nil then return nil end
  if not kept or kept.table ~= own then
    kept = { table = own, recipe = core.constituent_recipe(own) }
    recipes[self] = kept
  end
  return kept.recipe
end

---@private
function ConstituentVAE:adopt(where, _, x)
  local recipe = kind_of(x) and core.constituent_recipe(x)
  if not recipe then return end
  local own = recipe_of(self)
  if own then
    local difference = core.recipe_difference(recipe, own)
    if difference then
      raise("%s: x: jets of another recipe than the model's: %s; make them with :constituents(model.recipe)", where, difference)
    end
  elseif self.training then
    self.recipe = core.recipe_options(recipe)
    recipes[self] = { table = self.recipe, recipe = recipe }
  end
end

local function halves(rows, latent) return rows:narrow(2, 1, latent), rows:narrow(2, latent + 1, latent) end

--- Mean and logarithm of the variance of the posterior, with a graph.
---@private
function ConstituentVAE:posterior(x)
  local mu, logvar = self.encoder(x)
  if logvar then return mu, logvar end
  return halves(mu, self.latent)
end

--- The loss and the posterior that it was made of, with a graph; for terms that need both.
---@private
function ConstituentVAE:loss_and_posterior(x, options)
  local given = self:loss_options(options)
  x = self:rows("ConstituentVAE: loss", x)
  local mu, logvar = self:posterior(x)
  local z = self:sample(mu, logvar, given.noise)
  return self:reduced({
    { "reconstruction", reconstruction.error(self.decoder(z), x, "mean"), 1 },
    { "kl", gaussian_kl(mu, logvar, { reduction = "none" }) * (1 / self.latent), self.beta },
  }, given), mu, logvar
end

--- The loss of jets: `reconstruction`, the mean squared error; `kl`, the divergence from the prior per latent dimension; `total` =
--- reconstruction + beta · kl.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
---     model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
---     model:loss(tensor.ones(5, 8), {reduction = "none"}).total.shape --> {5}
---@param x tensor|jets.Constituents `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over
--- the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor }
function ConstituentVAE:loss(x, options)
  local given = self:loss_options(options)
  x = self:rows("ConstituentVAE: loss", x)
  local mu, logvar = self.encoder(x)
  local z, kl
  if not logvar and (given.noise or self.training) then
    z, kl = gaussian_posterior(mu, self:noise(x:size(1), mu.dtype, given.noise), { over = "mean" })
  else
    if not logvar then mu, logvar = halves(mu, self.latent) end
    z, kl = self:sample(mu, logvar, given.noise), gaussian_kl(mu, logvar, { reduction = "none" }) * (1 / self.latent)
  end
  return self:reduced({ { "reconstruction", reconstruction.error(self.decoder(z), x, "mean"), 1 }, { "kl", kl, self.beta } }, given)
end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the mean squared error; `kl`, the divergence from the
--- prior summed over the latent dimensions; `loss`, mse + beta · kl per dimension; `emd`, the energy mover's distance of the jet and its
--- reconstruction, R = 1, both normalised to unit pT, with the scaling undone; `prior_distance`, ½|mu|², each `[N]`; and `latent`, mu
--- `[N, latent]`. At the end how many jets have no transverse momentum, where `emd` is NaN.
---
---     model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
---     model:scores(tensor.ones(5, 8)).emd.shape --> {5}
---@param x tensor|jets.Constituents `[N, input]`
---@param options? { emd: boolean|nil } `emd = false` leaves the slowest score out
---@return { mse: tensor, kl: tensor, loss: tensor, emd: tensor|nil, prior_distance: tensor, latent: tensor }
---@return integer without_pt
function ConstituentVAE:scores(x, options)
  local where = "ConstituentVAE: scores"
  local given = expect.options(where, options, { "emd" })
  local rows = self:rows(where, x)
  local recipe = recipe_of(self) or core.constituent_recipe(kind_of(x) and x or x.x)
  local without_emd, without_pt = given.emd ~= nil and not expect.boolean(where, "emd", given.emd), 0
  local scores = self:in_chunks(where, rows, function(part)
    local mu, logvar = self:posterior(part)
    local y = self.decoder(mu)
    local mse, kl = reconstruction.error(y, part, "mean"), gaussian_kl(mu, logvar, { reduction = "none" })
    local found = { latent = mu, mse = mse, kl = kl, loss = mse + kl * (self.beta / self.latent), prior_distance = mu:square():sum(2) * 0.5 }
    if not without_emd then
      local count
      found.emd, count = core.constituent_emd(part, y, recipe)
      without_pt = without_pt + count
    end
    return found
  end)
  return scores, without_pt
end

--- The four-vectors of rows that the model takes or makes, in GeV: the scaling of its recipe undone.
---
---     model = models.ConstituentVAE{input = 8, hidden = {3}, latent = 2}
---     model:momenta(tensor.ones(5, 8)).shape --> {5, 2, 4}
---@param rows tensor `[N, input]`
---@return tensor [N, constituents, 4] E, px, py, pz
function ConstituentVAE:momenta(rows)
  local where = "ConstituentVAE: momenta"
  rows = self:rows(where, rows)
  local recipe = self.recipe
  if recipe and recipe.center then
    local options = { dtype = rows.dtype }
    rows = rows * tensor(recipe.spread, options) + tensor(recipe.center, options)
  end
  return rows:reshape(rows:size(1), self.input // 4, 4)
end

function ConstituentVAE:title()
  return ("models.ConstituentVAE(%d -> %d -> %d, beta %s)"):format(self.input, self.latent, self.input, text.number(self.beta))
end

return ConstituentVAE
