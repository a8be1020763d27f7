-- What scripts/dev/faults.lua breaks: everything of jetlua that writes a file. `write(folder, k)` writes the k-th content (1 or 2) over
-- what is there; `files` names what it leaves, which must be the first or the second content to the byte. `read(folder)` is for files
-- that only grow or that hold a time: it raises where something in them is not whole.

local events, jetpack, json, jets, models, nn, onnx = require "jetlua.run.events", require "jetlua.run.jetpack", require "json", require "jets", require "models", require "nn", require "onnx"
local optim, plot, run, system, tensor = require "optim", require "plot", require "run", require "jetlua.core.system", require "tensor"

local writers = {}
local function writer(name, files, write, read) writers[#writers + 1] = { name = name, files = files, write = write, read = read } end

local function numbers(k, count)
  tensor.manual_seed(k)
  return tensor.randn(count or 300000)
end

for _, ending in ipairs { "npy", "npz", "safetensors", "csv" } do
  local count = ending == "csv" and 30000 or 300000
  writer("tensor.save, ." .. ending, { "x." .. ending }, function(folder, k)
    local values = numbers(k, count)
    tensor.save(folder .. "/x." .. ending, ending == "npy" and values or { a = values, b = values:narrow(1, 1, count) })
  end)
end
writer("tensor.save, .h5", { "x.h5" }, function(folder, k) tensor.save(folder .. "/x.h5", { a = numbers(k), b = numbers(k) }) end,
  function(folder)
    local x = tensor.load(folder .. "/x.h5")
    local is = x.a:eq(numbers(1)):all():item() and 1 or x.a:eq(numbers(2)):all():item() and 2
    assert(is and x.b:eq(numbers(is)):all():item(), "other numbers")
  end)

local function model(k)
  tensor.manual_seed(k)
  return models.DirichletVAE { input = 1600, hidden = { 100 } }
end
writer("model:save", { "model.safetensors" }, function(folder, k) model(k):save(folder .. "/model.safetensors") end)
writer("onnx.export", { "model.onnx" }, function(folder, k) onnx.export(model(k), folder .. "/model.onnx") end)

writer("jets.Set:save", { "jets.h5" }, function(folder, k) jets.sample():take(1000 * k):save(folder .. "/jets.h5") end,
  function(folder)
    local set = jets.open(folder .. "/jets.h5")
    assert(#set == 1000 or #set == 2000, #set .. " jets")
    local ours, sample = set:images(), jets.sample():take(#set):images()
    assert(ours:mean():eq(sample:mean()):all():item(), "other jets")
  end)

local function figure(k)
  local points = {}
  for i = 1, 2000 do points[i] = math.sin(i * k / 100) end
  return plot.line(points)
end
writer("figure:save, .csv and .svg", { "figure.csv", "figure.svg" }, function(folder, k) figure(k):save(folder .. "/figure.svg") end)
writer("figure:save, .pdf", { "figure.csv" }, function(folder, k) figure(k):save(folder .. "/figure.pdf") end,
  function(folder)
    local text = system.read_file(folder .. "/figure.pdf")
    assert(text:find("^%%PDF") and text:find("%%%%EOF%s*$"), "half a PDF")
  end)

local function script(k) return ("print(%d) -- %s\n"):format(k, tostring(k):rep(400000)) end
writer("jetlua pack", { "s.jetpack" }, function(folder, k)
  -- The sources lie elsewhere, so that they are not what fills the disk.
  local source = folder .. "/../sources/" .. k
  system.make_directory(source)
  system.write_file(source .. "/s.lua", script(k))
  jetpack.pack_script(source .. "/s.lua", folder .. "/s.jetpack")
end)

-- What `jetlua report` does with the page that it has made, `jetlua export --tensorboard` with its events, a sweep with its records.
writer("jetlua report", { "report.html" }, function(folder, k)
  local record = { name = "n" .. k, path = ".", status = "finished", started = "2026-01-01T00:00:00Z", options = { k = k }, results = { auc = k / 10 }, versions = {}, cpu = {},
    data = {}, modules = {}, arguments = {}, script = "s.lua" }
  system.write_file(folder .. "/report.html", require("jetlua.run.report").page { record } .. ("<!-- %d -->"):format(k):rep(100000))
end)
writer("jetlua export --tensorboard", { "events.out.tfevents.0.x" }, function(folder, k)
  local scalars = {}
  for i = 1, 5000 do scalars[i] = { i, i, "loss", i * k / 7 } end
  system.write_file(folder .. "/events.out.tfevents.0.x", events.file(0, scalars))
end)
writer("records of a sweep", { "result.json" }, function(folder, k)
  local values = {}
  for i = 1, 20000 do values[i] = i * k end
  require("jetlua.sweep.store").write(folder .. "/result.json", values)
end)

-- A run's folder: the record, the growing files, checkpoints, scores and a training's state.
local open
writer("a run: record, log, metrics, checkpoints, scores, state", {}, function(folder, k)
  if not open then
    open = { run = run.start("faults", { k = k }), model = nn.Sequential(nn.Linear(300, 300)) }
    open.adam = optim.Adam(open.model:parameters())
    open.next, open.state = open.run:training({ model = open.model, optimizer = open.adam, every = 1e-9 }):epochs(1000000)
  end
  local r, adam = open.run, open.adam
  r:log { k = k, text = ("x"):rep(70000) }
  print("a line of the log")
  r:report { k = k }
  open.model(tensor.ones(1, 300)):sum():backward()
  adam:step()
  r:checkpoint(open.model, adam, { best = true })
  r:scores { k = numbers(k) }
  open.epoch = open.next(open.state, open.epoch)
end, function(folder)
  local found = 0
  for _, name in ipairs(system.list_directory(folder)) do
    local path = folder .. "/" .. name
    if system.is_directory(path) and name:find("^faults%-") then
      if system.exists(path .. "/run.json") then json.decode(system.read_file(path .. "/run.json")) end
      if system.exists(path .. "/metrics.jsonl") then require("jetlua.run.records").metrics(path) end
      for _, file in ipairs { "scores.npz", "checkpoints/best.safetensors", "checkpoints/last.safetensors", "checkpoints/last_optimizer.safetensors",
        "checkpoints/best_optimizer.safetensors", "checkpoints/training-1.safetensors" } do
        if system.exists(path .. "/" .. file) then
          tensor.load(path .. "/" .. file)
          found = found + 1
        end
      end
    end
  end
  return found
end)

return writers
