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
return Schedule.define("MultiStepLR", { { "milestones", read = read }, { "gamma", default = 0.1, min = 0 } },
  function(epoch, options)
    local passed = 0
    for _, milestone in ipairs(options.milestones) do
      if milestone <= epoch then passed = passed + 1 end
    end
    return options.gamma ^ passed
  end)
