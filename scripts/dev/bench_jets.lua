-- How long images, Lund planes, substructure and the clustering of events take: jetlua scripts/dev/bench_jets.lua
-- Five fresh passes over the bundled sample are 100,000 jets, reading and decompressing included; JETLUA_THREADS says how many threads. The
-- events are made here: 150 particles on average in two sprays and between them, rows of 700 as in the LHC Olympics file.
local jets, tensor, system = require "jets", require "tensor", require "jetlua.core.system"

local function timed(name, count, body)
  local start = system.monotonic()
  body()
  local seconds = system.monotonic() - start
  print(("%-40s %8.2f s %9.0f jets/s"):format(name, seconds, count / seconds))
end

local function five_passes(name, body)
  timed(name, 100000, function()
    for _ = 1, 5 do body(jets.sample()) end
  end)
end

five_passes("columns", function(set) return set.mass:sum() end)
five_passes("images", function(set) return set:images() end)
five_passes("images, power 0.5", function(set) return set:images { power = 0.5 } end)
-- In halves, which stay in memory: what goes to the cache's folder would be found there again.
five_passes("images, blur 1", function(set)
  for _ = 1, 2 do set:take(10000):images { blur = 1 } end
end)
five_passes("lund images", function(set) return set:lund_images() end)
five_passes("constituents {n = 20}", function(set) return set:constituents() end)
for _, axes in ipairs { "kt", "wta_kt", "onepass_kt" } do
  five_passes("tau32, axes " .. axes, function(set) return set:column("tau32", { axes = axes }) end)
end
for _, name in ipairs { "soft_drop_mass", "trimmed_mass", "d2" } do
  five_passes(name, function(set) return set:column(name) end)
end

tensor.manual_seed(1)
local count, particles = 10000, 700
local path = os.tmpname()
do
  local side = tensor.randint(0, 1, { count, particles }):to("float64") * 2 - 1
  local spread = tensor.where(tensor.rand(count, particles):lt(0.3), tensor.full({ count, particles }, 1.2), tensor.full({ count, particles }, 0.2))
  local eta = tensor.randn(count, particles) * spread + side:to("float32") * 0.5
  local phi = tensor.randn(count, particles) * spread + side:to("float32") * 1.5
  local pt = -tensor.rand(count, particles):clamp(1e-6, 1):log() * 10
  local n = tensor.rand(count, 1) * 200 + 50
  local mask = tensor.arange(1, particles):to("float32"):unsqueeze(1):le(n):to("float32")
  local rows = tensor.stack({ pt * mask, eta * mask, phi * mask }, 3):reshape(count, particles * 3)
  local label = tensor.randint(0, 1, { count, 1 }):to("float32")
  tensor.save(path .. ".h5", { ["df/block0_values"] = tensor.cat({ rows, label }, 2):to("float64") })
end
for _, algorithm in ipairs { "antikt", "cambridge_aachen", "kt" } do
  local set = jets.open(path .. ".h5", { algorithm = algorithm, R = 1.0 })
  timed("events clustered, " .. algorithm, count, function() return set.mass end)
  if algorithm == "antikt" then
    timed("the same file, second pass (images)", count, function() set:images() end)
  end
end
os.remove(path)
os.remove(path .. ".h5")
