local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end
local jets, models, tensor = require "jets", require "models", require "tensor"
local equal, raises, check, near = testing.equal, testing.raises, testing.check, testing.near

-- Images of Lund planes
local sample = jets.sample()
local set = sample:take(400)
local images = set:lund_images()
equal({ #images, images.x.shape[1], images.x.shape[2], images:images() == images }, { 400, 400, 1600, true })
for _, name in ipairs { "label", "mass", "pt", "weight", "index" } do equal(images[name]:totable(), set[name]:totable(), name) end
equal(images.recipe, { kind = "lund", size = 40, plane = 1, x = { 0.0, 7.0 }, y = { -2.0, 5.0 }, weight = "one", kt_min = 0.0, normalise = true })
equal(images.x.recipe, images.recipe)
equal(set:lund_images(images.recipe).x:nnz(), images.x:nnz())
near(images:mean():sum():item(), 1 - images.empty / 400, 1e-5)
local batch = images:batches(64)()
equal({ #batch, #batch.mass, batch.x.shape[2] }, { 64, 64, 1600 })
local a, b = images:split(0.25)
equal({ #a, #b }, { 100, 300 })
local counts = set:lund_images { normalise = false }.x:todense():sum():item()
local fewer = set:lund_images({ normalise = false, kt_min = 1 }).x:todense():sum():item()
check(counts % 1 == 0 and fewer % 1 == 0 and 0 < fewer and fewer < counts, counts)
local other = set:lund_images { plane = 2, size = 20, x = { 0, 5 }, y = { -1, 4 }, weight = "kappa", normalise = false }
equal({ other.x.shape[2], other.recipe.weight }, { 400, "kappa" })

local axes = images:axes { title = "plane" }
equal({ axes.xrange, axes.yrange, axes.origin, axes.title, axes.xlabel }, { { 0.0, 7.0 }, { -2.0, 5.0 }, "lower", "plane", "ln(1/Δ)" })
equal(other:axes().zlabel, "κ")

-- A model keeps the kind of its images.
tensor.manual_seed(1)
local model = models.DirichletVAE { input = 1600, hidden = { 4 } }
model:loss(batch.x)
equal(model.recipe, images.recipe)
raises("images of another recipe than the model's: jet images, not Lund images; make them with :lund_images(model.recipe)",
  model.scores, model, set:images().x)
model.recipe = nil
model.recipe = images.recipe
check(model:scores(set:lund_images(model.recipe).x).kl:isfinite():all():item())

raises('did you mean "plane"?', set.lund_images, set, { plan = 2 })
raises("plane: expected an integer of at least 1, got 0", set.lund_images, set, { plane = 0 })
raises("lund_images: x: expected two ends in ascending order such as {0, 7}, got {7.0, 0.0}", set.lund_images, set, { x = { 7, 0 } })
raises('weight: expected one of "one", "kt", "z", "kappa", got "pt"', set.lund_images, set, { weight = "pt" })
raises("lund_images: kt_min: expected a momentum from 0, got -1", set.lund_images, set, { kt_min = -1 })
raises("images: expected options of jet images, got those of Lund images", set.images, set, images.recipe)
raises("lund_images: no jets are left (read: 20000 -> pt > 1e6: 0)", function() sample:where("pt > 1e6"):lund_images() end)

-- Junk ends in an error, never in a crash
local junk = {
  false, 0, -1, 1.5, 0 / 0, 1 / 0, math.maxinteger, math.mininteger, "", "kt", {}, { 1 }, { {} }, { 3, 1 }, { 0, 1 }, { -1e308, 1e308 }, print,
}
math.randomseed(4)
local few, names = sample:take(20), { "kind", "size", "plane", "x", "y", "weight", "kt_min", "normalise" }
for _ = 1, 1500 do
  pcall(few.lund_images, few, { [names[math.random(#names)]] = junk[math.random(#junk)], [names[math.random(#names)]] = junk[math.random(#junk)] })
end
equal(#few, 20)

testing.finish()
