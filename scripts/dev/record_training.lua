-- Does a training of the study once more and writes down all that was random in it, for Tests/reference/study.py to train from the same:
-- the initial weights (recorded/TASK-seedN.safetensors), and of each step the jets, as rows of the file, and the noise (….npz).
--   jetlua scripts/dev/record_training.lua --files train.h5,test.h5 --task "dvae3 top 0.05" --seeds 3 --out recorded

require "strict"
package.path = arg[0]:match("^(.-)[^/]*$") .. "../?.lua;" .. package.path
local Data, tasks = require "study.data", require "study.tasks"
local core, json, options, system, tensor = require "jetlua.core.models", require "json", require "options", require "jetlua.core.system", require "tensor"

local o = options {
  { "files", nil, "TRAIN,TEST: files of jets with labels; the bundled sample if left out", type = "string" },
  { "task", "dvae3 top 0.05", "a training of the Dirichlet-VAE on jet images" },
  { "seeds", 3, "trainings, with the seeds from --seed up", min = 1 }, { "seed", 1, "the first one", min = 0 },
  { "epochs", 0, "limit for the training; 0 for none", min = 0 }, { "jets", 0, "limit for the training; 0 for none", min = 0 },
  { "out", "recorded", "folder to write to" },
}

local data, task = options.attempt(function()
  for _, task in ipairs(tasks("full", { ratios = { 1, 0.25, 0.05, 0.01 }, jets = o.jets, epochs = o.epochs })) do
    if task.name == o.task and task.settings.alpha then return Data.open(o.files), task end
  end
  options.fail("--task: expected a training of the Dirichlet-VAE, such as dvae3 qcd 0.05, got %s", o.task)
end)

--- The model, with noise that is drawn before the loss instead of within it, from the same stream: the numbers are the same, and known.
local function recorded(model, R, kept)
  local around = { columns = { "index" } }
  function around:loss(x, given)
    local noise = core.noise({ #given.index, R }, "float32")
    table.insert(kept.rows, given.index)
    table.insert(kept.noise, noise)
    return model:loss(x, { noise = noise })
  end
  return setmetatable(around, { __index = function(_, name)
    local value = model[name]
    if type(value) ~= "function" then return value end
    return function(_, ...) return value(model, ...) end
  end })
end

system.make_directory(o.out)
for seed = o.seed, o.seed + o.seeds - 1 do
  local stem = ("%s/%s-seed%d"):format(o.out, task.name:gsub("[^%w.]+", "_"), seed)
  local kept = { rows = {}, noise = {} }
  options.attempt(function()
    local numbers = task.run(data, task.settings, seed, function(model)
      model:save(stem .. ".safetensors")
      return recorded(model, #task.settings.alpha, kept)
    end)
    tensor.save(stem .. ".npz", { rows = tensor.cat(kept.rows, 1), noise = tensor.cat(kept.noise, 1) })
    local scores = {}
    for name, found in pairs(numbers.scores) do scores[name] = found.auc end
    system.write_file(stem .. ".json", json.encode({ task = task.name, seed = seed, settings = task.settings, loss = numbers.loss, scores = scores }, { indent = 1 }) .. "\n")
  end)
  print(stem)
  collectgarbage()
end
