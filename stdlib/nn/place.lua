-- Where in a model a failing call was made: "encoder.2: linear: x: expected …". Nothing is kept while a model runs; when
-- something fails, the modules that were called are found on the stack.

local core = require "jetlua.core.nn"
local parts = require "jetlua.nn.parts"
local text = require "jetlua.internal.text"

-- A script may put other functions in their place.
local getinfo, getlocal = debug.getinfo, debug.getlocal

local place = {}

-- The innermost and the outermost module among the first arguments of the functions on the stack.
local function modules_on_stack()
  local inner, outer
  for level = 3, 200 do
    if not getinfo(level, "l") then break end
    local _, value = getlocal(level, 1)
    if parts.is_module(value) then inner, outer = inner or value, value end
  end
  return inner, outer
end

-- Own parameters of a layer or module as " (encoder.2.weight [4, 8], encoder.2.bias [4])".
local function parameters_of(part, path)
  local shapes = {}
  local function add(name, tensor) shapes[#shapes + 1] = ("%s.%s %s"):format(path, name, text.shape(tensor.shape)) end
  if parts.is_module(part) then
    parts.direct(part, function(name, kind, value) if kind == "parameter" then add(name, value) end end)
  else
    for name, tensor in pairs(part:named_parameters()) do add(name, tensor) end
  end
  -- A long list would hide the message.
  return #shapes > 0 and #shapes <= 4 and " (" .. table.concat(shapes, ", ") .. ")" or ""
end

-- The path of a part in the largest model it is known to be in.
local function path_of(part, outer)
  -- A tail call leaves no trace of the module that made it, so that the outermost one on the stack may be inside another.
  for _, root in ipairs { parts.outermost(outer or part), outer } do
    local path = parts.is_module(root) and not rawequal(root, part) and parts.path(root, part)
    if path then return path end
  end
end

local function explain(message, first)
  local inner, outer = modules_on_stack()
  local layer = core.kind(first) == "layer" and first or nil
  for _, part in ipairs { layer or inner, layer and inner } do
    local path = path_of(part, outer)
    if path then return ("%s: %s%s"):format(path, message, parameters_of(part, path)) end
  end
  return message
end

--- Lets errors of native functions name the part of the model that made the call.
function place.install()
  -- The plain interpreter, in which some tests run, has no host.
  local hosted, host = pcall(require, "jetlua.core.host")
  if hosted then host.on_failure(explain) end
end

return place
