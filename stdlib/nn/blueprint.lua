-- How layers were made, so that a file can tell what to build before it fills in the weights: a layer of `nn` is
-- `{layer = "Linear", arguments = {1600, 100}}`, a Sequential `{layer = "Sequential", parts = {…}}`.

local core = require "jetlua.core.nn"
local raise = require "jetlua.internal.raise"

local blueprint = {}

-- What each layer was called with.
local calls = setmetatable({}, { __mode = "k" })

-- A copy of what JSON can hold; nil of anything else.
local function plain(value, depth)
  local kind = type(value)
  if kind == "number" then return value == value and math.abs(value) ~= math.huge and value or nil end
  if kind == "string" or kind == "boolean" then return value end
  if kind ~= "table" or getmetatable(value) or depth > 4 then return nil end
  local copy, places, names = {}, #value, 0
  for key, item in next, value do
    local inner = plain(item, depth + 1)
    if inner == nil then return nil end
    if type(key) == "string" then names = names + 1 elseif math.type(key) ~= "integer" or key < 1 or key > places then return nil end
    copy[key] = inner
  end
  if names > 0 and places > 0 then return nil end
  return copy
end

local function keep(name, count, arguments, layer)
  local copy = {}
  for i = 1, count do
    copy[i] = plain(arguments[i], 1)
    if copy[i] == nil then return layer end
  end
  calls[layer] = { layer = name, arguments = copy }
  return layer
end

--- The native makers of layers, whose layers remember what they were made with.
blueprint.makers = setmetatable({}, { __index = function(makers, name)
  local native = core[name]
  if type(native) ~= "function" then return native end
  local function make(...)
    local count = select("#", ...)
    while count > 0 and (select(count, ...)) == nil do count = count - 1 end
    return keep(name, count, { ... }, native(...))
  end
  makers[name] = make
  return make
end })

--- What builds a module again, as plain tables; nil of one that is not made of the layers of `nn` in `nn.Sequential`.
---@param module any
---@return table|nil
function blueprint.of(module)
  if calls[module] then return calls[module] end
  local Sequential = require "jetlua.nn.Sequential"
  if type(module) ~= "table" or getmetatable(module) ~= Sequential then return nil end
  local parts = {}
  for i = 1, #module do
    parts[i] = blueprint.of(module[i])
    if not parts[i] then return nil end
  end
  return { layer = "Sequential", parts = parts }
end

--- Builds what `blueprint.of` described; `where` begins the messages of what cannot be built.
---@param where string
---@param plan any
---@return any
function blueprint.build(where, plan)
  if type(plan) ~= "table" or type(plan.layer) ~= "string" then raise("%s: expected the plan of a network in the file; copy or download it again", where) end
  if plan.layer == "Sequential" then
    local parts = {}
    for i, part in ipairs(type(plan.parts) == "table" and plan.parts or {}) do parts[i] = blueprint.build(where, part) end
    return require "jetlua.nn.Sequential"(parts)
  end
  local nn = require "jetlua.nn"
  local maker = plan.layer:find("^%u") and rawget(nn, plan.layer)
  if type(maker) ~= "function" or type(plan.arguments) ~= "table" then
    raise("%s: this jetlua has no layer nn.%s; update jetlua", where, plan.layer)
  end
  return maker(table.unpack(plan.arguments))
end

return blueprint
