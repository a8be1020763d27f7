-- `jetlua doctor | help | new | runs | test` and jetlua's own options, as processes.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local system = require "jetlua.core.system"

local folder = testing.scratch()

--- Runs jetlua in the scratch folder.
local function jetlua(...)
  local result = system.run({ system.executable(), ... }, { directory = folder, environment = { JETLUA_RUNS = "" } })
  return result.status, result.stdout, result.stderr
end

local function matches(text, pattern, what) check(text:find(pattern), ("%s: %s"):format(what or pattern, text)) end

-- doctor: every line of this machine passes, and what is missing is named with its package.
local status, output = jetlua("doctor")
equal(status, 0, "doctor")
matches(output, "ok +HDF5 1%.10")
matches(output, "ok +bundled jets top_tagging_sample%.h5")
check(not output:find("missing"), output)
local result = system.run({ system.executable(), "doctor" }, { environment = { PATH = "/nowhere" } })
equal(result.status, 1, "doctor without gnuplot")
matches(result.stdout, "missing +gnuplot %(figures%): install gnuplot%-nox\n")
matches(result.stdout, "1 check failed; as root: apt%-get install")

-- The Blosc filter's folder hidden from the process, as if its package had been removed.
local plugins = "/usr/lib/x86_64-linux-gnu/hdf5/serial/plugins"
if system.exists(plugins) and system.run({ "unshare", "-rm", "mount", "-t", "tmpfs", "none", plugins }).status == 0 then
  result = system.run { "unshare", "-rm", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$1" doctor', plugins, system.executable() }
  equal(result.status, 1, "doctor without the Blosc filter")
  matches(result.stdout, "missing +HDF5 reads Blosc [^\n]+: install hdf5%-filter%-plugin%-blosc%-serial\n")
else
  testing.skip("no mount namespace here to hide the Blosc filter in")
end

-- new: a script that runs as it is; nothing is overwritten.
status, output = jetlua("new", "mine")
equal(status, 0)
matches(output, "mine%.lua: Dirichlet%-VAE with two mixtures")
local text = system.read_file(folder .. "/mine.lua")
matches(text, 'run%.start%("mine"')
check(not text:find("dvae_k2", 1, true), "goes by its own name")
local _, problem
status, _, problem = jetlua("new", "mine.lua")
equal({ status, problem }, { 1, "new: mine.lua is there already; give another name or move it away\n" })
equal(system.read_file(folder .. "/mine.lua"), text, "the old file stays")
status, _, problem = jetlua("new", "x", "--from", "dvae_k22")
equal({ status, problem }, { 1, "new: --from: unknown experiment dvae_k22; did you mean dvae_k2?\n" })
status, _, problem = jetlua("new")
matches(problem, "^new: expected one name, got 0")
status, _, problem = jetlua("new", "no such folder/x")
equal(status, 1)
matches(problem, "^new: [^\n]*no such folder[^\n]*\n$")

-- runs: none yet, then two; sorted, filtered, and one whose process is gone.
status, _, problem = jetlua("runs")
equal({ status, problem }, { 1, "runs: expected a folder of runs, found none; run a script first or name its folder\n" })
system.write_file(folder .. "/short.lua", [[
  local options, run = require "options", require "run"
  local o = options { seed = 1, auc = 0.5 }
  local r = run.start("short", o)
  r:report { auc = o.auc, where = "here" }
  if o.auc > 1 then error "too good" end
  print(o.seed)
]])
status, output = jetlua("--seed", "7", "short.lua", "--auc", "0.75")
equal({ status, output }, { 0, "7\n" }, "--seed is the default of a script's own")
status, output = jetlua("--seed=7", "short.lua", "--seed", "8", "--auc", "0.9")
equal({ status, output }, { 0, "8\n" })
equal((jetlua("short.lua", "--auc", "2")), 1)
status, output = jetlua("runs", "--sort", "auc")
equal(status, 0)
matches(output, "failed.*auc 2.*finished.*auc 0%.9.*finished.*auc 0%.75.*3 of 3 runs in runs\n$")
status, output = jetlua("runs", "--status", "finished", "--json")
local _, lines = output:gsub("\n", "")
equal({ status, lines }, { 0, 2 })
equal(require("json").decode(output:match("^[^\n]*")).results.where, "here")
status, _, problem = jetlua("runs", "--sort", "acu")
equal({ status, problem }, { 1, "runs: --sort: acu: expected a column or a result that a run reported, found none\n" })
system.make_directory(folder .. "/runs/broken")
system.write_file(folder .. "/runs/broken/run.json", "{")
system.make_directory(folder .. "/runs/gone")
system.write_file(folder .. "/runs/gone/run.json",
  ('{"name": "gone", "status": "running", "host": "%s", "process": 4194305}'):format(system.hostname()))
status, output, problem = jetlua("runs")
equal({ status, problem }, { 0, "runs: runs/broken/run.json cannot be read and is left out\n" })
matches(output, "gone +killed")

-- test: each file a process; the exit status tells.
system.make_directory(folder .. "/tests/deep")
system.write_file(folder .. "/tests/good_test.lua", "")
system.write_file(folder .. "/tests/deep/x_test.lua", "error 'wrong'")
system.write_file(folder .. "/tests/slow_test.lua", "while true do end")
status, output, problem = jetlua("test", "tests", "--timeout", "0.5")
equal(status, 1)
matches(output, "FAILED tests/deep/x_test%.lua.*passed tests/good_test%.lua.*FAILED tests/slow_test%.lua.*ended after 0%.5 s")
matches(output, "1 passed, 2 failed\n$")
matches(problem, "x_test%.lua:1: wrong")
equal((jetlua("test", "tests/good_test.lua")), 0)
status, _, problem = jetlua("test", "runs")
equal({ status, problem }, { 1, "test: expected files named *_test.lua in runs, found none\n" })

-- help: a name, the modules with the commands, and a name that is none.
status, output = jetlua("help", "tensor.relu")
equal(status, 0)
matches(output, "max%(x, 0%)")
status, output = jetlua("help")
matches(output, "tensor .*jetlua doctor +checks what jetlua needs")
status, _, problem = jetlua("help", "tensor.rellu")
equal({ status, problem:lower() }, { 1, 'help: unknown name "tensor.rellu"; did you mean "relu"?\n' })

-- A file goes before a command, a folder does not; a word that is neither is no script.
system.write_file(folder .. "/doctor", "print 'mine'")
equal({ jetlua("doctor") }, { 0, "mine\n", "" })
status, _, problem = jetlua("doctr")
equal(status, 1)
matches(problem, "cannot open doctr")

-- Options of jetlua's own.
equal({ jetlua("--threads", "3", "-e", "print(require('jetlua.core.versions').table().threads)") }, { 0, "3\n", "" })
equal({ jetlua("--seed=5", "-e", "local t = require 'tensor' local a = t.rand(1):item() t.manual_seed(5) print(t.rand(1):item() == a)") },
  { 0, "true\n", "" })
system.write_file(folder .. "/loop.lua", [[
  local progress, system = require "progress", require "jetlua.core.system"
  for i in progress(2, { desc = "step" }) do system.run { "sleep", "2.6" } end
]])
equal({ jetlua("--quiet", "loop.lua") }, { 0, "", "" })
status, _, problem = jetlua("--strict", "-e", "local x = nam")
equal(status, 1)
matches(problem, 'variable "nam" is not declared')
check(not problem:find("strict.lua", 1, true), "no frame of jetlua's own files: " .. problem)
for _, case in ipairs {
  { { "--threads", "x" }, "--threads: expected an integer in 1...256, got x\n" },
  { { "--threads=0", "-v" }, "--threads: expected an integer in 1...256, got 0\n" },
  { { "--seed" }, "--seed: expected an integer from 0 on, got nothing\n" },
  { { "--seed", "1e3" }, "--seed: expected an integer from 0 on, got 1e3\n" },
  { { "--thread", "3" }, "unrecognized option '--thread'\n" },
  { { "--quiet=1" }, "unrecognized option '--quiet=1'\n" },
} do
  local code, out, err = jetlua(table.unpack(case[1]))
  equal({ code, out }, { 1, "" })
  check(err:find(case[2], 1, true), err)
end

-- The man page tells of every option and command that --help and help tell of.
local page = system.read_file(system.home() .. "/docs/jetlua.1"):gsub("\\", "")
local usage = select(2, jetlua("--help"))
for option in usage:gmatch("\n  (%-[^%s]+)") do check(page:find(option, 1, true), "man page: " .. option) end
for command in select(2, jetlua("help")):gmatch("\n  jetlua (%l+)") do
  check(page:find("\n%.BI? " .. command), "man page: " .. command)
end

testing.finish()
