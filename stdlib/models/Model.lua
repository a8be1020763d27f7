-- What the models written in Lua share: options that a file can keep, rows of any kind as input, evaluation in chunks, and losses
-- per jet that are weighted and reduced alike.

local field = require "jetlua.internal.field"
local Module = require "jetlua.nn.Module"
local core = require "jetlua.core.models"
local expect = require "jetlua.internal.expect"
local files = require "jetlua.models.files"
local gaussian_sample = require("jetlua.nn.functional").gaussian_sample
local kind_of = require("jetlua.core.nn").kind
local parts = require "jetlua.nn.parts"
local place = require "jetlua.nn.place"
local raise = require "jetlua.internal.raise"
local summary = require "jetlua.nn.summary"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

--- What the models of jetlua have in common: a module with `encode`, `decode`, `loss` and `scores`.
---@class models.Model: nn.Module
---@field recipe table? how the jets were represented that the model was trained on: `jets.open(f):images(model.recipe)`
---@field input integer numbers per jet
local Model = Module:extend("models.Model")

-- Jets per chunk of an evaluation: a dense image of 40 x 40 takes 6 kB.
local chunk = 512

-- The options that each model was made with; not in its fields, where networks would count as parts a second time.
local made_with = setmetatable({}, { __mode = "k" })

-- Settings that may change while a model is trained.
local changing = { "beta", "separation" }

--- A class of models that files can hold: `init(options)` makes one from the options that `options()` gives.
---@param name string as in `models.NAME`
---@return table
---@private
function Model.class(name)
  local class = Model:extend("models." .. name)
  class.short = name
  files.declare(name, class, class)
  return class
end

--- Makes a class of models derived from this one; files keep its models under its name, and `models.load` makes them again where the
--- class has been defined.
---
---     Steady = models.VAE:extend("Steady")
---     Steady{input = 4, hidden = {3}}:class_name() --> Steady
---@param name string
---@return table
function Model:extend(name)
  local class = Module.extend(self, name)
  if self == Model then return class end
  class.short = name
  files.derive(name, class)
  return class
end

--- Keeps what the model is made with: `options()` gives it, `save` writes it and `models.load` calls the class with it. To be called first in
--- `init`, with all options settled and plain (numbers, strings, booleans, tables of them), among them `input`, the numbers per jet.
---
---     Own = models.class "Settled"
---     function Own:init(given) self:settle{input = given.input or 1600} end
---     Own{}:options().input --> 1600
---@param settings table
function Model:settle(settings)
  if type(settings) ~= "table" then expect.wrong(self.short .. ": settle", "settings", "a table of options", settings) end
  expect.number(self.short .. ": settle", "input", settings.input, { integer = true, min = 1 })
  settings.dtype = settings.dtype or "float32"
  made_with[self] = settings
  self.input = settings.input
end

--- The options that make such a model again, with the prefactors as they are now.
---
---     models.VAE{input = 4, hidden = {3}}:options().latent --> 1
---@return table<string, any>
function Model:options()
  local copy = {}
  for name, value in pairs(made_with[self]) do copy[name] = value end
  for _, name in ipairs(changing) do
    if copy[name] ~= nil and type(self[name]) == "number" then copy[name] = self[name] end
  end
  return copy
end

--- Converts all parameters, in place.
---
---     models.VAE{input = 4, hidden = {3}}:to("float64"):options().dtype --> float64
---@param dtype "float32"|"float64"
---@return models.Model self
function Model:to(dtype)
  Module.to(self, dtype)
  made_with[self].dtype = dtype
  return self
end

--- Compares how given jets were represented with the model's recipe, and takes it over in the first training step.
---@param where string
---@param set any what the script gave
---@param _ tensor|sparse_rows its rows
---@private
function Model:adopt(where, set, _)
  local recipe, own = field(set, "recipe"), self.recipe
  if type(recipe) ~= "table" then return end
  if own == nil then
    if self.training then self.recipe = recipe end
    return
  end
  if recipe.kind == "jet" or recipe.kind == "lund" then own = core.image_recipe(own) end
  local differences = files.differences(recipe, own)
  if #differences > 0 then
    local maker = own.kind == "lund" and "lund_images" or own.kind == "jet" and "images" or "constituents"
    raise("%s: x: jets of another recipe than the model's: %s; make them with :%s(model.recipe)", where, table.concat(differences, ", "), maker)
  end
end

--- What a model computes with, of a tensor or sparse rows `[N, input]`, or a set or batch of jets with its `x`. Jets of another
--- recipe than the model's raise; the first ones it is trained with give it theirs. `where` begins the errors' texts.
---
---     images = jets.sample():take(5):images()
---     models.VAE{hidden = {3}}:rows("score", images).shape --> {5, 1600}
---@param where string
---@param x any
---@return tensor|sparse_rows
function Model:rows(where, x)
  place.begin(self, true)
  local set = x
  if not kind_of(x) and not field(x, "todense") then x = field(x, "x") end
  local is_tensor = kind_of(x) ~= nil and kind_of(x) ~= "layer"
  if not is_tensor and not field(x, "todense") then
    expect.wrong(where, "x", ("jets [N, %d]: a tensor, sparse rows or a set"):format(self.input), set)
  end
  local shape = x.shape
  if #shape ~= 2 or shape[2] ~= self.input then
    raise("%s: x: expected jets [N, %d], got shape %s", where, self.input, text.shape(shape))
  end
  self:adopt(where, set, x)
  local dtype = made_with[self].dtype
  if x.dtype ~= dtype then
    if not is_tensor then x = x:todense() end
    x = x:to(dtype)
  end
  return x
end

--- Runs `body(chunk)`, which gives a table of tensors `[n, …]`, over chunks of the rows, in evaluation mode and without a graph,
--- and joins what it gives: what `scores` of a model of one's own is made of.
---
---     model = models.VAE{input = 4, hidden = {3}}
---     model:in_chunks("sums", tensor.ones(1000, 4), function(x) return {sum = x:sum(2)} end).sum.shape --> {1000}
---@param where string
---@param x any
---@param body fun(x: tensor|sparse_rows): table
---@return table
function Model:in_chunks(where, x, body)
  x = self:rows(where, x)
  local count, pieces = x:size(1), {}
  local training = {}
  parts.each(self, function(part) training[#training + 1] = { part, part.training } end)
  Module.train(self, false)
  local passed, problem = pcall(tensor.no_grad, function()
    if count <= chunk then
      pieces[1] = body(x)
      return
    end
    for start = 1, count, chunk do pieces[#pieces + 1] = body(x:narrow(1, start, math.min(chunk, count - start + 1))) end
  end)
  for _, entry in ipairs(training) do
    if type(entry[1]) == "table" then
      rawset(entry[1], "training", entry[2])
    elseif entry[2] then
      entry[1]:train()
    else
      entry[1]:eval()
    end
  end
  if not passed then error(problem, 0) end
  if #pieces == 1 then return pieces[1] end
  local joined = {}
  for name in pairs(pieces[1]) do
    local list = {}
    for i, piece in ipairs(pieces) do list[i] = piece[name] end
    joined[name] = tensor.cat(list, 1)
  end
  return joined
end

--- The options of a loss, checked: `weight`, `reduction` ("mean" if left out), `noise`, and those of the class.
---
---     models.VAE{input = 4, hidden = {3}}:loss_options{}.reduction --> mean
---@param options table|nil
---@param more? string[]
---@return table
function Model:loss_options(options, more)
  local where = self.short .. ": loss"
  local known = { "weight", "reduction", "noise" }
  for _, name in ipairs(more or {}) do known[#known + 1] = name end
  local given = expect.options(where, options, known)
  given.reduction = given.reduction == nil and "mean" or given.reduction
  if given.reduction ~= "mean" and given.reduction ~= "sum" and given.reduction ~= "none" then
    raise('%s: reduction: expected one of "mean", "sum", "none", got %s', where, text.describe(given.reduction))
  end
  for _, name in ipairs { "weight", "noise" } do
    local value = given[name]
    if value ~= nil and not (kind_of(value) == "tensor" or kind_of(value) == "parameter") then expect.wrong(where, name, "a tensor", value) end
  end
  return given
end

--- A sample of the posterior in training, its mean in evaluation; with `noise` given that noise in either mode.
---
---     model = models.VAE{input = 4, hidden = {3}}:eval()
---     model:sample(tensor{{1, 2}}, tensor.zeros(1, 2)) --> [[1., 2.]]
---@param mu tensor [N, D]
---@param logvar tensor [N, D]
---@param noise? tensor [N, D], standard normal
---@return tensor
function Model:sample(mu, logvar, noise)
  if noise == nil and not self.training then return mu end
  return gaussian_sample(mu, logvar, self:noise(mu:size(1), mu.dtype, noise))
end

--- Standard normal numbers `[rows, latent]`: those given, whose shape is checked, or new ones.
---@private
function Model:noise(rows, dtype, given)
  if given == nil then return core.noise({ rows, self.latent }, dtype) end
  local shape = given.shape
  if shape[1] ~= rows or shape[2] ~= self.latent or #shape ~= 2 then
    raise("%s: loss: noise: expected shape %s, got %s", self.short, text.shape { rows, self.latent }, text.shape(shape))
  end
  return given
end

--- Terms of a loss per jet, `{name, tensor [N], factor}`, weighted and reduced as the options say, and `total`, their sum with
--- the factors: the mean is Σ w l/Σ w, the sum Σ w l, and "none" gives w l.
---
---     model = models.VAE{input = 4, hidden = {3}}
---     model:reduced({{"a", tensor{1, 3}, 1}, {"b", tensor{1, 1}, 0.5}}, model:loss_options{}).total:item() --> 2.5
---@param terms table[]
---@param options table as `loss_options` gives it
---@return table<string, tensor>
function Model:reduced(terms, options)
  local weight, reduction = options.weight, options.reduction
  local count = terms[1][2].shape[1]
  if weight then
    if #weight.shape ~= 1 or weight.shape[1] ~= count then
      raise("%s: loss: weight: expected shape [%d], got %s", self.short, count, text.shape(weight.shape))
    end
    weight = weight:to(terms[1][2].dtype)
    if reduction == "mean" then weight = weight / weight:sum() end
  end
  local loss, total = {}, nil
  for _, entry in ipairs(terms) do
    local name, term, factor = table.unpack(entry)
    if weight then term = term * weight end
    if reduction == "sum" or reduction == "mean" and weight then
      term = term:sum()
    elseif reduction == "mean" then
      term = term:mean()
    end
    loss[name] = term
    local part = factor == 1 and term or term * factor
    total = total and total + part or part
  end
  loss.total = total
  return loss
end

--- Mean and logarithm of the variance of the posterior, in evaluation mode, without a graph and in chunks; of the autoencoder the
--- bottleneck alone.
---
---     model = models.VAE{input = 4, hidden = {3}, latent = 2}
---     mu, logvar = model:encode(tensor.ones(5, 4))
---     mu.shape, logvar.shape --> {5, 2} {5, 2}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor mu [N, latent]
---@return tensor logvar [N, latent]
function Model:encode(x)
  return table.unpack(self:in_chunks(self.short .. ": encode", x, function(part) return { self:posterior(part) } end))
end

--- What the decoder makes of points of the latent space.
---
---     models.VAE{input = 4, hidden = {3}}:decode(tensor{{0}, {1}}).shape --> {2, 4}
---@param z tensor `[N, latent]`
---@return tensor `[N, input]`
function Model:decode(z)
  local where = self.short .. ": decode"
  if kind_of(z) ~= "tensor" and kind_of(z) ~= "parameter" then expect.wrong(where, "z", ("points [N, %d] of the latent space"):format(self.latent), z) end
  if #z.shape ~= 2 or z.shape[2] ~= self.latent then
    raise("%s: z: expected points [N, %d] of the latent space, got shape %s", where, self.latent, text.shape(z.shape))
  end
  local made = made_with[self].dtype
  return self.decoder(z.dtype == made and z or z:to(made))
end

--- The reconstruction: at a sample of the posterior in training, at its mean in evaluation. `model(x)` calls it.
---
---     models.VAE{input = 4, hidden = {3}}:forward(tensor.ones(5, 4)).shape --> {5, 4}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return tensor `[N, input]`
function Model:forward(x)
  local mu, logvar = self:posterior(self:rows(self.short .. ": forward", x))
  return self.decoder(logvar and self:sample(mu, logvar) or mu)
end

--- The direction of each latent coordinate that is called anomalous, 1 or −1, which is arbitrary and so declared before any label
--- is seen: the one in which images have more active pixels, or fewer for the signal "qcd", whose jets are narrow.
---
---     images = jets.sample():take(200):images()
---     models.VAE{hidden = {3}}:anomaly_direction(images):abs() --> [1.]
---@param x tensor|sparse_rows|jets.Images `[N, input]`; the first 2000 decide
---@param options? { signal: "top"|"qcd"|nil } "top"
---@return tensor `[latent]`
function Model:anomaly_direction(x, options)
  local where = self.short .. ": anomaly_direction"
  local signal = expect.options(where, options, { "signal" }).signal or "top"
  if signal ~= "top" and signal ~= "qcd" then raise('%s: signal: expected "top" or "qcd", got %s', where, text.describe(signal)) end
  x = self:rows(where, x)
  x = x:narrow(1, 1, math.min(2000, x:size(1)))
  local mu = (self:encode(x))
  local active = (kind_of(x) and x or x:todense()):ne(0):to(mu.dtype):sum(2, true)
  local together = ((mu - mu:mean(1, true)) * (active - active:mean())):sum(1)
  local towards = together:ge(0):to(mu.dtype) * 2 - 1
  return signal == "top" and towards or -towards
end

--- What the model is in one line, the head of its printout.
---@return string
---@private
function Model:title() return getmetatable(self).__name end

function Model:__tostring()
  return (summary(self):gsub("^[^:]*", function() return self:title() end, 1))
end

return Model
