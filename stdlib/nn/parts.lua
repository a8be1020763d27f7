-- What belongs to a module: which of its fields hold parameters, buffers, layers and modules, and in which order.

local core = require "jetlua.core.nn"
local expect = require "jetlua.internal.expect"

local parts = {}

-- For each module the names of its fields in the order in which they were first set, and which of them are buffers.
local fields = setmetatable({}, { __mode = "k" })

--- A new instance of a class of modules.
function parts.new(class)
  local self = setmetatable({}, class)
  fields[self] = { order = {}, known = {}, buffers = {} }
  rawset(self, "training", true)
  return self
end

local function remember(self, name)
  local own = fields[self]
  if own and not own.known[name] then
    own.known[name] = true
    own.order[#own.order + 1] = name
  end
  return own
end

-- The module in whose field a part was first put; only error messages ask, and they look whether it is still there.
local owners = setmetatable({}, { __mode = "kv" })

local function own(self, value)
  local kind = type(value)
  if kind == "userdata" or kind == "table" and fields[value] then
    owners[value] = self
  elseif kind == "table" and not getmetatable(value) then
    for _, item in ipairs(value) do
      if type(item) == "userdata" or fields[item] then owners[item] = self end
    end
  end
end

--- The outermost module that a part belongs to, as far as is known; the part itself if it belongs to none.
function parts.outermost(part)
  local seen = {}
  while owners[part] and not seen[part] do
    seen[part] = true
    part = owners[part]
  end
  return part
end

--- `self.name = value` for a field that is not set yet.
function parts.set(self, name, value)
  remember(self, name)
  own(self, value)
  rawset(self, name, value)
end

--- The same for a tensor that is not trained.
function parts.set_buffer(self, name, tensor)
  remember(self, name).buffers[name] = true
  rawset(self, name, tensor)
end

function parts.is_module(value) return type(value) == "table" and fields[value] ~= nil end

-- Models written in Swift behave like layers.
local function acts_as_layer(value)
  if type(value) ~= "userdata" then return false end
  local indexed, method = pcall(function() return value.named_parameters end)
  return indexed and type(method) == "function"
end

-- "parameter", "tensor", "module", "layer" or nil.
local function kind_of(value)
  if type(value) == "table" then return fields[value] and "module" or nil end
  if type(value) ~= "userdata" then return nil end
  return core.kind(value) or acts_as_layer(value) and "layer" or nil
end

-- A plain table may hold parts; one with a metatable is somebody's object.
local function is_plain(value) return type(value) == "table" and not fields[value] and not getmetatable(value) end

-- Calls `visit` for the parts in a plain table, places first and then names in their order, and in the tables inside it.
local function inside(table_, name, visit, seen)
  if seen[table_] then return end
  seen[table_] = true
  local keys, count = {}, #table_
  for i = 1, count do keys[i] = i end
  local named = {}
  for key in next, table_ do
    if type(key) == "string" then named[#named + 1] = key end
  end
  table.sort(named)
  table.move(named, 1, #named, count + 1, keys)
  for _, key in ipairs(keys) do
    local item = rawget(table_, key)
    local kind = kind_of(item)
    if kind and kind ~= "tensor" then
      visit(name .. "." .. key, kind, item)
    elseif is_plain(item) then
      inside(item, name .. "." .. key, visit, seen)
    end
  end
end

--- Calls `visit(name, kind, value)` for each part of a module in order: kind is "parameter", "buffer", "layer" or "module".
--- A table of parts counts as several, named `field.1`, `field.2`, … or `field.name`.
function parts.direct(self, visit)
  local own = fields[self]
  if not own then expect.wrong("module", "self", "a module, made by calling its class", self) end
  for _, name in ipairs(own.order) do
    local value = rawget(self, name)
    local kind = kind_of(value)
    if kind == "tensor" or own.buffers[name] and kind == "parameter" then
      if own.buffers[name] then visit(tostring(name), "buffer", value) end
    elseif kind then
      visit(tostring(name), kind, value)
    elseif is_plain(value) then
      inside(value, tostring(name), visit, {})
    end
  end
end

-- Names and tensors of a layer, each with its kind.
local function layer_state(layer, add)
  if core.kind(layer) == "layer" then
    local buffers = {}
    for name in layer:named_buffers() do buffers[name] = true end
    for name, tensor in layer:named_state() do add(name, buffers[name] and "buffer" or "parameter", tensor) end
    return
  end
  for name, tensor in pairs(layer:named_parameters()) do add(name, "parameter", tensor) end
end

--- Names and tensors of a module and all its parts, in order; only parameters or buffers where `wanted` says so.
---@param self table
---@param wanted? "parameter"|"buffer"
---@return string[] names, userdata[] tensors
function parts.collect(self, wanted)
  local names, tensors, path = {}, {}, {}
  local function add(name, kind, tensor)
    if wanted and kind ~= wanted then return end
    names[#names + 1], tensors[#tensors + 1] = name, tensor
  end
  local function walk(module, prefix)
    -- A child may hold its parent.
    if path[module] then return end
    path[module] = true
    parts.direct(module, function(name, kind, value)
      name = prefix .. name
      if kind == "module" then
        walk(value, name .. ".")
      elseif kind == "layer" then
        layer_state(value, function(inner, inner_kind, tensor) add(name .. "." .. inner, inner_kind, tensor) end)
      else
        add(name, kind, value)
      end
    end)
    path[module] = nil
  end
  walk(self, "")
  return names, tensors
end

--- The name of a part, looked for in a module and the modules inside it: `encoder.2`; nil if it is not there.
---@param self table
---@param wanted any a module or a layer
---@return string|nil
function parts.path(self, wanted)
  local found
  local seen = {}
  local function walk(module, prefix)
    if seen[module] then return end
    seen[module] = true
    parts.direct(module, function(name, kind, value)
      if found then return end
      if rawequal(value, wanted) then
        found = prefix .. name
      elseif kind == "module" then
        walk(value, prefix .. name .. ".")
      end
    end)
  end
  walk(self, "")
  return found
end

--- Calls `body(part, name)` for a module, whose name is "", and for each module and layer inside it, once each.
function parts.each(self, body)
  local seen = {}
  local function walk(module, prefix, own)
    if seen[module] then return end
    seen[module] = true
    body(module, own)
    parts.direct(module, function(name, kind, value)
      if kind == "module" then
        walk(value, prefix .. name .. ".", prefix .. name)
      elseif kind == "layer" and not seen[value] then
        seen[value] = true
        body(value, prefix .. name)
      end
    end)
  end
  walk(self, "", "")
end

return parts
