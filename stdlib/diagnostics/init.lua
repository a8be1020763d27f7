-- What a trained model does, for any model with `encode(x)` and `decode(z)`: which latent dimensions carry information and whether
-- they collapsed, how the latent space drifts while it is trained, what comes out of the decoder.

local drift = require "jetlua.diagnostics.drift"
local pictures = require "jetlua.diagnostics.pictures"
local simplex = require "jetlua.diagnostics.simplex"

return {
  latent = require "jetlua.diagnostics.latent",
  correlations = require "jetlua.diagnostics.correlations",
  drift = drift.between,
  trace = drift.trace,
  reconstructions = pictures.reconstructions,
  walk = pictures.walk,
  mixtures = simplex.mixtures,
  simplex_grid = simplex.grid,
  simplex_pictures = simplex.pictures,
}
