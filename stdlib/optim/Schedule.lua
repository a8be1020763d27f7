-- What learning-rate schedules have in common. The learning rate of an optimizer is its starting rate times one factor
-- from each of its schedules, so that several may act together (a warm-up and a decay, say) and none drifts by rounding.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

--- A learning-rate schedule: `schedule:step()` once per epoch.
---@class optim.Schedule
---@field epoch integer epochs gone
local Schedule = {}
Schedule.__index = Schedule
Schedule.__name = "optim.Schedule"

-- For each optimizer its schedules, and for each of its groups of parameters { group, base =, current = }: the starting rate and the
-- rate last set.
local known = setmetatable({}, { __mode = "k" })

local function product(schedules, base)
  local factor = 1
  for _, schedule in ipairs(schedules) do factor = factor * schedule.factor(schedule.epoch, schedule.options, base) end
  return factor
end

local function apply(entry)
  for _, rate in ipairs(entry.rates) do
    rate.current = rate.base * product(entry.schedules, rate.base)
    rate.group.lr = rate.current
  end
end

-- A rate set by hand, and that of a group added since, becomes the rate that the factors act on.
local function look_for_changes(entry, optimizer)
  for i, group in ipairs(optimizer.param_groups or {}) do
    entry.rates[i] = entry.rates[i] or { group = group, base = group.lr }
  end
  for _, rate in ipairs(entry.rates) do
    local lr = rate.group.lr
    if lr ~= rate.current then
      local factor = product(entry.schedules, rate.base)
      rate.base = factor > 0 and lr / factor or lr
    end
  end
end

local function entry_of(optimizer)
  local entry = known[optimizer]
  if not entry then
    entry = { schedules = {}, rates = {} }
    for i, group in ipairs(optimizer.param_groups or { optimizer }) do
      entry.rates[i] = { group = group, base = group.lr, current = group.lr }
    end
    known[optimizer] = entry
  end
  return entry
end

--- Goes to the next epoch (or to `epoch`) and sets the learning rates of the optimizer. Call it once per epoch, after the steps.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.ExponentialLR(adam, {gamma = 0.5})
---     schedule:step()
---     adam.lr --> 0.05
---@param epoch? integer from 0
function Schedule:step(epoch)
  local entry = known[self.optimizer]
  look_for_changes(entry, self.optimizer)
  self.epoch = epoch and expect.number(self.name .. ":step", "epoch", epoch, { integer = true, min = 0 }) or self.epoch + 1
  apply(entry)
end

--- The learning rate in use, of each group of parameters.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     optim.WarmupLR(adam, {start_factor = 0.5}):last_lr() --> 0.05
---@return number ...
function Schedule:last_lr()
  local rates, entry = {}, known[self.optimizer]
  look_for_changes(entry, self.optimizer)
  for i, rate in ipairs(entry.rates) do rates[i] = rate.group.lr end
  return table.unpack(rates)
end

--- What a checkpoint keeps: the epoch, and the starting rate of each group of parameters.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     optim.ExponentialLR(adam, {gamma = 0.5}):state_dict() --> {base = {0.1}, epoch = 0, name = "ExponentialLR"}
---@return { name: string, epoch: integer, base: number[] }
function Schedule:state_dict()
  local base, entry = {}, known[self.optimizer]
  look_for_changes(entry, self.optimizer)
  for i, rate in ipairs(entry.rates) do base[i] = rate.base end
  return { name = self.name, epoch = self.epoch, base = base }
end

--- Goes on where `state_dict` was taken.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.ExponentialLR(adam, {gamma = 0.5})
---     schedule:load_state_dict({name = "ExponentialLR", epoch = 2, base = {0.1}})
---     adam.lr --> 0.025
---@param state table
function Schedule:load_state_dict(state)
  local where = self.name .. ":load_state_dict"
  if type(state) ~= "table" then expect.wrong(where, "state", "a table", state) end
  if state.name ~= self.name then raise("%s: expected the state of a %s, got that of a %s", where, self.name, tostring(state.name)) end
  local epoch = expect.number(where, "epoch", state.epoch, { integer = true, min = 0 })
  local entry, base = known[self.optimizer], {}
  look_for_changes(entry, self.optimizer)
  if type(state.base) ~= "table" then expect.wrong(where, "base", "a list of learning rates", state.base) end
  if #state.base ~= #entry.rates then
    raise("%s: base: expected %d learning rates, one for each group of parameters, got %d", where, #entry.rates, #state.base)
  end
  for i, value in ipairs(state.base) do base[i] = expect.number(where, ("base[%d]"):format(i), value, { min = 0 }) end
  self.epoch = epoch
  for i, rate in ipairs(entry.rates) do rate.base = base[i] end
  apply(entry)
end

function Schedule:__tostring()
  local shown = {}
  for i, field in ipairs(self.fields) do
    local value = self.options[field[1]]
    shown[i] = field[1] .. " = " .. (type(value) == "table" and "{" .. table.concat(value, ", ") .. "}" or text.number(value))
  end
  return ("optim.%s(%s)"):format(self.name, table.concat(shown, ", "))
end

local function read(name, fields, ...)
  local where, names, given, count = "optim." .. name, {}, {}, select("#", ...)
  for i, field in ipairs(fields) do names[i] = field[1] end
  -- Called with nil for want of options: as without.
  while count > 0 and (select(count, ...)) == nil do count = count - 1 end
  local last = count > 0 and select(count, ...) or nil
  -- A list is a value; a table by name holds the options.
  if type(last) == "table" and #last == 0 then
    given = expect.options(where, last, names)
    count = count - 1
  end
  if count > #fields then raise("%s: expected at most %d arguments after the optimizer, got %d", where, #fields, count) end
  for i = 1, count do
    local value = select(i, ...)
    if value ~= nil then given[names[i]] = value end
  end
  local options = {}
  for _, field in ipairs(fields) do
    local key, value = field[1], given[field[1]]
    if value == nil then value = field.default end
    if value == nil then raise("%s: option %s is missing", where, key) end
    options[key] = field.read and field.read(where, key, value) or expect.number(where, key, value, field)
  end
  return where, options
end

--- A kind of schedule. `fields` are `{name, default =, min =, max =, integer =, read =}`; `factor(epoch, options, base)` is
--- what the starting rate `base` is multiplied by after `epoch` steps.
function Schedule.define(name, fields, factor)
  return function(optimizer, ...)
    local where, options = read(name, fields, ...)
    local indexed, lr = pcall(function() return optimizer.lr end)
    if not indexed or type(lr) ~= "number" then expect.wrong(where, "optimizer", "an optimizer", optimizer) end
    local entry = entry_of(optimizer)
    look_for_changes(entry, optimizer)
    local self = setmetatable({ name = name, fields = fields, factor = factor, options = options, optimizer = optimizer, epoch = 0 }, Schedule)
    table.insert(entry.schedules, self)
    apply(entry)
    return self
  end
end

return Schedule
