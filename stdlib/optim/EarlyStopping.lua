local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

--- Says when a value stops improving.
---@class optim.EarlyStopping
---@field best number? the best value so far
---@field waited integer epochs since
local EarlyStopping = {}
EarlyStopping.__index = EarlyStopping
EarlyStopping.__name = "optim.EarlyStopping"

-- NaN is a value here: it stops.
local function number(where, value)
  if type(value) == "userdata" then
    local one, item = pcall(function() return value:item() end)
    value = one and item or value
  end
  if type(value) ~= "number" then expect.wrong(where, "value", "a number or a tensor of one element", value) end
  return value
end

--- Takes the value of one more epoch. `stop` says that it has not improved by more than `min_delta` for `patience` epochs, or
--- is NaN; `is_best` that it is the best so far.
---
---     optim.EarlyStopping{patience = 2, mode = "max"}:step(0.9) --> false true
---@param value number|tensor
---@return boolean stop, boolean is_best
function EarlyStopping:step(value)
  value = number("EarlyStopping:step", value)
  if value ~= value then return true, false end
  local sign = self.mode == "min" and 1 or -1
  local is_best = self.best == nil or sign * (self.best - value) > self.min_delta
  if is_best then
    self.best, self.waited = value, 0
  else
    self.waited = self.waited + 1
  end
  return self.waited >= self.patience, is_best
end

--- What a checkpoint keeps.
---
---     optim.EarlyStopping{patience = 2}:state_dict() --> {waited = 0}
---@return { best: number|nil, waited: integer }
function EarlyStopping:state_dict() return { best = self.best, waited = self.waited } end

--- Goes on where `state_dict` was taken.
---
---     early = optim.EarlyStopping{patience = 2}
---     early:load_state_dict({best = 0.5, waited = 1})
---     early:step(0.6) --> true false
---@param state table
function EarlyStopping:load_state_dict(state)
  local where = "EarlyStopping:load_state_dict"
  if type(state) ~= "table" then expect.wrong(where, "state", "a table", state) end
  if state.best ~= nil and type(state.best) ~= "number" then expect.wrong(where, "best", "a number", state.best) end
  local waited = expect.number(where, "waited", state.waited, { integer = true, min = 0 })
  self.best, self.waited = state.best, waited
end

function EarlyStopping:__tostring()
  return ("optim.EarlyStopping(patience = %d, min_delta = %s, mode = %s)"):format(self.patience, text.number(self.min_delta), self.mode)
end

--- Says when a value stops improving: `local early = optim.EarlyStopping{patience = 5}`, then each epoch
--- `local stop, is_best = early:step(loss)`.
---
---     early = optim.EarlyStopping{patience = 1}
---     early:step(0.5) --> false true
---     early:step(0.6) --> true false
---@param options { patience: integer, min_delta: number, mode: "min"|"max" } min_delta 0 and mode "min" by default
---@return optim.EarlyStopping
return function(options)
  local where = "EarlyStopping"
  local given = expect.options(where, options, { "patience", "min_delta", "mode" })
  local mode = given.mode == nil and "min" or given.mode
  if mode ~= "min" and mode ~= "max" then raise('%s: mode: expected "min" or "max", got %s', where, text.describe(mode)) end
  return setmetatable({
    patience = expect.number(where, "patience", given.patience, { integer = true, min = 1 }),
    min_delta = expect.number(where, "min_delta", given.min_delta == nil and 0 or given.min_delta, { min = 0 }),
    mode = mode, waited = 0,
  }, EarlyStopping)
end
