-- Outlier exposure: a loss that rewards telling given outliers from the jets one trains on (arXiv:2007.01850).

local expect = require "jetlua.internal.expect"
local ranks = require "jetlua.internal.ranks"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"
local wrapper = require "jetlua.models.wrapper"

local name = "outlier_exposure"
local forms = { kl = true, mse = true, sigmoid = true }

local members, make = wrapper.class(name, { "form", "lambda", "margin", "start", "ramp" }, {
  lambda = wrapper.number(name, "lambda", 2), margin = wrapper.number(name, "margin", 1), start = wrapper.number(name, "start", 10),
  ramp = wrapper.number(name, "ramp", 5),
  form = function(value)
    value = value == nil and "kl" or value
    if type(value) ~= "string" or not forms[value] then expect.unknown(name, "form", value, forms) end
    return value
  end,
})

--- Which other sets the loss wants a batch of, besides the jets.
members.sets = { "outliers" }

-- What goes wrong with the outliers says so.
local function of_outliers(body)
  local passed, problem = pcall(body)
  if not passed then error((tostring(problem):gsub(": x: ", ": outliers: ", 1)), 0) end
end

local function class_of(model) return wrapper.has(model, "class_name") and model:class_name() or "this model" end

-- What a model computes with: a batch's rows.
local function rows_of(inner, jets)
  if wrapper.has(inner, "rows") then return inner:rows(name .. ": loss", jets) end
  local indexed, x = pcall(function() return jets.x end)
  return indexed and x or jets
end

-- The divergence of each latent dimension from its prior, [N, D].
local function divergences(mu, logvar, prior)
  if not prior then return (logvar:exp() + mu:square() - 1 - logvar) * 0.5 end
  local options = { dtype = mu.dtype }
  local mean, variance = tensor(prior.mu, options), tensor(prior.var, options)
  return ((logvar:exp() + (mu - mean):square()) / variance - 1 + variance:log() - logvar) * 0.5
end

-- The jets of `each` again and again, until there are `count`.
local function repeated(each, count)
  local have = each.shape[1]
  if have == count then return each end
  local parts = {}
  for first = 1, count, have do parts[#parts + 1] = each:narrow(1, 1, math.min(have, count - first + 1)) end
  return tensor.cat(parts, 1)
end

-- The method that gives loss and posterior in one pass of the encoder, where the class that says the model's loss has one: a derived class
-- with a loss of its own, and a wrapper, whose loss has more terms, have none.
local function at_once(model)
  if type(model) == "userdata" then return wrapper.has(model, "loss_and_posterior") and model.loss_and_posterior end
  local class = type(model) == "table" and getmetatable(model)
  while type(class) == "table" do
    if rawget(class, "loss") then return rawget(class, "loss_and_posterior") end
    local above = getmetatable(class)
    class = type(above) == "table" and above.__index
  end
end

-- Each of these gives the model's loss per jet, what outliers are told by for the jets, [N, …], and how to find it for the outliers.

local function by_divergence(inner, x, given)
  local prior
  if wrapper.has(inner, "prior") then prior = inner:prior() end
  -- A prior with modes has no divergence that is a sum over dimensions.
  if not wrapper.has(inner, "posterior") or prior and not (prior.mu and prior.var) then
    raise('%s: form "kl": %s has no divergence per latent dimension; take form = "mse" or "sigmoid"', name, class_of(inner))
  end
  local loss, mu, logvar
  local both = at_once(inner)
  if both then
    loss, mu, logvar = both(inner, x, given)
  else
    loss = inner:loss(x, given)
    mu, logvar = inner:posterior(rows_of(inner, x))
  end
  if not logvar then raise('%s: form "kl": %s has no posterior; take form = "mse" or "sigmoid"', name, class_of(inner)) end
  return loss, divergences(mu, logvar, prior), function(outliers)
    local at, spread = inner:posterior(rows_of(inner, outliers))
    return divergences(at, spread, prior)
  end
end

local function by_error(inner, x, given, form, noise)
  if class_of(inner) == "DirichletVAE" then
    raise('%s: form "%s": DirichletVAE reconstructs by a cross-entropy, not by a squared error; take form = "kl"', name, form)
  end
  local loss = inner:loss(x, given)
  if not loss.reconstruction then raise('%s: form "%s": the loss of %s has no term "reconstruction"', name, form, class_of(inner)) end
  -- The terms of wrappers in between concern the jets alone.
  local model = inner
  while wrapper.has(model, "strength") do model = model:inner() end
  return loss, loss.reconstruction, function(outliers)
    return model:loss(rows_of(inner, outliers), { reduction = "none", noise = noise }).reconstruction
  end
end

-- What the outliers add per pair of a jet and an outlier.
local exposures = {
  kl = function(inside, outside, margin) return -(inside - outside + margin):relu():mean(2) end,
  mse = function(inside, outside, margin) return -(inside - outside + margin):relu() end,
  sigmoid = function(inside, outside) return (outside - inside):sigmoid() end,
}

local function reduce(term, weight, reduction)
  if #term.shape == 0 then return term end
  if weight then term = term * (reduction == "mean" and weight / weight:sum() or weight) end
  if reduction == "none" then return term end
  return (reduction == "sum" or weight) and term:sum() or term:mean()
end

--- The model's loss − lambda · `oe`; the terms are the model's and `oe`, for pairs of a jet and an outlier:
--- form "kl" −max(kl_in − kl_out + margin, 0) for each latent dimension, their mean; "mse" −max(mse_in − mse_out + margin, 0);
--- "sigmoid" 1/(1 + exp(mse_in − mse_out)). The shorter of the two batches is repeated.
---
---     model = models.outlier_exposure(models.VAE{input = 4, hidden = {3}})
---     model:loss(tensor.rand(5, 4), {outliers = tensor.rand(5, 4)}).oe:dim() --> 0
---@param x any as the model takes it
---@param options { outliers: any, weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil, noise: tensor|nil, outlier_noise: tensor|nil }
--- other jets, as the model takes them; weights of the jets `[N]`; standard normal numbers for the samples; the rest goes to the model's loss
---@return table<string, tensor>
function members:loss(x, options)
  local where = name .. ": loss"
  if options ~= nil and type(options) ~= "table" then expect.wrong(where, "options", "a table with outliers = batch.x", options) end
  local given = {}
  for key, value in pairs(options or {}) do given[key] = value end
  local outliers, weight, reduction, noise = given.outliers, given.weight, given.reduction, given.outlier_noise
  ranks.refuse(where, "its pairs of a jet and an outlier are of whole batches, which ranks do not exchange")
  if outliers == nil then raise("%s: outliers: expected jets unlike those to train on, got nil; say {outliers = batch.x}", where) end
  reduction = reduction == nil and "mean" or reduction
  if reduction ~= "mean" and reduction ~= "sum" and reduction ~= "none" then
    raise('%s: reduction: expected one of "mean", "sum", "none", got %s', where, text.describe(reduction))
  end
  given.outliers, given.weight, given.outlier_noise, given.reduction = nil, nil, nil, "none"

  local inner, form = self:inner(), self.form
  local loss, inside, find = (form == "kl" and by_divergence or by_error)(inner, x, given, form, noise)
  local outside
  local strength = self:strength()
  -- What is off is still measured, without a gradient.
  local function look() of_outliers(function() outside = find(outliers) end) end
  if strength > 0 then look() else tensor.no_grad(look) end
  local jets, others = inside.shape[1], outside.shape[1]
  if jets == 0 or others == 0 then raise("%s: expected jets and outliers, got %d and %d", where, jets, others) end
  if reduction == "none" and others > jets then
    raise('%s: outliers: expected at most as many as jets for reduction = "none", %d, got %d', where, jets, others)
  end
  if weight ~= nil and (#weight.shape ~= 1 or weight.shape[1] ~= jets) then
    raise("%s: weight: expected shape [%d], got %s", where, jets, text.shape(weight.shape))
  end
  weight = weight and weight:to(inside.dtype)

  local count = math.max(jets, others)
  local exposure = exposures[form](repeated(inside, count), repeated(outside, count), self.margin)
  local terms = {}
  for key, term in pairs(loss) do terms[key] = reduce(term, weight, reduction) end
  terms.oe = reduce(exposure, weight and repeated(weight, count), reduction)
  if strength > 0 then terms.total = terms.total - terms.oe * (self.lambda * strength) end
  return terms
end

return make
