-- The average images of both classes (arXiv:2104.08291, figures 1 and 14): no training.

local tensor = require "tensor"

---@param data table
---@param s { jets: integer }
---@param seed integer
return function(data, s, seed)
  local train = data:split(seed)
  tensor.manual_seed(seed)
  local arrays, numbers = {}, {}
  for label, class in pairs { [0] = "qcd", [1] = "top" } do
    local set = train:where(("label == %d"):format(label)):shuffle():take(s.jets)
    numbers[class] = #set
    arrays["image_" .. class], arrays["lund_" .. class] = set:images():mean():reshape(1600), set:lund_images():mean():reshape(1600)
    arrays["mass_" .. class] = set.mass
  end
  return numbers, arrays
end
