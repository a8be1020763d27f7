local Schedule = require "jetlua.optim.Schedule"

--- Multiplies the learning rate by `gamma` every `step_size` epochs: `optim.StepLR(adam, {step_size = 30, gamma = 0.1})`.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.StepLR(adam, {step_size = 2})
---     for epoch = 1, 2 do schedule:step() end
---     adam.lr --> 0.01
---@param optimizer optim.Optimizer
---@param options { step_size: integer, gamma: number } gamma 0.1 by default
---@return optim.Schedule
return Schedule.define("StepLR", { { "step_size", integer = true, min = 1 }, { "gamma", default = 0.1, min = 0 } },
  function(epoch, options) return options.gamma ^ (epoch // options.step_size) end)
