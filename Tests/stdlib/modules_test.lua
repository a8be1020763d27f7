-- Parts of modules in tables, walking over them, and losses by their options.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local nn, tensor = require "nn", require "tensor"

local function names_of(iterate)
  local names = {}
  for name in iterate do names[#names + 1] = name end
  return table.concat(names, " ")
end

local Net = nn.Module:extend("Net")
function Net:init()
  self.blocks = { { nn.Linear(2, 2), nn.ReLU() }, nn.Sequential(nn.Linear(2, 3)) }
  self.heads = { mass = nn.Linear(3, 1), charge = nn.Linear(3, 1) }
  self.scales = { nn.Parameter(tensor.ones(1)), nn.Parameter(tensor.ones(2)) }
  self.settings = { width = 3, names = { "a", "b" }, data = tensor.ones(2) }
end
local net = Net()
equal(names_of(net:named_parameters()), "blocks.1.1.weight blocks.1.1.bias blocks.2.1.weight blocks.2.1.bias heads.charge.weight heads.charge.bias"
  .. " heads.mass.weight heads.mass.bias scales.1 scales.2")
equal(names_of(net:named_modules()), " blocks.1.1 blocks.1.2 blocks.2 blocks.2.1 heads.charge heads.mass")
equal(#net:children(), 5)
equal(tostring(net), [[
Net: 26 parameters
name          layer              shapes                   parameters
--------------------------------------------------------------------
blocks.1.1    nn.Linear(2 -> 2)  weight [2, 2], bias [2]           6
blocks.1.2    nn.ReLU()                                            0
blocks.2      nn.Sequential
blocks.2.1    nn.Linear(2 -> 3)  weight [3, 2], bias [3]           9
heads.charge  nn.Linear(3 -> 1)  weight [1, 3], bias [1]           4
heads.mass    nn.Linear(3 -> 1)  weight [1, 3], bias [1]           4
scales.1      parameter          [1]                               1
scales.2      parameter          [2]                               2]])
table.insert(net.blocks, nn.Linear(3, 3))
check(net:state_dict()["blocks.3.weight"], "a table is looked at when it is asked for")
net.blocks[4] = net.blocks
equal(#net:parameters(), 12, "a table may hold itself")
net.blocks[4] = nil
net:eval()
check(not net.blocks[1][2].training and not net.heads.mass.training, "eval reaches what is in tables")
local copy = Net()
table.insert(copy.blocks, nn.Linear(3, 3))
copy:load_state_dict(net:state_dict())
equal(copy.heads.mass.weight:totable(), net.heads.mass.weight:totable())

local visited = {}
equal(net:apply(function(part) visited[#visited + 1] = part.__name end), net)
equal(table.concat(visited, " "), "nn.Linear nn.ReLU nn.Linear nn.Sequential nn.Linear nn.Linear nn.Linear Net", "apply goes to the parts first")
raises("apply: visit: expected a function, got nil", net.apply, net)
local sequence = nn.Sequential():append(nn.Linear(2, 2)):append(nn.ReLU())
equal(names_of(sequence:named_parameters()), "1.weight 1.bias")
raises("append: layer: expected a layer, a module or a function, got 3", sequence.append, sequence, 3)

-- A model written in Swift names its parameters in their order.
local dvae = require("models").DirichletVAE { input = 8, hidden = { 4, 3 } }
local dvae_names = names_of(dvae:named_parameters())
equal(dvae_names, table.concat(dvae:parameter_names(), " "))
equal(dvae:named_parameters()["decoder.weight"].shape[1], 8)

-- Losses: options by name, PyTorch's meaning.
local x = tensor({ { 2, 0, 1 }, { 0, 1, 3 } }, { dtype = "float64" })
local classes = tensor({ 1, 2 }, { dtype = "int64" })
local weight = tensor({ 1, 3, 1 }, { dtype = "float64" })
local each = nn.cross_entropy(x, classes, { reduction = "none" })
near(nn.cross_entropy(x, classes, { weight = weight }):item(), (each[1] + 3 * each[2]) / 4, 1e-12)
near(nn.cross_entropy(x, classes, weight):item(), (each[1] + 3 * each[2]) / 4, 1e-12)
near(nn.cross_entropy(x, classes, { ignore_index = 2 }):item(), each[1], 1e-12)
near(nn.cross_entropy(x, classes, { label_smoothing = 1 }):item(), -x:log_softmax(2):mean():item(), 1e-12)
near(nn.nll_loss(x:log_softmax(2), classes, { weight = weight, reduction = "sum" }):item(), each[1] + 3 * each[2], 1e-12)
near(nn.cross_entropy(x, x:softmax(2), { reduction = "sum" }):item(), -(x:softmax(2) * x:log_softmax(2)):sum():item(), 1e-12)
near(nn.cross_entropy(x, tensor({ 1, -100 }, { dtype = "int64" })):item(), each[1], 1e-12, "as in PyTorch -100 does not count")
check(nn.cross_entropy(x, tensor({ -100, -100 }, { dtype = "int64" })):isnan():item(), "the mean of none is NaN")
local p, t = tensor({ 0.2, 0.7 }, { dtype = "float64" }), tensor({ 0, 1 }, { dtype = "float64" })
near(nn.binary_cross_entropy(p, t, { weight = tensor({ 2, 1 }, { dtype = "float64" }), reduction = "sum" }):item(), -2 * math.log(0.8) - math.log(0.7), 1e-12)
near(nn.binary_cross_entropy_with_logits(x, x:gt(0.5):to("float64"), { pos_weight = weight }):item(),
  nn.binary_cross_entropy_with_logits(x, x:gt(0.5):to("float64"), { weight = x:gt(0.5):to("float64") * (weight - 1) + 1 }):item(), 1e-12)
near(nn.huber_loss(p * 10, t, { delta = 2 }):item(), (2 + 2 * (6 - 1)) / 2, 1e-12)
near(nn.kl_div(p:log(), p, { reduction = "batchmean" }):item(), 0, 1e-12)

raises("cross_entropy: target: expected classes 1 to 3, got 0; classes count from 1, so add 1 to labels that count from 0",
  nn.cross_entropy, x, tensor({ 0, 1 }, { dtype = "int64" }))
raises("cross_entropy: weight: expected shape [3] for x of shape [2, 3], got [2]", nn.cross_entropy, x, classes, p)
raises("cross_entropy: target: expected classes of int64, or probabilities of shape [2, 3], got float64 [2]", nn.cross_entropy, x, t)
raises('cross_entropy: unknown option "label_smothing"; did you mean "label_smoothing"?', nn.cross_entropy, x, classes, { label_smothing = 0.1 })
raises("cross_entropy: label_smoothing: expected a number in [0, 1], got 2.0", nn.cross_entropy, x, classes, { label_smoothing = 2 })
raises("cross_entropy: ignore_index: expected an integer, got 1.5", nn.cross_entropy, x, classes, { ignore_index = 1.5 })
raises('mse_loss: reduction: expected one of "mean", "sum", "none", got "men"; did you mean "mean"?', nn.mse_loss, x, x, { reduction = "men" })
raises("mse_loss: x and target: expected one shape, got [2, 3] and [2]", nn.mse_loss, x, p)
raises("binary_cross_entropy_with_logits: pos_weight: expected a shape that broadcasts to [2], got [2, 3]",
  nn.binary_cross_entropy_with_logits, p, t, { pos_weight = x })
raises("binary_cross_entropy: weight: given twice, in place 3 and as an option", nn.binary_cross_entropy, p, t, p, { weight = p })
raises("l1_loss: target: expected a tensor, got nothing", nn.l1_loss, x)

testing.finish()
