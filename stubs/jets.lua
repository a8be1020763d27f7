---@meta jets

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- Some images with the columns of their jets; `#batch` counts them.
---
--- ```lua
--- for batch in jets.sample():take(10):images():batches(10) do
---   print(batch)
--- end
--- nil --> a batch of 10 images of 1600 pixels nil
--- ```
---@class jets.Batch
---@field index tensor row of the source file, from 0
---@field label tensor? of each jet
---@field mass tensor in GeV
---@field pt tensor in GeV
---@field weight tensor of each jet
---@field x sparse_rows One row of pixels per jet.
---@operator len: integer
local class = {}

end

do
--- An iterator over batches; `#batches` counts them.
---
--- ```lua
--- #jets.sample():take(1000):images():batches(256) --> 4
--- ```
---@class jets.Batches
---@operator len: integer
---@operator call: jets.Batch
local class = {}

end

do
--- A line of a cutflow.
---@class jets.CutflowStep
---@field by_label table<integer, integer> jets left of each label
---@field cumulative number fraction of the first line
---@field efficiency number fraction of the line before
---@field n integer jets left
---@field name string the cut
---@field undecided integer jets that failed because a NaN decided
---@field weight number sum of their weights
local class = {}

end

do
--- Images of jets, one sparse row each, with the columns of their jets. `#images` counts them.
---
--- ```lua
--- images = jets.sample():take(100):images()
--- images --> 100 images of 40 x 40 pixels, jets of …, 0 without a pixel
--- ```
---@class jets.Images
---@field empty integer How many images have no pixel.
---@field index tensor row of the source file, from 0
---@field label tensor? of each jet
---@field mass tensor in GeV
---@field path string The file the jets come from.
---@field pt tensor in GeV
---@field recipe table The options that make such images again: `jets.open(path):images(model.recipe)`, or `:lund_images` where its `kind` is "lund".
---@field weight tensor of each jet
---@field x sparse_rows One row of size · size pixels per jet, row by row from the lowest y.
---@operator len: integer
local class = {}

--- Options that give `plot.image` the axes of these images: ranges, labels, row 1 at the bottom. Options given go before them: `plot.image(images:mean(), images:axes { title = "average jet", logz = true })`.
---
--- ```lua
--- jets.sample():take(10):images():axes().origin --> lower
--- ```
---@param options? table options of plot.image
---@return table
function class:axes(options) end

--- An iterator over batches: `for batch in images:batches(256) do`, with the fields `x label mass pt weight index`.
---
--- ```lua
--- jets.sample():take(1000):images():batches(256) --> 4 batches
--- ```
---@param n integer images in a batch; the last one may have fewer
---@param options? {shuffle: boolean, forever: boolean} a new order each pass (default true); no end (default false)
---@return jets.Batches
function class:batches(n, options) end

--- The name of a label, "qcd" or "top"; nil for one without a name.
---
--- ```lua
--- jets.sample():take(10):images():class_name(0) --> qcd
--- ```
---@param label integer
---@return string?
function class:class_name(label) end

--- The set itself, so that a file of ready images and one of jets are used alike.
---
--- ```lua
--- images = jets.sample():take(10):images()
--- images:images() == images --> true
--- ```
---@return jets.Images self
function class:images() end

--- The average image [size, size], row 1 at the lowest y.
---
--- ```lua
--- jets.sample():take(100):images():mean().shape --> {40, 40}
--- ```
---@return tensor
function class:mean() end

--- Two disjoint sets, of `fraction` of the images and of the others, drawn by a seeded permutation.
---
--- ```lua
--- a, b = jets.sample():take(100):images():split(0.8)
--- #a, #b --> 80 20
--- ```
---@param fraction number in (0, 1)
---@param options? {shuffle: boolean} default true
---@return jets.Images
---@return jets.Images
function class:split(fraction, options) end

end

do
--- Jets of a file, or a selection of them, read when they are needed. `#set` counts them; a column that the file lacks is nil.
---
--- ```lua
--- set = jets.sample()
--- #set, set.pt:dim() --> 20000 1
--- ```
---@class jets.Set
---@field eta tensor pseudorapidity
---@field format string The layout of that file.
---@field index tensor row of the source file, from 0; it survives every selection
---@field label tensor? 0 or 1 as in the file; after `mix` 1 is the signal
---@field mass tensor invariant mass in GeV
---@field n_constituents tensor constituents that are no padding
---@field path string The file the jets come from.
---@field phi tensor azimuth in (−π, π]
---@field pt tensor transverse momentum in GeV
---@field weight tensor 1 where the file has none
---@operator len: integer
local class = {}

--- The name of a label, "qcd" or "top"; nil for one without a name.
---
--- ```lua
--- jets.sample():class_name(1) --> top
--- ```
---@param label integer
---@return string?
function class:class_name(label) end

--- Prints what each step of the selection left, and returns it as a list whose first entry is "read".
---
--- ```lua
--- set = jets.sample():where("550 < pt and pt < 560")
--- set:cutflow()[2].n == #set --> …read… true
--- ```
---@return jets.CutflowStep[]
function class:cutflow() end

--- Jet images as sparse rows (arXiv:2104.08291, section 2): shifted to the centroid, rotated, flipped, divided by their sum.
---
--- ```lua
--- jets.sample():take(100):images().x.shape --> {100, 1600}
--- ```
---@param options? {size: integer, deta: number, dphi: number, weight: "pt"|"energy"|"one", combine: "sum"|"overwrite", center: boolean, rotate: boolean, flip: boolean, normalise: boolean} size 40 pixels a side of 0.029 x 0.035, weight "pt", combine "sum" and all steps by default
---@return jets.Images
function class:images(options) end

--- Images of the jets' Lund planes as sparse rows (arXiv:1807.04758; arXiv:2104.08291, appendix): x = ln(1/Δ), y = ln(kt/GeV) of the steps that undo a Cambridge/Aachen clustering, divided by their sum. Steps outside the window are left out.
---
--- ```lua
--- jets.sample():take(100):lund_images().x.shape --> {100, 1600}
--- ```
---@param options? {size: integer, plane: integer, x: number[], y: number[], weight: "one"|"kt"|"z"|"kappa", kt_min: number, normalise: boolean} size 40, plane 1 (the primary), x {0, 7}, y {-2, 5}, weight "one", kt_min 0 GeV, normalise true by default
---@return jets.Images
function class:lund_images(options) end

--- Signal and background in a given ratio, drawn by a seeded permutation; the label is then 1 for the signal.
---
--- ```lua
--- set = jets.sample():mix{signal = "top", background = "qcd", ratio = 0.05, n = 1000}
--- #set, set.label:sum():item() --> 1050 50
--- ```
---@param options {signal: string, background: string, ratio: number, n: integer|"most", shuffle: boolean} ratio 1; n jets of the background and ratio · n of the signal, "most" as many as there are; shuffle true, else in file order
---@return jets.Set
function class:mix(options) end

--- The same jets in a seeded random order.
---
--- ```lua
--- #jets.sample():shuffle() --> 20000
--- ```
---@return jets.Set
function class:shuffle() end

--- Two disjoint sets, of `fraction` of the jets and of the others, drawn by a seeded permutation.
---
--- ```lua
--- train, test = jets.sample():split(0.9)
--- #train, #test --> 18000 2000
--- ```
---@param fraction number in (0, 1)
---@param options? {shuffle: boolean} default true, else in file order
---@return jets.Set
---@return jets.Set
function class:split(fraction, options) end

--- The first n jets in the set's order.
---
--- ```lua
--- #jets.sample():take(5) --> 5
--- ```
---@param n integer
---@return jets.Set
function class:take(n) end

--- The jets that pass a cut, as another set; the cut becomes a line of the cutflow. A NaN fails the cut and is counted.
---
--- ```lua
--- #jets.sample():where("label == 1") --> 10000
--- ```
---@param cut string|tensor|boolean[]|fun(set: jets.Set): tensor such as "550 < pt and pt < 650 and abs(eta) < 2", a mask, or a function of the set that gives one
---@param options? {name: string} what the cutflow calls it
---@return jets.Set
function class:where(cut, options) end

end

--- Jets: files read lazily, selections with a cutflow, images of jets and of their Lund planes as sparse rows, clustering.
---@class jetlua.jets
local jets = {}

--- Jets of an event by sequential recombination (FastJet), the hardest first; `constituents` says which particles are in each.
---
--- ```lua
--- event = jets.cluster({{50, 50, 0, 0}, {20, 19.9, 2, 0}, {30, -30, 0, 0}}, {R = 0.4})
--- #event, event[1].constituents --> 2 {1, 2}
--- ```
---@param particles tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@param options? {algorithm: "antikt"|"cambridge_aachen"|"kt", R: number, ptmin: number} default "antikt", 1, 0
---@return {pt: number, eta: number, phi: number, mass: number, rapidity: number, e: number, px: number, py: number, pz: number, constituents: integer[]}[]
function jets.cluster(particles, options) end

--- The steps that undo a jet's Cambridge/Aachen clustering (arXiv:1807.04758): at each the two branches' distance delta, the softer one's kt = pT · delta and share z of the transverse momentum, kappa = z · delta, its angle psi and the mass m of both. `plane` 1 is the primary one, along the harder branches.
---
--- ```lua
--- steps = jets.declusterings({{50, 50, 0, 0}, {20, 19.9, 2, 0}})
--- #steps, steps[1].plane --> 1 1
--- ```
---@param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@return {plane: integer, delta: number, kt: number, z: number, kappa: number, psi: number, m: number, pt: number, pt_hard: number, pt_soft: number}[]
function jets.declusterings(constituents) end

--- Opens a file of jets; nothing but its header is read now.
---
--- Jets with NaN, infinite values or negative energies raise an error that counts them when they are read, or are left out with `broken = "drop"`.
---
--- ```lua
--- #jets.open(jets.sample().path) --> 20000
--- ```
---@param path string
---@param options? { broken: "raise"|"drop"|nil }
---@return jets.Set
function jets.open(path, options) end

--- The bundled sample: 10,000 QCD and 10,000 top jets simulated for jetlua, described in scripts/data/README.md.
---
--- ```lua
--- jets.sample() --> 20000 jets of …
--- ```
---@return jets.Set
function jets.sample() end

return jets
