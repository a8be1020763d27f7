local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local nn, tensor = require "nn", require "tensor"

local function names_of(named)
  local names = {}
  for name in named do names[#names + 1] = name end
  return table.concat(names, " ")
end

local function same(a, b) return (a - b):abs():sum():item() == 0 end

-- A module with every kind of part.
local Net = nn.Module:extend("Net")
function Net:init(inputs)
  self.body = nn.Sequential(nn.Linear(inputs, 8), nn.ReLU(), nn.Dropout(0.5))
  self.heads = { nn.Linear(8, 2), nn.Linear(8, 1, { bias = false }) }
  self.scale = nn.Parameter(tensor.ones(1))
  self:buffer("mean", tensor.zeros(inputs))
  self.note, self.width = "plain fields are no parts", 8
  self.input = tensor.ones(3)
end
function Net:forward(x) return self.heads[1](self.body(x - self.mean)) * self.scale end

tensor.manual_seed(3)
local net = Net(4)
equal(tostring(net), [[
Net: 67 parameters
name     layer                       shapes                   parameters
------------------------------------------------------------------------
body     nn.Sequential
body.1   nn.Linear(4 -> 8)           weight [8, 4], bias [8]          40
body.2   nn.ReLU()                                                     0
body.3   nn.Dropout(0.5)                                               0
heads.1  nn.Linear(8 -> 2)           weight [2, 8], bias [2]          18
heads.2  nn.Linear(8 -> 1, no bias)  weight [1, 8]                     8
scale    parameter                   [1]                               1
mean     buffer                      [4]                               0]], "a module prints itself")
equal(tostring(Net), "class Net")
equal(tostring(nn.Module()), "nn.Module: 0 parameters")
equal(#net:parameters(), 6)
equal(names_of(net:named_parameters()), "body.1.weight body.1.bias heads.1.weight heads.1.bias heads.2.weight scale")
equal(names_of(net:named_buffers()), "mean")
local seen = {}
for name, parameter in pairs(net:named_parameters()) do seen[#seen + 1] = name .. "=" .. parameter:numel() end
equal(table.concat(seen, " "), "body.1.weight=32 body.1.bias=8 heads.1.weight=16 heads.1.bias=2 heads.2.weight=8 scale=1")
equal(net:named_parameters()["scale"]:item(), 1.0)
equal(net:named_parameters().nothing, nil)
equal(tostring(nn.Linear(2, 1):named_parameters()), "weight [1, 2] float32\nbias [1] float32")
raises('next: name: expected a name of the list, got "x"', function() net:named_parameters()(nil, "x") end)

-- Fields may be set again, and shared parts count once.
net.scale = nn.Parameter(tensor.full({ 1 }, 3))
equal(net:named_parameters().scale:item(), 3.0)
net.heads[2].weight = nn.Parameter(tensor.ones(1, 8))
net.copy = net.heads[2]
equal(#net:parameters(), 6)
check(net:state_dict()["copy.weight"] ~= nil, "a state has every name of a shared parameter")
net.copy = nil
net.scale = 3
equal(names_of(net:named_parameters()), "body.1.weight body.1.bias heads.1.weight heads.1.bias heads.2.weight", "a plain value is no parameter")
net.scale = nn.Parameter(tensor.ones(1))
equal(#net:parameters(), 6)
net.parent = net
equal(#net:parameters(), 6, "a module may hold itself")
net:train()
net.parent = nil

-- Training and evaluation.
check(net.training and net.body[3].training, "modules start in training mode")
equal(net:eval(), net)
check(not net.training and not net.body.training and not net.body[3].training, "eval reaches every part")
local x = tensor.randn(5, 4)
equal(net(x):totable(), net:forward(x):totable(), "in evaluation nothing is drawn")
net:train()
check(not same(net(x), net(x)), "in training dropout draws")
equal(net:train(false).training, false)

-- Gradients.
net(x):sum():backward()
check(net.heads[1].weight.grad and net.scale.grad and not net.heads[2].weight.grad, "gradients reach what was used")
net:zero_grad()
equal(net.scale.grad, nil)
net:requires_grad(false)
check(not net(x):requires_grad(), "a frozen module makes no graph")
check(tostring(net):find("Net: 67 parameters, 67 of them frozen", 1, true), "the printout tells of frozen parameters")
net:requires_grad()

-- State dictionaries.
local other = Net(4)
other:eval()
check(not same(other(x), net(x)), "two modules start differently")
local state = net:state_dict()
equal(other:load_state_dict(state), other)
equal(other(x):totable(), net(x):totable(), "a loaded state gives the same function")
equal(state["body.1.weight"].shape, { 8, 4 })
check(state["body.1.weight"]:is_contiguous(), "copies are contiguous")
net.body[1].weight:requires_grad(false):zero_()
check(not same(state["body.1.weight"], net.body[1].weight), "a state is a copy")
local before = other.scale:item()
state.scale = tensor.zeros(2)
raises("load_state_dict: scale: expected shape [1], got [2]", other.load_state_dict, other, state)
state.scale = nil
state.sclae = tensor.zeros(1)
raises("load_state_dict: names differ from the model's: missing scale; unknown sclae", other.load_state_dict, other, state)
raises("load_state_dict: state: expected a table, got 3", other.load_state_dict, other, 3)
raises("load_state_dict: state.mean: expected a tensor, got 3", other.load_state_dict, other, { mean = 3 })
equal(other.scale:item(), before)

-- The same seed, the same start.
tensor.manual_seed(7)
local first = Net(4):state_dict()
tensor.manual_seed(7)
tensor.randn(100)
local second = Net(4):state_dict()
for name, t in pairs(first) do equal(second[name]:totable(), t:totable(), name) end

-- Conversion.
local double = Net(4):to("float64"):eval()
equal(double(tensor.randn(2, 4, { dtype = "float64" })).dtype, "float64")
equal(double:state_dict().mean.dtype, "float64")
raises('to: dtype: expected one of "float32", "float64", got "float23"; did you mean "float32"?', double.to, double, "float23")

-- Classes.
local Base = nn.Module:extend("Base")
function Base:init(size) self.layer = nn.Linear(size, size) end
function Base:twice(v) return self(self(v)) end
function Base:forward(v) return self.layer(v) end
local Derived = Base:extend("Derived")
function Derived:init(size)
  Base.init(self, size)
  self.extra = nn.Linear(size, 1)
end
function Derived:forward(v) return Base.forward(self, v):relu() end
local derived = Derived(3)
equal(names_of(derived:named_parameters()), "layer.weight layer.bias extra.weight extra.bias")
local twice = derived:twice(tensor.randn(2, 3))
check(same(twice, twice:relu()), "methods are inherited, forward is the class's own")
local Empty = nn.Module:extend("Empty")
raises("Empty: forward: not defined; write function Empty:forward(x)", Empty(), 1)
raises('extend: name: expected a string, got nil', nn.Module.extend, nn.Module)
raises("module: self: expected a module, made by calling its class", function() Derived:parameters() end)
raises("buffer: mean: expected a tensor, got 3", function() derived:buffer("mean", 3) end)

-- Layers.
local layer = nn.Linear(2, 1)
layer.weight = tensor { { 2, -1 } }
layer.bias = tensor { 0.5 }
equal(layer(tensor { { 1, 1 }, { 0, 3 } }):totable(), { { 1.5 }, { -2.5 } })
equal(layer.weight.shape, { 1, 2 })
equal(layer.nothing, nil)
check(layer.weight:requires_grad() and layer.weight:is_leaf(), "a parameter is a leaf that requires a gradient")
equal(layer:load_state_dict { weight = tensor { { 1, 1 } }, bias = tensor { 0 } }, layer)
equal(layer(tensor { 3, 4 }):totable(), { 7.0 })
equal(#layer:parameters(), 2)
raises("nn.Linear(2 -> 1): weight: expected shape [1, 2], got [2]", function() layer.weight = tensor.zeros(2) end)
raises("nn.Linear(2 -> 1): weight: expected a tensor, got 3", function() layer.weight = 3 end)
raises("nn.Linear(2 -> 1): wieght: no such parameter; known: weight, bias", function() layer.wieght = tensor.zeros(2) end)
raises("forward: x: expected a tensor or sparse rows, got nil", function() layer(nil) end)
raises("linear: x: expected a last dimension of 2 for a weight of shape [1, 2], got shape [3]", function() layer(tensor.zeros(3)) end)
raises("Linear: in_features: expected an integer, got nil", nn.Linear)
raises("Linear: out_features: expected an integer in 1...2147483647, got -1", nn.Linear, 3, -1)
raises('Linear: unknown option "bais"; did you mean "bias"?', nn.Linear, 3, 2, { bais = true })
raises('Linear: init: expected one of "default", "xavier_uniform"', nn.Linear, 3, 2, { init = "xavier" })
raises("Linear: bias: expected true or false, got 1", nn.Linear, 3, 2, { bias = 1 })
equal(nn.Linear(3, 2, { init = "zeros", dtype = "float64" }):state_dict().weight:totable(), { { 0.0, 0.0, 0.0 }, { 0.0, 0.0, 0.0 } })

local image = tensor { { 0, 0.5, 0, 0.5 }, { 1, 0, 0, 0 } }
local sparse = tensor.sparse_rows(image)
local model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.SELU())
near((model(sparse) - model(image)):abs():sum():item(), 0, 1e-5, "sparse rows are taken as they are")
equal(nn.Unflatten(2, { 1, 2, 2 })(sparse).shape, { 2, 1, 2, 2 }, "a layer without a sparse rule makes the batch dense")
equal(nn.Flatten()(tensor.zeros(2, 3, 4)).shape, { 2, 12 })
equal(nn.Flatten { start_dim = 1, end_dim = 2 }(tensor.zeros(2, 3, 4)).shape, { 6, 4 })

-- Activations are their ops, with settings in place or by name.
local z = tensor { -2, -0.5, 0, 1, 30 }
for name, op in pairs { ReLU = "relu", LeakyReLU = "leaky_relu", ELU = "elu", SELU = "selu", GELU = "gelu", Softplus = "softplus", Sigmoid = "sigmoid", Tanh = "tanh" } do
  equal(nn[name]()(z):totable(), z[op](z):totable(), name)
  equal(nn.functional[op](z):totable(), z[op](z):totable(), op)
end
equal(nn.Softmax()(tensor { { 1, 1 }, { 2, 2 } }):totable(), { { 0.5, 0.5 }, { 0.5, 0.5 } })
near(nn.LogSoftmax { dim = 1 }(tensor { { 1, 1 }, { 1, 1 } }):sum():item(), -4 * math.log(2), 1e-6)
equal(nn.LeakyReLU(0.25)(tensor { -4 }):item(), -1.0)
equal(nn.LeakyReLU { negative_slope = 0.5 }(tensor { -4 }):item(), -2.0)
equal(tostring(nn.Softplus { threshold = 10 }), "nn.Softplus(beta = 1, threshold = 10)")
equal(tostring(nn.Softplus(2)), "nn.Softplus(beta = 2, threshold = 20)")
raises("ReLU: expected at most 0 arguments, got 1", nn.ReLU, 1)
raises('ELU: unknown option "alhpa"; did you mean "alpha"?', nn.ELU, { alhpa = 1 })
raises("Softmax: dim: expected a dimension of the shape [5], got 2", nn.Softmax(2), z)

-- Every layer prints what made it.
local examples = {
  Linear = { 3, 2 }, Unflatten = { 2, { 1, 2 } }, Conv2d = { 1, 2, 3 }, ConvTranspose2d = { 1, 2, 3 }, AvgPool2d = { 2 }, MaxPool2d = { 2 }, Upsample = { 2 },
}
local weighted = { Linear = true, Conv2d = true, ConvTranspose2d = true }
examples.BatchNorm1d, examples.BatchNorm2d, examples.LayerNorm = { 3 }, { 3 }, { 3 }
for _, module in ipairs { "jetlua.nn.layers", "jetlua.nn.image_layers", "jetlua.nn.norms", "jetlua.nn.activations" } do
  for name, make in pairs(require(module)) do
    local made = make(table.unpack(examples[name] or {}))
    check(tostring(made):find("^nn%." .. name .. "%(.*%)$"), name .. " prints " .. tostring(made))
    equal(made.training, true, name)
    equal(made.__name, "nn." .. name)
    check(next(made:state_dict()) == nil or weighted[name] or name:find "Norm", name)
  end
end

-- Functional forms.
equal(nn.functional.linear(tensor { 3, 4 }, layer.weight, layer.bias):item(), 7.0)
equal(nn.functional.dropout(z, 0.5, { training = false }), z)
equal(nn.functional.dropout(z, { p = 1 }):abs():sum():item(), 0.0)
equal(nn.functional.dropout(z, 0.5, false), z, "in PyTorch's order")
raises("dropout: p: expected a number in 0.0...1.0, got 2", nn.functional.dropout, z, 2)
raises("dropout: training: expected true or false, got 1", nn.functional.dropout, z, 0.5, 1)
raises('dropout: unknown option "trainig"; did you mean "training"?', nn.functional.dropout, z, { trainig = true })
raises("dropout: x: expected a tensor or sparse rows, got nothing", nn.functional.dropout)
raises("Dropout: p: expected a probability in [0, 1], got -0.5", nn.Dropout, -0.5)
check(nn.gaussian_kl(tensor.zeros(2, 3), tensor.zeros(2, 3)):item() == 0, "losses are in nn itself")
check(type(nn.mixture_nll) == "function")

-- Sequential.
equal(tostring(nn.Sequential { nn.Linear(2, 2), math.abs }), "nn.Sequential: 6 parameters\n" .. [[
name  layer              shapes                   parameters
------------------------------------------------------------
1     nn.Linear(2 -> 2)  weight [2, 2], bias [2]           6]])
equal(nn.Sequential(function(v) return v + 1 end, nn.ReLU())(tensor { -3, 3 }):totable(), { 0.0, 4.0 })
equal(#nn.Sequential(nn.ReLU(), nn.ReLU()), 2)
equal(nn.Sequential()(z), z)
raises("Sequential: layers[2]: expected a layer, a module or a function, got nil", nn.Sequential, nn.ReLU(), nil)
raises("Sequential: layers[1]: expected a layer, a module or a function, got a tensor [5]", nn.Sequential, z)

-- Parameters.
local source = tensor.zeros(2, 2)
local parameter = nn.Parameter(source)
source:fill_(3)
equal(parameter:totable(), { { 3.0, 3.0 }, { 3.0, 3.0 } }, "a parameter shares the memory of its tensor")
check(not nn.Parameter(source, { requires_grad = false }):requires_grad())
check(nn.Parameter(tensor.ones(3):expand(2, 3)):is_contiguous(), "an expanded tensor is copied")
raises("Parameter: tensor: expected a floating-point tensor, got int64", nn.Parameter, tensor.arange(1, 3))
raises("Parameter: tensor: expected a tensor, got nil", nn.Parameter)

-- A model written in Swift is a part like any other.
local models = require "models"
local Wrapper = nn.Module:extend("Wrapper")
function Wrapper:init() self.inner = models.DirichletVAE { input = 16, hidden = { 4 } } end
local wrapper = Wrapper()
equal(#wrapper:parameters(), #wrapper.inner:parameters())
check(wrapper:state_dict()["inner.decoder.weight"] ~= nil)
check(tostring(wrapper):find("inner  models.DirichletVAE(16 -> 4 -> 2 mixtures", 1, true), tostring(wrapper))
wrapper:eval():train()

testing.finish()
