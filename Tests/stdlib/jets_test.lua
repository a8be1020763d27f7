local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local jets = require "jets"
local tensor = require "tensor"
local progress = require "progress"
local equal, raises, check, near = testing.equal, testing.raises, testing.check, testing.near

local function count_of(t, value)
  local n = 0
  for _, x in ipairs(t:totable()) do
    if x == value then n = n + 1 end
  end
  return n
end

local function quietly(fn, ...)
  local print_before, lines = print, {}
  print = function(...) lines[#lines + 1] = table.concat({ ... }, "\t") end
  local results = table.pack(pcall(fn, ...))
  print = print_before
  check(results[1], tostring(results[2]))
  return results[2], table.concat(lines, "\n")
end

-- The sample and its columns
local set = jets.sample()
equal(#set, 20000)
equal(set.format, "top tagging")
check(set.path:find("top_tagging_sample.h5", 1, true))
for _, name in ipairs { "pt", "eta", "phi", "mass", "weight" } do equal(set[name].dtype, "float64", name) end
for _, name in ipairs { "n_constituents", "label", "index" } do equal(set[name].dtype, "int64", name) end
equal(set.tau21, nil)
equal(set[1], nil)
equal(count_of(set.label, 1), 10000)
equal({ set:class_name(0), set:class_name(1), set:class_name(2) }, { "qcd", "top", nil })
equal({ set.index[1], set.index[-1] }, { 0, 19999 })
check(set.pt:min():item() > 549 and set.pt:max():item() < 651)
check(tostring(set):find("^20000 jets of "))

-- Selections
local hard = set:where("550 < pt < 600"):where("abs(eta) < 1", { name = "central" })
local pt, eta = set.pt:totable(), set.eta:totable()
local expected = {}
for i = 1, #pt do
  if 550 < pt[i] and pt[i] < 600 and math.abs(eta[i]) < 1 then expected[#expected + 1] = i - 1 end
end
equal(hard.index:totable(), expected)
equal(#set:where(set.pt:gt(600)), #set:where("pt > 600"))
equal(#set:where(function(columns) return columns.pt:gt(600) end), #set:where("pt > 600"))
local steps, printed = quietly(hard.cutflow, hard)
equal({ #steps, steps[1].name, steps[2].name, steps[3].name }, { 3, "read", "550 < pt < 600", "central" })
equal({ steps[1].n, steps[1].weight, steps[1].efficiency, steps[1].by_label }, { 20000, 20000.0, 1.0, { [0] = 10000, [1] = 10000 } })
equal(steps[3].n, #hard)
equal(steps[3].by_label[0] + steps[3].by_label[1], #hard)
check(printed:find("central") and printed:find("qcd") and printed:find("top"), printed)

-- Mixing, splitting, order
tensor.manual_seed(7)
local mixed = set:mix { signal = "top", background = "qcd", ratio = 0.05, n = 8000 }
equal({ #mixed, count_of(mixed.label, 1), mixed:class_name(1) }, { 8400, 400, "top" })
local reversed = set:mix { signal = "qcd", background = "top", ratio = 0.25, shuffle = false }
equal({ #reversed, count_of(reversed.label, 1), reversed:class_name(1) }, { 12500, 2500, "qcd" })
local most = set:mix { signal = "top", background = "qcd", ratio = 2, n = "most" }
equal({ #most, count_of(most.label, 1) }, { 15000, 10000 })
local first, rest = mixed:split(0.9)
equal({ #first, #rest }, { 7560, 840 })
local seen = {}
for _, part in ipairs { first, rest } do
  for _, index in ipairs(part.index:totable()) do
    check(not seen[index], "a jet is in both parts")
    seen[index] = true
  end
end
tensor.manual_seed(7)
equal(set:mix({ signal = "top", background = "qcd", ratio = 0.05, n = 8000 }).index:totable(), mixed.index:totable())
tensor.manual_seed(8)
check(set:mix({ signal = "top", background = "qcd", ratio = 0.05, n = 8000 }).index[1] ~= mixed.index[1]
  or set:mix({ signal = "top", background = "qcd", ratio = 0.05, n = 8000 }).index[2] ~= mixed.index[2])
equal(set:take(3).index:totable(), { 0, 1, 2 })
equal(#set:shuffle(), 20000)
check(set:shuffle().index[1] ~= 0 or set:shuffle().index[2] ~= 1)

-- Axes for figures: the pixel nearest the origin is number 20 from 0 of 40.
local axes = set:take(5):images():axes { title = "a jet", xlabel = "x" }
for name, range in pairs { xrange = { -0.5845, 0.5755 }, yrange = { -0.7090927, 0.6909073 } } do
  for i = 1, 2 do near(axes[name][i], range[i], 1e-6) end
end
equal({ axes.xlabel, axes.ylabel, axes.zlabel, axes.origin, axes.title }, { "x", "φ′", "fraction of p_{T}", "lower", "a jet" })
axes = set:take(5):images({ size = 3, deta = 0.1, dphi = 0.1, rotate = false, weight = "one", normalise = false }):axes()
near(axes.xrange[2] - axes.xrange[1], 0.3, 1e-12)
near(axes.xrange[1], -0.15, 1e-12)
equal({ axes.xlabel, axes.zlabel }, { "Δη", "constituents" })
raises("axes: options: expected a table, got 3", function() set:take(5):images():axes(3) end)

-- Images and batches
local images = rest:images()
equal({ #images, images.x.shape[1], images.x.shape[2] }, { 840, 840, 1600 })
equal(images.index:totable(), rest.index:totable())
equal(images.label:totable(), rest.label:totable())
equal(images.mass:totable(), rest.mass:totable())
equal(images.empty, 0)
equal(images:images(), images)
equal(images.recipe.deta, 0.029)
equal(rest:images(images.recipe).x:nnz(), images.x:nnz())
local dense = images.x:todense()
testing.near(dense:sum():item(), 840, 1e-3)
local mean = images:mean()
equal(mean.shape, { 40, 40 })
testing.near(mean:sum():item(), 1, 1e-5)
local batches, total, indices = images:batches(100, { shuffle = true }), 0, {}
equal(#batches, 9)
for batch in progress(batches) do
  equal(batch.x.recipe, images.recipe, "every batch says how its images were made")
  equal(#batch, batch.x.shape[1])
  equal(batch.label.shape[1], #batch)
  total = total + #batch
  for _, index in ipairs(batch.index:totable()) do indices[#indices + 1] = index end
end
equal(total, 840)
check(indices[1] ~= rest.index[1] or indices[2] ~= rest.index[2], "shuffled batches keep the order")
table.sort(indices)
local sorted = rest.index:totable()
table.sort(sorted)
equal(indices, sorted)
local passes = 0
for batch in images:batches(500, { forever = true }) do
  passes = passes + #batch
  if passes > 3000 then break end
end
check(passes > 3000)
local a, b = images:split(0.5)
equal({ #a, #b }, { 420, 420 })
equal(set:take(10):images { size = 20, weight = "one", normalise = false }.x.shape, { 10, 400 })

-- Clustering
local found = jets.cluster({ { 10, 10, 0, 0 }, { 5, 0, 5, 0 }, { 4, 4, 0, 0 } }, { R = 0.4 })
equal({ #found, found[1].constituents, found[2].constituents }, { 2, { 1, 3 }, { 2 } })
testing.near(found[1].pt, 14, 1e-12)
equal(#jets.cluster(tensor { { 10, 10, 0, 0 }, { 5, 0, 5, 0 } }, { algorithm = "kt", ptmin = 6 }), 1)
local declustered = jets.declusterings { { 10, 10, 0, 0 }, { 5, 4, 3, 0 } }
equal({ #declustered, declustered[1].plane }, { 1, 1 })
testing.near(declustered[1].delta, math.atan(3, 4), 1e-12)
testing.near(declustered[1].z, 1 / 3, 1e-12)

-- Mistakes of the caller
raises("cannot read nothing.h5", jets.open, "nothing.h5")
raises("this is no HDF5 file", jets.open, arg[0])
raises('did you mean "broken"?', jets.open, set.path, { brokn = "drop" })
raises('expected one of "raise", "drop"', jets.open, set.path, { broken = "keep" })
raises('no column "ptt"; did you mean "pt"?', set.where, set, "ptt > 3")
raises("a mask of bools such as set.pt:gt(550)", set.where, set, set.pt)
raises("the mask has 10 values for 20000 jets", set.where, set, set:take(10).pt:gt(0))
raises("no jets are left (read: 20000 -> pt > 1e6: 0)", function() set:where("pt > 1e6"):images() end)
raises('no class "tpo"; did you mean "top"?', set.mix, set, { signal = "tpo", background = "qcd" })
raises("asks for 20000 top jets, there are 10000", set.mix, set, { signal = "top", background = "qcd", ratio = 2 })
raises("asks for 90000 qcd jets, there are 10000", set.mix, set, { signal = "top", background = "qcd", n = 90000 })
raises("leaves no top jet", set.mix, set, { signal = "top", background = "qcd", ratio = 1e-9 })
raises('n: expected one of "most", got "mots"; did you mean "most"?', set.mix, set, { signal = "top", background = "qcd", n = "mots" })
raises("mix: option signal is missing", set.mix, set)
raises('unknown option "raito"; did you mean "ratio"?', set.mix, set, { signal = "top", background = "qcd", raito = 1 })
raises("split: expected a fraction from 0 to 1, got 2", set.split, set, 2)
raises('unknown option "sze"; did you mean "size"?', set.images, set, { sze = 3 })
raises("size: expected an integer in 1...256, got 300", set.images, set, { size = 300 })
raises("deta: expected a width above 0, got 0", set.images, set, { deta = 0 })
raises("batches: n: expected an integer of at least 1, got 0", images.batches, images, 0)
raises("these batches have no end", function() return #images:batches(10, { forever = true }) end)
raises("cluster: particle 2 has a negative energy", jets.cluster, { { 1, 1, 0, 0 }, { -1, 1, 0, 0 } })
raises("four numbers (E, px, py, pz) per particle", jets.cluster, { { 1, 2, 3 } })
raises("jet set: pt cannot be set", function() set.pt = 3 end)

-- Junk ends in an error, never in a crash
local small, few = set:take(50), set:take(50):images()
local junk = {
  nil, false, 0, -1, 1.5, 0 / 0, 1 / 0, math.maxinteger, math.mininteger, 2 ^ 53, "", "\0", "pt", {}, { 1 }, { {} }, { shuffle = 3 },
  { signal = 1, background = {} }, { n = math.maxinteger }, io.stdout, print, set, few, set.pt, function() error("inner", 0) end,
}
math.randomseed(3)
local functions = {
  jets.open, jets.cluster, jets.declusterings, small.where, small.mix, small.split, small.take, small.shuffle, small.images,
  small.class_name, small.cutflow_steps, few.batches, few.split, few.mean, few.images, few.class_name,
}
for _ = 1, 4000 do
  local fn = functions[math.random(#functions)]
  local self = math.random(4) > 1 and (math.random(2) == 1 and small or few) or junk[math.random(25)]
  pcall(fn, self, junk[math.random(25)], junk[math.random(25)], junk[math.random(25)])
end
equal({ #small, #few }, { 50, 50 })

testing.finish()
