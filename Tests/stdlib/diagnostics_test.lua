local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local diagnostics = require "diagnostics"
local jets, models, tensor = require "jets", require "models", require "tensor"
local equal, near, raises, check = testing.equal, testing.near, testing.raises, testing.check

--- A model of known latent coordinates: encode gives back what it is given.
local function model_of(mu, var, prior)
  local model = { encode = function() return mu, var and var:log() or nil end, decode = function(_, z) return z end }
  if prior then model.prior = function() return prior end end
  return model
end

-- Dimension 1 follows the jet, 2 is the prior for every jet, 3 is narrow around 0.
tensor.manual_seed(2)
local n = 4000
local mu = tensor.cat({ 2 * tensor.randn(n, 1), tensor.zeros(n, 1), tensor.zeros(n, 1) }, 2)
local var = tensor.cat({ tensor.full({ n, 1 }, 0.25), tensor.ones(n, 1), tensor.full({ n, 1 }, 0.5) }, 2)
local found = diagnostics.latent(model_of(mu, var), mu)
local expected = 0.5 * (0.25 + mu:select(2, 1):square():mean():item() - 1 - math.log(0.25))
near(found.kl[1], expected, 1e-4)
near(found.kl[2], 0, 1e-12)
near(found.kl[3], 0.5 * (0.5 - 1 - math.log(0.5)), 1e-6)
near(found.kl_total, found.kl[1] + found.kl[3], 1e-12)
equal({ found.is_active, found.active, found.collapsed, found.warning }, { { true, false, false }, 1, false, nil })
near(found.spread[1], mu:select(2, 1):var():item(), 1e-3)
equal(found.noise[2], 1.0)
local shown = tostring(found)
check(shown:find("1 of 3 dimensions are active (spread above 0.01)", 1, true) and not shown:find("warning", 1, true), shown)

-- Collapse: all at the prior, or almost.
local collapsed = diagnostics.latent(model_of(tensor.zeros(50, 2), tensor.ones(50, 2)), mu)
equal({ collapsed.active, collapsed.collapsed }, { 0, true })
check(tostring(collapsed):find("warning: collapsed: no latent dimension depends on the jet", 1, true))
local nearly = diagnostics.latent(model_of(0.2 * mu:narrow(2, 1, 1), tensor.full({ n, 1 }, 0.9)), mu)
equal({ nearly.active, nearly.collapsed }, { 1, true })
check(nearly.warning:find("^close to collapse: the latent space holds 0%.%d+ nats per jet, less than 0.5"), nearly.warning)
equal(diagnostics.latent(model_of(0.2 * mu:narrow(2, 1, 1), tensor.full({ n, 1 }, 0.9)), mu, { collapse = 0 }).collapsed, false)
equal(diagnostics.latent(model_of(mu, var), mu, { active = 100 }).active, 0)

-- A prior of one's own, Gaussian and a mixture; a mixture of two equal components is that Gaussian.
local moved = diagnostics.latent(model_of(mu:narrow(2, 1, 1), var:narrow(2, 1, 1), { mu = { 1 }, var = { 4 } }), mu)
local z = mu:select(2, 1)
near(moved.kl[1], 0.5 * ((0.25 + (z - 1):square():mean():item()) / 4 - 1 + math.log(4) - math.log(0.25)), 1e-4)
near(moved.spread[1], z:var():item() / 4, 1e-3)
local mixture = { weights = tensor { 0.3, 0.7 }, means = tensor { { 1 }, { 1 } }, variances = tensor { { 4 }, { 4 } } }
near(diagnostics.latent(model_of(mu:narrow(2, 1, 1), var:narrow(2, 1, 1), mixture), mu).kl[1], moved.kl[1], 1e-6)
-- Two far modes, the posterior in one of them: ln 2 more than from that mode alone.
mixture = { weights = tensor { 0.5, 0.5 }, means = tensor { { -20 }, { 20 } }, variances = tensor { { 1 }, { 1 } } }
local far = diagnostics.latent(model_of(tensor.full({ 10, 1 }, 20), tensor.full({ 10, 1 }, 0.25), mixture), mu)
near(far.kl[1], math.log(2) + 0.5 * (0.25 - 1 - math.log(0.25)), 1e-6)

-- An autoencoder has no divergence; the unit is its widest dimension.
local bottleneck = diagnostics.latent(model_of(tensor.cat({ 50 * tensor.randn(n, 1), tensor.randn(n, 1), tensor.full({ n, 1 }, 3) }, 2)), mu)
equal({ bottleneck.kl, bottleneck.kl_total, bottleneck.is_active }, { nil, nil, { true, false, false } })
check(tostring(bottleneck):find("in units of that of the widest dimension", 1, true))
check(diagnostics.latent(model_of(tensor.full({ 9, 1 }, 3)), mu).warning:find("the bottleneck is the same for every jet", 1, true))

-- What the latent space knows.
local known = diagnostics.correlations(model_of(mu), mu, { cube = z ^ 3, minus = -z, other = tensor.rand(n) })
near(known.cube[1], 1, 1e-12)
near(known.minus[1], -1, 1e-12)
equal(known.cube[2], 0.0)
check(math.abs(known.other[1]) < 0.06)

-- Drift: shift, scale, order.
local base = tensor.randn(n, 2)
local still = diagnostics.drift(base, base)
equal({ still.displacement, still.shift, still.scale, still.dimensions }, { 0.0, 0.0, 0.0, 2 })
near(still.rank, 0, 1e-12)
local shifted = diagnostics.drift(base, base + 0.5)
near(shifted.shift, 0.5 * ((1 / base:select(2, 1):std():item()) + (1 / base:select(2, 2):std():item())) / 2, 1e-5)
near(shifted.displacement, shifted.shift, 1e-5)
near(shifted.rank, 0, 1e-9)
near(diagnostics.drift(base, 3 * base).scale, math.log(3), 1e-5)
near(diagnostics.drift(base, -base).rank, 0, 1e-9)
check(diagnostics.drift(base, tensor.randn(n, 2)).rank > 0.9)
equal(diagnostics.drift({ { 1, 5 }, { 2, 5 } }, { { 1, 5 }, { 2, 5 } }).dimensions, 1)
raises("diagnostics.drift: before and after: expected the same jets, at least two, in the same dimensions, got [2, 1] and [3, 1]",
  diagnostics.drift, { 1, 2 }, { 1, 2, 3 })
raises("diagnostics.drift: before: expected latent coordinates [N, D], got nil", diagnostics.drift)

-- A trace of a model that moves by 1 and then by 0.1 per epoch.
local place = tensor.randn(500, 1)
local moving = { encode = function(self) return place + self.at, tensor.zeros(500, 1) end, decode = function(_, w) return w end, at = 0 }
local trace = diagnostics.trace(moving, place)
raises("trace:histograms: nothing was recorded", trace.histograms, trace)
for epoch, at in ipairs { 0, 1, 1.1 } do
  moving.at = at
  trace:record(epoch)
end
moving.at = 1.5
trace:record(7)
local drift = trace:drift()
local unit = place:std():item()
equal(drift.epoch, { 2, 3, 7 })
near(drift.displacement[1] * unit, 1, 1e-5)
near(drift.shift[2] * unit, 0.1, 1e-5)
near(drift.displacement[3] * unit, 0.1, 1e-5)
near(drift.rank[1], 0, 1e-9)
check(tostring(trace:figure { logy = false }):find("^plot.line, 2 series"))
check(tostring(trace:figure { logy = false, others = { b = trace } }):find("^plot.line, 2 series"))
check(tostring(trace:histograms { label = place:select(2, 1):gt(0):to "int64", epochs = { 1, 7 } }):find("2 panels, 4 series"))
local far = diagnostics.trace({ encode = function(_, x) return x end }, tensor.cat({ tensor.linspace(-1, 1, 398), tensor { 500, -300 } }, 1):unsqueeze(2))
far:record(1)
local drawn = testing.scratch() .. "/far.py"
far:histograms():save(drawn)
local plotted = require("jetlua.core.system").read_file(drawn)
check(plotted:find("-0.9", 1, true) and not plotted:find("-2%d%d[,.%]]") and not plotted:find("-300", 1, true), "a few jets do not stretch the axis")
raises("trace:record: epoch: expected one after 7, got 7", trace.record, trace, 7)
raises("diagnostics.trace: model: expected a model with encode(), got an empty table", diagnostics.trace, {}, place)

-- Pictures, of any model and of every model there is.
local set = jets.sample():take(60)
local images = set:images()
local made = { models.DirichletVAE { input = 1600, hidden = { 8 }, alpha = { 1, 0.25, 0.1 } } }
for _, name in ipairs { "Autoencoder", "VAE", "GaussianMixtureVAE" } do
  if models[name] then made[#made + 1] = models[name] { hidden = { 8 } } end
end
for _, model in ipairs(made) do
  local report = diagnostics.latent(model, images)
  check(report.active >= 0 and (not report.kl or report.kl_total > -1e-9), tostring(report))
  local figure, errors = diagnostics.reconstructions(model, images, { jets = { 2, 5 } })
  check(tostring(figure):find("plot.grid.*6 panels"), tostring(figure))
  local output = model:decode((model:encode(images.x:narrow(1, 5, 1)))):detach()
  near(errors[2], (output - images.x:narrow(1, 5, 1):todense()):square():sum():item(), 1e-5)
  local other = diagnostics.trace(model, images)
  other:record(1)
  other:record(2)
  equal(other:drift().displacement, { 0.0 })
  local width = #report.spread
  local from, to = {}, {}
  for i = 1, width do from[i], to[i] = -1, 1 end
  local walk, line = diagnostics.walk(model, from, to, { n = 3 })
  check(tostring(walk):find("3 panels", 1, true))
  equal(line.shape, { 3, 1600 })
end
if models.ConstituentVAE then
  local constituents = set:constituents { n = 20, align = true, scale = "robust" }
  local model = models.ConstituentVAE()
  equal(#diagnostics.latent(model, constituents).kl, 10)
  raises("diagnostics.reconstructions: shape: 80 numbers are no square image", diagnostics.reconstructions, model, constituents)
end

local dirichlet = made[1]
local grid = diagnostics.simplex_grid(3)
equal(grid.shape, { 10, 3 })
near((grid:sum(2) - 1):abs():max():item(), 0, 1e-6)
equal({ grid:select(1, 1):totable(), grid:select(1, 4):totable(), grid:select(1, 10):totable() }, { { 1.0, 0.0, 0.0 }, { 0.0, 1.0, 0.0 }, { 0.0, 0.0, 1.0 } })
local triangle, points = diagnostics.simplex_pictures(dirichlet, { steps = 3 })
equal(points.shape, { 10, 1600 })
near((points:select(1, 1) - dirichlet:mixtures():select(1, 1)):abs():max():item(), 0, 1e-6)
-- Between two mixtures stands the normalised product of the powers of both.
local between = points:select(1, 2)
local product = dirichlet:mixtures():select(1, 1) ^ (2 / 3) * dirichlet:mixtures():select(1, 2) ^ (1 / 3)
near((between - product / product:sum()):abs():max():item(), 0, 1e-6)
check(tostring(triangle):find("^plot.image"))
local pictures, at = diagnostics.mixtures(dirichlet)
check(tostring(pictures):find("plot.grid.*4 panels"), tostring(pictures))
near((at:select(1, 3) - dirichlet:mixtures():select(1, 3)):abs():max():item(), 0, 1e-6)
check(tostring(diagnostics.mixtures(models.DirichletVAE { input = 1600, hidden = { 8 } })):find("5 panels", 1, true))
for _, drawn in ipairs { pictures, triangle } do
  local path = testing.scratch() .. "/picture.png"
  drawn:save(path)
  check(io.open(path):read(4) == "\137PNG")
end

raises("diagnostics.simplex_pictures: model: expected at least three mixtures, got 2", diagnostics.simplex_pictures, models.DirichletVAE { input = 16, hidden = { 3 } })
raises("diagnostics.simplex_pictures: corners: expected three different mixtures, got 1 twice", diagnostics.simplex_pictures, dirichlet, { corners = { 1, 1, 2 } })
raises("diagnostics.mixtures: model: expected a model with mixtures(), got a table", diagnostics.mixtures, moving)
raises("diagnostics.reconstructions: jets[1]: expected an integer from 1 to 60, got 61", diagnostics.reconstructions, dirichlet, images, { jets = { 61 } })
raises("diagnostics.reconstructions: shape: expected 1600 pixels, got 3 x 4", diagnostics.reconstructions, dirichlet, images, { shape = { 3, 4 } })
raises('diagnostics.latent: unknown option "activ"; did you mean "active"?', diagnostics.latent, dirichlet, images, { activ = 1 })
raises("diagnostics.latent: model: 2 of 4 latent coordinates are NaN", diagnostics.latent, model_of(tensor { { 0 / 0, 1 }, { 0 / 0, 1 } }), mu)
raises("diagnostics.correlations: columns: expected {name = values}, got an empty table", diagnostics.correlations, dirichlet, images, {})
raises("diagnostics.walk: to: expected a point", diagnostics.walk, dirichlet, { 0, 0, 0 }, { 1 })

-- Junk ends in an error, never in a crash.
local junk = { nil, false, 0, -1, 0 / 0, math.maxinteger, "", {}, { 1, 2 }, print, set, images, dirichlet, moving, tensor { 1, 2 }, tensor.zeros(0, 2), { steps = -1 } }
local names = {}
for name in pairs(diagnostics) do names[#names + 1] = name end
table.sort(names)
math.randomseed(5)
for _ = 1, 600 do pcall(diagnostics[names[math.random(#names)]], junk[math.random(17)], junk[math.random(17)], junk[math.random(17)]) end

testing.finish()
