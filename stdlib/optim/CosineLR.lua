local Schedule = require "jetlua.optim.Schedule"

--- Takes the learning rate along half a cosine to `eta_min` in `T_max` epochs, and back up after them:
--- eta_min + (lr − eta_min)(1 + cos(π epoch/T_max))/2 (arXiv:1608.03983, eq. 5 without restarts).
---
---     adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
---     schedule = optim.CosineLR(adam, {T_max = 4})
---     for epoch = 1, 2 do schedule:step() end
---     adam.lr --> 0.05
---@param optimizer optim.Optimizer
---@param options { T_max: integer, eta_min: number } eta_min 0 by default
---@return optim.Schedule
return Schedule.define("CosineLR", { { "T_max", integer = true, min = 1 }, { "eta_min", default = 0, min = 0 } },
  function(epoch, options, base)
    if base == 0 then return 1 end
    return (options.eta_min + (base - options.eta_min) * (1 + math.cos(math.pi * epoch / options.T_max)) / 2) / base
  end)
