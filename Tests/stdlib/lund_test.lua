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

-- Substructure of one jet
local jet = { { 50, 50, 0, 0 }, { 20, 16, 12, 0 }, { 1, 0, 1, 0 } }
local taus = jets.nsubjettiness(jet)
equal(#taus, 4)
-- The kt subjets of two are the hardest alone and the other two added; one axis is their sum.
near(jets.nsubjettiness(jet, { N = 3 }), 0, 1e-12)
near(jets.nsubjettiness(tensor(jet, { dtype = "float64" }), { N = 2 }), taus[2], 1e-12)
near(jets.nsubjettiness(jet, { N = 2, beta = 2, R = 1 }) * 71, 20 * (math.atan(13, 16) - math.atan(12, 16)) ^ 2
  + (math.pi / 2 - math.atan(13, 16)) ^ 2, 1e-9)
check(jets.nsubjettiness(jet, { N = 1, axes = "onepass_kt" }) <= taus[1])
local dropped = jets.soft_drop(jet, { zcut = 0.1 })
near(dropped.rg, math.atan(12, 16), 1e-9)
near(dropped.zg, 2 / 7, 1e-9)
equal({ jets.soft_drop({}).mass, jets.soft_drop(jet, { zcut = 0.5 }).zg, jets.trim(jet, { fraction = 0.5 }).pt }, { 0.0, 0.0, 50.0 })
local ecf = jets.energy_correlations(jet, { beta = 2 })
near(ecf.c2, ecf.e3 / ecf.e2 ^ 2, 1e-12)
near(ecf.d2, ecf.e3 / ecf.e2 ^ 3, 1e-12)
equal({ jets.energy_correlations({}).c2, jets.energy_correlations({}).e2 }, { nil, 0.0 })

-- The same as columns
local thousand = sample:take(1000)
local tau21, undefined = thousand:column("tau21")
equal({ #tau21, undefined, tau21.dtype }, { 1000, 0, "float64" })
equal(#thousand:where("tau21 < 0.4"), tau21:lt(0.4):sum():item())
equal(#thousand:where(function(s) return s:column("trimmed_mass"):gt(100) end), #thousand:where("trimmed_mass > 100"))
equal({ thousand:column("pt"):eq(thousand.pt):all():item(), select(2, thousand:column("pt")) }, { true, 0 })
check(not thousand:column("c2", { beta = 2 }):eq((thousand:column("c2"))):any():item())
local tops, qcd = sample:where("label == 1"):take(1000), sample:where("label == 0"):take(1000)
check(tops:column("tau32"):mean():item() < qcd:column("tau32"):mean():item(), "tops are three-pronged")
check(tops:column("soft_drop_mass"):mean():item() > 2 * qcd:column("soft_drop_mass"):mean():item(), "tops are heavy")

raises("nsubjettiness: beta: expected 1 or more for axes \"onepass_kt\", got 0.5", jets.nsubjettiness, jet, { beta = 0.5, axes = "onepass_kt" })
raises("nsubjettiness: particle 1 has a component that is not finite", jets.nsubjettiness, { { 0 / 0, 1, 0, 0 } })
raises("nsubjettiness: N: expected an integer in 1...100, got 0", jets.nsubjettiness, jet, { N = 0 })
raises("soft_drop: zcut: expected a share from 0 to 0.5, got 2", jets.soft_drop, jet, { zcut = 2 })
raises("trim: fraction: expected a share from 0 to 1, got -1", jets.trim, jet, { fraction = -1 })
raises("energy_correlations: beta: expected an exponent above 0", jets.energy_correlations, jet, { beta = 0 })
raises("column: name: expected a column (pt, eta, phi", thousand.column, thousand, "tau99")
raises('did you mean "beta"?', thousand.column, thousand, "tau1", { bet = 1 })
raises('unknown option "beta"', thousand.column, thousand, "pt", { beta = 1 })

-- Junk ends in an error, never in a crash
local junk = {
  false, 0, -1, 1.5, 0 / 0, 1 / 0, math.maxinteger, math.mininteger, "", "kt", {}, { 1 }, { {} }, { 3, 1 }, { 0, 1 }, { -1e308, 1e308 }, print,
}
math.randomseed(4)
local few, names = sample:take(20), { "kind", "size", "plane", "x", "y", "weight", "kt_min", "normalise" }
for _ = 1, 1500 do
  pcall(few.lund_images, few, { [names[math.random(#names)]] = junk[math.random(#junk)], [names[math.random(#names)]] = junk[math.random(#junk)] })
end
local functions = { jets.nsubjettiness, jets.soft_drop, jets.trim, jets.energy_correlations }
local keys = { "N", "beta", "R", "axes", "zcut", "fraction" }
junk[#junk + 1] = jet
junk[#junk + 1] = { { 1e300, 1e300, 1e300, 0 }, { 1e300, -1e300, 0, 0 }, { 5e-324, 5e-324, 0, 1 } }
for _ = 1, 3000 do
  pcall(functions[math.random(4)], junk[math.random(#junk)], { [keys[math.random(#keys)]] = junk[math.random(#junk)] })
  pcall(few.column, few, ({ "tau21", "c2", "trimmed_mass", "soft_drop_mass", "" })[math.random(5)], { [keys[math.random(#keys)]] = junk[math.random(#junk)] })
end
equal(#few, 20)

testing.finish()
