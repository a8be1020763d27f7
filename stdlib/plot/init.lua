-- Figures for papers and slides, drawn by gnuplot. Every function takes one series or a list of them, then options, and
-- returns a figure: fig:save("x.pdf" | ".png" | ".svg" | ".py"), fig:show().

return {
  line = require "jetlua.plot.line",
  scatter = require "jetlua.plot.scatter",
  hist = require "jetlua.plot.hist",
  mass_spectra = require "jetlua.plot.mass_spectra",
  losses = require "jetlua.plot.losses",
  roc = require "jetlua.plot.roc",
  sic = require "jetlua.plot.sic",
  bump_hunt = require "jetlua.plot.bump_hunt",
  frontier = require "jetlua.plot.frontier",
  image = require "jetlua.plot.image",
  triangle = require "jetlua.plot.triangle",
  grid = require "jetlua.plot.grid",
  stamp = require("jetlua.plot.stamp").new,
}
