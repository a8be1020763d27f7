local Schedule = require "jetlua.optim.Schedule"

--- Multiplies the learning rate by `gamma` every `step_size` epochs: `optim.StepLR(adam, {step_size = 30, gamma = 0.1})`.
return Schedule.define("StepLR", { { "step_size", integer = true, min = 1 }, { "gamma", default = 0.1, min = 0 } },
  function(epoch, options) return options.gamma ^ (epoch // options.step_size) end)
