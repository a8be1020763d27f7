-- Runs that are stopped and gone on with: the same result to the bit, whatever stopped them and wherever.
-- With JETLUA_SLOW_TESTS set, 50 stops by SIGTERM and SIGUSR1 and 200 by SIGKILL at random times.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()
local runs = folder .. "/runs"
local slow = (os.getenv("JETLUA_SLOW_TESTS") or "") ~= ""

local function matches(text, pattern, what) check(text:find(pattern), ("%s: %s"):format(what or pattern, text)) end

local function jetlua(words, environment)
  environment = environment or {}
  environment.JETLUA_RUNS = runs
  local command = { system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  return system.run(command, { directory = folder, environment = environment })
end

local function names()
  local found = {}
  for _, name in ipairs(system.is_directory(runs) and system.list_directory(runs) or {}) do found[name] = true end
  return found
end

--- Runs a script in a shell that sends it `signal` `seconds` after its run has begun; returns the run's folder and the exit status.
local function stopped(words, signal, seconds, environment)
  local list = folder .. "/list"
  system.remove(list)
  local line = ('"$0" "$@" & p=$!; while [ ! -s "$JETLUA_RUN_LIST" ] && kill -0 $p 2>/dev/null; do sleep 0.005; done; ' ..
    'sleep %.3f; kill -%s $p; wait $p'):format(seconds, signal)
  local command = { "bash", "-c", line, system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  environment.JETLUA_RUNS, environment.JETLUA_RUN_LIST = runs, list
  local result = system.run(command, { directory = folder, environment = environment })
  local path = system.exists(list) and system.read_file(list):match("^%d+ ([^\n]+)")
  return path, result.status, result.stderr
end

local function only_new(before)
  for name in pairs(names()) do
    if not before[name] then return runs .. "/" .. name end
  end
end

local function read(path) return json.decode(system.read_file(path .. "/run.json")) end

--- Whether every number of a run is that of `reference`, and no temporary file is left.
local function same(path, reference, what)
  local result = jetlua { "diff", reference, path, "--json" }
  local found = result.status == 0 and json.decode(result.stdout) or {}
  local clean = result.status == 0
  for _, part in ipairs { "options", "code", "data", "results", "metrics", "files" } do clean = clean and #found[part] == 0 end
  check(clean, ("%s: %s%s"):format(what, result.stdout, result.stderr))
  for _, place in ipairs { path, path .. "/checkpoints" } do
    for _, name in ipairs(system.list_directory(place)) do
      check(not name:find("^%.") and not name:find("before", 1, true), ("%s leaves %s"):format(what, name))
    end
  end
end

-- A hand-written loop with a table of its own, a schedule and random numbers behind the training; at a step that is asked for it
-- sends itself a signal.
system.write_file(folder .. "/loop.lua", [[
  local jets, models, optim, run, options, tensor = require "jets", require "models", require "optim", require "run", require "options", require "tensor"
  local system = require "jetlua.core.system"
  local part = require "part"
  local o = options { seed = 3, epochs = 3, batch = 50 }
  tensor.manual_seed(o.seed)
  local images = jets.sample():take(part.jets):images()
  local model = models.DirichletVAE { input = 1600, hidden = { 8 } }
  local adam = optim.Adam(model:parameters(), { lr = 5e-3 })
  local schedule, losses = optim.CosineLR(adam, { T_max = 4 }), {}
  local r = run.start("loop", o)
  r:log { stage = "begin", noise = tensor.rand(1):item() }
  print "begin"
  local stop, steps = tonumber(os.getenv("STOP_AT")), 0
  local training = r:training { model = model, optimizer = adam, schedules = { schedule }, losses = losses }
  for epoch in training:epochs(o.epochs) do
    local function step() steps = steps + 1 if steps == stop then os.execute("kill -TERM " .. system.process_id()) end end
    for batch in training:batches(images, o.batch) do
      adam:zero_grad()
      local loss = model:loss(batch.x)
      loss.total:backward()
      adam:step()
      training.sums.total = (training.sums.total or 0) + loss.total:item() * #batch
      step()
    end
    losses[epoch] = training.sums.total / #images
    schedule:step()
    r:log { epoch = epoch, total = losses[epoch], noise = tensor.rand(1):item() }
    print("epoch " .. epoch)
    step()
  end
  r:checkpoint(model, adam, { best = true })
  r:report { last = losses[#losses], first = losses[1], noise = tensor.rand(1):item() }
]])
system.write_file(folder .. "/part.lua", "return { jets = 1000 }")

-- Two trainings by models.fit in one script, with jets to compare and early stopping.
system.write_file(folder .. "/fits.lua", [[
  local jets, models, optim, run, options, tensor = require "jets", require "models", require "optim", require "run", require "options", require "tensor"
  local o = options { seed = 5, epochs = 3 }
  tensor.manual_seed(o.seed)
  local set = jets.sample()
  local images, valid = set:take(1000):images(), set:shuffle():take(200):images()
  local outliers = set:where("label == 1"):take(150):images()
  local r = run.start("fits", o)
  local first = models.outlier_exposure(models.DirichletVAE { input = 1600, hidden = { 8 } }, { form = "kl" })
  local adam = optim.Adam(first:parameters(), { lr = 1e-2 })
  local history = models.fit(first, images, { epochs = o.epochs, batch = 50, optimizer = adam, valid = nil, outliers = outliers, run = r,
    schedule = { optim.StepLR(adam, { step_size = 1, gamma = 0.5 }) } })
  r:log { between = tensor.rand(1):item() }
  local more = models.fit(models.DirichletVAE { input = 1600, hidden = { 4 } }, images, { epochs = o.epochs, batch = 50, valid = valid, run = r,
    early_stopping = optim.EarlyStopping { patience = 2 } })
  r:report { first = history.total[#history.total], second = more.valid_total[#more.valid_total], noise = tensor.rand(1):item() }
]])

local reference = {}
for _, name in ipairs { "loop", "fits" } do
  local before = names()
  local result = jetlua { name .. ".lua" }
  equal({ result.status, result.stderr }, { 0, "" }, name)
  reference[name] = only_new(before)
end

-- Promise 25: N steps are k steps, another process and N − k, for k in an epoch's middle, at its last step, behind it, and at the end.
for _, k in ipairs { 1, 13, 20, 21, 35, 63 } do
  local before = names()
  local result = jetlua({ "loop.lua" }, { STOP_AT = tostring(k) })
  local path = only_new(before)
  equal(result.status, 75, "status of a stop at step " .. k)
  matches(result.stderr, "^loop%.lua: stopped by SIGTERM [^\n]*jetlua resume [^\n]*goes on from there\n$")
  equal(read(path).status, "interrupted", "recorded")
  result = jetlua { "resume", path }
  equal(result.status, 0, result.stderr)
  same(path, reference.loop, "stopped at step " .. k)
  equal(read(path).resumed, 1)
  equal(system.read_file(path .. "/log.txt"), "begin\nepoch 1\nepoch 2\nepoch 3\n", "the log is whole")
end

-- Two trainings that write the same files, the first so short that it has no checkpoint of its own, or one of its end; between them
-- the script reads what the first one wrote. A kill behind the second: the files are those of a run that was not killed, in each place.
system.write_file(folder .. "/both.lua", [[
  local jets, models, run, options, tensor = require "jets", require "models", require "run", require "options", require "tensor"
  local system = require "jetlua.core.system"
  local o = options { seed = 3, best = true }
  tensor.manual_seed(o.seed)
  local images = jets.sample():take(200):images()
  local r = run.start("both", {})
  if os.getenv("FAIL") == "before" then error("not today") end
  local function train(hidden, best, every)
    local model = models.DirichletVAE { input = 1600, hidden = { hidden } }
    local training = r:training { model = model, every = every }
    for epoch in training:epochs(2) do
      tensor.no_grad(function() model:parameters()[1]:mul_(0.5) end)
      r:log { epoch = epoch, hidden = hidden }
      r:checkpoint(model, nil, { best = best })
      if os.getenv("FAIL") == "within" and hidden == 8 and epoch == 2 then error("not today") end
      if os.getenv("KILL") == "within" and hidden == 4 and epoch == 2 then os.execute("kill -KILL " .. system.process_id()) end
    end
  end
  train(8, o.best, tonumber(os.getenv("EVERY")))
  local seen = {}
  for _, name in ipairs { "best", "last" } do
    local path = r.path .. "/checkpoints/" .. name .. ".safetensors"
    seen[name] = system.exists(path) and system.sha256_file(path) or "none"
  end
  train(4, true, 0)
  if os.getenv("KILL") == "behind" then os.execute("kill -KILL " .. system.process_id()) end
  r:report(seen)
]])
for _, best in ipairs { "--best", "--no-best" } do
  local list = folder .. "/list"
  local function begin(environment)
    system.remove(list)
    environment.JETLUA_RUN_LIST, environment.EVERY = list, environment.EVERY or "30"
    local result = jetlua({ "both.lua", best }, environment)
    return system.exists(list) and system.read_file(list):match("^%d+ ([^\n]+)"), result.status or "killed", result.stderr
  end
  local whole, status, message = begin {}
  equal(status, 0, message)
  for _, every in ipairs { "30", "0" } do
    for _, place in ipairs { "behind", "within" } do
      local what = ("killed %s the second of two trainings, the first's state every %s s, %s"):format(place, every, best)
      local path, killed = begin { KILL = place, EVERY = every }
      equal(killed, "killed", what)
      -- Attempts to go on that fail on the way lose nothing.
      local lines, results = system.read_file(path .. "/metrics.jsonl"), system.sha256_file(path .. "/checkpoints/best.safetensors")
      for _, fail in ipairs(every == "30" and { "before", "within" } or { "before" }) do
        local result = jetlua({ "resume", path }, { FAIL = fail, EVERY = "0" })
        equal(result.status, 1, what)
        equal({ system.read_file(path .. "/metrics.jsonl"), system.sha256_file(path .. "/checkpoints/best.safetensors") }, { lines, results }, what)
        check(not system.exists(path .. "/metrics.before.jsonl") and not system.exists(path .. "/checkpoints/best.before.safetensors"), what)
      end
      -- Killed once more where the second training has its state back, or is over.
      jetlua({ "resume", path }, { KILL = place, EVERY = every })
      local result = jetlua({ "resume", path }, { EVERY = every })
      equal(result.status, 0, what .. ": " .. result.stderr)
      same(path, whole, what)
    end
  end
end

-- Promise 23 and 24: signals at random times, kills among them, and kills of what goes on.
local function storm(name, count, signals, seconds)
  local statuses = {}
  for i = 1, count do
    local signal = signals[1 + i % #signals]
    local at = seconds * math.random()
    local path, status, message = stopped({ name .. ".lua" }, signal, at, { JETLUA_CHECKPOINT_SECONDS = "0.02" })
    statuses[status or "none"] = (statuses[status or "none"] or 0) + 1
    if path and not system.exists(path .. "/run.json") then
      -- Killed before the run's folder said anything.
      local result = jetlua { "resume", path }
      check(signal == "KILL" and result.status == 1, ("no record after %s at %.3f s: %s"):format(signal, at, result.stderr))
      matches(result.stderr, "^resume: [^\n]*expected the folder of a run, found none[^\n]*\n$")
    elseif path then
      if signal ~= "KILL" then
        check(status == 75 or read(path).status == "finished", ("status %s after %s: %s"):format(tostring(status), signal, message))
        check(status ~= 75 or read(path).status == "interrupted", ("%s at %.3f s is recorded as interrupted: %s, %s"):format(signal, at, read(path).status, message))
      end
      -- Every second one is killed again while it goes on.
      if i % 2 == 0 and read(path).status ~= "finished" then
        stopped({ "resume", path }, "KILL", at, { JETLUA_CHECKPOINT_SECONDS = "0.02" })
      end
      local result = jetlua { "resume", path }
      check(result.status == 0, ("resume after %s at %.3f s: %s"):format(signal, at, result.stderr))
      same(path, reference[name], ("%s at %.3f s"):format(signal, at))
    else
      check(signal == "KILL" or status ~= 0, "no run was begun")
    end
  end
  return statuses
end
math.randomseed(8)
local stops = storm("fits", slow and 50 or 4, { "TERM", "USR1" }, read(reference.fits).seconds)
local kills = storm("loop", slow and 200 or 4, { "KILL" }, read(reference.loop).seconds)
check((stops[75] or 0) > 0 and (kills[137] or 0) > 0, "some came in time")
for _, counted in ipairs { { "SIGTERM and SIGUSR1", stops }, { "SIGKILL", kills } } do
  if slow then print(counted[1], (json.encode(counted[2]))) end
end

-- Ctrl-C: the interrupt is an error as ever, and the state is the one after the step.
local path, status = stopped({ "fits.lua" }, "INT", read(reference.fits).seconds / 3, {})
if path and status == 1 then
  equal(read(path).status, "interrupted", "Ctrl-C")
  equal(jetlua({ "resume", path }).status, 0)
  same(path, reference.fits, "Ctrl-C")
end

-- A disk that fills up at any write: one line that says so, no half files, and with more space the run goes on to the same result.
system.write_file(folder .. "/full.sh", [[
  mount -t tmpfs -o size=$1 none "$2" || exit 99
  mkdir "$2/runs"
  export JETLUA_RUNS="$2/runs"
  JETLUA_CHECKPOINT_SECONDS=0 "$3" loop.lua > /dev/null
  echo "status $?"
  mount -o remount,size=50m "$2"
  if [ -e "$2"/runs/*/run.json ]; then
    "$3" resume last > /dev/null || exit 1
    "$3" diff "$4" "$2"/runs/* --json
  else
    echo no run
  fi
  find "$2" -name '.*'
  mount -o remount,ro "$2"
  "$3" loop.lua
  echo "read-only $?"
]])
system.make_directory(folder .. "/disk")
if system.run({ "unshare", "-Urm", "mount", "-t", "tmpfs", "none", folder .. "/disk" }, {}).status ~= 0 then
  testing.skip "no disk of a given size can be made here"
else
  local went, stayed = 0, 0
  for _, size in ipairs(slow and { 8, 12, 16, 20, 24, 32, 40, 60, 100, 130, 160, 200, 300, 500, 800, 1200, 3000 } or { 12, 24, 130, 3000 }) do
    local outcome = system.run({ "unshare", "-Urm", "bash", "full.sh", size .. "k", folder .. "/disk", system.executable(), reference.loop }, { directory = folder })
    local what = ("disk of %d kB: %s%s"):format(size, outcome.stdout, outcome.stderr)
    equal(outcome.status, 0, what)
    if not outcome.stdout:find("status 0", 1, true) then
      stayed = stayed + 1
      check(outcome.stdout:find("^status 1\n") and outcome.stderr:find("^[^\n]*No space left on device[^\n]*\n"), what)
    else
      went = went + 1
    end
    if outcome.stdout:find("{", 1, true) then
      local found = json.decode(outcome.stdout:match("%b{}"))
      equal({ #found.results, #found.metrics, #found.files }, { 0, 0, 0 }, what)
    else
      check(outcome.stdout:find("no run", 1, true), what)
    end
    check(not outcome.stdout:find("/%."), "no half file is left: " .. what)
    check(outcome.stdout:find("read%-only 1\n") and outcome.stderr:find("run%.start: cannot make the folder [^\n]*Read%-only file system[^\n]*JETLUA_RUNS"), what)
  end
  check(went > 0 and stayed > 0, "small and large disks")
end

-- What is not the same is named, and --force goes on.
local before = names()
jetlua({ "loop.lua" }, { STOP_AT = "30" })
path = only_new(before)
local text = system.read_file(folder .. "/loop.lua")
system.write_file(folder .. "/loop.lua", text .. "\n-- changed")
system.write_file(folder .. "/part.lua", "return { jets = 999 }")
local record = read(path)
record.versions.blas_kernel = "Prescott"
system.write_file(path .. "/run.json", (json.encode(record)))
local result = jetlua { "resume", path }
equal(result.status, 1)
matches(result.stderr, "^resume: [^\n]*the script [^\n]*loop%.lua has changed; the module [^\n]*part%.lua has changed; blas_kernel was Prescott and is [^\n]*; %-%-force goes on nevertheless\n$")
result = jetlua { "resume", path, "--force" }
equal(result.status, 1, "999 jets are no 1000")
matches(result.stderr, "batches: expected the state of batches of 50 of 999 jets, got one of 50 of 1000; the data or the batch size differ")
system.write_file(folder .. "/part.lua", "return { jets = 1000 }")
system.write_file(folder .. "/loop.lua", (text:gsub("hidden = { 8 }", "hidden = { 9 }")))
result = jetlua { "resume", path, "--force" }
equal(result.status, 1, "another model")
matches(result.stderr, "expected[^\n]*")
system.write_file(folder .. "/loop.lua", text)
system.write_file(path .. "/checkpoints/training-1.safetensors", "half")
result = jetlua { "resume", path, "--force" }
equal(result.status, 1, "a damaged checkpoint")
matches(result.stderr, "training%-1%.safetensors")
result = jetlua { "resume", reference.loop }
equal(result.status, 0)
matches(result.stdout, "is finished")
result = jetlua { "resume", "nowhere" }
equal(result.stderr:match("^resume: nowhere: expected the folder of a run, found none") ~= nil, true, result.stderr)

testing.finish()
