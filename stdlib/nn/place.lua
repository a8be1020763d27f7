-- Where in a model a failing call was made: "encoder.2 (nn.Linear(5 -> 2)): linear: x: expected …; shapes: input [32, 1600] -> encoder.1
-- [32, 400]". When something fails, the modules that were called are found on the stack; of what ran before only the shapes that the
-- layers made are known, and when each module was last called.

local core = require "jetlua.core.nn"
local parts = require "jetlua.nn.parts"
local text = require "jetlua.internal.text"

-- A script may put other functions in their place.
local getinfo, getlocal = debug.getinfo, debug.getlocal
local layer_calls = core.layer_calls

local place = {}

-- How many calls of layers there had been when each module was last called, and the modules all of whose methods say so.
local begun, always = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "k" })

--- Notes that a module is called now: the shapes shown when it fails are those from here on. With `whole` every method of the module
--- that computes says so; else only `place.call` does, the function that modules are called by.
function place.begin(module, whole)
  begun[module] = layer_calls()
  if whole then always[module] = true end
end

-- The innermost and the outermost module among the first arguments of the functions on the stack, and the outermost of which it
-- is known when it was called.
local function modules_on_stack()
  local inner, outer, called
  for level = 3, 200 do
    local frame = getinfo(level, "f")
    if not frame then break end
    local _, value = getlocal(level, 1)
    if parts.is_module(value) then
      inner, outer = inner or value, value
      if frame.func == place.call or always[value] then called = value end
    end
  end
  return inner, outer, called
end

-- Own parameters of a module as " (heads.2.weight [4, 8], heads.2.bias [4])"; a layer's are in its printout.
local function parameters_of(module, path)
  local shapes = {}
  parts.direct(module, function(name, kind, value)
    if kind == "parameter" then shapes[#shapes + 1] = ("%s.%s %s"):format(path, name, text.shape(value.shape)) end
  end)
  -- A long list would hide the message.
  return #shapes > 0 and #shapes <= 4 and " (" .. table.concat(shapes, ", ") .. ")" or ""
end

-- The path of a part in the largest model it is known to be in.
local function path_of(part, outer)
  -- A tail call leaves no trace of the module that made it, so that the outermost one on the stack may be inside another.
  for _, root in ipairs { parts.outermost(outer or part), outer } do
    local path = parts.is_module(root) and not rawequal(root, part) and parts.path(root, part)
    if path then return path, root end
  end
end

-- Layers that a long trail names.
local shown_first, shown_last = 3, 7

-- "; shapes: input [2, 7] -> encoder.1 [2, 4] -> encoder.2 [2, 4]" of the layers that ran since `called` was called.
local function trail(root, called)
  local calls = called and core.layer_trail(begun[called]) or {}
  if #calls == 0 then return "" end
  local names = {}
  parts.each(root, function(part, name)
    local serial = type(part) == "userdata" and core.layer_serial(part)
    if serial then names[serial] = name end
  end)
  local steps = { "input " .. text.shape(calls[1].from) }
  for _, call in ipairs(calls) do steps[#steps + 1] = ("%s %s"):format(names[call.serial] or "a layer", text.shape(call.to)) end
  if #steps > shown_first + shown_last + 1 then
    local left_out = #steps - shown_first - shown_last
    table.move(steps, #steps - shown_last + 1, #steps, shown_first + 2)
    for i = #steps, shown_first + shown_last + 2, -1 do steps[i] = nil end
    steps[shown_first + 1] = ("%d more"):format(left_out)
  end
  return "; shapes: " .. table.concat(steps, " -> ")
end

local function explain(message, first)
  local inner, outer, called = modules_on_stack()
  local layer = core.kind(first) == "layer" and first or nil
  for _, part in ipairs { layer or inner, layer and inner } do
    local path, root = path_of(part, outer)
    if path then
      if layer and rawequal(part, layer) then return ("%s (%s): %s%s"):format(path, layer, message, trail(root, called)) end
      return ("%s: %s%s%s"):format(path, message, parameters_of(part, path), trail(root, called))
    end
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
