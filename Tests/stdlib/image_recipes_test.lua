-- Every step of jet images, switched on and off, against numpy and scipy (Tests/reference/image_recipes.py).
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
if not pcall(require, "jetlua.core.jets") then
  testing.skip("this interpreter has no jets")
  testing.finish()
end
local jets, models, tensor = require "jets", require "models", require "tensor"
local equal, raises, check, near = testing.equal, testing.raises, testing.check, testing.near

local set = jets.sample():take(2000)
local reference = tensor.load(testing.folder .. "../Fixtures/image_recipes.npz")
local recipes = 0
for name, expected in pairs(reference) do
  recipes = recipes + 1
  local options = name == "default" and {} or load("return {" .. name .. "}")()
  local images = set:images(options)
  for key, value in pairs(options) do check(images.recipe[key] == value, name) end
  local x = images.x:todense():to("float64")
  local pixel = tensor.arange(0, x.shape[2] - 1):to("float64")
  local got = tensor.stack({
    x:matmul((pixel * math.sqrt(2)):cos()), (x * x):matmul((pixel * math.sqrt(3)):sin()), x:gt(0):to("float64"):sum(2),
  }, 2)
  -- Pixels are stored in single precision, sums over a thousand of them of one sign and the other.
  local scale = x:abs():sum(2):unsqueeze(2) + (x * x):sum(2):unsqueeze(2)
  local worst = ((got - expected:to("float64")):abs() / (scale + 1)):max():item()
  check(worst < 1e-6, ("%s: %g"):format(name, worst))
  equal((got - expected:to("float64")):abs():select(2, 3):max():item(), 0.0, name .. ": active pixels")
end
equal(recipes, 16)

-- A power is the same before and after the division by the sum, provided that follows.
local plain = set:take(300):images().x:todense()
local roots = plain ^ 0.5
local expected = roots / roots:sum(2, true)
near((set:take(300):images({ power = 0.5 }).x:todense() - expected):abs():max():item(), 0, 1e-6)
local unit = set:take(300):images { blur = 1.2, power = 0.5 }
near((unit.x:todense():sum(2) - 1):abs():max():item(), 0, 1e-6)
equal(unit:axes().zlabel, "(p_{T})^{0.5}, unit sum")
equal(set:take(3):images({ power = 2, normalise = false }):axes().zlabel, "(p_{T} [GeV])^{2}")

-- A model keeps the recipe and refuses images of another.
tensor.manual_seed(1)
local model = models.DirichletVAE { input = 1600, hidden = { 4 } }
model:loss(unit.x)
local path = testing.scratch() .. "/model.safetensors"
model:save(path)
local back = models.load(path)
equal({ back.recipe.blur, back.recipe.power }, { 1.2, 0.5 })
check(back:scores(set:take(10):images(back.recipe).x).kl:isfinite():all():item())
raises("images of another recipe than the model's: power=1.0, not 0.5, blur=0.0, not 1.2", back.scores, back, set:take(10):images().x)

raises("images: power: expected an exponent from 0 to 4, got -1", set.images, set, { power = -1 })
raises("images: power: expected an exponent from 0 to 4, got inf", set.images, set, { power = 1 / 0 })
raises("images: blur: expected a width of 0 to 20 pixels, got 21", set.images, set, { blur = 21 })
raises('did you mean "blur"?', set.images, set, { blurr = 1 })

testing.finish()
