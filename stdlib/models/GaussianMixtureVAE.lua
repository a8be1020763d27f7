local Model = require "jetlua.models.Model"
local VAE = require "jetlua.models.VAE"
local expect = require "jetlua.internal.expect"
local functional = require "jetlua.nn.functional"
local networks = require "jetlua.models.networks"
local nn = require "jetlua.nn"
local raise = require "jetlua.internal.raise"
local reconstruction = require "jetlua.models.reconstruction"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

local known = { "latent", "beta", "mse", "components", "separation", table.unpack(networks.options) }

--- The Gaussian-mixture VAE of arXiv:2104.08291, section 3: the prior p(z) = Σ_r p_r N(z; M_r, e^{L_r}) is learned.
---
--- Loss: squared error + beta · (E[ln q] − E[ln p]), the first analytic, the second from one sample through log-sum-exp, and
--- separation · (1 − tanh(D/2)), the mean over the pairs of components, with the Ashman distance D (eqs. 4 to 13).
---
---     models.GaussianMixtureVAE{input = 16, hidden = {8}} --> models.GaussianMixtureVAE(16 -> 1 -> 16, 2 components, beta 0.0001, separation 1): …
---@class models.GaussianMixtureVAE: models.Model
---@operator call(any): tensor
---@field latent integer dimensions of the latent space
---@field components integer Gaussians of the prior
---@field beta number the prefactor of the divergence; may change while the model is trained
---@field separation number the prefactor of the separation loss; may change while the model is trained
local GaussianMixtureVAE = Model.class "GaussianMixtureVAE"

-- Component r of R starts at this place in each latent dimension, so that none is another's copy: −1 and 1 for two.
local function starting_means(components, latent)
  local rows = {}
  for r = 1, components do
    rows[r] = {}
    for d = 1, latent do rows[r][d] = components == 1 and 0 or 2 * (r - 1) / (components - 1) - 1 end
  end
  return tensor(rows)
end

--- The options of `models.VAE`, and `components` of the prior (2) and `separation`, the prefactor λ of the loss that keeps them
--- apart (1; 0 lets them merge). All components start with the same weight and variance 1, from −1 to 1 in each dimension.
---@param options? table
function GaussianMixtureVAE:init(options)
  local where = self.short
  local given = expect.options(where, options, known)
  local o = networks.settings(where, given)
  o.latent = expect.number(where, "latent", given.latent == nil and 1 or given.latent, { integer = true, min = 1, max = 100000 })
  o.beta = expect.number(where, "beta", given.beta == nil and 1e-4 or given.beta, { min = 0 })
  o.components = expect.number(where, "components", given.components == nil and 2 or given.components, { integer = true, min = 1, max = 1000 })
  o.separation = expect.number(where, "separation", given.separation == nil and 1 or given.separation, { min = 0 })
  o.mse = reconstruction.choice(where, given.mse)
  self:settle(o)
  self.latent, self.beta, self.mse, self.components, self.separation = o.latent, o.beta, o.mse, o.components, o.separation
  networks.install(self, where, given, o, o.latent, 2)
  self.prior_logits = nn.Parameter(tensor.zeros(o.components))
  self.prior_means = nn.Parameter(starting_means(o.components, o.latent))
  self.prior_logvars = nn.Parameter(tensor.zeros(o.components, o.latent))
  if o.dtype ~= "float32" then self:to(o.dtype) end
end

--- Mean and logarithm of the variance of the posterior, with a graph.
---@private
GaussianMixtureVAE.posterior = VAE.posterior

--- −ln p(z) of points `[N, latent]`.
---@private
function GaussianMixtureVAE:prior_nll(z)
  return -functional.gaussian_mixture_log_prob(z, self.prior_logits, self.prior_means, self.prior_logvars)
end

--- The loss of jets: `reconstruction`, the squared error; `kl`, one sample of the divergence from the prior; `separation`,
--- 1 − tanh(D/2); `total` = reconstruction + beta · kl + lambda · separation.
---
--- In training the posterior is sampled, with `noise` where it is given; in evaluation its mean is taken.
---
---     model = models.GaussianMixtureVAE{input = 4, hidden = {3}}
---     ("%.4f"):format(model:loss(tensor.ones(5, 4)).separation) --> 0.2384
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil } weights of the jets `[N]`; "mean" over
--- the batch if left out; standard normal numbers `[N, latent]`
---@return { total: tensor, reconstruction: tensor, kl: tensor, separation: tensor }
function GaussianMixtureVAE:loss(x, options)
  local given = self:loss_options(options)
  x = self:rows("GaussianMixtureVAE: loss", x)
  local mu, logvar = self:posterior(x)
  local z = self:sample(mu, logvar, given.noise)
  local terms = {
    { "reconstruction", reconstruction.error(self.decoder(z), x, self.mse), 1 },
    { "kl", self:prior_nll(z) - functional.gaussian_entropy(logvar), self.beta },
  }
  if self.components > 1 then
    local apart = functional.ashman_distance(self.prior_means, self.prior_logvars)
    terms[3] = { "separation", (1 - (apart * 0.5):tanh()):mean():expand(mu.shape[1]), self.separation }
  end
  return self:reduced(terms, given)
end

--- Anomaly scores per jet at the posterior mean, higher = more anomalous: `mse`, the squared error; `kl`, the divergence from the
--- prior with z = mu for its sample; `prior_distance`, −ln p(mu), each `[N]`; and `latent`, mu `[N, latent]`.
---
---     models.GaussianMixtureVAE{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).kl.shape --> {5}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, kl: tensor, prior_distance: tensor, latent: tensor }
function GaussianMixtureVAE:scores(x)
  return self:in_chunks("GaussianMixtureVAE: scores", x, function(part)
    local mu, logvar = self:posterior(part)
    local distance = self:prior_nll(mu)
    return {
      latent = mu, mse = reconstruction.error(self.decoder(mu), part, self.mse), prior_distance = distance,
      kl = distance - functional.gaussian_entropy(logvar),
    }
  end)
end

--- The prior as it stands: weights p_r that sum to 1, means and variances of the components.
---
---     prior = models.GaussianMixtureVAE{input = 4, hidden = {3}}:prior()
---     prior.weights, prior.means:totable(), prior.variances.shape --> [0.5, 0.5] {{-1}, {1}} {2, 1}
---@return { weights: tensor, means: tensor, variances: tensor } `[R]`, `[R, latent]` and `[R, latent]`
function GaussianMixtureVAE:prior()
  return { weights = self.prior_logits:detach():softmax(1), means = self.prior_means:detach():clone(), variances = self.prior_logvars:detach():exp() }
end

--- The probability of each component given the posterior mean of each jet.
---
---     models.GaussianMixtureVAE{input = 4, hidden = {3}}:responsibilities(tensor.ones(5, 4)):sum(2) --> [1., 1., 1., 1., 1.]
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor `[N, R]`, each row sums to 1
function GaussianMixtureVAE:responsibilities(x)
  return self:in_chunks("GaussianMixtureVAE: responsibilities", x, function(part)
    return { (functional.gaussian_mixture_responsibilities((self:posterior(part)), self.prior_logits, self.prior_means, self.prior_logvars)) }
  end)[1]
end

--- The Ashman distance of the prior's components, of the nearest pair where there are more than two; above 2 the modes are
--- clearly apart.
---
---     models.GaussianMixtureVAE{input = 4, hidden = {3}}:ashman() --> 2.0
---@return number
function GaussianMixtureVAE:ashman()
  if self.components < 2 then raise("GaussianMixtureVAE: ashman: expected at least two components, got one") end
  return (functional.ashman_distance(self.prior_means:detach(), self.prior_logvars:detach()):min():item())
end

function GaussianMixtureVAE:title()
  return ("models.GaussianMixtureVAE(%d -> %d -> %d, %d component%s, beta %s, separation %s)"):format(self.input, self.latent, self.input,
    self.components, self.components == 1 and "" or "s", text.number(self.beta), text.number(self.separation))
end

return GaussianMixtureVAE
