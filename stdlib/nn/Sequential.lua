local Module = require "jetlua.nn.Module"
local expect = require "jetlua.internal.expect"
local core = require "jetlua.core.nn"

local forward_dense, forward_pair = core.forward_dense, core.forward_pair

--- Layers one after the other: `nn.Sequential(nn.Linear(4, 8), nn.ReLU())`, or a list of them.
--- The parts are `model[1]`, `model[2]`, …, their names `1.weight`, `1.bias`, …; anything that can be called may be one.
---@class nn.Sequential: nn.Module
---
---     nn.Sequential(nn.Linear(4, 2), nn.ReLU())(tensor.ones(3, 4)).shape --> {3, 2}
local Sequential = Module:extend("nn.Sequential")

local function callable(value)
  if type(value) == "function" then return true end
  if type(value) == "table" then
    local metatable = getmetatable(value)
    return type(metatable) == "table" and metatable.__call ~= nil
  end
  local indexed, forward = pcall(function() return value.forward end)
  return type(value) == "userdata" and indexed and forward ~= nil
end

function Sequential:init(...)
  local list, count = { ... }, select("#", ...)
  if count == 1 and type(list[1]) == "table" and not callable(list[1]) then
    list = list[1]
    count = #list
  end
  for i = 1, count do
    if not callable(list[i]) then expect.wrong("Sequential", ("layers[%d]"):format(i), "a layer, a module or a function", list[i]) end
    self[i] = list[i]
  end
end

--- Adds a layer at the end.
---
---     #nn.Sequential(nn.Linear(2, 3)):append(nn.ReLU()) --> 2
---@param layer any a layer, a module or a function
---@return nn.Sequential self
function Sequential:append(layer)
  if not callable(layer) then expect.wrong("append", "layer", "a layer, a module or a function", layer) end
  self[#self + 1] = layer
  return self
end

--- The last part's result.
---
---     nn.Sequential(nn.ReLU()):forward(tensor{-1, 2}) --> [0., 2.]
---@param x tensor|sparse_rows
---@return tensor
function Sequential:forward(x)
  local i, count = 1, #self
  while i <= count do
    -- Dense layers with ReLUs between them are one pass over the numbers, and so is a single one with the ReLU behind it.
    local dense, behind = nil, nil
    if i + 1 < count then dense, behind = forward_dense(self, i, x) end
    if dense then
      x, i = dense, behind
    else
      local both = i < count and forward_pair(self[i], self[i + 1], x)
      if both then
        x, i = both, i + 2
      else
        x, i = self[i](x), i + 1
      end
    end
  end
  return x
end

return Sequential
