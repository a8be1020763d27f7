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

--- Goes on in the pass where `state_dict` was taken of batches of the same jets and size; no random stream moves.
---
--- ```lua
--- set = jets.sample():take(1000):images()
--- a, b = set:batches(256), set:batches(256)
--- a()
--- b:load_state_dict(a:state_dict())
--- a().index:eq(b().index):all():item() --> true
--- ```
---@param state table
function class:load_state_dict(state) end

--- Where they stand, as a checkpoint keeps it: jets given out in this pass, and the random streams its order was drawn from.
---
--- ```lua
--- batches = jets.sample():take(1000):images():batches(256)
--- batches()
--- batches:state_dict().next --> 256
--- ```
---@return {next: integer, jets: integer, size: integer, random: {seed: integer, positions: integer[]}}
function class:state_dict() end

end

do
--- Some rows with the columns of their jets; `#batch` counts them.
---
--- ```lua
--- for batch in jets.sample():take(10):constituents():batches(10) do
---   print(batch)
--- end
--- nil --> a batch of 10 rows of 80 numbers nil
--- ```
---@class jets.ConstituentBatch
---@field index tensor row of the source file, from 0
---@field label tensor? of each jet
---@field mass tensor in GeV
---@field pt tensor in GeV
---@field weight tensor of each jet
---@field x tensor One row of four-vectors per jet.
---@operator len: integer
local class = {}

end

do
--- An iterator over batches; `#batches` counts them.
---
--- ```lua
--- #jets.sample():take(1000):constituents():batches(256) --> 4
--- ```
---@class jets.ConstituentBatches
---@operator len: integer
---@operator call: jets.ConstituentBatch
local class = {}

--- Goes on in the pass where `state_dict` was taken of batches of the same jets and size; no random stream moves.
---
--- ```lua
--- set = jets.sample():take(1000):constituents()
--- a, b = set:batches(256), set:batches(256)
--- a()
--- b:load_state_dict(a:state_dict())
--- a().index:eq(b().index):all():item() --> true
--- ```
---@param state table
function class:load_state_dict(state) end

--- Where they stand, as a checkpoint keeps it: jets given out in this pass, and the random streams its order was drawn from.
---
--- ```lua
--- batches = jets.sample():take(1000):constituents():batches(256)
--- batches()
--- batches:state_dict().next --> 256
--- ```
---@return {next: integer, jets: integer, size: integer, random: {seed: integer, positions: integer[]}}
function class:state_dict() end

end

do
--- Jets as rows of four-vectors, with the columns of their jets. `#rows` counts them.
---
--- ```lua
--- rows = jets.sample():take(100):constituents()
--- rows --> 100 rows of 20 constituents (E, px, py, pz), jets of …
--- ```
---@class jets.Constituents
---@field index tensor row of the source file, from 0
---@field label tensor? of each jet
---@field mass tensor in GeV
---@field path string The file the jets come from.
---@field pt tensor in GeV
---@field recipe table The options that make such rows again, the fitted scaler among them: `jets.open(path):constituents(model.recipe)`.
---@field weight tensor of each jet
---@field x tensor [N, 4 n]: E, px, py, pz of constituent 1, then of constituent 2, ….
---@operator len: integer
local class = {}

--- An iterator over batches: `for batch in rows:batches(256) do`, with the fields `x label mass pt weight index`. The next one is put together on another thread while the present one is worked on.
---
--- ```lua
--- jets.sample():take(1000):constituents():batches(256) --> 4 batches
--- ```
---@param n integer rows in a batch; the last one may have fewer
---@param options? {shuffle: boolean, forever: boolean, part: integer[]} a new order each pass (default true); no end (default false); {i, n}: only the i-th of n contiguous parts of each batch, a batch with fewer rows than parts giving one that `#batch` counts as none
---@return jets.ConstituentBatches
function class:batches(n, options) end

--- The name of a label, "qcd" or "top"; nil for one without a name.
---
--- ```lua
--- jets.sample():take(10):constituents():class_name(0) --> qcd
--- ```
---@param label integer
---@return string?
function class:class_name(label) end

--- Two disjoint sets, of `fraction` of the rows and of the others, drawn by a seeded permutation.
---
--- ```lua
--- a, b = jets.sample():take(100):constituents():split(0.8)
--- #a, #b --> 80 20
--- ```
---@param fraction number in (0, 1)
---@param options? {shuffle: boolean} default true
---@return jets.Constituents
---@return jets.Constituents
function class:split(fraction, options) end

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

--- An iterator over batches: `for batch in images:batches(256) do`, with the fields `x label mass pt weight index`. The next one is put together on another thread while the present one is worked on.
---
--- ```lua
--- jets.sample():take(1000):images():batches(256) --> 4 batches
--- ```
---@param n integer images in a batch; the last one may have fewer
---@param options? {shuffle: boolean, forever: boolean, part: integer[]} a new order each pass (default true); no end (default false); {i, n}: only the i-th of n contiguous parts of each batch, a batch with fewer images than parts giving one that `#batch` counts as none
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
--- An iterator over the constituents of jets; `#particles` counts the tensors it gives.
---
--- ```lua
--- #jets.sample():take(1000):particles(256) --> 4
--- ```
---@class jets.Particles
---@operator len: integer
---@operator call: tensor
local class = {}

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

--- A column by its name: one of the set's own, or one computed from the constituents, which cuts know too (at their default settings): `tau1` to `tau4` and `tau21 tau32 tau43` (options `beta R axes` of `jets.nsubjettiness`), `c2` and `d2` (`beta`), `soft_drop_mass` (`zcut beta R` of `jets.soft_drop`), `trimmed_mass` (`R fraction` of `jets.trim`). A ratio over 0 is undefined: it is 0 here, the second result counts such jets, and a cut counts them as NaN.
---
--- ```lua
--- values, undefined = jets.sample():take(50):column("tau21")
--- #values, undefined --> 50 0
--- ```
---@param name string
---@param options? {beta: number, R: number, axes: "kt"|"wta_kt"|"onepass_kt", zcut: number, fraction: number}
---@return tensor
---@return integer undefined jets whose value is undefined
function class:column(name, options) end

--- The hardest constituents as rows of four-vectors E, px, py, pz (arXiv:2007.01850): aligned, scaled column by column to median 0 and inter-quartile range 1. The scaler is fitted on these jets and comes back in the set's `recipe`; that recipe makes the same rows of other jets: `test:constituents(train_rows.recipe)`.
---
--- ```lua
--- rows = jets.sample():take(100):constituents{n = 20}
--- rows.x.shape, #rows.recipe.center --> {100, 80} 80
--- ```
---@param options? {n: integer, align: boolean, scale: "robust"|"none", normalise: boolean, center: number[], spread: number[]} n 20, align true, scale "robust", normalise false (true divides by the jet's pT); center and spread are the fitted scaler
---@return jets.Constituents
function class:constituents(options) end

--- Prints what each step of the selection left, and returns it as a list whose first entry is "read".
---
--- ```lua
--- set = jets.sample():where("550 < pt and pt < 560")
--- set:cutflow()[2].n == #set --> …read… true
--- ```
---@return jets.CutflowStep[]
function class:cutflow() end

--- Sets for cross-validation: k pairs `{train =, test =}`; every jet is in the test part of exactly one.
---
--- ```lua
--- folds = jets.sample():folds(5)
--- #folds, #folds[1].train, #folds[1].test --> 5 16000 4000
--- ```
---@param k integer 2 to 100
---@param options? {shuffle: boolean} default true, a seeded permutation, else in file order
---@return {train: jets.Set, test: jets.Set}[]
function class:folds(k, options) end

--- Jet images as sparse rows (arXiv:2104.08291, section 2): shifted to the centroid, rotated, flipped, pixels to the power `power`, blurred by a Gaussian of `blur` pixels, divided by their sum.
---
--- ```lua
--- jets.sample():take(100):images().x.shape --> {100, 1600}
--- smooth = jets.sample():take(100):images { power = 0.5, blur = 1 }
--- smooth.recipe.blur, smooth.x:nnz() > 10000 --> 1.0 true
--- ```
---@param options? {size: integer, deta: number, dphi: number, weight: "pt"|"energy"|"one", combine: "sum"|"overwrite", center: boolean, rotate: boolean, flip: boolean, power: number, blur: number, normalise: boolean} size 40 pixels a side of 0.029 x 0.035, weight "pt", combine "sum", power 1, blur 0 and all other steps by default
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

--- Jets drawn so that a spectrum is the reference's: its share for each bin, the jets of a bin as equally often as can be. Bins whose jets do not suffice stay below, so that the set may have fewer than n jets. report distinct jets, their effective number (Σ r)² / Σ r², the largest repetition, the fraction of the reference in bins that are full, the edges of the longest run of such bins, and the Jensen–Shannon divergence in nats of the spectra in these bins
---
--- ```lua
--- set = jets.sample()
--- matched, report = set:where("label == 1"):match(set:where("label == 0"), {column = "mass", width = 5})
--- report.largest <= 10, report.n == #matched --> true true
--- ```
---@param reference jets.Set its weights count
---@param options? {column: string, width: number, cap: integer, n: integer, jsd: number, shuffle: boolean} column "mass" in bins of 5 GeV; cap 10, how often a jet may be drawn; n as many as there are; with jsd the largest number up to n for which the spectra differ by no more; shuffle true, else in order
---@return jets.Set
---@return {n: integer, distinct: integer, effective: number, largest: integer, covered: number, low: number, high: number, jsd: number}
function class:match(reference, options) end

--- Signal and background in a given ratio, drawn by a seeded permutation; the label is then 1 for the signal.
---
--- ```lua
--- set = jets.sample():mix{signal = "top", background = "qcd", ratio = 0.05, n = 1000}
--- #set, set.label:sum():item() --> 1050 50
--- ```
---@param options {signal: string, background: string, ratio: number, n: integer|"most", shuffle: boolean} ratio 1; n jets of the background and ratio · n of the signal, "most" as many as there are; shuffle true, else in file order
---@return jets.Set
function class:mix(options) end

--- An iterator over the constituents as they are in the file, n jets at a time: `for p in set:particles(1024) do`, tensors [n, M, 4] of E, px, py, pz in GeV, the hardest first, zeros behind the last. Nothing is computed of them, and jets that are broken come as they are. The next ones are read on another thread while the present ones are worked on; a set in file order reads fastest.
---
--- ```lua
--- p = jets.sample():take(1000):particles(600)()
--- p.shape, p:sum(2).shape --> {600, 200, 4} {600, 4}
--- ```
---@param n? integer jets at a time (default 1024); the last tensor may have fewer
---@return jets.Particles
function class:particles(n) end

--- Writes the jets in the layout of the community top-tagging set, which `pandas.read_hdf(path, key="table")` and `jets.open` read: the 200 leading constituents, the label as is_signal_new, the row of the source as the index. The file appears whole or not at all.
---
--- ```lua
--- path = os.tmpname()
--- jets.sample():take(5):save(path)
--- #jets.open(path), os.remove(path) --> 5 true
--- ```
---@param path string
function class:save(path) end

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

--- The energy correlation functions e2 = Σ z_i z_j ΔR^β and e3 = Σ z_i z_j z_k (ΔR ΔR ΔR)^β of a jet with z_i = pT_i / Σ pT, and their ratios c2 = e3/e2² (arXiv:1305.0007) and d2 = e3/e2³ (arXiv:1409.6298), which are nil where e2 is 0.
---
--- ```lua
--- jets.energy_correlations({{50, 50, 0, 0}}).d2 --> nil
--- ```
---@param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@param options? {beta: number} 1 by default
---@return {e2: number, e3: number, c2: number?, d2: number?}
function jets.energy_correlations(constituents, options) end

--- N-subjettiness τ_N = Σ pT_i min_k ΔR_ik^β / Σ pT_i R^β of a jet (arXiv:1011.2268), 0 for one of at most N constituents; without N the list of τ1 to τ4. "kt" takes the axes of the exclusive kt subjets, "wta_kt" along their hardest branches, "onepass_kt" moves them to the nearest minimum.
---
--- ```lua
--- jet = {{50, 50, 0, 0}, {20, 19.9, 2, 0}, {30, 29, -7, 3}}
--- jets.nsubjettiness(jet, {N = 1}) > jets.nsubjettiness(jet, {N = 2}), #jets.nsubjettiness(jet) --> true 4
--- ```
---@param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@param options? {N: integer, beta: number, R: number, axes: "kt"|"wta_kt"|"onepass_kt"} beta 1, R 0.8, axes "kt" by default
---@return number|number[]
function jets.nsubjettiness(constituents, options) end

--- Opens a file of jets; nothing but its header is read now.
---
--- Jets with NaN, infinite values or negative energies raise an error that counts them when they are read, or are left out with `broken = "drop"`.
---
--- The format is recognised by what the file holds (docs/data.md lists them); a file of ready images opens as an image set, events are clustered as they are read with `algorithm`, `R` and `jet`, and `layout` says where the jets of a file of one's own are.
---
--- ```lua
--- #jets.open(jets.sample().path) --> 20000
--- ```
---@param path string
---@param options? { broken: "raise"|"drop"|nil, algorithm: "antikt"|"cambridge_aachen"|"kt"|nil, R: number|nil, jet: integer|nil, layout: table|nil }
---@return jets.Set|jets.Images
function jets.open(path, options) end

--- The bundled sample: 10,000 QCD and 10,000 top jets simulated for jetlua, described in scripts/data/README.md.
---
--- ```lua
--- jets.sample() --> 20000 jets of …
--- ```
---@return jets.Set
function jets.sample() end

--- A jet after soft drop (arXiv:1402.2657): its Cambridge/Aachen clustering is undone along the harder branch until a step has z > zcut · (delta/R)^beta; `zg` and `rg` are that step's z and distance, 0 where none passes and the last constituent is left.
---
--- ```lua
--- jets.soft_drop({{50, 50, 0, 0}, {20, 16, 12, 0}, {1, 0, 1, 0}}).zg > 0.2 --> true
--- ```
---@param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@param options? {zcut: number, beta: number, R: number} 0.1, 0 and 0.8 by default
---@return {mass: number, pt: number, eta: number, phi: number, zg: number, rg: number}
function jets.soft_drop(constituents, options) end

--- A jet after trimming (arXiv:0912.1342): the sum of its kt subjets of radius R that have at least `fraction` of its pT.
---
--- ```lua
--- jets.trim({{50, 50, 0, 0}, {1, 0, 1, 0}}).pt --> 50.0
--- ```
---@param constituents tensor|number[][] [N, 4]: E, px, py, pz in GeV
---@param options? {R: number, fraction: number} 0.2 and 0.05 by default
---@return {mass: number, pt: number, eta: number, phi: number}
function jets.trim(constituents, options) end

return jets
