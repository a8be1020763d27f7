-- Which latent dimensions of a model carry information.

local expect = require "jetlua.internal.expect"
local input = require "jetlua.diagnostics.input"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

local Latent = { __name = "diagnostics.Latent" }
Latent.__index = Latent

local log_two_pi = math.log(2 * math.pi)

--- The prior of a model: means and variances `[D]` of a Gaussian, and of a mixture its log weights `[R]`, means and variances `[R, D]`.
local function prior_of(model, dimensions)
  if not input.has(model, "prior") then
    return { mu = tensor.zeros(dimensions, { dtype = "float64" }), var = tensor.ones(dimensions, { dtype = "float64" }) }
  end
  local found = model:prior()
  local function numbers(value) return type(value) == "table" and tensor(value, { dtype = "float64" }) or value:detach():to "float64" end
  if found.weights == nil then return { mu = numbers(found.mu), var = numbers(found.var) } end
  local weights, means, variances = numbers(found.weights), numbers(found.means), numbers(found.variances)
  local column = weights:unsqueeze(2)
  local mu = (column * means):sum(1)
  return { mu = mu, var = (column * (variances + means:square())):sum(1) - mu:square(), weights = weights, means = means, variances = variances }
end

--- E over the posterior of -ln p of a mixture's marginal in each dimension, `[N, D]`, by the trapezoidal rule over +-6 standard
--- deviations, which for a smooth function under a Gaussian is exact to many digits.
local function cross_entropy_of_mixture(mu, var, prior)
  local sum, step = tensor.zeros_like(mu), 0.25
  for i = -24, 24 do
    local e = i * step
    local z = mu + e * var:sqrt()
    local terms = {}
    for r = 1, prior.weights:size(1) do
      local m, v = prior.means:select(1, r), prior.variances:select(1, r)
      terms[r] = math.log(prior.weights[r]) - 0.5 * (log_two_pi + v:log() + (z - m):square() / v)
    end
    sum = sum - tensor.stack(terms, 1):logsumexp(1) * (step * math.exp(-0.5 * e * e - 0.5 * log_two_pi))
  end
  return sum
end

--- Mean KL divergence in nats of the posterior from the prior, per dimension.
local function divergence(mu, var, prior)
  if prior.weights then
    local entropy = 0.5 * (log_two_pi + 1 + var:log())
    return (cross_entropy_of_mixture(mu, var, prior) - entropy):mean(1)
  end
  return (0.5 * ((var + (mu - prior.mu):square()) / prior.var - 1 + prior.var:log() - var:log())):mean(1)
end

--- Which latent dimensions carry information: for each the mean KL divergence of the posterior from the prior in nats (`kl`), the
--- variance over jets of the posterior mean (`spread`) and the mean posterior variance (`noise`), both in units of the prior's variance,
--- and whether it is active: spread above `active` (0.01; Burda, Grosse, Salakhutdinov, arXiv:1509.00519). `kl_total` is the sum,
--- `active` the number of active ones; `collapsed`, with the reason in `warning`, where none is active or kl_total is below `collapse` nats
--- (0.5). The prior is the model's `prior()`, N(0, 1) without one; of a mixture its marginal in each dimension. An autoencoder has no
--- kl, and spread in units of its widest dimension. Printing the result shows it as a table.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     found = diagnostics.latent(model, jets.sample():take(100):images())
---     #found.kl, found.kl_total >= 0 --> 2 true
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows
---@param options? { active: number|nil, collapse: number|nil }
---@return { kl: number[]|nil, kl_total: number|nil, spread: number[], noise: number[]|nil, is_active: boolean[], active: integer, collapsed: boolean, warning: string|nil }
local function latent(model, x, options)
  local where = "diagnostics.latent"
  options = expect.options(where, options, { "active", "collapse" })
  local least = expect.number(where, "active", options.active == nil and 0.01 or options.active, { min = 0 })
  local floor = expect.number(where, "collapse", options.collapse == nil and 0.5 or options.collapse, { min = 0 })
  local mu, var = input.posterior(where, model, x)
  local own = mu:var(1)
  local result = { is_active = {}, active = 0, dimensions = mu:size(2), jets = mu:size(1), least = least }
  if var then
    local prior = prior_of(model, mu:size(2))
    result.kl = divergence(mu, var, prior):totable()
    result.spread, result.noise = (own / prior.var):totable(), (var:mean(1) / prior.var):totable()
    result.kl_total = 0
    for _, kl in ipairs(result.kl) do result.kl_total = result.kl_total + kl end
  else
    result.spread = (own / math.max(own:max():item(), 1e-300)):totable()
  end
  for i, spread in ipairs(result.spread) do
    result.is_active[i] = spread > least
    if result.is_active[i] then result.active = result.active + 1 end
  end
  if result.active == 0 then
    result.warning = var and "collapsed: no latent dimension depends on the jet; the decoder ignores it. Lower beta or anneal it from 0"
      or "collapsed: the bottleneck is the same for every jet. Take another seed or a smaller learning rate"
  elseif result.kl_total and result.kl_total < floor then
    result.warning = ("close to collapse: the latent space holds %.2g nats per jet, less than %g. Lower beta or anneal it from 0"):format(result.kl_total, floor)
  end
  result.collapsed = result.warning ~= nil
  return setmetatable(result, Latent)
end

function Latent:__tostring()
  local rows = { { "dimension", "KL [nats]", "spread", "noise", "active" } }
  for i, spread in ipairs(self.spread) do
    rows[#rows + 1] = {
      i, self.kl and ("%.3f"):format(self.kl[i]) or "-", ("%.3f"):format(spread), self.noise and ("%.3f"):format(self.noise[i]) or "-",
      self.is_active[i] and "yes" or "no",
    }
  end
  local total = self.kl_total and ("; KL %.3f nats per jet"):format(self.kl_total) or ""
  local unit = self.kl and "the prior's variance" or "that of the widest dimension"
  return ("%s\n%d of %d dimensions are active (spread above %g)%s\nspread: variance of the posterior mean over %d jets%s, in units of %s%s"):format(
    text.columns(rows, true), self.active, self.dimensions, self.least, total, self.jets, self.kl and ", noise: mean posterior variance" or "", unit,
    self.warning and "\nwarning: " .. self.warning or "")
end

return latent
