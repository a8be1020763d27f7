-- Models written in Lua. A module's fields that hold parameters, layers, other modules or lists of them are its parts, in the
-- order in which the fields were first set; they are looked at when they are asked for, so that a field may change.

local core = require "jetlua.core.nn"
local expect = require "jetlua.internal.expect"
local files = require "jetlua.nn.files"
local parts = require "jetlua.nn.parts"
local raise = require "jetlua.internal.raise"
local settings = require "jetlua.internal.settings"
local place = require "jetlua.nn.place"
local summary = require "jetlua.nn.summary"
local text = require "jetlua.internal.text"

--- What models written in Lua extend: `local Net = nn.Module:extend("Net")`, with `Net:init(…)` setting fields and
--- `Net:forward(x)` computing. Fields that hold `nn.Parameter`, layers, modules or lists of them are its parts; `print(model)` shows them.
---
---     Net = nn.Module:extend("Net")
---     function Net:init() self.layer = nn.Linear(4, 1) end
---     function Net:forward(x) return self.layer(x) end
---     Net() --> Net…layer…
---@class nn.Module
---@operator call(any): any
---@field training boolean whether it acts as in training
local Module = {}
Module.__index = Module
Module.__name = "nn.Module"

Module.__newindex = parts.set

local begin = place.begin

local function results(_, ...) return ... end

-- No tail call: an error inside looks on the stack for the modules that were called.
function Module.__call(self, ...)
  begin(self)
  return results(self, self:forward(...))
end

place.call = Module.__call
if settings.profile then Module.__call = require("jetlua.internal.profile").around(Module.__call) end

function Module.__tostring(self) return summary(self) end

local function construct(class, ...)
  local self = parts.new(class)
  class.init(self, ...)
  return self
end

local function describe_class(class) return "class " .. class.__name end

setmetatable(Module, { __call = construct, __tostring = describe_class })
place.install()

--- Makes a class of modules; `Class(…)` makes one and runs `Class:init(…)` on it.
---
---     Net = nn.Module:extend("Net")
---     function Net:init(width) self.layer = nn.Linear(width, 1) end
---     function Net:forward(x) return self.layer(x):relu() end
---     Net(3)(tensor.ones(5, 3)).shape --> {5, 1}
---@param name string what its modules are called when they are printed
---@return table
function Module:extend(name)
  expect.string("extend", "name", name)
  local class = {}
  for key, value in pairs(self) do
    if type(key) == "string" and key:sub(1, 2) == "__" then class[key] = value end
  end
  class.__index = class
  class.__name = name
  return setmetatable(class, { __index = self, __call = construct, __tostring = describe_class })
end

--- Sets the fields; a class says its own.
---
---     nn.Module:extend("Net")() --> Net…
function Module:init() end

--- What the module makes of its input; `module(x)` calls it. A class must say its own.
---
---     nn.Module:extend("Net")():forward() --> error: …Net: forward: not defined; write function Net:forward(x)
function Module:forward()
  raise("%s: forward: not defined; write function %s:forward(x)", getmetatable(self).__name, getmetatable(self).__name)
end

--- Sets the field `name` to a tensor that belongs to the state but is not trained, and returns it.
---
---     model = nn.Sequential(nn.ReLU())
---     model:buffer("scale", tensor{2}) --> [2.]
---@param name string
---@param tensor tensor
---@return tensor
function Module:buffer(name, tensor)
  expect.string("buffer", "name", name)
  if not core.kind(tensor) or core.kind(tensor) == "layer" then expect.wrong("buffer", text.shorten(text.one_line(name), 60), "a tensor", tensor) end
  parts.set_buffer(self, name, tensor)
  return tensor
end

--- Every parameter once, as optimizers take them.
---
---     #nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 1)):parameters() --> 4
---@return tensor[]
function Module:parameters()
  local _, tensors = parts.collect(self, "parameter")
  return core.distinct(tensors)
end

--- Every parameter once with its name: `for name, p in model:named_parameters() do`; also `pairs` and by name.
---
---     nn.Sequential(nn.Linear(4, 2)):named_parameters() --> 1.weight [2, 4] float32 1.bias [2] float32
---@return named_tensors
function Module:named_parameters() return core.named(parts.collect(self, "parameter")) end

--- Every buffer once with its name, as `named_parameters`.
---
---     #nn.Sequential(nn.Linear(4, 2)):named_buffers() --> 0
---@return named_tensors
function Module:named_buffers() return core.named(parts.collect(self, "buffer")) end

--- Parameters and buffers under every name they have.
---@private
function Module:named_state()
  local names, tensors = parts.collect(self)
  return core.named(names, tensors, true)
end

--- The modules and layers in the module's own fields.
---
---     #nn.Sequential(nn.Linear(2, 3), nn.ReLU()):children() --> 2
---@return table[]
function Module:children()
  local found = {}
  parts.direct(self, function(_, kind, value)
    if kind == "module" or kind == "layer" then found[#found + 1] = value end
  end)
  return found
end

--- The module (named "") and every module and layer inside it with its path: `for path, part in model:named_modules() do`.
---
---     names = {}
---     for name in nn.Sequential(nn.Linear(2, 3), nn.ReLU()):named_modules() do names[#names + 1] = name end
---     names --> {"", "1", "2"}
---@return fun(): string|nil, any
function Module:named_modules()
  local list, place = {}, 0
  parts.each(self, function(part, name) list[#list + 1] = { name, part } end)
  return function()
    place = place + 1
    if list[place] then return list[place][1], list[place][2] end
  end
end

--- Calls `visit(part)` for every module and layer inside and then for the module itself, to set starting values, say:
--- `model:apply(function(part) if part.__name == "nn.Linear" then nn.init.orthogonal_(part.weight) end end)`.
---
---     model = nn.Sequential(nn.Linear(2, 3))
---     model:apply(function(part) if part.bias then nn.init.zeros_(part.bias) end end)
---     model[1].bias:detach() --> [0., 0., 0.]
---@param visit fun(part: any)
---@return nn.Module self
function Module:apply(visit)
  if type(visit) ~= "function" then expect.wrong("apply", "visit", "a function", visit) end
  local seen = {}
  local function walk(part)
    if seen[part] then return end
    seen[part] = true
    if parts.is_module(part) then
      parts.direct(part, function(_, kind, value)
        if kind == "module" or kind == "layer" then walk(value) end
      end)
    end
    visit(part)
  end
  walk(self)
  return self
end

--- Copies of all parameters and buffers by name.
---
---     nn.Sequential(nn.Linear(4, 2)):state_dict()["1.bias"].shape --> {2}
---@return table<string, tensor>
function Module:state_dict() return core.state_dict(parts.collect(self)) end

--- Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
---
---     a, b = nn.Sequential(nn.Linear(2, 1)), nn.Sequential(nn.Linear(2, 1))
---     b:load_state_dict(a:state_dict())
---     b[1].weight:eq(a[1].weight):all():item() --> true
---@param state table<string, tensor>
---@return nn.Module self
function Module:load_state_dict(state)
  local names, tensors = parts.collect(self)
  core.load_state_dict(names, tensors, state)
  return self
end

--- Writes `state_dict` to a file (`.safetensors`, `.npz` or `.h5`).
---
---     name = os.tmpname() .. ".safetensors"
---     nn.Sequential(nn.Linear(2, 1)):save(name)
---     os.remove(name) --> true
---@param path string
function Module:save(path) files.save(self, path) end

--- Reads what `save` wrote; the module must have the same parts. What differs is raised by name, and then nothing has changed.
---
---     name = os.tmpname() .. ".safetensors"
---     a, b = nn.Sequential(nn.Linear(2, 1)), nn.Sequential(nn.Linear(2, 1))
---     a:save(name)
---     b:load(name)[1].weight:eq(a[1].weight):all():item(), os.remove(name) --> true true
---@param path string
---@return nn.Module self
function Module:load(path) return files.load(self, path) end

--- Puts the module and all its parts in training mode, or out of it.
---
---     nn.Sequential(nn.Dropout(0.5)):train()[1].training --> true
---@param mode? boolean default true
---@return nn.Module self
function Module:train(mode)
  mode = mode == nil or expect.boolean("train", "mode", mode)
  parts.each(self, function(part)
    if type(part) == "table" then
      rawset(part, "training", mode)
    elseif mode then
      part:train()
    else
      part:eval()
    end
  end)
  return self
end

--- Puts the module and all its parts in evaluation mode.
---
---     nn.Sequential(nn.Dropout(0.5)):eval()(tensor{1, 2}) --> [1., 2.]
---@return nn.Module self
function Module:eval() return self:train(false) end

--- Forgets the gradients of all parameters.
---
---     model = nn.Sequential(nn.Linear(2, 1))
---     model(tensor{{1, 2}}):sum():backward()
---     model:zero_grad()
---     model[1].bias.grad --> nil
function Module:zero_grad() core.zero_grad(self:parameters()) end

--- Says whether all parameters want gradients: `false` freezes the module.
---
---     nn.Sequential(nn.Linear(2, 1)):requires_grad(false)[1].weight:requires_grad() --> false
---@param wanted? boolean default true
---@return nn.Module self
function Module:requires_grad(wanted)
  wanted = wanted == nil or expect.boolean("requires_grad", "wanted", wanted)
  for _, parameter in ipairs(self:parameters()) do parameter:requires_grad(wanted) end
  return self
end

--- Converts all parameters and floating-point buffers, in place.
---
---     nn.Sequential(nn.Linear(2, 1)):to("float64")[1].weight.dtype --> float64
---@param dtype "float32"|"float64"
---@return nn.Module self
function Module:to(dtype)
  local _, tensors = parts.collect(self)
  core.to(tensors, dtype)
  return self
end

return Module
