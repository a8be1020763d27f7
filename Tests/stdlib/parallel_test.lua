-- Several ranks that train one model: the parts of batches and of noise, and, where jetlua is built with MPI and mpirun is installed
-- (scripts/dev/mpi test), trainings of 1, 2 and 4 ranks compared, stopped, killed and gone on with.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local core = require "jetlua.core.parallel"
local jets, models, parallel, tensor = require "jets", require "models", require "parallel", require "tensor"
local json = require "json"
local noise = require("jetlua.core.models").noise
local system = require "jetlua.core.system"
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises

-- One process.

equal({ parallel.size(), parallel.rank() }, { 1, 0 })
equal(parallel.sum { a = 1, b = { 2.5 } }, { a = 1, b = { 2.5 } })
equal(parallel.sum(tensor { 1, 2 }):totable(), { 1.0, 2.0 })
raises("parallel.sum: value: expected a number, a tensor or a table of them, got", parallel.sum, "five")
raises("parallel.batches: set: expected a set of images or constituents, got 5", parallel.batches, 5, 10)
equal(parallel.cost().exchanges, 0)
parallel.wait()

-- The parts of a batch are the batch.

local set = jets.sample():take(103)
local images, constituents = set:images(), set:constituents()
for _, prepared in ipairs { images, constituents } do
  for _, parts in ipairs { 1, 2, 3, 4, 7 } do
    tensor.manual_seed(5)
    local whole = {}
    for batch in prepared:batches(20) do whole[#whole + 1] = batch.index:totable() end
    local joined, counts = {}, {}
    for part = 1, parts do
      tensor.manual_seed(5)
      local place = 0
      for batch in prepared:batches(20, { part = { part, parts } }) do
        place = place + 1
        joined[place], counts[place] = joined[place] or {}, (counts[place] or 0) + #batch
        local index = batch.index:totable()
        equal(batch.x.shape[1], math.max(#batch, 1))
        for i = 1, #batch do table.insert(joined[place], index[i]) end
      end
      equal(place, 6)
    end
    equal(joined, whole, parts .. " parts")
    equal(counts, { 20, 20, 20, 20, 20, 3 })
  end
end
raises("batches: part", images.batches, images, 10, { part = { 3, 2 } })
raises("batches: part", images.batches, images, 10, { part = { 1 } })
raises("batches: part", images.batches, images, 10, { part = { 0, 2 } })

-- A part goes on where another number of parts stood.
do
  tensor.manual_seed(5)
  local whole, part = images:batches(20), images:batches(20, { part = { 1, 2 } })
  tensor.manual_seed(5)
  whole = images:batches(20)
  whole()
  whole()
  part:load_state_dict(whole:state_dict())
  local expected = whole().index:totable()
  equal(part().index:totable(), table.move(expected, 1, 10, 1, {}))
end

-- Noise belongs to jets: what one process draws for a batch, parts of it draw together; in pairs that parts cut too.
for _, dtype in ipairs { "float32", "float64" } do
  for _, width in ipairs { 1, 3 } do
    for _, parts in ipairs { 1, 2, 3, 7 } do
      tensor.manual_seed(9)
      local whole, after = noise({ 20, width }, dtype):totable(), noise({ 2 }, dtype):totable()
      local joined = {}
      for part = 1, parts do
        tensor.manual_seed(9)
        local batches = images:batches(20, { shuffle = false, part = { part, parts } })
        local batch = batches()
        batch:begin()
        for _, row in ipairs(noise({ #batch, width }, dtype):totable()) do joined[#joined + 1] = row end
        core.finish()
        equal(noise({ 2 }, dtype):totable(), after, "the stream goes on behind the whole batch")
      end
      equal(joined, whole, ("%s, %d numbers, %d parts"):format(dtype, width, parts))
    end
  end
end
do
  local batch = images:batches(20, { part = { 1, 3 } })()
  batch:begin()
  raises("noise of shape [6, 2] is not of the 7 jets", noise, { 6, 2 }, "float32")
  local nn = require "nn"
  local norm = nn.BatchNorm1d(2)
  raises("BatchNorm1d: expected whole batches", norm.forward, norm, tensor.ones(7, 2))
  equal(norm:eval()(tensor.ones(7, 2)).shape, { 7, 2 })
  core.finish()
end

-- A build without MPI under mpirun, and what is started by it that is no script.

local _, _, built_in = core.ranks()
local folder = testing.scratch()
system.write_file(folder .. "/hello.lua", [[print "hello"]])
local function launched(words, rank, count)
  local command = { system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  return system.run(command, { environment = { OMPI_COMM_WORLD_SIZE = tostring(count), OMPI_COMM_WORLD_RANK = tostring(rank) }, directory = folder })
end
if not built_in then
  local first, other = launched({ "hello.lua" }, 0, 4), launched({ "hello.lua" }, 2, 4)
  equal({ first.status, first.stdout }, { 1, "" })
  check(first.stderr:find("^[^\n]*mpirun started 4 processes, and this jetlua trains in one: it was built without MPI[^\n]*\n$"), first.stderr)
  equal({ other.status, other.stdout, other.stderr }, { 0, "", "" })
  equal(launched({ "hello.lua" }, 0, 1).stdout, "hello\n")
  check(not system.run({ "ldd", system.executable() }).stdout:find("mpi", 1, true), "nothing of MPI is linked")
end
do
  local result = launched({ "runs" }, 0, 2)
  check(result.status == 1 and result.stderr:find("runs: expected to be started once, got 2 processes", 1, true), result.stderr)
  result = launched({ "--restricted", "hello.lua" }, 0, 2)
  check(result.status == 1 and result.stderr:find("--restricted and --isolated: expected one process, got 2", 1, true), result.stderr)
end

-- The script of docs/parallel.md, in one process.
local page = system.read_file(testing.folder .. "../../docs/parallel.md"):match("\n```lua\n(.-)\n```")
system.write_file(folder .. "/page.lua", page)
do
  local result = system.run({ system.executable(), "page.lua" }, { environment = { JETLUA_RUNS = folder .. "/page" }, directory = folder })
  equal({ result.status, result.stderr }, { 0, "" })
  equal(#system.list_directory(folder .. "/page"), 1)
end

if not built_in or not system.find_program("mpirun") then
  testing.skip(built_in and "trainings of several ranks: mpirun is not installed (Debian's openmpi-bin)"
    or "trainings of several ranks: this jetlua is built without MPI; ./scripts/dev/mpi test builds one and runs them")
  testing.finish()
end

-- Several ranks.

local runs = folder .. "/runs"

--- Runs a script in `count` ranks; `words` begin with the script.
local function mpirun(count, words, environment, launcher)
  local command = { "mpirun", "--oversubscribe", "--bind-to", "none", "-n", tostring(count) }
  for _, word in ipairs(launcher or {}) do command[#command + 1] = word end
  command[#command + 1] = system.executable()
  for _, word in ipairs(words) do command[#command + 1] = word end
  local settings = {
    OMPI_ALLOW_RUN_AS_ROOT = "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = "1", OMPI_MCA_btl_base_warn_component_unused = "0",
    OMPI_MCA_orte_base_help_aggregate = "0", JETLUA_RUNS = runs, JETLUA_THREADS = "1",
  }
  for name, value in pairs(environment or {}) do settings[name] = value end
  return system.run(command, { environment = settings, directory = folder, input = "" })
end

local function names()
  local found = {}
  for _, name in ipairs(system.is_directory(runs) and system.list_directory(runs) or {}) do found[#found + 1] = name end
  table.sort(found)
  return found
end

--- The one run that `body` makes.
local function one_run(what, body)
  local before = {}
  for _, name in ipairs(names()) do before[name] = true end
  local result, made = body(), {}
  for _, name in ipairs(names()) do
    if not before[name] then made[#made + 1] = name end
  end
  equal(#made, 1, what .. ": one run folder" .. (#made == 1 and "" or result.stdout .. result.stderr))
  return made[1] and runs .. "/" .. made[1], result
end

local function record(path) return json.decode(system.read_file(path .. "/run.json")) end

local function metrics(path)
  local entries = {}
  for line in system.read_file(path .. "/metrics.jsonl"):gmatch("[^\n]+") do entries[#entries + 1] = json.decode(line) end
  return entries
end

--- The largest difference of logged terms and of weights, relative to the larger of 1 and the value.
local function difference(a, b)
  local first, second, largest = metrics(a), metrics(b), 0
  equal(#first, #second, "as many epochs")
  for i, entry in ipairs(first) do
    for name, value in pairs(entry) do
      if name ~= "seconds" then largest = math.max(largest, math.abs(value - second[i][name]) / math.max(1, math.abs(value))) end
    end
  end
  local one, other = tensor.load(a .. "/checkpoints/last.safetensors"), tensor.load(b .. "/checkpoints/last.safetensors")
  for name, weights in pairs(one) do
    local distance = (weights - other[name]):abs():max():item()
    largest = math.max(largest, distance == distance and distance or math.huge)
  end
  return largest
end

local prelude = [[
  local jets, models, nn, optim, options = require "jets", require "models", require "nn", require "optim", require "options"
  local parallel, run, tensor, system = require "parallel", require "run", require "tensor", require "jetlua.core.system"
  local o = options {
    { "model", "dvae", "", choices = { "dvae", "vae", "constituent" } }, { "dtype", "float32", "", choices = { "float32", "float64" } },
    { "jets", 202, "" }, { "batch", 50, "" }, { "epochs", 3, "" }, { "seed", 4, "" }, { "clip", false, "" }, { "dropout", false, "" },
  }
  tensor.manual_seed(o.seed)
  local set = jets.sample():take(o.jets)
  local prepared = o.model == "constituent" and set:constituents() or set:images()
  local model = o.model == "dvae" and models.DirichletVAE { hidden = { 12 }, dtype = o.dtype }
    or o.model == "vae" and models.VAE { hidden = { 8 }, latent = 3, beta = 0.1, dtype = o.dtype }
    or models.ConstituentVAE { hidden = { 16 }, latent = 3, dtype = o.dtype }
  local adam = optim.Adam(model:parameters(), { lr = 1e-3 })
  local function rows(batch) return o.model == "dvae" and o.dtype == "float64" and batch.x:todense():to("float64") or batch.x end
  local steps, fail, at, rank = 0, os.getenv("FAIL"), tonumber(os.getenv("AT") or 5), tonumber(os.getenv("RANK") or 1)
  -- What goes wrong in the middle of a step of one rank.
  local function trouble()
    steps = steps + 1
    if steps ~= at or parallel.rank() ~= rank then return end
    if fail == "error" then error("boom") end
    if fail == "exit" then os.exit(0, true) end
    if fail == "kill" then os.execute("kill -KILL $PPID") end
    if fail == "term" then os.execute("kill -TERM $PPID") end
    if fail == "usr1" then os.execute("kill -USR1 $PPID") end
    -- While a program that it started runs, a process ignores SIGINT.
    if fail == "int" then os.execute("(sleep 0.1; kill -INT " .. system.process_id() .. ") & sleep 0.01") end
    if fail == "launcher" then os.execute("kill -INT $(ps -o ppid= -p $PPID)") end
    if fail == "launcher-term" then os.execute("kill -TERM $(ps -o ppid= -p $PPID)") end
    if fail == "launcher-usr1" then os.execute("kill -USR1 $(ps -o ppid= -p $PPID)") end
    -- mpirun takes its time to hand on what it was sent.
    local began, pause = system.monotonic(), (fail == "launcher" or fail == "launcher-term") and 6 or 1
    while fail and system.monotonic() - began < pause do end
  end
]]

system.write_file(folder .. "/loop.lua", prelude .. [[
  local r = run.start("loop", o)
  r:data(set)
  local losses = {}
  local training = r:training { model = model, optimizer = adam, losses = losses }
  for epoch in training:epochs(o.epochs) do
    local sums = training.sums
    for batch in training:batches(prepared, o.batch, { shuffle = true }) do
      adam:zero_grad()
      local loss = model:loss(rows(batch))
      if o.dropout then loss.total = loss.total + nn.functional.dropout(batch.mass:to(o.dtype), 0.5):mean() * model:parameters()[1]:square():sum() * 1e-3 end
      trouble()
      loss.total:backward()
      if o.clip then optim.clip_grad_norm(model:parameters(), 0.5) end
      adam:step()
      sums.total, sums.jets = (sums.total or 0) + #batch * loss.total:item(), (sums.jets or 0) + #batch
    end
    losses[epoch] = sums.total / #prepared
    r:log { epoch = epoch, total = losses[epoch], jets = sums.jets }
  end
  r:checkpoint(model, adam)
  r:report { total = losses[#losses], draw = tensor.rand(1):item() }
  print("done", #losses, parallel.size())
]])

system.write_file(folder .. "/fit.lua", prelude .. [[
  local r = run.start("fit", o)
  local train, valid = prepared:split(0.8)
  local history = models.fit(model, train, {
    epochs = o.epochs, batch = o.batch, optimizer = adam, valid = valid, run = r, schedule = optim.ExponentialLR(adam, { gamma = 0.9 }),
    early_stopping = optim.EarlyStopping { patience = 50 },
  })
  print("done", #history.total)
]])

-- 1, 2 and 4 ranks agree: float64 to 1e-12, float32 to its rounding. 202 jets in batches of 50 leave a last one of 2, fewer than ranks.
local references = {}
for _, case in ipairs {
  { "loop.lua", "dvae", "float32", 2e-5 }, { "loop.lua", "dvae", "float64", 1e-12 }, { "loop.lua", "vae", "float64", 1e-12, "--clip" },
  { "loop.lua", "vae", "float32", 2e-5, "--dropout" }, { "fit.lua", "constituent", "float64", 1e-12 }, { "fit.lua", "dvae", "float32", 2e-5 },
} do
  local script, model, dtype, tolerance, more = table.unpack(case)
  local words = { script, "--model", model, "--dtype", dtype, more }
  local what = table.concat(words, " ")
  local command = { system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  local alone = one_run(what, function()
    return system.run(command, { environment = { JETLUA_RUNS = runs, JETLUA_THREADS = "1" }, directory = folder })
  end)
  references[what] = alone
  for _, count in ipairs { 1, 2, 4 } do
    local path, result = one_run(what, function() return mpirun(count, words) end)
    equal({ result.status, result.stderr }, { 0, "" }, what)
    equal(select(2, result.stdout:gsub("done", "")), 1, what .. ": one rank prints")
    local found = path and alone and difference(alone, path) or math.huge
    check(found <= (count == 1 and 0 or tolerance), ("%s, %d ranks: differ by %.3g"):format(what, count, found))
    print(("%s, %d ranks: largest difference %.2g"):format(what, count, found))
    if path then
      equal(record(path).status, "finished")
      equal(record(path).results.draw, record(alone).results.draw, "the script's own random numbers")
      if script == "loop.lua" then equal(metrics(path)[1].jets, 202) end
    end
  end
end
local reference = references["loop.lua --model dvae --dtype float32"]

-- The page's script.
do
  local path = one_run("page", function() return mpirun(2, { "page.lua" }) end)
  local name = system.list_directory(folder .. "/page")[1]
  near(path and metrics(path)[2].total, metrics(folder .. "/page/" .. name)[2].total, 1e-5)
end

-- No batch is shared: said once.
system.write_file(folder .. "/alone.lua", [[
  local optim, tensor = require "optim", require "tensor"
  local x = tensor { 1 }:requires_grad(true)
  local sgd = optim.SGD({ x }, { lr = 0.1 })
  local loss = (x * x):sum()
  loss:backward()
  sgd:step()
  print(require("parallel").rank(), x:item())
]])
do
  local result = mpirun(2, { "alone.lua" })
  equal(result.status, 0)
  equal(result.stdout:match("^%S+\t"), "0\t")
  check(result.stderr:find("2 ranks each did all of the work: no batches were shared", 1, true), result.stderr)
end

-- Batches without a run, and sums of numbers and tensors.
system.write_file(folder .. "/sums.lua", [[
  local jets, parallel, tensor = require "jets", require "parallel", require "tensor"
  local images, seen, mass = jets.sample():take(103):images(), 0, tensor.zeros(1, { dtype = "float64" })
  for batch in parallel.batches(images, 10) do
    seen = seen + #batch
    if #batch > 0 then mass = mass + batch.mass:sum() end
  end
  local sums = parallel.sum { seen = seen, list = { 1.5, 2 }, mass = mass, text = "kept" }
  local whole = images.mass:sum():item()
  print(seen < 103, sums.seen, math.type(sums.seen), sums.list[1], sums.list[2], sums.text, math.abs(sums.mass:item() - whole) < 1e-9 * whole)
  print(parallel.sum(parallel.rank()), #parallel.batches(images, 10))
]])
equal(mpirun(4, { "sums.lua" }).stdout, "true\t103\tinteger\t6.0\t8\tkept\ttrue\n6\t11\n")

-- What is not of one rank alone is refused.
system.write_file(folder .. "/refused.lua", prelude .. [[
  local kind = os.getenv("KIND")
  if kind == "disco" then model = models.mass_decorrelation(model, { start = 0, ramp = 0 }) end
  if kind == "outliers" then model = models.outlier_exposure(model, { start = 0, ramp = 0 }) end
  if kind == "seed" then
    tensor.manual_seed(10 + parallel.rank())
    model = models.DirichletVAE { hidden = { 12 } }
  end
  if kind == "data" then prepared = jets.sample():take(202 + parallel.rank()):images() end
  models.fit(model, prepared, { epochs = 1, batch = 50, outliers = kind == "outliers" and prepared or nil })
]])
for kind, message in pairs {
  disco = "mass_decorrelation: loss: its distance correlation is of whole batches",
  outliers = "outlier_exposure: loss: its pairs of a jet and an outlier are of whole batches",
  seed = "the ranks' parameters are not the same; start all with the same seed",
} do
  local result = mpirun(2, { "refused.lua" }, { KIND = kind })
  check(result.status ~= 0 and result.stderr:find(message, 1, true), kind .. ": " .. result.stderr)
  equal(select(2, result.stderr:gsub(message:gsub("%p", "%%%0"), "")), 1, kind .. " is said once")
end

-- A mistake in the options is said once.
do
  local result = mpirun(4, { "loop.lua", "--epochz", "3" })
  check(result.status ~= 0, "a wrong option fails")
  equal(select(2, result.stderr:gsub("unknown option", "")), 1, result.stderr)
end

-- One rank fails, ends or is killed: all end, and what happened is said.
for fail, message in pairs {
  error = "rank 1 ended with status 1: .-boom", exit = "rank 1 came with other numbers than rank 0", kill = "signal 9",
} do
  local path, result = one_run(fail, function() return mpirun(4, { "loop.lua" }, { FAIL = fail }) end)
  check(result.status ~= 0 and (result.stderr .. result.stdout):find(message), fail .. ": " .. result.stderr)
  if path and fail ~= "kill" then
    equal(record(path).status, "failed", fail)
    check(tostring(record(path).error):find(message), "the record says it: " .. tostring(record(path).error))
  end
end

-- Stopped and gone on with, with as many ranks to the bit, with others to rounding.
local function continued(path, count)
  -- mpirun does not wait for ranks that it ends.
  local began, result = system.monotonic(), nil
  repeat result = mpirun(count, { "resume", path }) until not result.stderr:find("it still runs", 1, true) or system.monotonic() - began > 100
  equal({ result.status, (result.stderr:gsub("^resume: [^\n]*\n", "")) }, { 0, "" }, "resume")
  return result
end
local two = one_run("two ranks", function() return mpirun(2, { "loop.lua" }) end)
for _, case in ipairs {
  { "term", 1, 2 }, { "usr1", 0, 2 }, { "term", 1, 4 }, { "launcher-usr1", 0, 2 }, { "launcher", 0, 2 }, { "launcher-term", 1, 2 }, { "term", 0, 1 }, { "kill", 1, 2 },
} do
  local fail, rank, later = table.unpack(case)
  local what = ("%s at rank %d, gone on with %d"):format(fail, rank, later)
  local path, result = one_run(what, function()
    return mpirun(2, { "loop.lua" },
      { FAIL = fail, RANK = tostring(rank), AT = "8", JETLUA_CHECKPOINT_SECONDS = fail == "kill" and "0" or "30" }, { "--mca", "odls_base_sigkill_timeout", fail:find("launcher") and "5" or "1" })
  end)
  check(result.status ~= 0, what .. ": is no success")
  if fail == "term" or fail == "usr1" then
    equal(result.status, 75, what .. result.stderr)
    equal(select(2, result.stderr:gsub("stopped by", "")), 1, what .. ": one rank says it: " .. result.stderr)
  end
  if path then
    if fail ~= "kill" then equal(record(path).status, "interrupted", what) end
    check(system.exists(path .. "/checkpoints/training-1.safetensors"), what .. ": has a checkpoint")
    continued(path, later)
    equal(record(path).status, "finished", what)
    local found = difference(two, path)
    check(found <= (later == 2 and 0 or 2e-5), ("%s: differs by %.3g"):format(what, found))
  end
end

-- Ctrl-C at one rank, in the middle of a step that takes long, ends all.
do
  local path, result = one_run("int", function() return mpirun(2, { "loop.lua" }, { FAIL = "int", RANK = "0" }) end)
  check(result.status ~= 0 and result.stderr:find("interrupted!", 1, true), result.stderr)
  equal(path and record(path).status, "interrupted")
end

-- A loss that is not finite on one rank ends the training of all, with that rank's reason.
system.write_file(folder .. "/nan.lua", prelude .. [[
  local class = models.class "Spoilt"
  function class:init() self:settle { input = 1600 } self.weight = nn.Parameter(tensor.ones(1)) end
  function class:loss(x)
    steps = steps + 1
    local factor = steps == at and parallel.rank() == rank and 0 / 0 or 1.0
    return { total = (self.weight * factor):sum() }
  end
  local r = run.start("nan", o)
  models.fit(class(), prepared, { epochs = 2, batch = 50, run = r })
]])
do
  local path, result = one_run("nan", function() return mpirun(2, { "nan.lua" }) end)
  check(result.status ~= 0 and result.stderr:find("rank 1: models.fit: epoch 1, batch 5: the loss is nan", 1, true), result.stderr)
  equal(path and record(path).status, "failed")
end

testing.finish()
