-- What leaves jetlua: ONNX files against onnxruntime, the snippet of docs/leaving.md against jetlua, scores as CSV, event files against
-- tensorboard. The comparisons need a Python with onnx, onnxruntime, safetensors and tensorboard, which JETLUA_PYTHON names.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local jets, models, nn, onnx, tensor = require "jets", require "models", require "nn", require "onnx", require "tensor"
local system = require "jetlua.core.system"
local check, equal, raises = testing.check, testing.equal, testing.raises

local folder = testing.scratch()
local root = system.resolve(testing.folder .. "../..")
local python = os.getenv("JETLUA_PYTHON")
if not python and system.exists(root .. "/.venv-onnx/bin/python") then python = root .. "/.venv-onnx/bin/python" end

tensor.manual_seed(1)
local images = jets.sample():shuffle():take(20):images()
local constituents = jets.sample():shuffle():take(20):constituents { n = 20, align = true, scale = "robust" }

local made = {
  dvae = models.DirichletVAE { input = 1600, hidden = { 16, 8 }, alpha = { 1, 0.25, 0.1 } },
  scaled = models.DirichletVAE { input = 1600, hidden = { 16, 8 }, scale = true },
  ae = models.Autoencoder { bottleneck = 2 }, vae = models.VAE { latent = 2 },
  gelu = models.VAE { input = 1600, hidden = { 16 }, latent = 3, activation = "GELU" },
  elu = models.Autoencoder { input = 1600, hidden = { 16 }, activation = "ELU" },
  own = models.Autoencoder {
    input = 1600, bottleneck = 2,
    encoder = nn.Sequential(nn.Unflatten(2, { 1, 40, 40 }), nn.Conv2d(1, 3, 5, { stride = 2, padding = 1 }), nn.LeakyReLU(0.2), nn.MaxPool2d(2), nn.Flatten(),
      nn.Dropout(0.5), nn.Linear(3 * 9 * 9, 2)),
    decoder = nn.Sequential(nn.Linear(2, 1600, { bias = false }), nn.Softplus()),
  },
  constituent = models.ConstituentVAE {},
}
local files = {}
for name, model in pairs(made) do
  local path = folder .. "/" .. name .. ".onnx"
  -- A few steps, so that no bias is 0 and no scale 1.
  models.fit(model, name == "constituent" and constituents or images, { epochs = 2, batch = 10 })
  local outputs = onnx.export(model, path, { example = name == "constituent" and constituents or images })
  equal(outputs[#outputs], "reconstruction", name)
  equal(#outputs, (name == "dvae" or name == "scaled") and 4 or model:class_name() == "Autoencoder" and 2 or 3, name)
  check(system.exists(folder .. "/" .. name .. ".npz"), name)
  files[#files + 1] = path
end
local first = system.sha256_file(folder .. "/dvae.onnx")
onnx.export(made.dvae, folder .. "/dvae.onnx")
equal(system.sha256_file(folder .. "/dvae.onnx"), first, "the same bytes")
raises("onnx.export: expected an Autoencoder, VAE, ConstituentVAE or DirichletVAE, got a GaussianMixtureVAE", onnx.export, models.GaussianMixtureVAE {}, folder .. "/x.onnx")
raises("onnx.export: model: expected a model of models, got 3", onnx.export, 3, folder .. "/x.onnx")
raises("onnx.export: nn.LayerNorm has no translation to ONNX yet", onnx.export, models.Autoencoder {
  input = 16, encoder = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 1)), hidden = { 4 },
}, folder .. "/x.onnx")
raises("whose computation is not known", onnx.export, models.Autoencoder { input = 16, encoder = function(x) return x:narrow(2, 1, 1) end, hidden = { 4 } }, folder .. "/x.onnx")
raises('path: expected a name that ends in .onnx', onnx.export, made.dvae, folder .. "/x.bin", { example = images })

-- A run's scores and curves.
local outcome = testing.script([[
  local run, tensor = require "run", require "tensor"
  local r = run.start("curves", {})
  for epoch = 1, 200 do r:log { epoch = epoch, total = 1 / epoch, note = "x" } end
  r:scores { a = tensor { 0.5, 0.25 }, latent = tensor { { 1, 2 }, { 3, 4 } } }
]], {}, { environment = { JETLUA_RUNS = folder .. "/runs" } })
equal({ outcome.status, outcome.stderr }, { 0, "" })
local path = folder .. "/runs/" .. system.list_directory(folder .. "/runs")[1]
local function jetlua(...) return system.run { system.executable(), ... } end
equal(jetlua("export", path, "--csv").status, 0)
equal(system.read_file(path .. "/scores.csv"), "a,latent_1,latent_2\n0.5,1.0,2.0\n0.25,3.0,4.0\n")
local result = jetlua("export", path, "--tensorboard", folder .. "/board")
equal({ result.status, result.stderr }, { 0, "" })
equal(jetlua("export", path).stderr, "export: expected --csv or --tensorboard FOLDER, got neither\n")

if not python then
  testing.skip "no Python with onnx, onnxruntime, safetensors and tensorboard; JETLUA_PYTHON names one"
else
  local command = { python, root .. "/Tests/reference/onnx_models.py" }
  for _, file in ipairs(files) do command[#command + 1] = file end
  result = system.run(command, {})
  equal(result.status, 0, result.stdout .. result.stderr)
  print((result.stdout:gsub("\n$", "")))

  local snippet = system.read_file(root .. "/docs/leaving.md"):match("```python\n(.-)```")
  local lines = select(2, snippet:gsub("\n", "\n"))
  check(lines <= 24, "the snippet has " .. lines .. " lines")
  made.dvae:save(folder .. "/dvae.safetensors")
  tensor.save(folder .. "/expected.npz", { x = images.x:todense(), weights = made.dvae:weights(images.x), mixtures = made.dvae:mixtures() })
  system.write_file(folder .. "/snippet.py", snippet .. [[
expected = np.load(sys.argv[2])
assert np.abs(mixture_weights(expected["x"]) - expected["weights"]).max() < 1e-5
assert np.abs(mixtures - expected["mixtures"]).max() < 1e-6
]])
  result = system.run({ python, folder .. "/snippet.py", folder .. "/dvae.safetensors", folder .. "/expected.npz" }, {})
  equal(result.status, 0, result.stderr)

  system.write_file(folder .. "/board.py", [[
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
board = EventAccumulator(sys.argv[1])
board.Reload()
values = board.Scalars("total")
assert board.Tags()["scalars"] == ["total"] and len(values) == 200, board.Tags()
assert all(v.step == i + 1 and abs(v.value - 1 / (i + 1)) < 1e-7 for i, v in enumerate(values))
assert abs(values[0].wall_time - float(sys.argv[2])) < 100, values[0].wall_time
]])
  result = system.run({ python, folder .. "/board.py", folder .. "/board/" .. path:match("[^/]+$"), tostring(system.now()) }, {})
  equal(result.status, 0, result.stderr)
end

testing.finish()
