local Schedule = require "jetlua.optim.Schedule"

--- Starts at `start_factor` times the learning rate and grows linearly to all of it in `total_iters` epochs, as PyTorch's
--- LinearLR: `optim.WarmupLR(adam, {start_factor = 0.1, total_iters = 5})`.
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.WarmupLR(adam, {start_factor = 0.1, total_iters = 3})
---     for epoch = 1, 3 do schedule:step() end
---     adam.lr --> 0.1
---@param optimizer optim.Optimizer
---@param options { start_factor: number, total_iters: integer } 1/3 and 5 by default
---@return optim.Schedule
return Schedule.define("WarmupLR",
  { { "start_factor", default = 1 / 3, min = 0, max = 1 }, { "total_iters", default = 5, integer = true, min = 1 } },
  function(epoch, options)
    return options.start_factor + (1 - options.start_factor) * math.min(epoch / options.total_iters, 1)
  end)
