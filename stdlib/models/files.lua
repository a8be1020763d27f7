-- Models in files: safetensors with the weights, and in its metadata what makes the model again: class, options, the recipe of
-- the images it was trained on and, for models that scale their input, the scaler.

local attempted = require "jetlua.internal.attempted"
local core = require "jetlua.core.files"
local expect = require "jetlua.internal.expect"
local give = require("jetlua.nn.files").give
local json = require "jetlua.json"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local files = {}

local version = 1

-- The maker of each class of models, and which of them scripts cannot replace.
local makers, built_in = {}, {}

-- What is kept besides weights, by the name of the model's field.
local fields = { "recipe", "scaler" }

-- Options that may change while a model is trained: taken from the file, not compared with it.
local changing = { "beta", "separation" }

-- The options without those, also of models inside.
local function lasting(options)
  local copy = {}
  for name, value in pairs(options) do copy[name] = value end
  for _, name in ipairs(changing) do copy[name] = nil end
  local inner = copy.model
  if type(inner) == "table" and type(inner.options) == "table" then copy.model = { class = inner.class, options = lasting(inner.options) } end
  return copy
end

-- What the options say of those, wherever the model is.
local function changed(options)
  while type(options.model) == "table" and type(options.model.options) == "table" do options = options.model.options end
  local values = {}
  for _, name in ipairs(changing) do values[name] = options[name] end
  return values
end

local function field(model, name)
  local found, value = pcall(function() return model[name] end)
  return found and value or nil
end

--- A value as messages show it: `{100, 50}`.
local function show(value)
  if type(value) ~= "table" then return type(value) == "number" and text.number(value) or tostring(value) end
  local parts = {}
  for i, item in ipairs(value) do parts[i] = show(item) end
  local named = {}
  for key, item in pairs(value) do
    if type(key) == "string" then named[#named + 1] = key .. " = " .. show(item) end
  end
  table.sort(named)
  table.move(named, 1, #named, #parts + 1, parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- Names of the options whose values differ, each with both values: "size 32, not 40".
---@param given table
---@param own table
---@return string[]
function files.differences(given, own)
  local names, seen = {}, {}
  for _, options in ipairs { given, own } do
    for name in pairs(options) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  local texts = {}
  for _, name in ipairs(names) do
    local a, b = show(given[name]), show(own[name])
    if a ~= b then texts[#texts + 1] = ("%s %s, not %s"):format(name, a, b) end
  end
  return texts
end

local function decoded(where, path, metadata, name)
  if metadata[name] == nil then return nil end
  local well, value = attempted(json.decode, metadata[name])
  if not well or type(value) ~= "table" then raise("%s: %s: the %s in the file cannot be read; copy or download it again", where, path, name) end
  return value
end

-- Weights, class, options and the other fields of a file.
local function read(where, path)
  expect.string(where, "path", path)
  local state, metadata = core.load(path, nil, "safetensors")
  if metadata.format ~= "jetlua.model" then
    raise("%s: %s: expected a model that model:save wrote, got tensors without a class; load them with tensor.load", where, path)
  end
  if not (tonumber(metadata.version) and tonumber(metadata.version) <= version) then
    raise("%s: %s: it is of version %s, this jetlua reads up to %d; update jetlua", where, path, tostring(metadata.version), version)
  end
  local kept = {}
  for _, name in ipairs(fields) do kept[name] = decoded(where, path, metadata, name) end
  return state, metadata.class, decoded(where, path, metadata, "options") or {}, kept
end

local function fill(where, path, model, state, kept)
  local old = {}
  local well, problem = pcall(function()
    for _, name in ipairs(fields) do
      old[name] = field(model, name)
      if kept[name] ~= nil then model[name] = kept[name] end
    end
    give(where, path, model, state)
  end)
  if well then return model end
  for name, value in pairs(kept) do
    if field(model, name) ~= nil and value ~= nil then model[name] = old[name] end
  end
  error(problem, 0)
end

local function write(class, model, path)
  expect.string("save", "path", path)
  local ending = path:match("%.(%w+)$")
  if ending == "npy" or ending == "npz" or ending == "h5" or ending == "hdf5" or ending == "csv" then
    raise("save: path: expected a name that ends in .safetensors, the format of models, got %s", text.describe(path))
  end
  local metadata = { format = "jetlua.model", version = tostring(version), class = class, options = json.encode(model:options()) }
  for _, name in ipairs(fields) do
    local value = field(model, name)
    if value ~= nil then metadata[name] = json.encode(value) end
  end
  core.save(path, model:state_dict(), { format = "safetensors", metadata = metadata })
end

local function take(class, model, path)
  local state, name, options, kept = read("load", path)
  if name ~= class then raise("load: %s: expected a %s, got a %s; models.load makes it", path, class, tostring(name)) end
  local texts = files.differences(lasting(options), lasting(model:options()))
  if #texts > 0 then raise("load: %s: it holds a %s of other options: %s; models.load makes it", path, class, table.concat(texts, ", ")) end
  fill("load", path, model, state, kept)
  for key, value in pairs(changed(options)) do model[key] = value end
  return model
end

--- Lets the models of a class be saved and loaded: `maker(options)` makes one, `members` is the table of its methods, and its
--- models have `options()`, `state_dict()`, `load_state_dict(state)` and `eval()`.
---@param class string
---@param maker fun(options: table): any
---@param members table
---@param derived? boolean whether a script made it
function files.declare(class, maker, members, derived)
  makers[class] = maker
  if not derived then built_in[class] = true end

  --- The name of the model's class, as in `models.NAME`.
  ---
  ---     models.DirichletVAE{input = 4, hidden = {3}}:class_name() --> DirichletVAE
  ---@return string
  function members:class_name() return class end

  --- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
  ---
  ---     name = os.tmpname() .. ".safetensors"
  ---     models.DirichletVAE{input = 4, hidden = {3}}:save(name)
  ---     models.load(name):options().hidden, os.remove(name) --> {3} true
  ---@param path string
  function members:save(path) write(class, self, path) end

  --- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
  ---
  ---     name = os.tmpname() .. ".safetensors"
  ---     a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
  ---     a:save(name)
  ---     b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
  ---@param path string
  ---@return any self
  function members:load(path) return take(class, self, path) end
end

--- Lets the models of a class that a script derived be saved and loaded under the name it has there; a later class of the same name takes
--- its place.
---@param name string
---@param class table
function files.derive(name, class)
  if built_in[name] then expect.wrong("extend", "name", "a name that no model of jetlua has", name) end
  files.declare(name, class, class, true)
end

--- A new model of a class by its name and options.
---@param where string
---@param class string
---@param options table
---@return any
function files.make(where, class, options)
  local maker = makers[class]
  if not maker then expect.unknown(where, "class of models", class, makers) end
  local well, model = pcall(maker, options)
  if not well then raise("%s: the options in the file make no model: %s", where, (tostring(model):gsub("^[^:]*:%d+: ", ""))) end
  return model
end

--- Makes the model that `model:save(path)` wrote, in evaluation mode, with its `recipe`: `jets.open(f):images(model.recipe)`.
---
---     name = os.tmpname() .. ".safetensors"
---     model = models.DirichletVAE{input = 4, hidden = {3}}
---     model:save(name)
---     models.load(name):mixtures():eq(model:mixtures()):all():item(), os.remove(name) --> true true
---@param path string
---@return any
function files.load(path)
  local where = "models.load"
  local state, class, options, kept = read(where, path)
  local model = files.make(("%s: %s"):format(where, path), class, options)
  return fill(where, path, model, state, kept):eval()
end

return files
