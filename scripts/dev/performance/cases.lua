-- The models whose training is measured, as scripts/dev/performance/*.lua train them and Tests/performance/ does in other frameworks.

local jets, models = require "jets", require "models"

local function images(n)
  local set = jets.sample()
  return (n and set:take(n) or set):images()
end

local function constituents(n, particles)
  local set = jets.sample()
  return (n and set:take(n) or set):where("label == 0"):constituents { n = particles or 20, align = true, scale = "robust" }
end

--- What each trains on (`jets(n)`, of the first n jets of the bundled sample), makes and is trained with; `images` says that
--- the jets are sparse images; `latent` numbers of noise a jet, `check` steps in which losses are compared (rounding grows fast in the last two), `epochs` that
--- are measured at a time.
return {
  dvae = {
    title = "Dirichlet-VAE (1600-100-2R, R = 2)", jets = images, images = true, latent = 2, check = 20, epochs = 5, adam = { lr = 5e-3, betas = { 0.9, 0.99 } },
    make = function(alpha) return models.DirichletVAE { input = 1600, hidden = { 100 }, alpha = alpha or { 1, 1 }, beta = 0.1 } end,
  },
  constituent = {
    title = "constituent VAE (80-256-128-64-10)", jets = constituents, latent = 10, check = 20, epochs = 5, adam = { lr = 1e-3 },
    make = function(input) return models.ConstituentVAE { input = input } end,
  },
  convolutional = {
    title = "convolutional VAE (5 x 5 of 10, 10, pool, 10, 5; 100; mirrored)", jets = function(n) return images(n or 1024) end, images = true, latent = 1, check = 2, epochs = 3,
    adam = { lr = 1e-3 }, make = function() return models.VAE {} end,
  },
  disco = {
    title = "DisCo-VAE (constituent VAE, λ = 100)", jets = constituents, latent = 10, check = 5, epochs = 2, adam = { lr = 1e-3 }, mass = true,
    make = function() return models.mass_decorrelation(models.ConstituentVAE {}, { lambda = 100 }) end,
  },
}
