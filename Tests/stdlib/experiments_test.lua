-- The experiments in scripts/, for one epoch, in a process of their own each.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near = testing.check, testing.equal, testing.near

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local models, tensor = require "models", require "tensor"

local root, plays = testing.scratch(), 0

local function play(script, ...)
  plays = plays + 1
  local runs = root .. "/runs" .. plays
  system.make_directory(runs)
  local outcome = testing.run(testing.folder .. "../../scripts/" .. script, { ... }, { JETLUA_RUNS = runs })
  local name = system.list_directory(runs)[1]
  local folder = name and runs .. "/" .. name
  return outcome, folder, folder and json.decode(system.read_file(folder .. "/run.json"))
end

for script, figures in pairs {
  ["dvae_k2.lua"] = { "latent", "loss", "mixtures", "roc" }, ["dvae_k3.lua"] = { "latent", "loss", "mixtures", "roc", "triangles" },
} do
  local outcome, folder, record = play(script, "--epochs", "1", "--seed", "3")
  equal({ outcome.status, outcome.stderr }, { 0, "" }, script)
  for _, figure in ipairs(figures) do
    local path = ("%s/plots/%s"):format(folder, figure)
    check(outcome.stdout:find(path .. ".png", 1, true), script .. " prints the path of " .. figure)
    check(system.read_file(path .. ".png"):find("^\137PNG"), figure .. ".png")
    check(system.read_file(path .. ".pdf"):find("^%%PDF"), figure .. ".pdf")
    check(#system.read_file(path .. ".csv") > (figure == "loss" and 20 or 100), figure .. ".csv")
  end
  equal({ record.status, record.seed, record.options.epochs, record.script }, { "finished", 3, 1, script })
  near(record.results.auc, 0.75, 0.25, "an AUC")
  near(record.results.scores["mass alone"].auc, 0.93, 0.02, "the jet mass")
  equal(record.data[1].sha256, system.sha256_file(record.data[1].path), "checksum of the data")
  equal(#record.data[1].sha256, 64)
  local kept, saved = tensor.load(folder .. "/scores.npz"), models.load(folder .. "/checkpoints/last.safetensors")
  equal({ #kept.cross_entropy, kept.label.dtype, saved.recipe.size }, { #kept.index, "int64", 40 }, "scores and a checkpoint")
  check(system.exists(folder .. "/checkpoints/last_optimizer.safetensors"), "the optimizer's state")
  local metrics = json.decode((system.read_file(folder .. "/metrics.jsonl"):match("[^\n]+")))
  check(metrics.epoch == 1 and metrics.total > 5 and metrics.total < 7.5, "loss of the first epoch: " .. tostring(metrics.total))
  check(outcome.stdout:find("mass alone +0%.9"), "the table ends with the jet mass:\n" .. outcome.stdout)
  local _, _, again = play(script, "--epochs", "1", "--seed", "3")
  equal(again.results, record.results, "the same seed gives the same results")
end

-- The image models of sections 2 and 3, quickly.
for script, expected in pairs {
  ["ae.lua"] = { class = "Autoencoder", scores = { "latent 1", "squared error" } },
  ["vae.lua"] = { class = "VAE", scores = { "latent 1", "squared error", "KL" }, figure = "drift" },
  ["gmvae.lua"] = { class = "GaussianMixtureVAE", scores = { "latent 1", "squared error", "-ln prior" }, figure = "modes" },
} do
  local outcome, folder, record = play(script, "--quick", "--dense", "--seed", "3")
  equal({ outcome.status, outcome.stderr }, { 0, "" }, script)
  for _, figure in ipairs { "latent", "loss", "roc", "drift", expected.figure } do
    local path = ("%s/plots/%s"):format(folder, figure)
    check(outcome.stdout:find(path .. ".png", 1, true) and system.exists(path .. ".pdf"), script .. ": " .. figure)
  end
  for _, score in ipairs(expected.scores) do
    local figures = record.results.scores[score]
    check(figures and figures.auc > 0.05 and figures.auc < 0.95 and figures.jsd >= 0 and figures.auc_equal_mass, script .. ": " .. score)
  end
  near(record.results.scores["mass alone"].auc, 0.93, 0.02, "the jet mass")
  local saved = models.load(folder .. "/checkpoints/last.safetensors")
  equal({ saved:class_name(), saved.recipe.size, saved:options().hidden }, { expected.class, 40, { 100 } })
  check(system.exists(folder .. "/checkpoints/best.safetensors"), "the best weights")
  local _, _, again = play(script, "--quick", "--dense", "--seed", "3")
  equal(again.results, record.results, script .. ": the same seed gives the same results")
end

-- The scans over ratios, quickly.
for script, figures in pairs { ["dvae_scan.lua"] = { "ratios", "mixtures" }, ["lund_dvae.lua"] = { "ratios", "average" } } do
  local outcome, folder, record = play(script, "--quick", "--ratios", "1,0.25")
  equal({ outcome.status, outcome.stderr }, { 0, "" }, script)
  for _, figure in ipairs(figures) do check(system.exists(("%s/plots/%s.png"):format(folder, figure)), script .. ": " .. figure) end
  equal(#record.results.rows, 8, "two scores of two signals at two ratios")
  for _, row in ipairs(record.results.rows) do check(row.auc > 0 and row.auc < 1 and row.jsd >= 0, row.signal .. ", " .. row.score) end
  check(models.load(folder .. "/checkpoints/qcd_0.25.safetensors"):options().alpha[2] == 0.25, "the prior of unequal classes")
  local refused_ratio = play(script, "--ratios", "1,0")
  equal({ refused_ratio.status, refused_ratio.stderr }, { 1, script .. ": --ratios: expected numbers above 0 and up to 1, got 0 in place 2\n" })
end

-- The settings by name; single options go before them. QCD jets as the signal swap the declared weight.
local _, _, paper = play("dvae_k2.lua", "--epochs", "1", "--settings", "paper", "--batch", "500", "--signal", "qcd")
equal({ paper.options.lr, paper.options.beta2, paper.options.batch }, { 1e-3, 0.999, 500 }, "the paper's settings")
check(paper.results.scores["mass alone"].auc > 0.9, "light jets are the signal now")
local _, _, published = play("dvae_k3.lua", "--epochs", "1", "--batch", "1000")
equal({ published.options.lr, published.options.beta2, published.options.batch }, { 5e-3, 0.99, 1000 }, "the published settings")

--- The one line that a script gives for wrong input, in both scripts; nothing is on stdout, and no run folder made.
local function refused(message, ...)
  for _, script in ipairs { "dvae_k2.lua", "dvae_k3.lua" } do
    local outcome, folder = play(script, ...)
    equal({ outcome.status, outcome.stdout, folder }, { 1, "" }, ("%s\n%s"):format(message, outcome.stderr))
    equal(outcome.stderr, ("%s: %s\n"):format(script, message))
  end
end

refused("--epochs: expected an integer of at least 1, got -1", "--epochs", "-1")
refused("--sigal: unknown option; did you mean --signal?", "--sigal", "top")
refused("--signal: expected one of top, qcd, got tau", "--signal", "tau")
refused("--settings: expected one of paper, published, got mine", "--settings", "mine")
refused("--ratio: expected a number from 0 to 1, got 5", "--ratio", "5")
refused("--lr: expected a number of at least 0, got nan", "--lr", "nan")
refused("--batch: expected an integer of at least 1, got 0", "--batch", "0")
refused("--seed: expected an integer of at least 0, got x", "--seed", "x")
refused("--config: cannot be opened: /nowhere/f.lua: No such file or directory", "--config", "/nowhere/f.lua")
refused("--alpha: expected numbers separated by commas, got nothing", "--alpha", "")
refused("--alpha: expected numbers separated by commas, got 1,nan", "--alpha", "1,nan")
refused("DirichletVAE: alpha: expected numbers above 0, got 0.0", "--alpha", "1,0")
refused("DirichletVAE: alpha: expected numbers above 0, got -1.0", "--alpha", "1,-1,2")
refused("DirichletVAE: alpha: expected at least two numbers, one per mixture, got 1", "--alpha", "1")

local top = "a top-tagging table holds E_0, PX_0, PY_0, PZ_0, … PZ_199, truthE … truthPZ in a field of 804 columns and ttv, is_signal_new "
  .. "in one of 2: give a table of that layout"
local fixtures = testing.folder .. "../Fixtures/hdf5/"
local function refused_file(name, message)
  refused(("%s%s: %s"):format(fixtures, name, message), "--data", fixtures .. name)
end
refused("cannot read /nowhere/jets.h5: No such file or directory; check the path", "--data", "/nowhere/jets.h5")
refused("cannot read a file whose name is empty or holds a zero byte; give a path", "--data", "")
refused(("cannot read %s: Is a directory; give the name of a file"):format(root), "--data", root)
refused_file("not_hdf5.h5", "this is no HDF5 file, it lacks the signature; check the path or download it again")
refused_file("empty.h5", "the file is empty; copy or download it again")
refused_file("fixed.h5", "no table of jets found among df; a top-tagging file holds one at /table/table")
refused_file("wrong_columns.h5", "/table/table holds index: int64, values_block_0: float32[2], values_block_1: int64[1]; " .. top)
refused_file("narrow.h5", "/table/table holds index: int64, values_block_0: float32[404], values_block_1: int64[2]; " .. top)
refused_file("truncated.h5", "the file is cut short: 15113 of 30227 bytes are there; copy or download it again")
refused("mix: " .. fixtures .. "no_label.h5 has no labels; a mix draws jets by their class", "--data", fixtures .. "no_label.h5")

-- Selections that leave too little.
refused("mix: there are no top jets to be signal (read: 0 -> split 0.9: 0); loosen the selection", "--data", fixtures .. "zero_rows.h5")
for _, script in ipairs { "dvae_k2.lua", "dvae_k3.lua" } do
  local outcome, folder = play(script, "--ratio", "1e-9")
  equal({ outcome.status, outcome.stdout, folder }, { 1, "" })
  check(outcome.stderr:find("^" .. script .. ": mix: ratio 1e%-09 of %d+ qcd jets leaves no top jet; ask for a ratio of at least [^\n]*\n$"),
    outcome.stderr)
end

-- A NaN and a negative energy, in a table that is fine otherwise: the energy of its first jet's first constituent is 1000.
local fine = system.read_file(fixtures .. "plain.h5")
local place = fine:find(("<f"):pack(1000), 1, true)
for problem, value in pairs { ["a component that is not finite"] = 0 / 0, ["a negative energy"] = -5 } do
  local path = root .. "/" .. "bad.h5"
  system.write_file(path, fine:sub(1, place - 1) .. ("<f"):pack(value) .. fine:sub(place + 4))
  refused(("jets: %s: 1 of 6 jets cannot be used: the one in row 0 (counted from 0) has %s in constituent 1; "
    .. 'open the file with { broken = "drop" } to leave such jets out'):format(path, problem), "--data", path)
  system.remove(path)
end

-- A folder for runs that cannot be made.
for folder, reason in pairs { ["/dev/null"] = "File exists", ["/proc/runs"] = "No such file or directory" } do
  local outcome = testing.run(testing.folder .. "../../scripts/dvae_k2.lua", { "--epochs", "1" }, { JETLUA_RUNS = folder })
  equal({ outcome.status, outcome.stdout }, { 1, "" })
  check(outcome.stderr:find("^dvae_k2%.lua: run%.start: cannot make the folder " .. folder .. ": " .. reason .. "[^\n]*; "
    .. "give a folder that can be made in JETLUA_RUNS\n$"), outcome.stderr)
end

-- What shows only in training ends the run as failed, with the message.
for script, message in pairs {
  ["dvae_k2.lua"] = "the loss is NaN in epoch 1; give a smaller --lr",
  ["dvae_k3.lua"] = "models.fit: epoch 1, batch 2: the loss is nan: its terms kl and reconstruction are not finite; take a smaller learning rate; "
    .. "the model has its starting weights again",
} do
  local outcome, _, record = play(script, "--lr", "1e30", "--epochs", "2")
  equal({ outcome.status, outcome.stdout }, { 1, "" })
  equal({ record.status, outcome.stderr }, { "failed", ("%s: %s\n"):format(script, record.error) })
  equal(record.error:sub(1, #message), message)
  if script == "dvae_k3.lua" then
    check(record.error:find("; first: near [%w_.]+: [%w_]+: %d+ of %d+ numbers of its result %[[%d, ]+%] are [^;]+; the batch is in [^;]+/nan/epoch%-1%-batch%-2, "
      .. "for models%.replay$"), record.error)
  end
end

-- Without the Blosc plugin: its folder is hidden from the process.
local plugins = "/usr/lib/x86_64-linux-gnu/hdf5/serial/plugins"
if system.run({ "unshare", "-rm", "true" }).status == 0 and system.exists(plugins) then
  local first = 0
  while arg[first - 1] do first = first - 1 end
  local path = fixtures .. "blosc_zstd.h5"
  local outcome = system.run({
    "unshare", "-rm", "sh", "-c", ('mount -t tmpfs none %s && exec "$@"'):format(plugins), "sh", arg[first],
    testing.folder .. "../../scripts/dvae_k2.lua", "--data", path,
  }, { environment = { HDF5_PLUGIN_PATH = "/usr/lib/x86_64-linux-gnu", JETLUA_RUNS = root .. "/blosc" }, input = "" })
  equal({ outcome.status, outcome.stdout }, { 1, "" })
  equal(outcome.stderr, ("dvae_k2.lua: %s: /table/table is compressed with Blosc, which this machine cannot read; "
    .. "install Debian's package hdf5-filter-plugin-blosc-serial\n"):format(path))
  check(not system.exists(root .. "/blosc"), "no run folder is made")
else
  testing.skip("no unshare to hide the Blosc plugin")
end

testing.finish()
