local Schedule = require "jetlua.optim.Schedule"

--- Multiplies the learning rate by `gamma` every epoch: `optim.ExponentialLR(adam, {gamma = 0.95})`.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.ExponentialLR(adam, {gamma = 0.5})
---     for epoch = 1, 2 do schedule:step() end
---     adam.lr --> 0.025
---@param optimizer optim.Optimizer
---@param options { gamma: number }
---@return optim.Schedule
return Schedule.define("ExponentialLR", { { "gamma", min = 0 } }, function(epoch, options) return options.gamma ^ epoch end)
