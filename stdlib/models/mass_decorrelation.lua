-- DisCo: a loss that grows with the distance correlation of a score and the jets' mass (arXiv:2007.01850).

local core = require("jetlua.core.losses")
local expect = require "jetlua.internal.expect"
local kind_of = require("jetlua.core.nn").kind
local ranks = require "jetlua.internal.ranks"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"
local wrapper = require "jetlua.models.wrapper"

local name = "mass_decorrelation"

local members, make = wrapper.class(name, { "lambda", "score", "start", "ramp" }, {
  lambda = wrapper.number(name, "lambda", 100), start = wrapper.number(name, "start", 10), ramp = wrapper.number(name, "ramp", 5),
  score = function(value) return expect.string(name, "score", value == nil and "loss" or value) end,
})

--- Which columns of a batch the loss wants, besides `x`.
members.columns = { "mass" }
--- Jets that a batch must have.
members.smallest_batch = 2

local function is_tensor(value) return kind_of(value) == "tensor" or kind_of(value) == "parameter" end

-- A column [N] of numbers.
local function column(what, value, count)
  if not is_tensor(value) then expect.wrong(name .. ": loss", what, ("a tensor [%d], one number per jet"):format(count), value) end
  if #value.shape ~= 1 or value.shape[1] ~= count then
    raise("%s: loss: %s: expected shape [%d], one number per jet, got %s", name, what, count, text.shape(value.shape))
  end
  return value
end

-- The term of the model's loss that must not follow the mass.
local function term_of(loss, score)
  local term = score == "loss" and loss.total or score == "mse" and loss.reconstruction or loss[score]
  if term then return term end
  local known = { "loss" }
  for key in pairs(loss) do
    if key ~= "total" then known[#known + 1] = key end
  end
  expect.unknown(name, "score", score, known)
end

-- Masses and weights of the pairs: a jet that `mask` leaves out counts 0, whatever its mass is.
local function pairs_of(mass, mask, weight, count)
  local inside = mass:isfinite()
  if mask then inside = inside | ~mask:to("bool") end
  local wrong = count - inside:to("int64"):sum():item()
  if wrong > 0 then
    raise("%s: loss: mass: %d of %d masses are not finite; leave those jets out, with mask for one", name, wrong, count)
  end
  if not mask then return mass, weight end
  local kept = mask:to("bool")
  mass = tensor.where(kept, mass, tensor.zeros_like(mass))
  local counted = kept:to(mass.dtype)
  return mass, weight and weight:to(mass.dtype) * counted or counted
end

--- The model's loss + lambda · DisCo(score, mass), DisCo = dCov²(s, m)/√(dVar²(s) dVar²(m)); the terms are the model's and `disco`.
---
--- The score is a number per jet in the model's loss, so that the gradient reaches the model through it. DisCo of few jets is mostly a
--- bias: give large batches (500, or a whole epoch).
---
---     model = models.mass_decorrelation(models.VAE{input = 4, hidden = {3}})
---     model:loss(tensor.rand(5, 4), {mass = tensor.rand(5)}).disco:dim() --> 0
---@param x any as the model takes it
---@param options { mass: tensor, mask: tensor|nil, weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil } masses `[N]`; which jets
--- DisCo is taken of `[N]`, all if left out (those of the background, say); weights of the jets `[N]`, for DisCo too; the rest goes to the
--- model's loss
---@return table<string, tensor>
function members:loss(x, options)
  local where = name .. ": loss"
  if options ~= nil and type(options) ~= "table" then expect.wrong(where, "options", "a table with mass = batch.mass", options) end
  local given = {}
  for key, value in pairs(options or {}) do given[key] = value end
  local mass, mask, reduction = given.mass, given.mask, given.reduction
  given.mass, given.mask = nil, nil
  ranks.refuse(where, "its distance correlation is of whole batches, which ranks do not exchange")
  if mass == nil then raise("%s: mass: expected the jets' masses [N], got nil; say {mass = batch.mass}", where) end
  local weight = given.weight
  reduction = reduction == nil and "mean" or reduction
  if reduction ~= "mean" and reduction ~= "sum" and reduction ~= "none" then
    raise('%s: reduction: expected one of "mean", "sum", "none", got %s', where, text.describe(reduction))
  end
  given.weight, given.reduction = nil, "none"

  local each = self:inner():loss(x, given)
  local count = each.total.shape[1]
  mass = column("mass", mass, count):to(each.total.dtype)
  if mask ~= nil then column("mask", mask, count) end
  if weight ~= nil then weight = column("weight", weight, count):to(each.total.dtype) end
  local masses, weights = pairs_of(mass, mask, weight, count)
  local used = mask and mask:to("int64"):sum():item() or count
  if used < 2 then
    raise("%s: expected at least 2 jets to take the distance correlation of, got %d; make batches larger and drop a last one of 1", where, used)
  end

  local strength = self:strength()
  local score, disco = term_of(each, self.score), nil
  local function correlate() disco = core.distance_correlation(score, masses, weights, { squared = true }) end
  -- What is off is still measured, without a gradient.
  if strength > 0 then correlate() else tensor.no_grad(correlate) end

  local loss = {}
  for key, term in pairs(each) do
    if #term.shape > 0 then
      if weight then term = term * (reduction == "mean" and weight / weight:sum() or weight) end
      if reduction ~= "none" then term = (reduction == "sum" or weight) and term:sum() or term:mean() end
    end
    loss[key] = term
  end
  loss.disco = disco
  if strength > 0 then loss.total = loss.total + disco * (self.lambda * strength) end
  return loss
end

return make
