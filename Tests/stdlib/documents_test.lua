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

--- A block whose lines end with `--> what they print`.
local function with_results(block, folder)
  local wanted = {}
  for line in block:gmatch("%-%->%s([^\n]+)") do wanted[#wanted + 1] = line end
  check(#wanted > 0, "it says what it prints")
  equal(run(block, folder), table.concat(wanted, "\n") .. "\n")
end

local readme = system.read_file(here .. "/../../README.md")
local blocks = 0
for block in readme:gmatch("\n```lua\n(.-)\n```") do
  blocks = blocks + 1
  if block:find("for epoch", 1, true) then experiment(block, testing.scratch()) else with_results(block, testing.scratch()) end
end
check(blocks >= 2, "README.md shows an experiment, and Lua")
-- The Python that stands beside it is the file that was run.
local python = readme:match("\n```python\n(.-)\n```")
check(python and system.read_file(here .. "/../reference/readme_dirichlet_vae.py"):find(python, 1, true), "README.md shows Tests/reference/readme_dirichlet_vae.py")

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

-- Each of these pages is one script; what it prints holds these texts.
for page, wanted in pairs {
  lund = { "500 images of 40 x 40 pixels", "1\t0.6" }, images = { "2000 images of 40 x 40 pixels", "\t0.5\t1.0\n", "true\tΔη\n" },
  substructure = { "tau32 < 0.6", "\t0\n" }, constituents = { "400\t80\n", "true\n" },
  runs = {}, plots = { "epoch", 'got "ATLAS"' }, tensors = {}, lua = {},
  writing_a_model = { "3.gain", "true\t[0., 1.]", "loss\ttrue", "2 of 2 dimensions are active", "same\ttrue\t40", "jets of another recipe", "same again\ttrue" },
  cuts = { 'did you mean "pt"?', "no jets are left (read: 20000 -> pt > 9000: 0)", "the classes are qcd, top", "8400\t400" },
} do
  parts = {}
  for block in system.read_file(here .. "/../../docs/" .. page .. ".md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
  check(#parts >= 1, page)
  shown = run(table.concat(parts, "\n"), testing.scratch())
  for _, text in ipairs(wanted) do check(shown:find(text, 1, true), page .. ": " .. text .. "\n" .. shown) end
end

parts = {}
for block in system.read_file(here .. "/../../docs/models.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 5, "docs/models.md shows how to use the models")
shown = run(table.concat(parts, "\n"), testing.scratch())
check(shown:find("models.VAE(1600 -> 1 -> 1600, beta 0.001): ", 1, true) and shown:find("early stopping after", 1, true), shown)
local problem = shown:match("; first: (near [^;]+); the batch is in runs/too_fast[^\n]+\n")
check(problem and shown:find("\n" .. problem .. "\n", 1, true), "the same op again:\n" .. shown)
local looked = {}
for block in system.read_file(here .. "/../../docs/diagnostics.md"):gmatch("\n```lua\n(.-)\n```") do looked[#looked + 1] = block end
check(#looked >= 4, "docs/diagnostics.md shows what models have learned")
shown = run(table.concat(looked, "\n"), testing.scratch())
check(shown:find("dimensions are active", 1, true) and shown:find("from epoch 5 to 6: displacement %d"), shown)
local drawn = testing.scratch()
shown = run(system.read_file(here .. "/../../scripts/examples/outliers.lua"), drawn)
check(shown:find("9745 outliers, 1862 background jets", 1, true) and system.read_file(drawn .. "/outliers.csv"):find("%d"), shown)
local divergence = shown:match("\n +JSD +%d+ +%d+ +%d+ +%d+ +(%S+)")
check(tonumber(divergence) and tonumber(divergence) < 0.01, "the spectra agree:\n" .. shown)

-- The pages of the formats, each with a file of its format beside it.
local data = testing.scratch()
for _, name in ipairs { "images.h5", "lhc_olympics.h5", "vae_jet_test.h5", "vae_jet_prepared.h5", "jetnet.hdf5", "energyflow.npz", "own.h5", "simulated.h5", "tree.root" } do
  system.write_file(data .. "/" .. name, system.read_file(here .. "/../Fixtures/jets/" .. name))
end
local formats = {
  ["data.md"] = { "\nhiggs\t10\n" }, ["formats/community.md"] = { "hard", "\ttop\n", "true\n" }, ["formats/image_tables.md"] = { "12\t1600\tnil\n", "overwrite\n" },
  ["formats/lhc_olympics.md"] = { "12\ttrue\n" }, ["formats/vae_jet.md"] = { "\tnil\n80\n" }, ["formats/jetnet.md"] = { "8" }, ["formats/energyflow.md"] = { "quark\n" },
  ["formats/own_layout.md"] = { "4\t0.75\n" }, ["formats/root_parquet.md"] = { "scripts/convert/to_hdf5.py" },
}
for page, wanted in pairs(formats) do
  parts = {}
  for block in system.read_file(here .. "/../../docs/" .. page):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
  shown = run(table.concat(parts, "\n"), data)
  for _, text in ipairs(wanted) do check(shown:find(text, 1, true), page .. ": " .. text .. "\n" .. shown) end
end

-- The first experiment, with fewer jets and passes; its run folder is there.
parts = {}
for block in system.read_file(here .. "/../../docs/first_experiment.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
local shorter, changed = table.concat(parts, "\n"):gsub("jets%.sample%(%)", "%0:take(4000)"):gsub("epochs = 20", "epochs = 2")
equal(changed, 1, "the passes over the jets")
local first_folder = testing.scratch()
shown = run(shorter, first_folder)
check(shown:find("central, massive", 1, true) and shown:find("AUC at equal mass", 1, true) and shown:find("\ntrue\n$"), shown)
equal(#system.list_directory(first_folder .. "/runs"), 1)

-- No page shows Lua that no test runs.
local tests = {}
for _, name in ipairs(system.list_directory(here)) do
  if name:find("_test%.lua$") then tests[#tests + 1] = system.read_file(here .. "/" .. name) end
end
tests = table.concat(tests)
local pages = {}
for _, part in ipairs { "", "formats/" } do
  for _, name in ipairs(system.list_directory(here .. "/../../docs/" .. part)) do
    local page = name:match("^(.*)%.md$")
    if page then
      local text = system.read_file(here .. "/../../docs/" .. part .. name)
      pages[part .. name] = text
      if text:find("\n```lua\n") then
        check(formats[part .. name] or tests:find("docs/" .. name, 1, true) or tests:find("[^%w_]" .. page .. " = {"), name .. ": its Lua is run by no test")
      end
    end
  end
end
-- Links between the pages lead somewhere.
pages["../README.md"] = readme
for name, text in pairs(pages) do
  local folder = here .. "/../../docs/" .. (name:match("^(.*/)") or "")
  for target in text:gmatch("%]%(([^)%s]+)%)") do
    local path = target:match("^([^#]*)")
    if not target:find("^%a+:") and path ~= "" then check(system.exists(folder .. path), name .. ": a link to " .. target) end
  end
  check(name ~= "README.md" or text:find("first_experiment.md", 1, true), "the index")
end

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
