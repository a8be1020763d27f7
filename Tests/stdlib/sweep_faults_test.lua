-- What a machine does to a sweep: clocks that jump, memory that runs out, folders that cannot be written to, and a terminal.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

if not pcall(require, "jetlua.core.processes") then
  testing.skip("this interpreter starts no programs")
  testing.finish()
end

require("jetlua.internal.settings").quiet = true
local sweep = require "sweep"
local root = testing.scratch()
system.write_file(root .. "/trial.lua", [[
local o = require "options" { { "x", 1.0, "a number" }, { "greedy", false, "asks for more memory than there is" }, { "seed", 1, "of random numbers" } }
local r = require("run").start("trial", o)
local kept = {}
for i = 1, o.greedy and 200 or 0 do kept[i] = ("x"):rep(16 << 20) end
for epoch = 1, 3 do r:log { epoch = epoch } end
r:report { auc = 1 - (o.x - 2) ^ 2 }
]])

local function command(environment, ...)
  return system.run({ system.executable(), "sweep", ... }, { directory = root, input = "", timeout = 300, environment = environment })
end

-- A clock that jumps by days, forward and back, at every look: nothing waits for it, is ended by it or is done twice.
local compiler = system.find_program("cc") or system.find_program("clang")
local sanitized = system.read_file("/proc/self/maps"):find("/[^\n]*libclang_rt") or system.read_file("/proc/self/maps"):find("libasan", 1, true)
local shim = root .. "/jumping_clock.so"
if compiler and not sanitized
  and system.run({ compiler, "-shared", "-fPIC", "-O1", "-o", shim, testing.folder .. "support/jumping_clock.c", "-ldl" }).status == 0 then
  local jumping = { LD_PRELOAD = shim }
  local looks = system.run({ system.executable(), "-e", "local a = os.time() for _ = 1, 4 do print(os.time() - a) end" }, { environment = jumping })
  check(looks.stdout:find("\n%-?%d%d%d%d%d+\n"), "the clock jumps: " .. looks.stdout .. looks.stderr)
  local folder = root .. "/clock"
  local words = { "trial.lua", "--over", "x=0..3:4", "--seeds", "2", "--jobs", "2", "--time-limit", "100", "--objective", "auc", "--folder", folder }
  local outcome = command(jumping, table.unpack(words))
  equal(outcome.status, 0, outcome.stderr)
  local runs = {}
  for i, trial in ipairs(sweep.load(folder):trials()) do
    equal({ trial.status, trial.attempts }, { "finished", 1 })
    check(trial.seconds >= 0 and trial.seconds < 100, "seconds are those of the steady clock, not " .. tostring(trial.seconds))
    runs[i] = trial.run
  end
  equal(#runs, 8)
  equal(command(jumping, table.unpack(words)).status, 0)
  for i, trial in ipairs(sweep.load(folder):trials()) do equal(trial.run, runs[i], "nothing is done twice") end
  check(command(jumping, "show", folder).stdout:find("8 finished, 0 pruned, 0 failed, 0 running, 0 stopped", 1, true), "show")
else
  testing.skip("no C compiler for a clock that jumps")
end

-- Memory: a trial that asks for more than it may have fails alone, in one line.
if not sanitized then
  local outcome = command(nil, "trial.lua", "--over", "greedy=true,false", "--memory", "1.5", "--retries", "0", "--objective", "auc", "--folder", root .. "/memory")
  equal(outcome.status, 1)
  check(outcome.stderr:find("\n?%[%d/2%] greedy=true: failed: [^\n]*memory[^\n]*\n"), outcome.stderr)
  check(outcome.stderr:find("sweep: 1 of 2 trials failed; jetlua sweep show", 1, true), outcome.stderr)
  equal(#sweep.load(root .. "/memory"):trials(), 2)
end

-- What a sweep tells its trials about jetlua's own files is believed only as long as the files are those that it read.
local json = require "json"
local told = require("jetlua.run.origin").told().JETLUA_CHECKSUMS
if told then
  local function versions(checksums)
    local folder = ("%s/told-%s"):format(root, system.sha256(checksums):sub(1, 8))
    system.run({ system.executable(), "trial.lua" }, { directory = root, input = "", environment = { JETLUA_CHECKSUMS = checksums, JETLUA_RUNS = folder } })
    local record = json.decode(system.read_file(folder .. "/" .. system.list_directory(folder)[1] .. "/run.json"))
    return { record.versions.program_sha256, record.versions.library_sha256 }
  end
  local program_stamp, program, library_stamp, library = told:match("^(%S+) (%x+) (%S+) (%x+)$")
  equal(versions(""), { program, library })
  equal(versions(told), { program, library })
  local other = ("0"):rep(64)
  equal(versions(table.concat({ program_stamp, other, library_stamp, other }, " ")), { other, other }, "nothing is read twice")
  equal(versions(table.concat({ "1" .. program_stamp, other, "1" .. library_stamp, other }, " ")), { program, library }, "other files are read")
  equal(versions(program_stamp .. " x " .. library_stamp .. " y"), { program, library })
  equal(versions("nonsense"), { program, library })
end

-- A machine without Slurm, whatever this one has.
local outcome = command({ PATH = root }, "trial.lua", "--over", "x=1,2", "--slurm")
equal(outcome.status, 1)
equal(outcome.stderr, "sweep: --slurm: this machine has no sbatch; start it where Slurm's commands are, or without --slurm\n")
check(not system.exists(root .. "/sweeps"), "nothing was started")

-- A training that a stopped sweep ends goes on from its checkpoint and comes to the same weights, to the bit.
system.write_file(root .. "/train.lua", [[
local nn, optim, tensor = require "nn", require "optim", require "tensor"
local o = require "options" { { "marker", "", "made when the training is in the middle" }, { "seed", 1, "of random numbers" } }
tensor.manual_seed(o.seed)
local model = nn.Linear(8, 1)
local adam = optim.Adam(model:parameters(), { lr = 0.05 })
local r = require("run").start("train", o)
for epoch in r:training { model = model, optimizer = adam }:epochs(6) do
  adam:zero_grad()
  local loss = (model(tensor.randn { 16, 8 }) - 1):pow(2):mean()
  loss:backward()
  adam:step()
  r:log { epoch = epoch, loss = loss:item() }
  if epoch == 3 and o.marker ~= "" and not io.open(o.marker) then
    io.open(o.marker, "w"):close()
    os.execute "sleep 30"
  end
end
r:report { weights = model:parameters()[1]:sum():item() }
]])
local processes = require "jetlua.core.processes"
local function trained(folder, marker)
  return { system.executable(), "sweep", root .. "/train.lua", "--seeds", "1", "--with", "marker=" .. marker, "--objective", "weights", "--folder", root .. "/" .. folder }
end
local function stop_in_the_middle(folder)
  local marker = root .. "/middle-" .. folder
  local driver = processes.start(trained(folder, marker), { output = root .. "/driver.txt" })
  local began, ending = system.monotonic(), nil
  while not system.exists(marker) and system.monotonic() - began < 120 do processes.wait(0.05) end
  processes.signal(driver, "INT")
  while not ending and system.monotonic() - began < 240 do
    processes.wait(1)
    ending = processes.poll(driver)
  end
  equal(ending and ending.status, 130, system.read_file(root .. "/driver.txt"))
  equal(#sweep.load(root .. "/" .. folder):trials(), 0)
  return marker
end
local marker = stop_in_the_middle "stopped"
equal(system.run(trained("stopped", marker), { input = "" }).status, 0)
equal(system.run(trained("whole", root .. "/train.lua"), { input = "" }).status, 0)
local resumed, whole = sweep.load(root .. "/stopped"):trials()[1], sweep.load(root .. "/whole"):trials()[1]
equal({ resumed.status, resumed.attempts, resumed.results.weights }, { "finished", 1, whole.results.weights })
local events = system.read_file(("%s/stopped/trials/%s/attempts.jsonl"):format(root, resumed.id))
check(events:find('"event": "stopped"', 1, true) and events:find('"resumed": true', 1, true), events)

-- Where jetlua was replaced in between, resume refuses and the training is begun anew.
marker = stop_in_the_middle "replaced"
local path = ("%s/replaced/trials/%s/attempt-1/"):format(root, system.list_directory(root .. "/replaced/trials")[1])
for _, name in ipairs(system.list_directory(path)) do
  if name:find("^train%-") then path = path .. name .. "/run.json" end
end
system.write_file(path, (system.read_file(path):gsub('("library_sha256": )"%x+"', '%1"' .. ("0"):rep(64) .. '"')))
local again = trained("replaced", marker)
again[#again + 1] = "--retries=0"
local replaced_outcome = system.run(again, { input = "" })
equal(replaced_outcome.status, 0, replaced_outcome.stderr)
check(replaced_outcome.stderr:find("tried again: [^\n]*library was "), replaced_outcome.stderr)
local replaced = sweep.load(root .. "/replaced"):trials()[1]
equal({ replaced.status, replaced.attempts, replaced.results.weights }, { "finished", 2, whole.results.weights })

-- What ends a script before its run has begun is told by the first line of its error.
system.write_file(root .. "/early.lua", 'local o = require "options" { x = 1 }\nrequire "a_module_that_is_missing"\n')
outcome = command(nil, "early.lua", "--over", "x=1", "--retries", "0", "--folder", root .. "/early")
check(outcome.stderr:find("failed: it ended with status 1; its last words: early.lua:2: module 'a_module_that_is_missing' not found:", 1, true)
  or outcome.stderr:find("/early.lua:2: module 'a_module_that_is_missing' not found:", 1, true), outcome.stderr)

-- A folder that can only be read: nothing is started in it, and what was done can still be looked at.
local disk = testing.scratch()
if system.run({ "mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk }).status == 0 then
  local words = { "trial.lua", "--over", "x=1,2", "--objective", "auc", "--folder", disk .. "/s" }
  equal(command(nil, table.unpack(words)).status, 0)
  check(system.run({ "mount", "-o", "remount,ro", disk }).status == 0, "remount")
  words[3] = "x=1,2,3"
  outcome = command(nil, table.unpack(words))
  equal(outcome.status, 1)
  check(outcome.stderr:find("^sweep: folder: [^\n]*Read%-only file system[^\n]*\n$"), outcome.stderr)
  words[7] = disk .. "/t"
  outcome = command(nil, table.unpack(words))
  check(outcome.stderr:find("^sweep: folder: cannot make the folder [^\n]*Read%-only file system[^\n]*\n$"), outcome.stderr)
  check(command(nil, "show", disk .. "/s").stdout:find("2 finished, 0 pruned, 0 failed, 0 running, 0 stopped", 1, true), "show")
  equal(command(nil, "best", disk .. "/s").stdout:match("^[^\n]*"), "x=2")
  outcome = command(nil, "plot", disk .. "/s")
  check(outcome.status == 1 and outcome.stderr:find("^sweep: [^\n]*Read%-only file system[^\n]*\n$"), outcome.stderr)
  system.run { "umount", disk }
else
  testing.skip("a disk that can only be read cannot be mounted here")
end

-- On a terminal the table is redrawn in place and gone at the end; what stays is what failed and the results.
if system.find_program("script") and not sanitized then
  local typescript = root .. "/typescript"
  local line = ("cd '%s' && stty cols 30 && '%s' sweep trial.lua --over x=0..3:4 --jobs 2 --objective auc --folder terminal"):format(root, system.executable())
  system.run({ "sh", "-c", 'script -qec "$1" "$2" </dev/null >/dev/null 2>&1', "sh", line, typescript }, { timeout = 300 })
  local seen = system.read_file(typescript)
  check(seen:find("\n0 of 4 done, 0 failed, 2 run[%a ]*…\r?\ntime  trial  last logged\r?\n%-+\r?\n0:00  x=0\r?\n"), seen)
  check(seen:find("\27%[%d+A\r\27%[J"), "redrawn")
  check(seen:find("\27%[%d+A\r\27%[Jsweep "), "the table makes room for the results")
  check(not seen:find("%[%d/4%]"), "no line for each trial on a terminal")
else
  testing.skip("no program script for a terminal")
end

testing.finish()
