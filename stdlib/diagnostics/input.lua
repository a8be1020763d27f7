-- Models and their input, as the diagnostics take them.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local input = {}

local function field(value, name)
  local indexed, found = pcall(function() return value[name] end)
  return indexed and found or nil
end

--- What a model takes: `set.x` of images or constituents, else the value itself.
---@param value any
---@return any
function input.rows(value) return field(value, "x") or value end

--- Whether a model has a method.
---@param model any
---@param method string
---@return boolean
function input.has(model, method) return type(field(model, method)) == "function" end

--- Raises if `model` lacks one of the methods.
---@param where string
---@param model any
---@param ... string
function input.check(where, model, ...)
  for _, method in ipairs { ... } do
    if not input.has(model, method) then expect.wrong(where, "model", ("a model with %s()"):format(method), model) end
  end
end

--- Means and variances of the posterior in float64, without a graph; an autoencoder has no variances.
---@param where string
---@param model any
---@param x any images, constituents, a tensor `[N, D]` or sparse rows
---@return tensor mu `[N, latent]`
---@return tensor|nil var `[N, latent]`
function input.posterior(where, model, x)
  input.check(where, model, "encode")
  local mu, logvar
  tensor.no_grad(function() mu, logvar = model:encode(input.rows(x)) end)
  mu = mu:detach():to "float64"
  if mu:dim() ~= 2 or mu:size(1) < 2 then
    raise("%s: x: expected at least two jets with latent coordinates [N, D], got shape {%s}", where, table.concat(mu.shape, ", "))
  end
  if mu:isnan():any():item() then
    raise("%s: model: %d of %d latent coordinates are NaN; train it with a smaller learning rate", where, mu:isnan():sum():item(), mu:numel())
  end
  return mu, logvar and logvar:detach():to("float64"):exp()
end

--- Height and width of the model's images: `shape`, else the sides of a square.
---@param where string
---@param shape any
---@param pixels integer
---@return integer height, integer width
function input.shape(where, shape, pixels)
  if shape ~= nil then
    if type(shape) ~= "table" or #shape ~= 2 then expect.wrong(where, "shape", "{height, width}", shape) end
    local height = expect.number(where, "shape", shape[1], { integer = true, min = 1 })
    local width = expect.number(where, "shape", shape[2], { integer = true, min = 1 })
    if height * width ~= pixels then raise("%s: shape: expected %d pixels, got %d x %d", where, pixels, height, width) end
    return height, width
  end
  local side = math.floor(math.sqrt(pixels) + 0.5)
  if side * side ~= pixels then
    raise("%s: shape: %d numbers are no square image; give shape = {height, width}, or a model of images", where, pixels)
  end
  return side, side
end

return input
