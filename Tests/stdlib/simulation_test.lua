-- scripts/simulate: a file made by it, its parts that need numpy alone, its command line, and, in slow runs, a simulation.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local jets = require "jets"
local system = require "jetlua.core.system"
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises

local root = testing.folder .. "../../"
local fixture = root .. "Tests/Fixtures/jets/simulated.h5"
local program = root .. "scripts/simulate/simulate.py"
local set = jets.open(fixture)

-- 20 jets of each process, named by the file, within the cuts.
equal(#set, 100)
equal(set.format, "top tagging")
local names = { [0] = "qcd", "top", "w", "z", "higgs" }
local masses = { 173, 80.4, 91.19, 174 }
for label, name in pairs(names) do
  equal(set:class_name(label), name)
  local class = set:where("label == " .. label)
  equal(#class, 20, name)
  local truth = class.truth_mass
  if label == 0 then
    equal({ truth:max():item(), class.truth_pt:max():item() }, { 0.0, 0.0 })
  else
    near(truth:median():item(), masses[label], 3, name)
    near((class.mass - truth):abs():median():item(), 0, 15, name)
    local dphi = class.phi - class.truth_phi
    check((class.eta - class.truth_eta):abs():lt(0.8):all():item(), name)
    check(dphi:cos():gt(math.cos(0.8)):all():item(), name)
    check((class.truth_pt / class.pt - 1):abs():lt(0.4):all():item(), name)
  end
end
-- Momenta are rounded after the cuts.
check(set.pt:min():item() > 549.99 and set.pt:max():item() < 650.01)
check(set.eta:abs():max():item() < 2)
check(set.n_constituents:min():item() >= 5 and set.n_constituents:max():item() <= 200)
equal(set.index[100], 99)
equal(#set:mix { signal = "higgs", background = "qcd", ratio = 0.5, n = 10 }, 15)
-- Two prongs and four: the prongs of a Higgs jet outnumber a W's.
local function mean_ratio(label, above, below)
  local class = set:where("label == " .. label)
  return (class:column(above) / class:column(below)):mean():item()
end
check(mean_ratio(4, "tau4", "tau2") < mean_ratio(2, "tau4", "tau2"))
check(mean_ratio(2, "tau2", "tau1") < mean_ratio(0, "tau2", "tau1"))
raises("did you mean \"truth_mass\"", set.where, set, "truth_mas > 1")

-- Names that are none: the usual ones.
local bytes = system.read_file(fixture)
local place = bytes:find("qcd\0\0top\0\0w\0\0\0\0z\0\0\0\0higgs", 1, true)
check(place, "the class names are not where they were")
local odd = testing.scratch() .. "/odd.h5"
system.write_file(odd, bytes:sub(1, place - 1) .. "q\7d" .. bytes:sub(place + 3))
equal({ jets.open(odd):class_name(0), jets.open(odd):class_name(1), jets.open(odd):class_name(2) }, { "qcd", "top", nil })
-- A name that is left out.
system.write_file(odd, bytes:sub(1, place - 1) .. "\0\0\0" .. bytes:sub(place + 3))
equal({ jets.open(odd):class_name(0), jets.open(odd):class_name(1) }, { nil, "top" })

-- Spectra of a file beside itself differ by nothing.
local compare = root .. "scripts/examples/compare_spectra.lua"
local drawn = testing.scratch() .. "/spectra.png"
local compared = testing.run(compare, { "--files", fixture .. "," .. fixture, "--columns", "mass,tau4:tau2", "--classes", "w,higgs", "--out", drawn })
equal(compared.status, 0, compared.stderr)
local lines = 0
for line in compared.stdout:gmatch("[^\n]+") do
  if line:find("0.00000 ", 1, true) and line:find("0.0000  0.4294   1.000", 1, true) then lines = lines + 1 end
end
equal(lines, 4, compared.stdout)
check(#system.read_file(drawn) > 10000)
for message, arguments in pairs { ["two or more, got 1"] = { "--files", fixture }, ["no class is in two"] = { "--files", fixture .. "," .. fixture .. ":tau" } } do
  local result = testing.run(compare, arguments)
  equal(result.status, 1)
  check(result.stderr:find(message, 1, true), result.stderr)
end

local function python(...) return system.run({ "python3", ... }, { input = "" }) end

local found, version = pcall(python, "-c", "import sys; print(sys.version_info >= (3, 9))")
if not found or not version.stdout:find("True") then
  testing.skip("the simulation's Python: no python3 of 3.9 or newer")
else
  local help = python(program, "--help")
  equal(help.status, 0)
  for _, option in ipairs { "--process", "--mass", "--jets", "--cuts", "--jobs", "--seed", "--output", "--measure" } do check(help.stdout:find(option, 1, true), option) end
  local mistakes = {
    { "--process and --output are needed" }, { "--jets: expected at least 1, got 0", "--process", "qcd", "--output", "x.h5", "--jets", "0" },
    { "invalid choice: 'tau'", "--process", "tau", "--output", "x.h5" }, { "one process with a mass", "--process", "w", "z", "--mass", "90", "--output", "x.h5" },
  }
  for _, mistake in ipairs(mistakes) do
    local result = python(program, table.unpack(mistake, 2))
    equal(result.status, 2)
    check(result.stderr:find(mistake[1], 1, true), result.stderr)
  end
  -- No venv module to make the environment with: the error names the package and leaves nothing half made.
  local copy = testing.scratch()
  for _, name in ipairs { "simulate.py", "environment.py", "processes.py", "requirements.txt" } do
    system.write_file(copy .. "/" .. name, system.read_file(root .. "scripts/simulate/" .. name))
  end
  system.write_file(copy .. "/venv.py", "raise SystemExit('ensurepip is not available')")
  local alone = system.run({ "python3", copy .. "/simulate.py", "--process", "qcd", "--output", copy .. "/x.h5" },
    { environment = { PYTHONPATH = copy }, input = "" })
  equal(alone.status, 1)
  check(alone.stderr:find("apt-get install python3-venv", 1, true) and alone.stderr:find("ensurepip is not available", 1, true), alone.stderr)
  check(not io.open(copy .. "/x.h5"), "an output without an environment")
  if python("-c", "import numpy").status ~= 0 then
    testing.skip("the detector and layout of the simulation: Python has no numpy")
  else
    local result = python("-m", "unittest", "discover", "-s", root .. "Tests/simulation", "-p", "*_test.py")
    check(result.status == 0, result.stderr)
    check((tonumber(result.stderr:match("Ran (%d+) tests")) or 0) >= 20, result.stderr)
  end
end

-- The fixture again, by the command in scripts/simulate/README.md.
if not os.getenv("JETLUA_SLOW_TESTS") then
  testing.skip("simulating jets: slow")
elseif not io.open(root .. "scripts/simulate/.venv/installed.sha256") then
  testing.skip("simulating jets: simulate.py has not made its virtual environment, which takes a network connection")
else
  local made = testing.scratch() .. "/made.h5"
  local result = python(program, "--process", "qcd", "top", "w", "z", "higgs", "--jets", "20", "--seed", "1", "--output", made)
  check(result.status == 0, result.stderr)
  local again = jets.open(made)
  equal(again.label:totable(), set.label:totable())
  for _, column in ipairs { "pt", "eta", "mass", "truth_mass" } do
    near((again[column] - set[column]):abs():max():item(), 0, 1e-3, column)
  end
  equal(python(program, "--process", "qcd", "--jets", "20", "--output", made).status, 1)
end

testing.finish()
