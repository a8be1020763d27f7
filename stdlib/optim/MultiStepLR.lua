local Schedule = require "jetlua.optim.Schedule"
local expect = require "jetlua.internal.expect"

local function read(where, key, value)
  if type(value) ~= "table" then expect.wrong(where, key, "a list of epochs", value) end
  local milestones = {}
  for i, epoch in ipairs(value) do
    milestones[i] = expect.number(where, ("%s[%d]"):format(key, i), epoch, { integer = true, min = 0 })
  end
  return milestones
end

--- Multiplies the learning rate by `gamma` at each epoch of a list: `optim.MultiStepLR(adam, {milestones = {30, 60}})`.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.MultiStepLR(adam, {milestones = {1, 3}})
---     for epoch = 1, 3 do schedule:step() end
---     adam.lr --> 0.001
---@param optimizer optim.Optimizer
---@param options { milestones: integer[], gamma: number } gamma 0.1 by default
---@return optim.Schedule
return Schedule.define("MultiStepLR", { { "milestones", read = read }, { "gamma", default = 0.1, min = 0 } },
  function(epoch, options)
    local passed = 0
    for _, milestone in ipairs(options.milestones) do
      if milestone <= epoch then passed = passed + 1 end
    end
    return options.gamma ^ passed
  end)
