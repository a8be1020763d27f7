local Schedule = require "jetlua.optim.Schedule"

--- Multiplies the learning rate by `gamma` every epoch: `optim.ExponentialLR(adam, {gamma = 0.95})`.
return Schedule.define("ExponentialLR", { { "gamma", min = 0 } }, function(epoch, options) return options.gamma ^ epoch end)
