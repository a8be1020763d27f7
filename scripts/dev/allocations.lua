-- jetlua scripts/dev/allocations.lua [--steps 300] [--task NAME]: the k-th request for memory of Lua's heap fails, k = 1, 2, …, once and
-- from then on, in tasks that go through what writes, reads, draws and trains. Each must end well or with "not enough memory", leave no
-- half-written file, no object behind and work again afterwards. A process for each task; prints a table.

require "strict"
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local options, system = require "options", require "jetlua.core.system"

local o = options {
  { "steps", 300, "k = 1 … steps, and as many spread over the rest", min = 1 }, { "task", "", "only those whose name holds this" },
  { "folder", nil, "to work in; made if left out", type = "string" }, { "number", 0, "of the task, for the process that this one starts" },
}
local folder = require "work_folder"(o.folder, { "sources" })

local host = require "jetlua.core.host"
local jets, metrics, models, nn, optim = require "jets", require "metrics", require "models", require "nn", require "optim"
local plot, run, sweep, tensor = require "plot", require "run", require "sweep", require "tensor"

local tasks = {}
local function task(name, body, check) tasks[#tasks + 1] = { name = name, body = body, check = check } end

for _, w in ipairs(require "fault_writers") do
  if #w.files > 0 and not w.name:find "pdf" then
    local sums, place = nil, folder .. "/task"
    local k = 1
    task(w.name, function()
      if not sums then
        sums = {}
        for i = 2, 1, -1 do
          w.write(place, i)
          for _, name in ipairs(w.files) do
            sums[name] = sums[name] or {}
            sums[name][system.sha256_file(place .. "/" .. name)] = i
          end
        end
        return
      end
      w.write(place, 3 - k)
      k = 3 - k
    end, function()
      for _, name in ipairs(w.files) do
        if not w.read and not sums[name][system.sha256_file(place .. "/" .. name)] then return name .. " is neither content" end
      end
      if w.read then
        local well, problem = pcall(w.read, place)
        if not well then return tostring(problem) end
      end
    end)
  end
end

local function run_folder()
  local path = folder .. "/runs"
  for _, name in ipairs(system.is_directory(path) and system.list_directory(path) or {}) do
    if name:find "^kept" then return path .. "/" .. name end
  end
end
local records = require "jetlua.run.records"
local function kept()
  if run_folder() then return run_folder() end
  local r = run.start("kept", { seed = 1 })
  local model = models.DirichletVAE { input = 1600, hidden = { 4 } }
  models.fit(model, jets.sample():take(100):images(), { epochs = 1, batch = 50, optimizer = optim.Adam(model:parameters()), run = r })
  r:scores { a = tensor.arange(1, 20) }
  r:figure(plot.line { 1, 4, 9 }, "loss")
  r:report { auc = 0.5 }
  r:close()
  return r.path
end

task("a run: start, log, checkpoint, close", function()
  local r = run.start("short", { seed = 1 })
  local net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
  r:log { epoch = 1, loss = 0.5 }
  r:checkpoint(net, optim.Adam(net:parameters()))
  r:report { loss = 0.5 }
  r:close()
end, function()
  for _, name in ipairs(system.list_directory(folder .. "/runs")) do
    local path = folder .. "/runs/" .. name
    if system.exists(path .. "/run.json") and not records.read(path) then return path .. "/run.json" end
    for _, file in ipairs(system.is_directory(path .. "/checkpoints") and system.list_directory(path .. "/checkpoints") or {}) do
      if not file:find "^%." and not pcall(tensor.load, path .. "/checkpoints/" .. file) then return path .. "/checkpoints/" .. file end
    end
  end
end)
task("a run's report", function() require("jetlua.run.report").page { assert(records.read(kept())) } end)
task("a run packed, verified and unpacked", function()
  local jetpack = require "jetlua.run.jetpack"
  jetpack.pack_run(assert(records.read(kept())), folder .. "/r.jetpack", {})
  jetpack.unpack(folder .. "/r.jetpack", folder .. "/unpacked")
end, function()
  if not pcall(require("jetlua.run.jetpack").verify, folder .. "/r.jetpack") then return "r.jetpack" end
end)
task("runs compared", function()
  local record = assert(records.read(kept()))
  local compare = require "jetlua.run.compare"
  compare.causes(record, record)
  compare.results(record, record)
  compare.metrics(record, record)
  compare.files(record, record)
end)
task("a sweep read", function()
  if not system.exists(folder .. "/trial.lua") then
    system.write_file(folder .. "/trial.lua", 'local o = require "options" { x = 1 } require("run").start("t", o):report { y = o.x }')
    sweep { script = folder .. "/trial.lua", over = { x = { 1, 2 } }, folder = folder .. "/sweep" }
  end
  local s = sweep.load(folder .. "/sweep")
  s:rows("y")
  s:best("y")
end)
task("options", function()
  local read = require("jetlua.options.declaration").read { seed = 1, beta = { 0.5, min = 0 }, list = { { 1, 2 }, "numbers" } }
  require("jetlua.options.command_line").resolve(read, { [0] = "x", "--seed", "3", "--list", "4,5" })
end)
task("a training, an epoch", function()
  local model = models.DirichletVAE { input = 1600, hidden = { 4 } }
  models.fit(model, jets.sample():take(60):images(), { epochs = 1, batch = 30, optimizer = optim.Adam(model:parameters()) })
end)
task("models made, saved and loaded", function()
  models.DirichletVAE({ input = 20, hidden = { 4 } }):save(folder .. "/vae.safetensors")
  models.load(folder .. "/vae.safetensors")
  models.Autoencoder { input = 20, hidden = { 4 }, bottleneck = 2 }
  models.GaussianMixtureVAE { input = 20, hidden = { 4 } }
end, function()
  if not pcall(models.load, folder .. "/vae.safetensors") then return "vae.safetensors" end
end)
task("jets opened, cut, imaged, drawn in batches", function()
  local set = jets.open(jets.sample().path):take(50)
  set = set:where("pt > 100")
  local images = set:images()
  for batch in images:batches(20) do local _ = batch.x end
  set:constituents()
  set:lund_images()
end)
task("metrics", function()
  local scores, labels = tensor.linspace(0, 1, 50), tensor.arange(1, 50):gt(25)
  metrics.auc(scores, labels)
  metrics.roc(scores, labels)
  metrics.auc_error(scores, labels)
  metrics.rejection(scores, labels)
end)
task("figures drawn in text", function()
  tostring(plot.hist({ 1, 2, 2, 3 }, { bins = 3 }))
  tostring(plot.line { 1, 4, 9 })
  plot.line({ 1, 4, 9 }):save(folder .. "/line.py")
end)
task("profile", function()
  require("jetlua.internal.profile").report()
end)
task("JSON and help", function()
  require("json").decode(require("json").encode { a = { 1, 2, { b = "x" } } })
  require("help").text "tensor.randn"
end)

-- One task: the process that may die.
if o.number > 0 then
  local t = tasks[o.number]
  local function note(text) system.write_file(folder .. "/at", text) end
  system.make_directory(folder .. "/task")
  t.body()
  t.body()
  host.fail_allocations(1 << 60)
  t.body()
  local before = host.fail_allocations(0)
  assert(before == 0)
  -- How many requests there are: the largest k that is still reached.
  local low, high = 1, 1 << 24
  while low < high do
    local middle = (low + high) // 2
    -- A task that failed may find less, or more, to do.
    t.body()
    host.fail_allocations(middle)
    pcall(t.body)
    if host.fail_allocations(0) > 0 then low = middle + 1 else high = middle end
  end
  local total = low - 1
  -- A task of many requests takes long, and its first ones tell most.
  local count = math.max(10, math.min(o.steps, 2000000 // total))
  local steps = {}
  for k = 1, math.min(count, total) do steps[#steps + 1] = k end
  for i = 1, total > count and count or 0 do steps[#steps + 1] = count + (total - count) * i // count end
  local ended, failed, wrong, damaged = 0, 0, 0, 0
  collectgarbage()
  collectgarbage()
  local live, most = host.live(), 0
  for _, sticky in ipairs { false, true } do
    for _, k in ipairs(steps) do
      note(("%d %s"):format(k, sticky))
      host.fail_allocations(k, sticky)
      local well, problem = pcall(t.body)
      host.fail_allocations(0)
      if well then ended = ended + 1
      -- Lua's own words for a stack that cannot grow.
      elseif tostring(problem):find("not enough memory", 1, true) or tostring(problem):find("too many results to unpack", 1, true) then failed = failed + 1
      else
        wrong = wrong + 1
        io.stderr:write(("%s: k = %d%s: %s\n"):format(t.name, k, sticky and " and all after" or "", tostring(problem)))
      end
      local bad = t.check and t.check()
      if bad then
        damaged = damaged + 1
        io.stderr:write(("%s: k = %d%s: %s\n"):format(t.name, k, sticky and " and all after" or "", bad))
      end
    end
    collectgarbage()
    collectgarbage()
    most = math.max(most, host.live() - live)
  end
  t.body()
  print(("%d %d %d %d %d %d %d"):format(total, 2 * #steps, ended, failed, wrong, damaged, most))
  os.exit(0, false)
end

print("| task | requests for memory | failures tried | ended well | not enough memory | other errors | half-written files | objects left | crashes |\n|---|---|---|---|---|---|---|---|---|")
local fine, all = true, { 0, 0, 0, 0, 0, 0 }
for i, t in ipairs(tasks) do
  if t.name:find(o.task, 1, true) then
    local result = system.run({ system.executable(), arg[0], "--number", tostring(i), "--folder", folder, "--steps", tostring(o.steps) },
      { environment = { JETLUA_RUNS = folder .. "/runs", SWIFT_BACKTRACE = "enable=no", JETLUA_CACHE = folder .. "/cache" }, timeout = 1800 })
    io.stderr:write(result.stderr)
    local total, tried, ended, failed, wrong, damaged, left = result.stdout:match("(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%-?%d+)\n$")
    if not total then
      io.stderr:write(("%s: status %s, signal %s, at k = %s\n"):format(t.name, tostring(result.status), tostring(result.signal),
        system.exists(folder .. "/at") and system.read_file(folder .. "/at") or "?"))
      print(("| %s | | | | | | | | 1 |"):format(t.name))
      fine = false
    else
      print(("| %s | %s | %s | %s | %s | %s | %s | %s | 0 |"):format(t.name, total, tried, ended, failed, wrong, damaged, left))
      fine = fine and wrong == "0" and damaged == "0"
    end
    io.stdout:flush()
  end
end
system.run { "rm", "-rf", folder }
os.exit(fine, true)
