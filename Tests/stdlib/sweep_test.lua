-- Sweeps as their users run them: processes, folders, failures, the command line.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises

if not pcall(require, "jetlua.core.processes") then
  testing.skip("this interpreter starts no programs")
  testing.finish()
end

require("jetlua.internal.settings").quiet = true
local plot, sweep = require "plot", require "sweep"
local processes = require "jetlua.core.processes"
local root = testing.scratch()
local script = root .. "/demo.lua"
system.write_file(script, [[
local options, run = require "options", require "run"
print "something before the options"
local o = options {
  { "alpha", { 1, 0.25 }, "parameters of the prior" }, { "beta", 0.1, "weight of the KL term", min = 0 },
  { "signal", "top", "the rare class", choices = { "top", "qcd" } }, { "mode", "fine", "how it ends" }, { "epochs", 3, "steps" },
  { "wait", 0.0, "seconds" }, { "gate", "", "waits until this file is there" }, { "seed", 1, "of random numbers" },
}
local r = run.start("demo", o)
if o.mode == "crash" then os.exit(3, true) end
if o.mode == "error" then error("boom", 0) end
if o.mode == "kill" then os.execute("kill -9 $PPID") end
if o.mode == "once" then
  local path = os.getenv("JETLUA_TRIAL") .. "/been"
  if not io.open(path) then io.open(path, "w"):close() os.exit(4, true) end
end
for epoch = 1, o.epochs do r:log { epoch = epoch, loss = (o.beta - 0.3) ^ 2 + 1 / epoch } end
if o.wait > 0 then os.execute("sleep " .. o.wait) end
while o.gate ~= "" and not io.open(o.gate) do os.execute("sleep 0.05") end
r:report { auc = o.mode == "nan" and 0 / 0 or 0.9 - (o.beta - 0.3) ^ 2 - 0.1 * o.alpha[2] + 0.001 * o.seed, nested = { beta = o.beta }, name = "x" }
]])
local first = 0
while arg[first - 1] do first = first - 1 end

--- jetlua sweep … in the scratch folder.
local function command(...)
  return system.run({ system.executable(), "sweep", ... }, { directory = root, input = "", timeout = 300 })
end

local number = 0
local function folder()
  number = number + 1
  return ("%s/s%d"):format(root, number)
end

local function results(s)
  local list = {}
  for i, trial in ipairs(s:trials()) do list[i] = { trial.options, trial.seed or 0, trial.status, trial.results or 0 } end
  return list
end

-- From Lua: rows, best, the run folders.
local given = {
  script = script, over = { beta = { 0.1, 0.3 }, alpha2 = { 0.25, 0.5 } }, seeds = 3, jobs = 2, objective = "auc", folder = folder(),
}
local s = sweep(given)
local rows = s:rows()
equal(#rows, 4)
equal(rows[1].options, { alpha2 = 0.25, beta = 0.1 })
equal(rows[1].seeds, { 1, 2, 3 })
near(rows[1].mean, 0.9 - 0.04 - 0.025 + 0.002, 1e-12)
near(rows[1].std, 0.001, 1e-12)
equal(rows[1].n, 3)
near(rows[1].results["nested.beta"].mean, 0.1, 1e-15)
local best = s:best()
equal(best.options, { alpha2 = 0.25, beta = 0.3 })
local record = json.decode(system.read_file(best.path .. "/run.json"))
equal({ record.options.beta, record.options.alpha, record.seed }, { 0.3, { 1, 0.25 }, 3 }, "the best run folder is that of the best seed")
near(s:best("nested.beta").mean, 0.3, 1e-15)
local stamps = {}
for _, trial in ipairs(s:trials()) do stamps[trial.id] = trial.run end
equal(results(sweep(given)), results(s), "again: nothing is done twice")
for _, trial in ipairs(sweep.load(given.folder):trials()) do equal(trial.run, stamps[trial.id]) end
check(tostring(s):find("alpha2  beta", 1, true), tostring(s))

-- The same whatever the number of jobs, and more seeds only add.
local alone = { script = script, over = given.over, seeds = 3, jobs = 1, objective = "auc", folder = folder() }
equal(results(sweep(alone)), results(s), "one job or two")
alone.seeds = 4
equal(#sweep(alone):trials(), 16)
local attempts = 0
for _, trial in ipairs(sweep.load(alone.folder):trials()) do attempts = attempts + trial.attempts end
equal(attempts, 16, "a fourth seed repeats none of the first three")

-- A list as a hyperparameter, a figure from the sweep, CSV.
local lists = sweep { script = script, over = { alpha = { { 1, 1 }, { 1, 0.25 } }, signal = { "top", "qcd" } }, folder = folder(), jobs = 2 }
equal(lists.objective, "auc", "auc is taken where nothing is named")
equal(lists:rows()[1].options, { alpha = { 1, 1 }, signal = "top" })
equal(tostring(plot.line(s, { x = "beta", y = "auc" })), "plot.line, 2 series; save with fig:save(\"x.pdf\")")
equal(s:series("beta")[2].label, "alpha2=0.5")
equal(s:series("beta")[1].x, { 0.1, 0.3 })
for _, kind in ipairs { "line", "heat", "parallel", "each" } do
  for _, one in ipairs { s, lists } do check(one:figure(kind), kind) end
end
raises('did you mean "beta"?', s.figure, s, "line", { x = "bta" })
raises('unknown kind "pie"', s.figure, s, "pie")
raises("unknown option", plot.line, s, { x = "beta", logx = true })
local csv = system.read_file(s:csv(root .. "/rows.csv"))
check(csv:find("^alpha2,beta,auc,auc_std,auc_n,nested.beta,nested.beta_std,nested.beta_n,seeds,failed,pruned,run\n"), csv)
check(csv:find("\n0.5,0.3,", 1, true) and csv:find(",3,1 2 3,0,0,/", 1, true) or csv:find(",3,0.3,0.0,3,1 2 3,0,0,", 1, true), csv)

-- A crash, an error and a kill lose one trial each; one that fails once is tried again.
local broken = folder()
local outcome = command(script, "--over", "mode=fine,crash,error,kill,once", "--objective", "auc", "--folder", broken, "--jobs", "2")
equal(outcome.status, 1)
check(outcome.stderr:find("sweep: 3 of 5 trials failed; jetlua sweep show", 1, true), outcome.stderr)
local by_mode = {}
for _, trial in ipairs(sweep.load(broken):trials()) do by_mode[trial.options.mode] = trial end
equal({ by_mode.fine.status, by_mode.crash.status, by_mode.error.status, by_mode.kill.status, by_mode.once.status },
  { "finished", "failed", "failed", "failed", "finished" })
equal(by_mode.crash.error, "it ended with status 3; its last words: something before the options")
equal(by_mode.error.error, "boom")
check(by_mode.kill.error:find("ended by signal 9 (KILL); that is what the system does when memory runs out", 1, true), by_mode.kill.error)
equal({ by_mode.once.attempts, by_mode.crash.attempts }, { 2, 2 })
outcome = command("show", broken, "--failed")
check(outcome.stdout:find("mode=error: boom\n", 1, true), outcome.stdout)
outcome = command(script, "--over", "wait=0,60", "--time-limit", "1.5", "--retries", "0", "--objective", "auc", "--folder", folder(), "--jobs", "2")
check(outcome.stderr:find("wait=60: failed: it ran longer than the time limit of 1.5 s", 1, true), outcome.stderr)

-- Objectives that are missing or no numbers.
outcome = command(script, "--over", "beta=1,2", "--objective", "acu", "--folder", folder())
equal(outcome.status, 1)
check(outcome.stderr:find("\nsweep: objective: acu: no trial reported it; did you mean auc?\n", 1, true), outcome.stderr)
local strange = folder()
outcome = command(script, "--over", "mode=nan", "--objective", "auc", "--folder", strange)
equal(outcome.status, 1)
check(outcome.stderr:find("sweep: objective: auc: expected a finite number, got none in any of 1 finished trials\n", 1, true), outcome.stderr)
equal(sweep.load(strange):trials()[1].status, "finished", "the trial is kept")
raises("expected a finite number", function() sweep.load(strange):best() end)
system.write_file(root .. "/silent.lua", 'local o = require "options" { x = 1 }\n')
outcome = command("silent.lua", "--over", "x=1", "--folder", folder())
check(outcome.stderr:find("it ended well but made no run: the script has to call run.start and r:report", 1, true), outcome.stderr)

-- Wrong calls end before anything starts, in one line, and leave no folder.
system.write_file(root .. "/plain.lua", 'print "no options here"\n')
system.write_file(root .. "/run_first.lua", 'require("run").start("x")\n')
system.write_file(root .. "/wrong.lua", 'local x = = 1\n')
for _, case in ipairs {
  { { "none.lua", "--over", "x=1" }, "sweep: script: none.lua: expected a script, found none; check the path" },
  { { "demo.lua", "--over", "betta=1" }, "sweep: betta: the script declares no such option; did you mean beta?" },
  { { "demo.lua", "--over", "beta=" }, "sweep: over: beta: expected at least one value, got none" },
  { { "demo.lua", "--over", "beta=2..1:3" }, "sweep: over: beta: expected min < max, got 2 and 1: the range is empty" },
  { { "demo.lua", "--over", "beta" }, "sweep: --over: expected NAME=VALUES after it, got beta" },
  { { "demo.lua", "--over", "beta=1", "--over", "beta=2" }, "sweep: --over: beta: given twice" },
  { { "demo.lua", "--over", "signal=gluon" }, "sweep: over: signal: expected one of top, qcd, got gluon" },
  { { "demo.lua", "--over", "seed=1,2" }, "sweep: over: seed: expected seeds= (--seeds)" },
  { { "demo.lua", "--over", "beta=1", "--with", "beta=2" }, "sweep: beta: expected it either in over or in with, got it in both" },
  { { "demo.lua", "--over", "beta=1", "--with", "epochs=x" }, "sweep: with: epochs: expected an integer, got x" },
  { { "demo.lua", "--over", "beta=0..1", "--strategy", "random" }, "sweep: trials: expected the number of points" },
  { { "demo.lua", "--over", "beta=0..1", "--strategy", "tpe", "--trials", "3" }, "sweep: objective: expected the name of a result, for the strategy is tpe" },
  { { "demo.lua", "--over", "beta=1", "--prune", "median" }, "sweep: prune: expected metric=" },
  { { "demo.lua", "--over", "beta=1", "--seeds", "0" }, "sweep: seeds: expected an integer from 1 to 100000, got 0" },
  { { "demo.lua", "--over", "beta=1", "--folder", "/proc/none" }, "sweep: folder: cannot make the folder /proc/none" },
  { { "demo.lua", "--over", "beta=1", "--folder", "/proc/none", "--dry-run", "--ovr", "1" }, "sweep: --ovr: unknown option" },
  { { "plain.lua", "--over", "x=1" }, "sweep: plain.lua: expected a script that declares its options with options{…}, found none" },
  { { "run_first.lua", "--over", "x=1" }, "expected options to be declared before the run starts, found none" },
  { { "wrong.lua", "--over", "x=1" }, "sweep: wrong.lua: expected a script that declares its options with options{…}, but it said:" },
  { { "show", "none" }, "sweep: " .. root .. "/none: expected the folder of a sweep, found none" },
  { { "best", broken, "--objective", "acu" }, "sweep: sweep:best: acu: no trial reported it; did you mean auc?" },
  { { "show" }, "sweep: expected one folder of a sweep, got 0" },
  { {}, "sweep: expected a script; for example:" },
} do
  outcome = command(table.unpack(case[1]))
  equal(outcome.status, 1, table.concat(case[1], " "))
  check(outcome.stderr:sub(1, 7) == "sweep: " and outcome.stderr:find(case[2], 1, true) and select(2, outcome.stderr:gsub("\n", "")) == 1, outcome.stderr)
end
check(not system.exists(root .. "/sweeps"), "nothing was started")
if not system.find_program("sbatch") then
  outcome = command("demo.lua", "--over", "beta=1", "--slurm")
  check(outcome.stderr:find("sweep: --slurm: this machine has no sbatch", 1, true), outcome.stderr)
end
outcome = command("demo.lua", "--over", "beta=1,2", "--seeds", "2", "--dry-run")
check(outcome.stdout:find("^1  beta=1 seed=1\n2  beta=1 seed=2\n3  beta=2 seed=1\n4  beta=2 seed=2\n4 trials in "), outcome.stdout)

-- Two sweeps in one folder, another sweep in it, a script that changed.
local shared, gate = folder(), root .. "/gate"
local waiting = { system.executable(), "sweep", script, "--over", "beta=1,2", "--with", "gate=" .. gate, "--folder", shared, "--objective", "auc" }
local driver = processes.start(waiting, { output = root .. "/driver.txt" })
local function wait_for(what, condition)
  local began = system.monotonic()
  while not condition() do
    if system.monotonic() - began > 120 then
      check(false, "waited in vain for " .. what)
      return false
    end
    processes.wait(0.05)
  end
  return true
end
local function started(path)
  return system.is_directory(path .. "/trials") and (function()
    for _, id in ipairs(system.list_directory(path .. "/trials")) do
      local trial = path .. "/trials/" .. id .. "/attempt-1"
      for _, name in ipairs(system.is_directory(trial) and system.list_directory(trial) or {}) do
        if system.exists(trial .. "/" .. name .. "/run.json") then return true end
      end
    end
  end)()
end
wait_for("the first trial", function() return started(shared) end)
outcome = command(script, "--over", "beta=1,2", "--with", "gate=" .. gate, "--folder", shared, "--objective", "auc")
check(outcome.stderr:find(("another sweep (process %d on "):format(driver), 1, true), outcome.stderr)
-- Killed without warning: its trial goes on, ends, and is taken in by the next start, which runs only the other one.
processes.signal(driver, "KILL")
local ended
wait_for("the driver's end", function()
  ended = ended or processes.poll(driver)
  return ended
end)
local function is_running()
  return command("show", shared).stdout:find(" 1 running, 0 stopped", 1, true)
end
check(is_running(), "the trial outlives its driver")
local again = processes.start(waiting, { output = root .. "/again.txt" })
processes.wait(1)
system.write_file(gate, "")
local status
wait_for("the second driver's end", function()
  status = status or processes.poll(again)
  return status
end)
equal(status and status.status, 0, system.read_file(root .. "/again.txt"))
local list = sweep.load(shared):trials()
equal({ #list, list[1].status, list[2].status, list[1].attempts, list[2].attempts }, { 2, "finished", "finished", 1, 1 })
outcome = command(script, "--over", "beta=1,2", "--with", "epochs=2", "--folder", shared)
check(outcome.stderr:find("with other options; give another folder", 1, true), outcome.stderr)
local text = system.read_file(script)
system.write_file(script, text .. "-- changed\n")
outcome = command(script, "--over", "beta=1,2,3", "--with", "gate=" .. gate, "--folder", shared)
check(outcome.stderr:find("the script has changed since its trials were done", 1, true), outcome.stderr)
outcome = command(script, "--over", "beta=1,2,3", "--with", "gate=" .. gate, "--folder", shared, "--changed")
equal(outcome.status, 0, outcome.stderr)
equal(#sweep.load(shared):trials(), 3, "a longer list of values adds to the folder")
system.write_file(script, text)

-- Ctrl-C: what runs is told to end, and the same command goes on.
local stopped = folder()
os.remove(gate)
local words = { system.executable(), "sweep", script, "--over", "beta=1,2,3", "--with", "gate=" .. gate, "--folder", stopped, "--jobs", "2", "--objective", "auc" }
driver = processes.start(words, { output = root .. "/stopped.txt" })
wait_for("a trial", function() return started(stopped) end)
processes.signal(driver, "INT")
status = nil
wait_for("the end after Ctrl-C", function()
  status = status or processes.poll(driver)
  return status
end)
equal(status and status.status, 130, system.read_file(root .. "/stopped.txt"))
check(system.read_file(root .. "/stopped.txt"):find("stopped with 0 of 3 trials done; the same command goes on where it stopped", 1, true), "says so")
check(command("show", stopped).stdout:find("0 running", 1, true), "no trial is left running")
system.write_file(gate, "")
outcome = system.run(words, { directory = root, input = "" })
equal(outcome.status, 0, outcome.stderr)
equal(#sweep.load(stopped):trials(), 3)

-- Adaptive: with one job the points are the same whether or not it was stopped on the way; pruned trials are told apart.
local function adaptive(path, trials)
  return sweep {
    script = script, over = { beta = { min = 0, max = 1 }, signal = { "top", "qcd" }, epochs = { min = 2, max = 5 } }, strategy = "tpe", trials = trials,
    objective = "auc", prune = { kind = "median", metric = "loss", startup = 4 }, folder = path,
  }
end
local whole, parts = folder(), folder()
local complete = results(adaptive(whole, 18))
adaptive(parts, 7)
adaptive(parts, 12)
-- As a kill in the middle of the last one would leave it.
local last = sweep.load(parts):trials()[12]
system.remove(("%s/trials/%s/result.json"):format(parts, last.id))
equal(results(adaptive(parts, 18)), complete, "going on gives what one go gives")
local pruned = 0
for _, one in ipairs(complete) do pruned = pruned + (one[3] == "pruned" and 1 or 0) end
check(pruned > 0 and pruned < 14, pruned .. " pruned")
local halving = sweep {
  script = script, over = { beta = { 0.3, 0.3, 0.9, 0.8, 0.2 } }, objective = "auc", prune = { kind = "halving", metric = "loss", factor = 2 }, folder = folder(),
}
equal(#halving:trials(), 4, "equal values are one trial")
equal({ halving:trials()[1].status, halving:trials()[2].status }, { "finished", "pruned" })

-- A submit description, every job of which can be run by hand.
local condor = folder()
outcome = command(script, "--over", "beta=1,2", "--folder", condor, "--htcondor", "sweep.sub", "--objective", "auc", "--mem", "3G")
equal(outcome.status, 0, outcome.stderr)
local description = system.read_file(root .. "/sweep.sub")
check(description:find('arguments = "sweep task \'' .. condor .. "'", 1, true) and description:find("request_memory = 3G", 1, true), description)
for id in description:match("queue trial from %(\n(.-)%)"):gmatch("%x+") do
  outcome = command("task", condor, condor .. "/htcondor/list-1.json", id)
  equal(outcome.stdout, id .. ": done\n", outcome.stderr)
end
equal(#sweep.load(condor):trials(), 2)
equal(command("task", condor, condor .. "/htcondor/list-1.json", "1").stdout, "1: done\n", "a place does as well as a name, and nothing is done twice")
equal(sweep.trial(), nil)

-- docs/sweeps.md: its first block is the script, the others are one script that sweeps it.
local blocks = {}
for block in system.read_file(testing.folder .. "../../docs/sweeps.md"):gmatch("\n```lua\n(.-)\n```") do blocks[#blocks + 1] = block end
local page = testing.scratch()
system.write_file(page .. "/toy.lua", table.remove(blocks, 1) .. "\n")
system.write_file(page .. "/mine.lua", table.concat(blocks, "\n"))
outcome = system.run({ system.executable(), "--quiet", "mine.lua" }, { directory = page, input = "" })
equal(outcome.status, 0, outcome.stderr)
check(outcome.stdout:find("^0.1\t0.1\t0.852\t0.001") and outcome.stdout:find("\n0.3\t/", 1, true), outcome.stdout)
check(system.exists(page .. "/heat.pdf") or not system.find_program("gnuplot"), "figures")

-- A disk that is full: one line, and what was done stays.
local small = testing.scratch()
if system.run({ "mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", small }).status == 0 then
  outcome = command(script, "--over", "beta=0..1:40", "--folder", small .. "/s", "--objective", "auc", "--retries", "0")
  equal(outcome.status, 1)
  local line = outcome.stderr:match("([^\n]*)\n$") or ""
  check(line:find("^sweep: ") and line:find("No space left on device", 1, true), outcome.stderr)
  local kept = #sweep.load(small .. "/s"):trials()
  check(kept > 0, "what was done before is there")
  check(system.run({ "mount", "-o", "remount,size=30m", small }).status == 0, "remount")
  outcome = command(script, "--over", "beta=0..1:40", "--folder", small .. "/s", "--objective", "auc", "--retries", "5")
  equal(outcome.status, 0, outcome.stderr)
  equal(#sweep.load(small .. "/s"):trials(), 40)
  system.run({ "umount", small })
else
  testing.skip("a small disk cannot be mounted here")
end

testing.finish()
