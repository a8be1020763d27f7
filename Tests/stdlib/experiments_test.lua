-- The experiments in scripts/, for one epoch, in a process of their own each.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near = testing.check, testing.equal, testing.near

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local root = testing.scratch()

local function play(script, ...)
  local runs = root .. "/" .. #system.list_directory(root)
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
    check(#system.read_file(path .. ".csv") > 100, figure .. ".csv")
  end
  equal({ record.status == "failed", record.seed, record.options.epochs, record.script }, { false, 3, 1, script })
  near(record.results.auc, 0.75, 0.25, "an AUC")
  equal(record.data[1].sha256, system.sha256_file(record.data[1].path), "checksum of the data")
  equal(#record.data[1].sha256, 64)
  local metrics = json.decode((system.read_file(folder .. "/metrics.jsonl"):match("[^\n]+")))
  check(metrics.epoch == 1 and metrics.loss > 5 and metrics.loss < 7.5, "loss of the first epoch: " .. tostring(metrics.loss))
  check(outcome.stdout:find("mass alone +0%.9"), "the table ends with the jet mass:\n" .. outcome.stdout)
  local _, _, again = play(script, "--epochs", "1", "--seed", "3")
  equal(again.results, record.results, "the same seed gives the same results")
end

local function refused(message, script, ...)
  local outcome, folder = play(script, ...)
  check(outcome.status == 1 and outcome.stderr:find(message, 1, true), message .. "\n" .. outcome.stderr)
  equal({ outcome.stdout, folder }, { "" }, "nothing is written")
end
refused("dvae_k2.lua: --epochs: expected an integer of at least 1, got -1\n", "dvae_k2.lua", "--epochs", "-1")
refused("dvae_k3.lua: --sigal: unknown option; did you mean --signal?\n", "dvae_k3.lua", "--sigal", "top")
refused("dvae_k2.lua: --ratio: expected a number from 0 to 1, got 5\n", "dvae_k2.lua", "--ratio", "5")
refused("/nowhere/jets.h5", "dvae_k3.lua", "--data", "/nowhere/jets.h5")
refused("testing.lua", "dvae_k3.lua", "--data", testing.folder .. "testing.lua")

testing.finish()
