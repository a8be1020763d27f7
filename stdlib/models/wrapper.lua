-- Models around a model: another loss, all else the inner model's.

local expect = require "jetlua.internal.expect"
local field = require "jetlua.internal.field"
local files = require "jetlua.models.files"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local wrapper = {}

-- What is in each wrapper: its class, the inner model, its settings, and the epoch it was told.
local insides = setmetatable({}, { __mode = "k" })

--- Whether a value has a method, whatever it is.
---@param value any
---@param method string
---@return boolean
function wrapper.has(value, method)
  return type(field(value, method)) == "function"
end

local Wrapper = { __name = "models.wrapper" }

-- Methods of the model that return it return the wrapper instead.
local function with_self(self, inner, first, ...)
  if rawequal(first, inner) then return self, ... end
  return first, ...
end

function Wrapper:__index(key)
  local inside = insides[self]
  local own = inside.class.members[key]
  if own ~= nil then return own end
  if inside.settings[key] ~= nil then return inside.settings[key] end
  local value = inside.inner[key]
  if type(value) ~= "function" then return value end
  return function(first, ...)
    if not rawequal(first, self) then return value(first, ...) end
    return with_self(self, inside.inner, value(inside.inner, ...))
  end
end

function Wrapper:__newindex(key, value)
  local inside = insides[self]
  if inside.settings[key] ~= nil then
    inside.settings[key] = inside.class.check[key](value)
  else
    inside.inner[key] = value
  end
end

function Wrapper:__call(...) return insides[self].inner(...) end

function Wrapper:__tostring()
  local inside = insides[self]
  local parts = {}
  for i, name in ipairs(inside.class.options) do
    local value = inside.settings[name]
    parts[i] = name .. " " .. (type(value) == "number" and text.number(value) or tostring(value))
  end
  return ("models.%s(%s) of %s"):format(inside.class.name, table.concat(parts, ", "), tostring(inside.inner))
end

--- What all wrappers can, beside what their model can.
---@class models.Wrapper
local shared = {}

--- Says which epoch begins, from 1, so that the term can be off at first; without a number it gives the epoch said last. A wrapper
--- that is never told has its term on in full. `models.fit` tells it.
---
---     model = models.outlier_exposure(models.VAE{input = 4, hidden = {3}}, {start = 10, ramp = 5})
---     model:epoch(12):strength() --> 0.4
---@param n? integer
---@return any self
function shared:epoch(n)
  local inside = insides[self]
  if n == nil then return inside.epoch end
  inside.epoch = expect.number(inside.class.name .. ": epoch", "n", n, { min = 0 })
  if wrapper.has(inside.inner, "strength") then inside.inner:epoch(n) end
  return self
end

--- How much of the term is on: (epoch − start)/ramp, from 0 to 1.
---
---     models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):epoch(11):strength() --> 0.2
---@return number
function shared:strength()
  local inside = insides[self]
  local epoch, start, ramp = inside.epoch, inside.settings.start, inside.settings.ramp
  if epoch == nil then return 1.0 end
  if epoch <= start then return 0.0 end
  return ramp > 0 and math.min(1.0, (epoch - start) / ramp) or 1.0
end

--- The options that make such a model again, those of the model inside as `model`.
---
---     models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):options().model.class --> VAE
---@return table
function shared:options()
  local inside = insides[self]
  local copy = { model = { class = inside.inner:class_name(), options = inside.inner:options() } }
  for key, value in pairs(inside.settings) do copy[key] = value end
  return copy
end

--- The model inside.
---
---     models.mass_decorrelation(models.VAE{input = 4, hidden = {3}}):inner():class_name() --> VAE
---@return any
function shared:inner() return insides[self].inner end

--- A class of wrappers: the names of its options, and for each a function that gives the value, or the default for nil.
---@param name string as in `models.NAME`
---@param options string[]
---@param check table<string, fun(value: any): any>
---@return table members what its models can
---@return fun(model: any, options: table|nil): any make
function wrapper.class(name, options, check)
  local class = { name = name, options = options, check = check, members = {} }
  for key, method in pairs(shared) do class.members[key] = method end

  local function make(inner, given)
    given = expect.options(name, given, options)
    if not (wrapper.has(inner, "loss") and wrapper.has(inner, "parameters")) then
      expect.wrong(name, "model", "a model, such as models.VAE{}", inner)
    end
    local settings = {}
    for _, key in ipairs(options) do settings[key] = check[key](given[key]) end
    local self = {}
    insides[self] = { class = class, inner = inner, settings = settings }
    return setmetatable(self, Wrapper)
  end

  files.declare(name, function(given)
    local settings = {}
    for key, value in pairs(given) do settings[key] = value end
    settings.model = nil
    if type(given.model) ~= "table" then raise("%s: model: expected class and options of a model, got %s", name, text.describe(given.model)) end
    return make(files.make(name, given.model.class, given.model.options), settings)
  end, class.members)
  return class.members, make
end

--- The check of an option that is a number from 0.
---@param where string
---@param name string
---@param default number
---@return fun(value: any): number
function wrapper.number(where, name, default)
  return function(value) return expect.number(where, name, value == nil and default or value, { min = 0 }) end
end

return wrapper
