-- Differentiable functions whose forward and backward rules are written in Lua.

local core = require "jetlua.core.autograd"
local no_grad = require("jetlua.core.tensor").no_grad
local is_tensor = require("jetlua.core.tensor").is_tensor
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"

-- What backward needs, by number. The values live as long as something that was computed from the results: those hold them.
local entries = setmetatable({}, { __mode = "v" })
local last_id = 0

local Context = {}
Context.__index = Context
Context.__name = "autograd.Context"

--- Keeps tensors for backward, which finds them in `ctx.saved_tensors`; a change of one in place is caught then.
---@param ... userdata
function Context:save_for_backward(...)
  local saved = { ... }
  for i = 1, select("#", ...) do
    if not is_tensor(saved[i]) then raise("save_for_backward: argument %d: expected a tensor, got %s; keep other values in fields of ctx", i, type(saved[i])) end
  end
  self.to_save = saved
end

-- Called from Swift.
function core.run(id, saved, ...)
  local entry = entries[id]
  if not entry then raise("backward: what a function written in Lua had kept is gone; hold on to its results until backward") end
  entry.context.saved_tensors = saved
  return entry.backward(entry.context, ...)
end

local Function = {}
Function.__index = Function
Function.__name = "autograd.Function"

function Function:__tostring() return ("autograd.Function(%s)"):format(self.name) end

function Function:__call(...)
  local needs, any = core.needs(...)
  local context = setmetatable({ needs_input_grad = needs }, Context)
  local results = table.pack(no_grad(self.forward, context, ...))
  local places, outputs = {}, {}
  for i = 1, results.n do
    if is_tensor(results[i]) then
      places[#places + 1] = i
      outputs[#outputs + 1] = results[i]
    end
  end
  if #outputs == 0 then raise("%s: forward: expected at least one tensor as result, got none", self.name) end
  local saved = context.to_save or {}
  context.to_save = nil
  if not any then return table.unpack(results, 1, results.n) end
  last_id = last_id + 1
  local entry = { context = context, backward = self.backward }
  entries[last_id] = entry
  local recorded = { core.record(self.name, last_id, entry, outputs, saved, ...) }
  for i, place in ipairs(places) do results[place] = recorded[i] end
  return table.unpack(results, 1, results.n)
end

--- Makes a differentiable function of two rules.
---
--- `forward(ctx, …)` gets the arguments of the call and gives one tensor or several; it runs without recording. `backward(ctx,
--- …)` gets one gradient per tensor that forward gave and returns one per argument of forward, nil for those that are no tensors
--- or need none. `ctx:save_for_backward(…)` keeps tensors, which backward finds in `ctx.saved_tensors`; other values are kept as
--- fields of `ctx`; `ctx.needs_input_grad[i]` says whether the gradient of argument i is wanted.
---     double = autograd.Function { forward = function(ctx, x) return x * 2 end, backward = function(ctx, g) return g * 2 end }
---     x = tensor{3}:requires_grad(true)
---     double(x):sum():backward()
---     x.grad --> [2.]
---@param options {forward: function, backward: function, name?: string}
---@return table
return function(options)
  options = expect.options("Function", options, { "backward", "forward", "name" })
  for _, key in ipairs { "forward", "backward" } do
    if type(options[key]) ~= "function" then raise("Function: %s: expected a function, got %s", key, type(options[key])) end
  end
  if options.name ~= nil and type(options.name) ~= "string" then raise("Function: name: expected a string, got %s", type(options.name)) end
  local made = setmetatable({ name = options.name or "Function", forward = options.forward, backward = options.backward }, Function)
  -- PyTorch's way to call it.
  made.apply = function(...) return made(...) end
  return made
end
