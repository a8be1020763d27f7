local Schedule = require "jetlua.optim.Schedule"

--- Takes the learning rate along half a cosine to `eta_min` in `T_max` epochs, and back up after them:
--- eta_min + (lr − eta_min)(1 + cos(π epoch/T_max))/2 (arXiv:1608.03983, eq. 5 without restarts).
return Schedule.define("CosineLR", { { "T_max", integer = true, min = 1 }, { "eta_min", default = 0, min = 0 } },
  function(epoch, options, base)
    if base == 0 then return 1 end
    return (options.eta_min + (base - options.eta_min) * (1 + math.cos(math.pi * epoch / options.T_max)) / 2) / base
  end)
