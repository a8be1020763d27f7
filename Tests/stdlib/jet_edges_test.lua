-- Jets with nothing to measure, cuts that keep nothing, classes that are not there: documented results, counted, never a silent NaN.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
if not pcall(require, "jetlua.core.jets") then
  testing.skip("this interpreter has no jets")
  testing.finish()
end
local jets, tensor = require "jets", require "tensor"
local equal, raises, check, near = testing.equal, testing.raises, testing.check, testing.near

local function massless(pt, eta, phi)
  return { pt * (math.exp(eta) + math.exp(-eta)) / 2, pt * math.cos(phi), pt * math.sin(phi), pt * (math.exp(eta) - math.exp(-eta)) / 2 }
end
local none, folder, places = { 0, 0, 0, 0 }, testing.scratch(), 0
local one, wide = massless(50, 0.3, 1), massless(20, -0.2, 1.4)

--- A set of jets of at most four constituents, from a file.
local function opened(list, options)
  local rows, labels = {}, {}
  for i, jet in ipairs(list) do
    rows[i], labels[i] = {}, i % 2
    for slot = 1, 4 do rows[i][slot] = jet[slot] or none end
  end
  places = places + 1
  local path = ("%s/%d.npz"):format(folder, places)
  tensor.save(path, { p = tensor(rows, { dtype = "float64" }), y = tensor(labels, { dtype = "int64" }) })
  options = options or {}
  options.layout = { constituents = "p", order = { "e", "px", "py", "pz" }, label = "y", classes = { "background", "signal" } }
  return jets.open(path, options)
end

-- 1 none, 2 one, 3 all in one point, 4 two apart, 5 along the beam, 6 three apart
local set = opened { {}, { one }, { one, one, one }, { one, wide }, { { 9, 0, 0, 9 } }, { one, wide, massless(5, 0.5, 1.1) } }
equal(set.n_constituents:totable(), { 0, 1, 3, 2, 1, 3 })
equal({ set.pt[1], set.mass[1], set.eta[1], set.phi[1] }, { 0.0, 0.0, 0.0, 0.0 })
for _, name in ipairs { "pt", "mass", "phi" } do check(set[name]:isfinite():all():item(), name) end

local images = set:images()
equal(images.empty, 2)
local x = images.x:todense()
equal({ x[1]:sum():item(), x[5]:sum():item(), x[2][821], x[3][821] }, { 0.0, 0.0, 1.0, 1.0 })
check(x:isfinite():all():item())
for _, options in ipairs { { blur = 1 }, { power = 0.5 }, { power = 0, blur = 2, normalise = false }, { weight = "energy", combine = "overwrite" } } do
  local other = set:images(options)
  equal(other.empty, 2)
  check(other.x:todense():isfinite():all():item())
end

local planes = set:lund_images()
equal(planes.empty, 4)
equal(planes.x:todense():sum(2):totable(), { 0.0, 0.0, 0.0, 1.0, 0.0, 1.0 })
equal({ #jets.declusterings {}, #jets.declusterings { one }, #jets.declusterings { one, one, one } }, { 0, 0, 2 })
for _, step in ipairs(jets.declusterings { one, one, one }) do equal({ step.delta, step.kt, step.kappa }, { 0.0, 0.0, 0.0 }) end

for _, axes in ipairs { "kt", "wta_kt", "onepass_kt" } do
  for n = 1, 4 do
    local values, undefined = set:column("tau" .. n, { axes = axes })
    equal(undefined, 0)
    for jet = 1, 3 do near(values[jet], 0, 1e-9) end
    check(values:isfinite():all():item())
  end
  local ratio, undefined = set:column("tau21", { axes = axes })
  check(ratio:isfinite():all():item())
  check(undefined >= 3, axes)
end
for _, name in ipairs { "c2", "d2" } do
  local values, undefined = set:column(name)
  equal({ undefined, values[1], values[2], values[3], values[5] }, { 4, 0.0, 0.0, 0.0, 0.0 })
end
for _, name in ipairs { "soft_drop_mass", "trimmed_mass" } do
  local values, undefined = set:column(name)
  equal({ undefined, values[1] }, { 0, 0.0 })
  for jet = 2, 3 do near(values[jet], set.mass[jet], 1e-3) end
end
-- A cut on an undefined ratio fails and says so.
local steps = set:where("d2 >= 0 or pt > 1e9"):cutflow()
equal({ steps[2].n, steps[2].undecided }, { 2, 4 })

local rows = set:constituents { n = 3, scale = "none" }
local r = rows.x
equal(r[1]:abs():sum():item(), 0.0)
for jet = 2, 3 do
  near(r[jet][2], 50, 1e-4)
  near(r[jet][3], 0, 1e-4)
  near(r[jet][4], 0, 1e-4)
end
check(set:constituents({ n = 3 }).x:isfinite():all():item() and set:constituents({ n = 3, normalise = true }).x:isfinite():all():item())

-- Broken jets are counted by everything that reads them.
local list = { { one, wide }, { { 0 / 0, 1, 0, 0 } }, { { -3, 1, 0, 0 } }, { { 1, 1 / 0, 0, 0 } }, {} }
for _, read in ipairs {
  function(s) return s:images() end, function(s) return s:lund_images() end, function(s) return s:constituents() end,
  function(s) return s:column("tau1") end, function(s) return s:where("pt > 1") end, function(s) return s.pt end,
} do
  raises("3 of 5 jets cannot be used", read, opened(list))
end
local sound = opened(list, { broken = "drop" })
equal({ #sound, sound:images().empty, sound:lund_images().empty }, { 2, 1, 1 })
equal(sound:cutflow()[2].name, "not broken")

-- A cut that keeps nothing: an empty set, and errors with its cutflow where jets are needed.
local sample = jets.sample():take(500)
local empty = sample:where("pt > 9000")
equal({ #empty, #empty.pt, #(empty:column("tau21")), empty:cutflow()[3].n, empty:cutflow()[3].efficiency }, { 0, 0, 0, 0, 0.0 })
for _, name in ipairs { "images", "lund_images", "constituents", "match" } do
  raises("no jets are left (read: 20000 -> take 500: 500 -> pt > 9000: 0); loosen the selection", empty[name], empty, name == "match" and sample or nil)
end
raises("no jets are left", sample.match, sample, empty)
raises("there are no top jets to be signal", empty.mix, empty, { signal = "top", background = "qcd" })
raises("there are no qcd jets to be background", function()
  local tops = sample:where("label == 1")
  tops:mix { signal = "top", background = "qcd" }
end)
local a, b = empty:split(0.5)
equal({ #a, #b, #empty:shuffle(), #empty:where("mass > 3") }, { 0, 0, 0, 0 })

-- Names that are not there
raises('no column "tau_21"; did you mean "tau21"?', sample.where, sample, "tau_21 < 0.3")
raises('no column "Mass"; did you mean "mass"?', sample.where, sample, "Mass > 100")
raises('no class "tops"; did you mean "top"? the classes are qcd, top', sample.mix, sample, { signal = "tops", background = "qcd" })
raises("the classes are qcd, top", sample.mix, sample, { signal = "higgs", background = "qcd" })
raises('signal and background are both "top"', sample.mix, sample, { signal = "top", background = "top" })
raises('no class "top"; the classes are background, signal', set.mix, set, { signal = "top", background = "background" })
raises("match: column", sample.match, sample, sample, { column = "mas" })

testing.finish()
