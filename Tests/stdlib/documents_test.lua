-- The experiments that the documents print run as they stand, apart from their number of epochs.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local first = 0
while arg[first - 1] do first = first - 1 end
local here = system.run({ "sh", "-c", 'cd "$1" && pwd', "sh", testing.folder == "" and "." or testing.folder }).stdout:match("[^\n]+")
local interpreter = system.run({ "sh", "-c", 'readlink -f "$(command -v "$1")"', "sh", arg[first] }).stdout:match("[^\n]+")

--- Runs a script in `folder`; its output.
local function run(source, folder)
  system.write_file(folder .. "/mine.lua", source)
  local outcome = system.run({ interpreter, "mine.lua" }, { directory = folder, input = "" })
  equal(outcome.status, 0, outcome.stderr)
  return outcome.stdout
end

--- An experiment of 50 epochs, run for one: it prints AUC and rejection of the weight, then the AUC of the cross-entropy.
local function experiment(source, folder)
  local shorter, changed = source:gsub("for epoch = 1, 50 do", "for epoch = 1, 1 do")
  equal(changed, 1, "the loop over epochs")
  local printed = run(shorter, folder)
  local auc, rejection, other = printed:match("^(%S+)\t(%S+)\n(%S+)\n$")
  auc, rejection, other = tonumber(auc), tonumber(rejection), tonumber(other)
  check(auc and auc > 0 and auc < 1 and rejection >= 1 and other > 0.8 and other < 1, printed)
end

local blocks = 0
for block in system.read_file(here .. "/../../README.md"):gmatch("\n```lua\n(.-)\n```") do
  blocks = blocks + 1
  experiment(block, testing.scratch())
end
check(blocks >= 1, "README.md shows an experiment")

-- The blocks of a page about a library are one script.
local parts = {}
for block in system.read_file(here .. "/../../docs/networks.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 4, "docs/networks.md shows how to use nn and optim")
local shown = run(table.concat(parts, "\n"), testing.scratch())
check(shown:find("Tagger: 84 parameters", 1, true) and shown:find("optim.AdamW(2 groups)", 1, true), shown)

parts = {}
for block in system.read_file(here .. "/../../docs/metrics.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 5, "docs/metrics.md shows the measures")
shown = run(table.concat(parts, "\n"), testing.scratch())
check(shown:find("bump at %d+ to %d+ GeV") and shown:find("AUC over seeds"), shown)
local lund = {}
for block in system.read_file(here .. "/../../docs/lund.md"):gmatch("\n```lua\n(.-)\n```") do lund[#lund + 1] = block end
check(#lund >= 4, "docs/lund.md shows how to use what it describes")
shown = run(table.concat(lund, "\n"), testing.scratch())
check(shown:find("500 images of 40 x 40 pixels", 1, true) and shown:find("tau32 < 0.6", 1, true), shown)
local drawn = testing.scratch()
shown = run(system.read_file(here .. "/../../scripts/examples/lund_plane.lua"), drawn)
check(shown:find("qcd: 10000 jets", 1, true) and system.read_file(drawn .. "/lund_plane.csv"):find("%d"), shown)

parts = {}
for block in system.read_file(here .. "/../../docs/data.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 10, "docs/data.md shows every format")
local data = testing.scratch()
for _, name in ipairs { "images.h5", "lhc_olympics.h5", "vae_jet_test.h5", "vae_jet_prepared.h5", "jetnet.hdf5", "energyflow.npz", "own.h5", "simulated.h5" } do
  system.write_file(data .. "/" .. name, system.read_file(here .. "/../Fixtures/jets/" .. name))
end
shown = run(table.concat(parts, "\n"), data)
for _, line in ipairs { "12\t1600\tnil\n", "12\ttrue\n", "\n80\n", "\nquark\n", "\n400\t80\n", "\n4\t0.75\n", "\nhiggs\t10\n" } do check(shown:find(line, 1, true), line .. shown) end

-- The same experiment on one's own files, and the names that it must not need to change.
local folder = testing.scratch()
local sample = system.read_file(here .. "/../../scripts/data/top_tagging_sample.h5")
for _, name in ipairs { "train.h5", "test.h5" } do system.write_file(folder .. "/" .. name, sample) end
experiment([[
local jets, models, optim = require "jets", require "models", require "optim"
local metrics, tensor, progress = require "metrics", require "tensor", require "progress"

tensor.manual_seed(1)
local train, test = jets.open("train.h5"), jets.open("test.h5")      -- or jets.sample():split(0.9)
local images, unseen = train:images(), test:images()                 -- sparse rows, normalised, 40 x 40

local model = models.DirichletVAE { input = 1600, hidden = {100}, alpha = {1, 1}, beta = 0.1 }
local adam = optim.Adam(model:parameters(), { lr = 5e-3, betas = {0.9, 0.99}, eps = 1e-8 })

for epoch = 1, 50 do
  for batch in progress(images:batches(256, { shuffle = true })) do
    adam:zero_grad()
    local loss = model:loss(batch.x)        -- { total =, reconstruction =, kl = }
    loss.total:backward()
    adam:step()
  end
end

local r = model:weights(unseen.x)                                    -- [N, 2], softmax of the means
local score = r:select(2, model:anomaly_weight())
print(metrics.auc(score, unseen.label), metrics.rejection(score, unseen.label, { at = 0.5 }))
print(metrics.auc(model:scores(unseen.x).cross_entropy, unseen.label))
]], folder)

testing.finish()
