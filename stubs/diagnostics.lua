---@meta diagnostics

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- Keeps where a model puts the same jets as it is trained.
---@class diagnostics.Trace
local class = {}

--- The drift from each record to the next one: lists of `epoch` (of the later one), `displacement`, `shift`, `scale` and `rank`, as `diagnostics.drift` has them, all per epoch: records further apart are divided by the epochs between them.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- trace = diagnostics.trace(model, jets.sample():take(50):images())
--- trace:record(1); trace:record(2)
--- trace:drift().shift --> {0}
--- ```
---@return { epoch: number[], displacement: number[], shift: number[], scale: number[], rank: number[] }
function class:drift() end

--- The drift as a figure: displacement and 1 - |rank correlation| per epoch, on a logarithmic axis. Of several traces `{name = trace}` the displacement of each.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- trace = diagnostics.trace(model, jets.sample():take(50):images())
--- trace:record(1); model:load_state_dict(models.DirichletVAE{input = 1600, hidden = {8}}:state_dict())
--- trace:record(2)
--- trace:figure() --> plot.line…
--- ```
---@param options? table as for plot.line; `others` {name = trace} are drawn too
---@return plot.Figure
function class:figure(options) end

--- Distributions of one latent dimension after several epochs, a panel each, of both classes where `label` is given. The outermost half a percent of the jets on either side is left out, so that a few do not stretch the axis.
---
--- ```lua
--- images = jets.sample():take(50):images()
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- trace = diagnostics.trace(model, images)
--- trace:record(1)
--- trace:histograms{label = images.label} --> plot.grid…
--- ```
---@param options? { dimension: integer|nil, epochs: number[]|nil, label: tensor|nil, names: string[]|nil, columns: integer|nil } dimension 1, at most six of the epochs kept, names {"background", "signal"}
---@return plot.Figure
function class:histograms(options) end

--- Encodes the jets with the model as it is after `epoch`.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- trace = diagnostics.trace(model, jets.sample():take(50):images())
--- trace:record(1)
--- #trace.epochs --> 1
--- ```
---@param epoch number larger than the last one
function class:record(epoch) end

end

--- What a trained model does, for any model with `encode(x)` and `decode(z)`: which latent dimensions carry information and whether they collapsed, how the latent space drifts while it is trained, what comes out of the decoder.
---@class jetlua.diagnostics
local diagnostics = {}

--- Spearman's rank correlation of each latent dimension with named quantities of the jets, such as `{mass = set.mass, pt = set.pt}`: what the model has learned without being told.
---
--- ```lua
--- images = jets.sample():take(200):images()
--- found = diagnostics.correlations(models.DirichletVAE{input = 1600, hidden = {8}}, images, {mass = images.mass})
--- #found.mass --> 2
--- ```
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows
---@param columns table<string, tensor|number[]>
---@return table<string, number[]> correlations by name, one per latent dimension
function diagnostics.correlations(model, x, columns) end

--- How far a latent space has moved from one epoch to another, from the latent coordinates `[N, D]` of the same jets, as means over the dimensions: `displacement`, the mean |z' - z| in units of the standard deviation of z over jets; `shift`, |mean z' - mean z| in the same unit; `scale`, |ln(std z'/std z)|; `rank`, 1 - |Spearman's correlation of z and z'|, which a shift, a scale or a change of sign leaves at 0. A dimension that is the same for all jets has no unit and is left out; `dimensions` counts the others.
---
--- ```lua
--- diagnostics.drift({{1}, {2}, {3}}, {{2}, {3}, {4}}).shift --> 1.0
--- ```
---@param before tensor|number[][]
---@param after tensor|number[][]
---@return { displacement: number, shift: number, scale: number, rank: number, dimensions: integer }
function diagnostics.drift(before, after) end

--- Which latent dimensions carry information: for each the mean KL divergence of the posterior from the prior in nats (`kl`), the variance over jets of the posterior mean (`spread`) and the mean posterior variance (`noise`), both in units of the prior's variance, and whether it is active: spread above `active` (0.01; Burda, Grosse, Salakhutdinov, arXiv:1509.00519). `kl_total` is the sum, `active` the number of active ones; `collapsed`, with the reason in `warning`, where none is active or kl_total is below `collapse` nats (0.5). The prior is the model's `prior()`, N(0, 1) without one; of a mixture its marginal in each dimension. An autoencoder has no kl, and spread in units of its widest dimension. Printing the result shows it as a table.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- found = diagnostics.latent(model, jets.sample():take(100):images())
--- #found.kl, found.kl_total >= 0 --> 2 true
--- ```
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows
---@param options? { active: number|nil, collapse: number|nil }
---@return { kl: number[]|nil, kl_total: number|nil, spread: number[], noise: number[]|nil, is_active: boolean[], active: integer, collapsed: boolean, warning: string|nil }
function diagnostics.latent(model, x, options) end

--- The mixture images, and between them their product of experts: at a point r of the simplex the model's image is proportional to the product of the mixture images to the powers r_i, not to their sum. With two mixtures five points from one to the other, with more the corners and the middle, or the `points` given.
---
--- ```lua
--- figure, images = diagnostics.mixtures(models.DirichletVAE{input = 1600, hidden = {8}})
--- figure, images.shape --> plot.grid, "r = (1, 0)", 5 panels; save with fig:save("x.pdf") {5, 1600}
--- ```
---@param model models.DirichletVAE
---@param options? { points: number[][]|nil, shape: integer[]|nil, range: number[]|nil, columns: integer|nil } shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[points, pixels]`
function diagnostics.mixtures(model, options) end

--- Pictures of jets, of what the model makes of them (the decoder at the posterior mean), and of the absolute difference, a row each.
---
--- ```lua
--- images = jets.sample():take(20):images()
--- figure, errors = diagnostics.reconstructions(models.DirichletVAE{input = 1600, hidden = {8}}, images, {jets = {3, 7}})
--- figure, #errors --> plot.grid, "jet 3: input", 6 panels; save with fig:save("x.pdf") 2
--- ```
---@param model any with encode(x) and decode(z)
---@param x any images, a tensor `[N, pixels]` or sparse rows
---@param options? { jets: integer[]|nil, shape: integer[]|nil, range: number[]|nil, logz: boolean|nil, names: string[]|nil } jets {1, 2, 3}, by position; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor errors the summed squared difference of each jet
function diagnostics.reconstructions(model, x, options) end

--- The points of a regular grid on the triangle of three weights with `steps` steps along each side, row by row from r_3 = 0 up: (steps + 1)(steps + 2)/2 points.
---
--- ```lua
--- diagnostics.simplex_grid(2).shape --> {6, 3}
--- ```
---@param steps integer from 1
---@return tensor points `[n, 3]`
function diagnostics.simplex_grid(steps) end

--- Jets generated at the points of a grid on the triangle, each at its place: r_1 = 1 lower left, r_2 = 1 lower right, r_3 = 1 on top.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}, alpha = {1, 0.25, 0.1}}
--- figure, images = diagnostics.simplex_pictures(model, {steps = 2})
--- images.shape --> {6, 1600}
--- ```
---@param model models.DirichletVAE of at least three mixtures
---@param options? { steps: integer|nil, corners: integer[]|nil, shape: integer[]|nil, range: number[]|nil, title: string|nil } steps 4; corners {1, 2, 3}, which mixtures; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[points, pixels]`
function diagnostics.simplex_pictures(model, options) end

--- A trace of where `model` puts the jets `x`: `trace:record(epoch)` after an epoch, then `trace:drift()`, `trace:figure()` and `trace:histograms()`.
---
--- ```lua
--- images = jets.sample():take(50):images()
--- diagnostics.trace(models.DirichletVAE{input = 1600, hidden = {8}}, images) --> diagnostics.Trace: 0 jets at 0 epochs
--- ```
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows; a few thousand jets are enough
---@param name? string in figures of several traces
---@return diagnostics.Trace
function diagnostics.trace(model, x, name) end

--- Pictures that the decoder makes along a straight line in the latent space from `from` to `to`.
---
--- ```lua
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- figure, images = diagnostics.walk(model, {-2, 2}, {2, -2}, {n = 4})
--- images.shape --> {4, 1600}
--- ```
---@param model any with decode(z)
---@param from number[]
---@param to number[]
---@param options? { n: integer|nil, shape: integer[]|nil, range: number[]|nil, logz: boolean|nil, columns: integer|nil } n 5 points; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[n, pixels]`
function diagnostics.walk(model, from, to, options) end

return diagnostics
