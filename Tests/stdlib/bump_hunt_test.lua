-- scripts/bump_hunt.lua in quick mode, in a process of its own.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near = testing.check, testing.equal, testing.near

local root, plays = testing.scratch(), 0

local function play(...)
  plays = plays + 1
  local runs = root .. "/runs" .. plays
  system.make_directory(runs)
  local outcome = testing.run(testing.folder .. "../../scripts/bump_hunt.lua", { ... }, { JETLUA_RUNS = runs })
  local name = system.list_directory(runs)[1]
  local folder = name and runs .. "/" .. name
  return outcome, folder, folder and json.decode(system.read_file(folder .. "/run.json"))
end

local outcome, folder, record = play("--quick", "--epochs", "1", "--seed", "2")
equal({ outcome.status, outcome.stderr }, { 0, "" })
for _, figure in ipairs { "spectra", "bump", "scan", "roc", "sic" } do
  local path = ("%s/plots/%s"):format(folder, figure)
  check(outcome.stdout:find(path .. ".png", 1, true), "prints the path of " .. figure .. "\n" .. outcome.stdout)
  check(system.read_file(path .. ".png"):find("^\137PNG") and #system.read_file(path .. ".csv") > 100, figure)
end
for _, row in ipairs { "all, no cut", "that pass the cut", "background that passes" } do
  check(outcome.stdout:find("\n" .. row .. " +%d+ to %d+ +%d+ +[%d.]+ %+%- [%d.]+ +%-?[%d.]+"), row .. "\n" .. outcome.stdout)
end
check(outcome.stdout:find("dimensions are active", 1, true), "the latent space is reported")
local seed = record.results.seeds[1]
near(record.results.z, seed.z, 1e-12)
check(seed.z_global <= seed.z and seed.z_global_background and seed.asimov > 0 and seed.sigma > 0 and seed.n >= 1)
near(record.results.auc, 0.6, 0.3, "one epoch")
equal({ record.status, record.options.toys, record.options.epochs }, { "finished", 20, 1 })

-- A window of one's own, two seeds, without toys.
outcome, folder, record = play("--quick", "--epochs", "1", "--seeds", "2", "--window", "150,200", "--range", "80,320", "--toys", "0", "--score", "cross_entropy")
equal({ outcome.status, outcome.stderr, #record.results.seeds }, { 0, "", 2 })
check(outcome.stdout:find("over 2 seeds: Z = ", 1, true) and not system.exists(folder .. "/plots/scan.png"))
check(outcome.stdout:find("150 to 200", 1, true) and outcome.stdout:find("that pass the cut +150 to 200 +%d+ +[%d.]+ %+%- [%d.]+ +%-?[%d.]+ +%-"), outcome.stdout)
equal({ record.results.seeds[1].z_global, record.results.over_seeds.z.n }, { nil, 2 })

-- Wrong input: one line.
for message, arguments in pairs {
  ["--score: expected one of weight, cross_entropy, kl_reconstruction, got mass"] = { "--score", "mass" },
  ["--at: expected a number from 0 to 1, got 2"] = { "--at", "2" },
  ["window: expected {low, high} in GeV with 0 <= low < high, got {200, 150}"] = { "--quick", "--epochs", "1", "--window", "200,150" },
  ["window: expected {low, high} in GeV"] = { "--quick", "--epochs", "1", "--window", "1,2,3" },
} do
  local wrong = play(table.unpack(arguments))
  equal(wrong.status, 1)
  check(wrong.stderr:find("bump_hunt.lua: " .. message, 1, true) and not wrong.stderr:find("traceback", 1, true), wrong.stderr)
end
check(play("--help").stdout:find("--toys", 1, true))

testing.finish()
