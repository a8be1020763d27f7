-- Every name that scripts written against the documented surface rely on, module by module.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local autograd, nn, optim, tensor = require "autograd", require "nn", require "optim", require "tensor"

local function each(names) return names:gmatch("%S+") end

local function callable(value)
  local meta = getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
end

local function functions(module, name, names)
  for key in each(names) do check(callable(module[key]), name .. "." .. key .. " is missing") end
end

local x = tensor { { 1, 2 }, { 3, 4 } }
local function methods(object, name, names)
  for key in each(names) do check(callable(object[key]), name .. ":" .. key .. " is missing") end
end

-- tensor
for dtype in each "float32 float64 int64 bool" do equal(tensor.zeros({ 1 }, { dtype = dtype }).dtype, dtype) end
functions(tensor, "tensor", [[
  zeros ones full eye arange linspace rand randn randint randperm zeros_like ones_like rand_like randn_like
  where cat stack maximum minimum clamp matmul dot outer add sub mul div pow
  exp expm1 log log1p sqrt rsqrt square abs sign sin cos tan atan2 sinh cosh asinh tanh sigmoid relu selu elu leaky_relu
  gelu softplus erf floor ceil round isnan isfinite
  sum mean var std prod max min argmax argmin norm logsumexp cumsum softmax log_softmax sort argsort topk quantile histc median
  save load sparse_rows manual_seed no_grad]])
methods(x, "tensor", [[
  to size dim numel item totable select narrow slice index_select gather masked_select clone
  reshape view flatten squeeze unsqueeze transpose permute t expand contiguous split chunk unbind
  add sub mul div pow maximum minimum clamp add_ sub_ mul_ div_ zero_ copy_ fill_ matmul dot outer
  lt le gt ge eq ne any all
  exp expm1 log log1p sqrt rsqrt square abs sign sin cos tan atan2 sinh cosh asinh tanh sigmoid relu selu elu leaky_relu
  gelu softplus erf floor ceil round isnan isfinite
  sum mean var std prod max min argmax argmin norm logsumexp cumsum softmax log_softmax sort argsort topk quantile histc median
  requires_grad backward detach]])
methods(tensor.sparse_rows(x), "sparse rows", "todense nnz")
check(callable(tensor), "tensor{…} makes a tensor")
equal({ x.shape, x.dtype, #x, x[1].shape }, { { 2, 2 }, "float32", 2, { 2 } })
equal((x + x - x * x / x ^ 1):totable(), (-(-x)):totable())
local mask = (x:gt(1) & x:lt(4)) | ~x:ne(1)
equal(x[mask]:totable(), { 1.0, 2.0, 3.0 })
check(x[1][1] < x[2][1] and x:sum() > 9, "comparisons of one element")

-- autograd
functions(autograd, "autograd", "grad check Function")
x:requires_grad(true);
(x * x):sum():backward()
equal(x.grad:totable(), { { 2.0, 4.0 }, { 6.0, 8.0 } })

-- nn
functions(nn, "nn", [[
  Parameter Linear Conv2d ConvTranspose2d AvgPool2d MaxPool2d Upsample BatchNorm1d BatchNorm2d LayerNorm Dropout Flatten Unflatten Sequential
  Tanh Sigmoid ReLU SELU ELU LeakyReLU GELU Softplus Softmax LogSoftmax
  mse_loss l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy nll_loss kl_div gaussian_kl mixture_nll]])
functions(nn.functional, "nn.functional", [[
  linear conv2d conv_transpose2d avg_pool2d max_pool2d upsample layer_norm batch_norm dropout
  tanh sigmoid relu selu elu leaky_relu gelu softplus softmax log_softmax]])
local Net = nn.Module:extend("Net")
function Net:init()
  self.layer = nn.Linear(2, 1)
  self:buffer("seen", tensor.zeros(1))
end
function Net:forward(input) return self.layer(input) end
local net = Net()
methods(net, "nn.Module", "forward parameters named_parameters state_dict load_state_dict train eval save load buffer")
equal({ net(x).shape, #net:parameters() }, { { 2, 1 }, 2 })
check(tostring(net):find("layer  nn.Linear(2 -> 1)", 1, true), tostring(net))

-- optim
functions(optim, "optim", "SGD Adam AdamW RMSprop clip_grad_norm StepLR MultiStepLR CosineLR ExponentialLR WarmupLR anneal EarlyStopping")
for name in each "SGD Adam AdamW RMSprop" do
  methods(optim[name](net:parameters(), { lr = 0.1, weight_decay = 0.1 }), "optim." .. name, "step zero_grad state_dict load_state_dict add_param_group")
end
equal(optim.Adam(net:parameters(), { betas = { 0.5, 0.75 }, eps = 1e-6 }).betas, { 0.5, 0.75 })
equal(optim.SGD(net:parameters(), { momentum = 0.5 }).momentum, 0.5)
for kind in each "linear cosine cyclic steps" do
  check(pcall(optim.anneal, { kind = kind, from = 0, to = 1, start = 0, stop = 10 }), "optim.anneal of kind " .. kind)
end
local stop, best = optim.EarlyStopping { patience = 1, min_delta = 0, mode = "min" }:step(1)
equal({ stop, best }, { false, true })
check(optim.EarlyStopping { patience = 1 }:step(0 / 0), "a NaN stops")
testing.finish()
