local Model = require "jetlua.models.Model"
local expect = require "jetlua.internal.expect"
local gaussian_kl = require("jetlua.core.losses").gaussian_kl
local networks = require "jetlua.models.networks"
local reconstruction = require "jetlua.models.reconstruction"
local text = require "jetlua.internal.text"

local known = { "latent", "beta", "mse", table.unpack(networks.options) }

--- The variational autoencoder of arXiv:2104.08291, section 2: a Gaussian posterior N(mu, e^logvar) with the standard normal prior.
---
--- Loss: squared error + beta · ½ Σ (σ² + μ² − 1 − ln σ²) (eqs. 1 and 3).
---
---     models.VAE{input = 16, hidden = {8}, latent = 2} --> models.VAE(16 -> 2 -> 16, beta 0.0001): … parameters …
---@class models.VAE: models.Model
---@operator call(any): tensor
---@field latent integer dimensions of the latent space
---@field beta number the prefactor of the divergence; may change while the model is trained
local VAE = Model.class "VAE"

--- `input` numbers per jet (1600; or `size`, the side of square images), `latent` dimensions (1), `beta` (1e-4), and the
--- networks: `encoder`, which gives mu and logvar as `[N, 2 latent]` or as two tensors, and `decoder`; or `filters`
--- ({{10, 10}, {10, 5}}, halved between the groups), `kernel` (5), `hidden` ({100}; alone it makes a dense network), `activation`
--- ("SELU"). `mse` is "sum" over the numbers of a jet, or "mean".
---@param options? table
function VAE:init(options)
  local where = self.short
  local given = expect.options(where, options, known)
  local o = networks.settings(where, given)
  o.latent = expect.number(where, "latent", given.latent == nil and 1 or given.latent, { integer = true, min = 1, max = 100000 })
  o.beta = expect.number(where, "beta", given.beta == nil and 1e-4 or given.beta, { min = 0 })
  o.mse = reconstruction.choice(where, given.mse)
  self:settle(o)
  self.latent, self.beta, self.mse = o.latent, o.beta, o.mse
  networks.install(self, where, given, o, o.latent, 2)
  if o.dtype ~= "float32" then self:to(o.dtype) end
end

--- Mean and logarithm of the variance of the posterior, with a graph.
---@private
function VAE:posterior(x)
  local mu, logvar = self.encoder(x)
  if logvar then return mu, logvar end
  return mu:narrow(2, 1, self.latent), mu:narrow(2, self.latent + 1, self.latent)
end

--- The loss and the posterior that it was made of, with a graph; for terms that need both.
---@private
function VAE:loss_and_posterior(x, options)
  local given = self:loss_options(options)
  x = self:rows(self.short .. ": loss", x)
  local mu, logvar = self:posterior(x)
  local z = self:sample(mu, logvar, given.noise)
  return self:reduced({
    { "reconstruction", reconstruction.error(self.decoder(z), x, self.mse), 1 },
    { "kl", gaussian_kl(mu, logvar, { reduction = "none" }), self.beta },
  }, given), mu, logvar
end

--- The loss of jets: `reconstruction`, the squared error; `kl`, the divergence from the prior; `total` = reconstruction + beta · kl.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
---     model = models.VAE{input = 4, hidden = {3}}
---     model:loss(tensor.ones(5, 4), {noise = tensor.zeros(5, 1)}).kl:dim() --> 0
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over
--- the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor }
function VAE:loss(x, options)
  return (self:loss_and_posterior(x, options))
end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the squared error; `kl`, the divergence from the
--- prior; `prior_distance`, ½|mu|², each `[N]`; and `latent`, mu `[N, latent]`.
---
---     models.VAE{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).kl.shape --> {5}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, kl: tensor, prior_distance: tensor, latent: tensor }
function VAE:scores(x)
  return self:in_chunks("VAE: scores", x, function(part)
    local mu, logvar = self:posterior(part)
    return {
      latent = mu, mse = reconstruction.error(self.decoder(mu), part, self.mse), kl = gaussian_kl(mu, logvar, { reduction = "none" }),
      prior_distance = mu:square():sum(2) * 0.5,
    }
  end)
end

function VAE:title() return ("models.VAE(%d -> %d -> %d, beta %s)"):format(self.input, self.latent, self.input, text.number(self.beta)) end

return VAE
