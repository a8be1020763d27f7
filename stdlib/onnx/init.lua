-- Trained models as ONNX files, for programs that know nothing of jetlua: onnxruntime, and by it the triggers of experiments.

local blueprint = require "jetlua.nn.blueprint"
local expect = require "jetlua.internal.expect"
local json = require "jetlua.json"
local layers = require "jetlua.onnx.layers"
local messages = require "jetlua.onnx.messages"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"
local tensor = require "jetlua.tensor"

local onnx = {}

-- Operators as they are since ONNX 1.8.
local operator_set = 13

local Builder = {}
Builder.__index = Builder

local function packed(values)
  local parts = {}
  for i = 1, #values, 128 do
    local last = math.min(i + 127, #values)
    parts[#parts + 1] = string.pack("<" .. ("f"):rep(last - i + 1), table.unpack(values, i, last))
  end
  return table.concat(parts)
end

function Builder:name(stem)
  self.count = self.count + 1
  return ("%s_%d"):format(stem, self.count)
end

function Builder:constant(shape, data, kind)
  local name = self:name "constant"
  self.tensors[#self.tensors + 1] = messages.tensor(name, shape, data, kind)
  return name
end

function Builder:weight(value)
  value = value:detach():to("float32"):contiguous()
  return self:constant(value.shape, packed(value:reshape(value:numel()):totable()))
end

function Builder:number(x) return self:constant({}, string.pack("<f", x)) end

function Builder:integers(list)
  return self:constant({ #list }, string.pack("<" .. ("i8"):rep(#list), table.unpack(list)), "int64")
end

function Builder:node(operator, inputs, attributes, output)
  output = output or self:name(operator:lower())
  self.nodes[#self.nodes + 1] = messages.node(operator, inputs, { output }, attributes)
  return output
end

function Builder:output(name, x, shape)
  self:node("Identity", { x }, nil, name)
  self.outputs[#self.outputs + 1] = messages.value(name, shape)
  self.names[#self.names + 1] = name
end

function Builder:slice(x, first, last)
  return self:node("Slice", { x, self:integers { first }, self:integers { last }, self:integers { 1 } })
end

local function network(builder, module, x) return layers.append(builder, module, blueprint.of(module), x) end

-- The encoder's output is mu and logvar in one row.
local function variational(builder, model)
  local latent = model.latent
  local both = network(builder, model.encoder, "x")
  local mu = builder:slice(both, 0, latent)
  builder:output("mu", mu, { "N", latent })
  builder:output("logvar", builder:slice(both, latent, 2 * latent), { "N", latent })
  builder:output("reconstruction", network(builder, model.decoder, mu), { "N", model.input })
end

local exporters = { VAE = variational, ConstituentVAE = variational }

function exporters.Autoencoder(builder, model)
  local z = network(builder, model.encoder, "x")
  builder:output("latent", z, { "N", model.bottleneck })
  builder:output("reconstruction", network(builder, model.decoder, z), { "N", model.input })
end

function exporters.DirichletVAE(builder, model)
  local options, state, x = model:options(), model:state_dict(), "x"
  local function dense(name, input)
    local y = builder:node("MatMul", { input, builder:weight(state[name .. ".weight"]:t()) })
    return builder:node("Add", { y, builder:weight(state[name .. ".bias"]) })
  end
  for i = 1, #options.hidden do
    x = builder:node("Selu", { dense("encoder." .. i, x) }, { alpha = 1.6732632423543772, gamma = 1.0507009873554805 })
    local scale = state[("encoder.%d.scale.weight"):format(i)]
    if options.scale and scale == nil then raise("%s: the scale of layer %d is not found", builder.where, i) end
    -- Running variance 1, ε = 10⁻³: see the model.
    if scale ~= nil then x = builder:node("Mul", { x, builder:weight(scale * (1 / math.sqrt(1.001))) }) end
  end
  local mixtures = #options.alpha
  local mu = dense("mu", x)
  local weights = builder:node("Softmax", { mu }, { axis = 1 })
  builder:output("mu", mu, { "N", mixtures })
  builder:output("logvar", dense("logvar", x), { "N", mixtures })
  builder:output("weights", weights, { "N", mixtures })
  local logits = builder:node("MatMul", { weights, builder:weight(state["decoder.weight"]:t()) })
  builder:output("reconstruction", builder:node("Softmax", { logits }, { axis = 1 }), { "N", options.input })
end

--- Outputs of the model as the file's are named, computed by jetlua.
local function outputs(model, class, x)
  local found = { x = x }
  if class == "Autoencoder" then
    found.latent = model:encode(x)
  else
    found.mu, found.logvar = model:encode(x)
  end
  if class == "DirichletVAE" then
    found.weights = model:weights(x)
    found.reconstruction = model:forward(x)
  else
    found.reconstruction = model:decode(found.latent or found.mu)
  end
  return found
end

--- Writes an Autoencoder, VAE, ConstituentVAE or DirichletVAE as an ONNX file of float32: input `x` `[N, input]`, outputs `latent` or
--- `mu`, `logvar` (and `weights` of the mixtures) and `reconstruction`, at the posterior's mean; nothing in it is drawn. Dense layers
--- are MatMul and Add. With `example`, jets, it also writes beside it what jetlua computes for them, to test with: NAME.npz.
---
---     onnx = require "onnx"
---     name = os.tmpname()
---     onnx.export(models.DirichletVAE{input = 16, hidden = {8}}, name) --> {"mu", "logvar", "weights", "reconstruction"}
---     os.remove(name) --> true
---@param model any
---@param path string ends in .onnx where there is an example
---@param options? { example: tensor|sparse_rows|jets.Images|nil }
---@return string[] names of the outputs
function onnx.export(model, path, options)
  local where = "onnx.export"
  expect.string(where, "path", path)
  local given = expect.options(where, options, { "example" })
  local found, class = pcall(function() return model:class_name() end)
  if not found and class == "not enough memory" then error(class, 0) end
  if not found then expect.wrong(where, "model", "a model of models", model) end
  local exporter = exporters[class]
  if not exporter then raise("%s: expected an Autoencoder, VAE, ConstituentVAE or DirichletVAE, got a %s, which is not exported yet", where, class) end
  local builder = setmetatable({ where = where, nodes = {}, tensors = {}, outputs = {}, names = {}, count = 0 }, Builder)
  local inputs = model:options().input
  local was_training = model.training
  model:eval()
  local done, problem = pcall(tensor.no_grad, function() exporter(builder, model) end)
  local metadata = { { "class", class }, { "options", (json.encode(model:options())) } }
  for _, name in ipairs { "recipe", "scaler" } do
    local has, value = pcall(function() return model[name] end)
    if has and type(value) == "table" then metadata[#metadata + 1] = { name, (json.encode(value)) } end
  end
  if done and given.example ~= nil then
    if not path:find("%.onnx$") then raise("%s: path: expected a name that ends in .onnx, got %s", where, path) end
    local x = given.example
    local has, rows = pcall(function() return x.x end)
    if has and rows ~= nil then x = rows end
    local sparse, densify = pcall(function() return x.todense end)
    if sparse and densify then x = x:todense() end
    local values = {}
    tensor.no_grad(function() values = outputs(model, class, x) end)
    for name, value in pairs(values) do values[name] = value:detach():to("float32"):contiguous() end
    tensor.save(path:gsub("%.onnx$", ".npz"), values)
  end
  if was_training then model:train() end
  if not done then error(problem, 0) end
  system.write_file(path, messages.model {
    name = class, nodes = builder.nodes, tensors = builder.tensors, inputs = { messages.value("x", { "N", inputs }) }, outputs = builder.outputs,
    opset = operator_set, metadata = metadata, version = require("jetlua.core.versions").table().jetlua,
  })
  return builder.names
end

return onnx
