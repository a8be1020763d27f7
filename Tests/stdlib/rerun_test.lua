-- What a run keeps of its origin, and `jetlua runs`, `diff` and `rerun`.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()
local function matches(text, pattern, what) check(text:find(pattern), ("%s: %s"):format(what or pattern, text)) end

local function jetlua(...)
  local result = system.run({ system.executable(), ... }, { directory = folder, environment = { JETLUA_RUNS = "" } })
  return result.status, result.stdout, result.stderr
end
local function made_by(...)
  local before = {}
  for _, name in ipairs(system.is_directory(folder .. "/runs") and system.list_directory(folder .. "/runs") or {}) do before[name] = true end
  local status, output, problem = jetlua(...)
  for _, name in ipairs(system.list_directory(folder .. "/runs")) do
    if not before[name] then return folder .. "/runs/" .. name, status, output, problem end
  end
  return nil, status, output, problem
end

system.make_directory(folder .. "/lib/deep")
system.write_file(folder .. "/lib/first.lua", 'return { value = require("lib.deep.second") }')
system.write_file(folder .. "/lib/deep/second.lua", "return 5")
system.write_file(folder .. "/late.lua", "return 'late'")
system.write_file(folder .. "/e.lua", [[
  local options, run, tensor = require "options", require "run", require "tensor"
  local first = require "lib.first"
  local o = options { seed = 1, beta = { 0.5, "a weight" }, crooked = false, quick = false }
  tensor.manual_seed(o.seed)
  local r = run.start("e", o)
  r:data("numbers.txt")
  for epoch = 1, 3 do r:log { epoch = epoch, x = tensor.rand(1):item() * o.beta, y = o.crooked and os.clock() or 1 } end
  print(require "late", first.value)
  io.write("written ", 3, "\n")
  r:scores { a = tensor.rand(3) }
  r:report { last = tensor.rand(1):item() }
]])
system.write_file(folder .. "/numbers.txt", "1 2 3")
if system.find_program "git" then
  local function git(...) return system.run({ "git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", folder, ... }, {}) end
  git "init"
  git("add", "e.lua")
  git("commit", "-qm", "x")
end

local a, status, output = made_by "e.lua"
equal({ status, output }, { 0, "late\t5\nwritten 3\n" })
local record = json.decode(system.read_file(a .. "/run.json"))
local names = {}
for i, module in ipairs(record.modules) do
  names[i] = module.name
  equal(system.sha256_file(a .. "/" .. module.file), module.sha256, module.name)
end
table.sort(names)
equal(names, { "late", "lib.deep.second", "lib.first" }, "modules, the late one too")
equal(system.read_file(a .. "/modules/lib/deep/second.lua"), "return 5")
equal(system.read_file(a .. "/log.txt"), output, "what was printed")
equal({ record.data[1].bytes, record.data[1].sha256 }, { 5, system.sha256 "1 2 3" })
equal({ record.format, record.seed, record.directory }, { 1, 1, system.resolve(folder) })
check(#record.versions.program_sha256 == 64 and #record.versions.library_sha256 == 64 and record.versions.blas_kernel and record.versions.threads, "versions")
if system.find_program "git" then
  check(record.git and #record.git.commit == 40, "the commit")
  matches(json.encode(record.git.changed), "late%.lua", "files that are not committed")
end

-- The same again, to the bit; with another option; and a script that does not repeat.
local again
again, status, output = made_by("rerun", a)
equal(status, 0, output)
matches(output, "equal to the bit: 9 logged numbers, 1 results, 1 files of numbers\n$")
status, output = jetlua("diff", a, again)
equal({ status, output }, { 0, "no differences\n" })
local other
other, status, output = made_by("rerun", a, "--beta", "0.25")
equal(status, 0)
matches(output, "changed options: %-%-beta 0%.25\n.*x, line 1.*options that differ:\n  beta  0%.5  0%.25\n$")
status, output = jetlua("diff", a, other)
matches(output, "^options\n  beta  0%.5  0%.25\nmetrics\n  x, line 1 ")
local crooked = made_by("e.lua", "--crooked")
_, status, output = made_by("rerun", crooked)
equal(status, 1)
matches(output, "not equal: logged numbers, the first that differ:\n  y, line 1 [^\n]*\n.*the script itself does not repeat\n$")

-- The texts that the run kept are run, not those of today; data that changed are told of.
system.write_file(folder .. "/lib/deep/second.lua", "return 6")
system.write_file(folder .. "/e.lua", "error 'changed'")
local _, problem
_, status, output = made_by("rerun", a)
equal(status, 0, output)
matches(output, "late\t5\n")
system.write_file(folder .. "/numbers.txt", "1 2 4")
_, status, output, problem = made_by("rerun", a)
equal(status, 0, "the script does not read them")
matches(problem, "^rerun: warning: the data file [^\n]*numbers%.txt has changed\n")
status, output = jetlua("diff", "last", a)
matches(output, "data\n  numbers%.txt%.sha256 ")
system.remove(folder .. "/numbers.txt")
_, status, output, problem = made_by("rerun", a)
equal(status, 1)
matches(problem, "the data file [^\n]* is gone")

-- Lists and names.
status, output = jetlua("runs", "--where", "beta = 0.25 and last > 0")
equal(status, 0)
matches(output, "1 of %d+ runs in runs\n$")
status, _, problem = jetlua("runs", "--where", "beta")
equal({ status, problem }, { 1, 'runs: --where: expected conditions such as "auc > 0.9 and beta = 0.1", got beta\n' })
status, _, problem = jetlua("runs", "--where", "beta ! 3")
equal(status, 1)
status, _, problem = jetlua("diff", "e", a)
matches(problem, "^diff: e: expected one run, found %d+ whose names begin so\n$")
status, _, problem = jetlua("diff", a)
matches(problem, "^diff: expected two runs, got 1; jetlua runs lists them\n$")
status, _, problem = jetlua("rerun", "nothing")
matches(problem, "^rerun: nothing: expected the folder of a run, found none here or in runs\n$")
system.write_file(a .. "/run.json", "{")
status, _, problem = jetlua("diff", a, again)
matches(problem, "its run%.json is damaged\n$")
system.remove(a .. "/run.json")
status, _, problem = jetlua("resume", a)
equal(status, 1)
record = json.decode(system.read_file(again .. "/run.json"))
record.format = 2
system.write_file(again .. "/run.json", (json.encode(record)))
status, _, problem = jetlua("diff", again, other)
matches(problem, "it was written by a newer jetlua\n$")

testing.finish()
