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

-- A training that goes wrong says why.
local outcome = play("oe_vae.lua", "--quick", "--jets", "500", "--lr", "1e20")
check(outcome.status == 1 and outcome.stderr:find("oe_vae.lua: models.fit: epoch %d+, batch %d+: the loss is %S+: .* not finite; .*the model has its starting weights again"),
  outcome.stderr)

-- The sweep goes on where it was stopped, and does not mix what was made with other settings.
local csv = root .. "/frontier.csv"
local function sweep(...) return play("frontier.lua", "--quick", "--jets", "2000", "--csv", csv, ...) end
local function lines_of(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end
outcome = sweep("--methods", "disco")
equal({ outcome.status, outcome.stderr }, { 0, "" }, "frontier.lua")
local first = lines_of(csv)
equal(#first, 4, "settings, names of the columns, and a line for each score")
check(first[3]:find("^disco,loss,100,0,1,1,2000,1,KL,no,0%.") and first[4]:find(",MSE,yes,", 1, true), first[3])
outcome = sweep("--methods", "vae,disco")
local second = lines_of(csv)
equal({ #second, second[3], second[4] }, { 6, first[3], first[4] }, "what is there is not trained again")
check(not outcome.stdout:find("disco,loss[^|\n]*MSE: AUC"), outcome.stdout)
check(outcome.stdout:find("| vae | none |", 1, true) and outcome.stdout:find("frontier.png", 1, true), outcome.stdout)
-- A line that was being written when the sweep was killed counts for nothing.
local file <close> = assert(io.open(csv, "a"))
file:write("oe,kl,2,1,1,1,2000,1,KL,y")
file:close()
equal(sweep("--draw").status, 0, "half a line")
equal(sweep("--epochs", "3").stderr:match("^frontier.lua: %-%-csv: .* holds results of other files or settings") ~= nil, true, "other settings are refused")

local parts = {}
for block in system.read_file(testing.folder .. "../../docs/constituent_models.md"):gmatch("\n```lua\n(.-)\n```") do parts[#parts + 1] = block end
check(#parts >= 3, "docs/constituent_models.md shows how to use what it describes")
local shown = testing.script(table.concat(parts, "\n"), {}, {})
for _, line in ipairs { "a scaler fitted on other jets", "outlier exposure\ttrue", "0.4\tmass_decorrelation\tConstituentVAE", "0\tjets without" } do
  check(shown.stdout:find(line, 1, true), line .. "\n" .. shown.stdout .. shown.stderr)
end

testing.finish()
