-- Every script of scripts/examples runs, on few jets, and draws or writes what it says.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal
if not pcall(require, "jetlua.core.jets") then
  testing.skip("this interpreter has no jets")
  testing.finish()
end
local jets = require "jets"

local first = 0
while arg[first - 1] do first = first - 1 end
local here = system.run({ "sh", "-c", 'cd "$1" && pwd', "sh", testing.folder == "" and "." or testing.folder }).stdout:match("[^\n]+")
local interpreter = system.run({ "sh", "-c", 'readlink -f "$(command -v "$1")"', "sh", arg[first] }).stdout:match("[^\n]+")
local examples = here .. "/../../scripts/examples/"

local folder = testing.scratch()
local function run(name, ...)
  return system.run({ interpreter, examples .. name .. ".lua", ... }, { directory = folder, input = "" })
end

local ran = {}
local function example(name, ...)
  ran[name .. ".lua"] = true
  local help = run(name, "--help")
  check(help.status == 0 and help.stdout:find("usage: " .. name .. ".lua", 1, true), help.stderr)
  local outcome = run(name, ...)
  equal(outcome.status, 0, outcome.stderr)
  return outcome.stdout
end

--- The number of lines of numbers beside a figure.
local function numbers(name)
  check(system.read_file(folder .. "/" .. name .. ".png"):sub(2, 4) == "PNG", name)
  return select(2, system.read_file(folder .. "/" .. name .. ".csv"):gsub("\n", ""))
end

local shown = example("average_images", "--n", "150", "--power", "0.5")
check(shown:find("qcd: 150 jets, %d+%.%d active pixels each, 0 without one") and shown:find("top: 150 jets", 1, true), shown)
check(numbers "average_images" >= 3200)

shown = example("lund_plane", "--n", "150", "--kt_min", "1")
check(shown:find("qcd: 150 jets, %d+%.%d+ splittings each") and shown:find("three prongs, heavy", 1, true), shown)
check(numbers "lund_plane" >= 3200)

shown = example("spectra", "--n", "300", "--cut", "pt > 560")
check(shown:find("pt > 560", 1, true) and shown:find("three prongs, heavy", 1, true), shown)
check(numbers "spectra" >= 6 * 40)
local wrong = run("spectra", "--n", "300", "--cut", "ptt > 560")
check(wrong.status == 1 and wrong.stderr:find('did you mean "pt"?', 1, true), wrong.stderr)

shown = example("convert", "--cut", "label == 1", "--output", "tops.h5")
local tops = jets.open(folder .. "/tops.h5")
check(#tops > 400 and tops.label:min():item() == 1 and shown:find(("tops.h5: %d jets"):format(#tops), 1, true), shown)
shown = example("convert", "--input", here .. "/../Fixtures/jets/lhc_olympics.h5", "--output", "events.h5")
equal(#jets.open(folder .. "/events.h5"), 12)
check(not system.run({ "sh", "-c", "ls " .. folder }).stdout:find("columns", 1, true))

shown = example("latent_drift", "--jets", "200", "--epochs", "3", "--last", "1", "--hidden", "8")
check(shown:find("Autoencoder") and shown:find("VAE"), shown)
check(numbers "latent_drift" >= 3)

shown = example("gallery", "--n", "3000", "--epochs", "1", "--seeds", "2", "--out", "pictures", "--dpi", "40", "--show")
local kinds = 0
for path in shown:gmatch("pictures/[%w_]+%.png") do
  kinds = kinds + 1
  check(numbers(path:match("^(.*)%.png$")) > 3, path)
end
equal(kinds, 18)
wrong = run("gallery", "--n", "3000", "--epochs", "1", "--seeds", "2", "--only", "rock")
check(wrong.status == 1 and wrong.stderr:find('no picture is called "rock"', 1, true), wrong.stderr)

local other = folder .. "/qcd.h5"
jets.sample():take(400):save(other)
shown = example("compare_spectra", "--files", here .. "/../../scripts/data/top_tagging_sample.h5," .. other, "--columns", "pt,mass", "--out", "compared.png")
check(numbers "compared" > 60, shown)

-- ROOT and Parquet, where Python has what the converter needs.
local python = os.getenv("JETLUA_TEST_PYTHON") or "python3"
if system.run({ python, "-c", "import awkward, h5py, pyarrow, uproot" }).status ~= 0 then
  testing.skip("no Python with uproot and pyarrow: ROOT and Parquet are not converted (JETLUA_TEST_PYTHON names one)")
else
  system.write_file(folder .. "/make.py", [[
import awkward as ak, numpy as np, uproot
random = np.random.default_rng(1)
counts = random.integers(1, 9, 300)
columns = {name: ak.unflatten(random.random(counts.sum()).astype("float32") * scale, counts) for name, scale in (("part_pt", 90), ("part_eta", 1), ("part_phi", 1))}
table = ak.Array({**columns, "is_signal": random.integers(0, 2, 300)})
ak.to_parquet(table, "jets.parquet")
with uproot.recreate("jets.root") as file:
    file.mktree("tree", {name: table[name] for name in table.fields})
total = ak.to_numpy(ak.sum(columns["part_pt"] * np.exp(1j * ak.values_astype(columns["part_phi"], "float64")), axis=1))
np.save("pt.npy", np.abs(total))
np.save("label.npy", ak.to_numpy(table["is_signal"]).astype("int64"))
]])
  equal(system.run({ python, "make.py" }, { directory = folder, input = "" }).status, 0)
  local tensor = require "tensor"
  local pt, label = tensor.load(folder .. "/pt.npy"), tensor.load(folder .. "/label.npy")
  for _, name in ipairs { "jets.root", "jets.parquet" } do
    local missing = run("convert", "--input", name)
    check(missing.status == 1 and missing.stderr:find("say which columns of " .. name .. " hold the constituents", 1, true), missing.stderr)
    example("convert", "--python", python, "--input", name, "--constituents", "pt=part_pt,eta=part_eta,phi=part_phi", "--label", "is_signal",
      "--output", "from_" .. name .. ".h5")
    local set = jets.open(folder .. "/from_" .. name .. ".h5")
    equal({ #set, set.label:totable() }, { 300, label:totable() })
    check((set.pt - pt):abs():max():item() < 1e-3, name)
  end
end

-- Others are run by the test of what they show.
local tests = {}
for _, name in ipairs(system.list_directory(here)) do
  if name:find("_test%.lua$") then tests[#tests + 1] = system.read_file(here .. "/" .. name) end
end
tests = table.concat(tests)
for _, name in ipairs(system.list_directory(examples)) do
  if name:find("%.lua$") then check(ran[name] or tests:find("examples/" .. name, 1, true), name .. " is run by no test") end
end

testing.finish()
