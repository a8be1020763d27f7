-- The experiments on constituents in their quick form, in a process of their own each, and the page that describes the models.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near = testing.check, testing.equal, testing.near

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local models = require "models"
local scripts = testing.folder .. "../../scripts/"
local root, plays = testing.scratch(), 0

local function play(script, ...)
  plays = plays + 1
  local runs = root .. "/runs" .. plays
  system.make_directory(runs)
  local outcome = testing.run(scripts .. script, { ... }, { JETLUA_RUNS = runs })
  local name = system.list_directory(runs)[1]
  local folder = name and runs .. "/" .. name
  return outcome, folder, folder and json.decode(system.read_file(folder .. "/run.json"))
end

for script, expected in pairs {
  ["constituent_vae.lua"] = { class = "ConstituentVAE", figures = { "roc", "kl", "mass", "loss" } },
  ["disco_vae.lua"] = { class = "mass_decorrelation", figures = { "roc", "mse", "mass", "loss" } },
  ["oe_vae.lua"] = { class = "outlier_exposure", figures = { "roc", "score", "mass", "loss" } },
} do
  local outcome, folder, record = play(script, "--quick", "--jets", "2000", "--epochs", "3")
  equal({ outcome.status, outcome.stderr }, { 0, "" }, script)
  for _, figure in ipairs(expected.figures) do
    local path = ("%s/plots/%s"):format(folder, figure)
    check(outcome.stdout:find(path .. ".png", 1, true) and system.exists(path .. ".pdf"), script .. ": " .. figure)
  end
  equal({ record.status, record.script }, { "finished", script })
  for _, score in ipairs { "KL", "MSE", "EMD" } do
    local figures = record.results.scores[score]
    check(figures and figures.auc > 0.05 and figures.auc < 0.99 and figures.jsd >= 0 and figures.auc_equal_mass, script .. ": " .. score)
  end
  near(record.results.scores["mass alone"].auc, 0.93, 0.02, "the jet mass")
  check(outcome.stdout:find("equal mass: %d+ to %d+ GeV .* effectively %d+ signal"), outcome.stdout)
  local saved = models.load(folder .. "/checkpoints/last.safetensors")
  equal({ saved:class_name(), saved.recipe.n, #saved.recipe.center }, { expected.class, 20, 80 }, script)
  if script == "oe_vae.lua" then check(outcome.stdout:find("outliers of %d+ jets, effectively %d+, one at most %d+ times"), outcome.stdout) end
  if script == "disco_vae.lua" then
    check(record.results.disco > record.results.disco_shuffled and record.results.disco_shuffled < 0.02, "DisCo beside its value by chance")
    local _, _, again = play(script, "--quick", "--jets", "2000", "--epochs", "3")
    equal(again.results, record.results, "the same seed gives the same results")
  end
end

local function refused(script, message, ...)
  local outcome, folder = play(script, ...)
  equal({ outcome.status, outcome.stderr, folder }, { 1, ("%s: %s\n"):format(script, message) })
end
refused("oe_vae.lua", "--form: expected one of kl, mse, sigmoid, got emd", "--form", "emd")
refused("disco_vae.lua", "--lambda: expected a number of at least 0, got -1", "--lambda", "-1")
refused("constituent_vae.lua", "--latent: expected an integer of at least 1, got 0", "--latent", "0")
refused("oe_vae.lua", "cannot read /nowhere/w.h5: No such file or directory; check the path", "--outliers", "/nowhere/w.h5")

local parts = {}
for block in system.read_file(testing.folder .. "../../docs/constituent_models.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 3, "docs/constituent_models.md shows how to use what it describes")
local shown = testing.script(table.concat(parts, "\n"), {}, {})
for _, line in ipairs { "a scaler fitted on other jets", "outlier exposure\ttrue", "0.4\tmass_decorrelation\tConstituentVAE", "0\tjets without" } do
  check(shown.stdout:find(line, 1, true), line .. "\n" .. shown.stdout .. shown.stderr)
end

testing.finish()
