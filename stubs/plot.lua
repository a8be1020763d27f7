---@meta plot

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A figure: `fig:save("x.pdf")` writes it, `fig:show()` draws it in the terminal.
---@class plot.Figure
---@field columns integer panels in a row
---@field kind string the function of `plot` that made it
---@field panels table[] what is drawn
local class = {}

--- Writes the figure to `path` (.pdf, .svg, .png, or .py for a matplotlib script that redraws it) and its numbers to the same name with .csv. A file that is there is replaced as a whole, or left alone if the figure cannot be drawn.
---
--- ```lua
--- name = os.tmpname()
--- plot.line({1, 4, 9}):save(name .. ".py") --> ….py
--- os.remove(name), os.remove(name .. ".py"), os.remove(name .. ".csv") --> true true true
--- ```
---@param path string
---@param options? { dpi: number|nil } dots per inch of a PNG, 200 unless said
---@return string path
function class:save(path, options) end

--- Draws the figure on stdout: as a picture where the terminal understands sixels (it is asked; `JETLUA_SIXEL=0` or `1` answers for it), else with characters, in colour on a terminal unless `NO_COLOR` is set, and in ASCII where the locale is not UTF-8.
function class:show() end

end

--- Figures for papers and slides, drawn by gnuplot. Every function takes one series or a list of them, then options, and returns a figure: fig:save("x.pdf" | ".png" | ".svg" | ".py"), fig:show().
---@class jetlua.plot
local plot = {}

--- The spectrum of a bump hunt: the jets per bin, the fit to the side bands with its uncertainty, the window shaded, and below the deviation of each bin from the fit in standard deviations. The legend says what the window holds, the note its significance.
---
--- ```lua
--- set = jets.sample()
--- bump = metrics.bump_hunt{mass = set.mass, score = set.n_constituents, at = 0.5, width = 10, window = {150, 200}}
--- plot.bump_hunt(bump) --> plot.bump_hunt, 1 series; save with fig:save("x.pdf")
--- ```
---@param bump table a result of `metrics.bump_hunt`, or its `background` or `uncut`
---@param options? table title xlabel ylabel xrange yrange logy (true unless said) legend note size stamp
---@return plot.Figure
function plot.bump_hunt(bump, options) end

--- The rows of `metrics.frontier`: AUC at equal mass against mass sculpting, each with its uncertainty in the AUC, a line through those that none beats in both. Up to twelve points of one list have their names. Of several lists `{name = rows}` each has its own colour and line.
---
--- ```lua
--- set = jets.sample()
--- rows = metrics.frontier({{"mass", set.mass}, {"constituents", set.n_constituents}}, set, {width = 20})
--- plot.frontier(rows) --> plot.frontier, 1 series; save with fig:save("x.pdf")
--- ```
---@param rows table[]|table<string, table[]>
---@param options? table title xlabel ylabel xrange yrange logx (true unless said) logy legend note size stamp
---@return plot.Figure
function plot.frontier(rows, options) end

--- Joins figures into one, row by row; images with the same axes share their labels.
---
--- ```lua
--- plot.grid({plot.line({1, 2}), plot.line({2, 1})}) --> plot.grid, 2 panels, 2 series; save with fig:save("x.pdf")
--- ```
---@param figures plot.Figure[]
---@param options? table columns (all in one row unless said, at most 3), size
---@return plot.Figure
function plot.grid(figures, options) end

--- Histograms with their errors √Σw². A series is a list, a tensor or `{x=, weight=, label=, style=}`; a value outside the range or not finite is left out and counted on stderr. Without `bins` there are about 40 of a round width. Up to three are filled unless `fill` says; `style = "points"` draws one as points with their errors, as data are; `errors` is "bars" (unless said), "band" or false.
---
--- ```lua
--- plot.hist({1, 1, 2, 5}, {bins = 5, range = {0, 5}, title = "counts"}) --> plot.hist, "counts", 1 series; save with fig:save("x.pdf")
--- ```
---@param data any one series, a list of them, or a map from label to series
---@param options? table bins (a number or the edges), range, density (unit area), ratio (to the first series), fill, errors, title xlabel  ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
function plot.hist(data, options) end

--- An image `[H, W]` with a bar of shades, row 1 on top; with `logz` values of 0 and below stay white. xrange and yrange say what the edges of the image are (pixels otherwise); its axes have one scale if both are given in one unit.
---
--- ```lua
--- plot.image(tensor.rand(4, 4)) --> plot.image; save with fig:save("x.pdf")
--- ```
---@param data any a tensor `[H, W]` or nested list
---@param options? table title xlabel ylabel zlabel xrange yrange range (of the shades) logz origin ("upper" or "lower") note size
---@return plot.Figure
function plot.image(data, options) end

--- Curves through points. A series is a list, a 1-D tensor (its y; x counts 1, 2, …) or `{x=, y=, error=, label=, colour=, dash=}`; an error is drawn as a band y ± error. Of a sweep, `plot.line(s, {x = "alpha", y = "auc"})` draws mean and spread over seeds.
---
--- ```lua
--- plot.line({1, 4, 9}, {xlabel = "epoch"}) --> plot.line, 1 series; save with fig:save("x.pdf")
--- ```
---@param data any one series, a list of them, or a map from label to series
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
function plot.line(data, options) end

--- Loss curves of what `models.fit` returns: a panel for each term, training solid and validation dashed with a point at its smallest value. A term that falls by more than a factor 30 has a logarithmic axis unless `logy` says.
---
--- ```lua
--- plot.losses({total = {3, 2, 1}, valid_total = {3, 2, 2}}) --> plot.losses, 2 series; save with fig:save("x.pdf")
--- ```
---@param history table `{total=, kl=, valid_total=, …}`, numbers per epoch
---@param options? table terms (which, in order), columns, title xlabel ylabel xrange yrange logy legend note size stamp
---@return plot.Figure
function plot.losses(history, options) end

--- Mass spectra of unit area in bins of 5 GeV; series as for `plot.hist`.
---
--- ```lua
--- set = jets.sample():take(500)
--- plot.mass_spectra(set.mass) --> plot.…; save with fig:save("x.pdf")
--- ```
---@param data any one series of masses in GeV, a list of them, or a map from label to series
---@param options? table as for plot.hist; density is true unless said
---@return plot.Figure
function plot.mass_spectra(data, options) end

--- ROC curves as a physicist reads them: background rejection 1/ε_B against signal efficiency ε_S, with the line of a random choice. Points with no background left have no finite rejection and are not drawn. Up to three curves have a band of one binomial standard deviation where the result says it (`fpr_error`); `band` true or false draws it for any number or none. `{seeds = {…}, label=}` of results of several seeds is drawn as their mean at equal ε_S with a band of one standard deviation.
---
--- ```lua
--- plot.roc(metrics.roc({0.9, 0.6, 0.4, 0.1}, {1, 0, 1, 0})) --> plot.roc, 1 series; save with fig:save("x.pdf")
--- ```
---@param data any one result of `metrics.roc` (`{fpr, tpr, auc}`, and a `label` if set), a list of them, or a map from label to result
---@param options? table title xlabel ylabel xrange yrange logx logy (true unless said) legend note size stamp band
---@return plot.Figure
function plot.roc(data, options) end

--- Points `{x=, y=, error=, label=}`, smaller and more transparent the more there are. Of more than 20,000 points every k-th is shown and saved, and stderr says how many.
---
--- ```lua
--- plot.scatter({x = {1, 2, 3}, y = {1, 4, 9}}) --> plot.scatter, 1 series; save with fig:save("x.pdf")
--- ```
---@param data any one series, a list of them, or a map from label to series
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
function plot.scatter(data, options) end

--- Significance improvement ε_S/√ε_B against the signal efficiency, with the line of a random choice. `{seeds = {…}, label=}` of results of several seeds is drawn as their mean at equal ε_S with a band of one standard deviation.
---
--- ```lua
--- set = jets.sample():take(2000)
--- plot.sic(metrics.sic(set.mass, set.label)) --> plot.sic, 1 series; save with fig:save("x.pdf")
--- ```
---@param data any one result of `metrics.sic` (`{tpr, sic, max}`, and a `label` if set), a list of them, or a map from label to result
---@param options? table title xlabel ylabel xrange yrange logx logy legend note size stamp
---@return plot.Figure
function plot.sic(data, options) end

--- What stands in a corner of a figure, as its option `stamp`: in bold what kind of jets these are, below it lines of one's own, the cuts for instance. The kinds are "simulation", "open data", "toy" and "private". No experiment's name and no "Preliminary" passes, save with "open data": a figure drawn here is nobody's official result.
---
--- ```lua
--- plot.stamp("simulation", "anti-$k_T$, $R = 0.8$") --> Simulation: anti-$k_T$, $R = 0.8$
--- ```
---@param kind string
---@param ... string lines
---@return plot.stamp
function plot.stamp(kind, ...) end

--- Gibbs triangle: the density of points of the simplex `[N, 3]`, whose corners are r₁ = 1 (lower left), r₂ = 1 (lower right) and r₃ = 1 (top), in the unit of an even density. Several series stand side by side under their labels, in shades of one scale. Rows that are no point of the simplex are left out and counted on stderr.
---
--- ```lua
--- plot.triangle(tensor.rand(100, 3):softmax(2)) --> plot.triangle…; save with fig:save("x.pdf")
--- ```
---@param data any a tensor `[N, 3]`, `{x=, weight=, label=}`, a list of these, or a map from label to tensor
---@param options? table title bins (cuts per side), range (of the shades), logz (true unless said), labels (of the corners), note, size
---@return plot.Figure
function plot.triangle(data, options) end

return plot
