-- Layers of nn as nodes of ONNX (operator set 13): dense layers as MatMul and Add, which translators for FPGAs read.

local raise = require "jetlua.internal.raise"

local layers = {}

local function constant(builder, layer, parameter, transposed)
  local value = layer[parameter]
  return builder:weight(transposed and value:t() or value)
end

local function options_of(arguments, from)
  local last = arguments[#arguments]
  return #arguments >= from and type(last) == "table" and last or {}
end

local function pair(value) return type(value) == "table" and value or { value, value } end

local function simple(operator, attributes)
  return function(builder, x) return builder:node(operator, { x }, attributes) end
end

local translators = {
  ReLU = simple "Relu", Sigmoid = simple "Sigmoid", Tanh = simple "Tanh",
  SELU = simple("Selu", { alpha = 1.6732632423543772, gamma = 1.0507009873554805 }),
  Identity = function(_, x) return x end, Dropout = function(_, x) return x end,
}

function translators.ELU(builder, x, _, arguments)
  local first = arguments[1]
  local alpha = type(first) == "table" and first.alpha or first or 1
  return builder:node("Elu", { x }, { alpha = alpha + 0.0 })
end

function translators.LeakyReLU(builder, x, _, arguments)
  local first = arguments[1]
  local slope = type(first) == "table" and first.negative_slope or first or 0.01
  return builder:node("LeakyRelu", { x }, { alpha = slope + 0.0 })
end

function translators.Softplus(builder, x, _, arguments)
  if #arguments > 0 then raise("%s: nn.Softplus with options has no node of ONNX", builder.where) end
  return builder:node("Softplus", { x })
end

function translators.GELU(builder, x, _, arguments)
  if #arguments > 0 then raise("%s: nn.GELU with options has no node of ONNX", builder.where) end
  local scaled = builder:node("Mul", { x, builder:number(1 / math.sqrt(2)) })
  local half = builder:node("Mul", { x, builder:number(0.5) })
  return builder:node("Mul", { half, builder:node("Add", { builder:node("Erf", { scaled }), builder:number(1) }) })
end

function translators.Linear(builder, x, layer)
  local y = builder:node("MatMul", { x, constant(builder, layer, "weight", true) })
  return layer.bias and builder:node("Add", { y, constant(builder, layer, "bias") }) or y
end

function translators.Conv2d(builder, x, layer, arguments)
  local o = options_of(arguments, 4)
  local shape = layer.weight.shape
  local kernel, stride, dilation = { shape[3], shape[4] }, pair(o.stride or 1), pair(o.dilation or 1)
  local padding = o.padding or 0
  if padding == "same" then
    local before, after = {}, {}
    for i = 1, 2 do
      local all = dilation[i] * (kernel[i] - 1)
      before[i], after[i] = all // 2, all - all // 2
    end
    padding = { before[1], before[2], after[1], after[2] }
  elseif type(padding) == "string" then
    padding = { 0, 0, 0, 0 }
  else
    padding = pair(padding)
    padding = { padding[1], padding[2], padding[1], padding[2] }
  end
  local inputs = { x, constant(builder, layer, "weight") }
  if layer.bias then inputs[3] = constant(builder, layer, "bias") end
  return builder:node("Conv", inputs, { kernel_shape = kernel, pads = padding, strides = stride, dilations = dilation, group = math.tointeger(o.groups or 1) })
end

local function pool(operator)
  return function(builder, x, _, arguments)
    local o = options_of(arguments, 2)
    for name in pairs(o) do
      if name ~= "stride" then raise("%s: the option %s of a pooling layer is not exported", builder.where, name) end
    end
    local kernel = pair(arguments[1])
    return builder:node(operator, { x }, { kernel_shape = kernel, strides = pair(o.stride or kernel) })
  end
end
translators.AvgPool2d, translators.MaxPool2d = pool "AveragePool", pool "MaxPool"

function translators.Upsample(builder, x, _, arguments)
  local o = options_of(arguments, 1)
  local factor = pair(o.scale_factor or 0)
  if o.mode ~= nil and o.mode ~= "nearest" or factor[1] < 1 then raise("%s: nn.Upsample: only nearest pixels by a factor are exported", builder.where) end
  local scales = builder:constant({ 4 }, string.pack("<ffff", 1, 1, factor[1], factor[2]))
  return builder:node("Resize", { x, "", scales }, { mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor" })
end

function translators.Unflatten(builder, x, _, arguments)
  if arguments[1] ~= 2 then raise("%s: nn.Unflatten: only the second dimension of rows is exported", builder.where) end
  return builder:node("Reshape", { x, builder:integers { -1, table.unpack(arguments[2]) } })
end

function translators.Flatten(builder, x, _, arguments)
  if #arguments > 0 then raise("%s: nn.Flatten with arguments is not exported", builder.where) end
  return builder:node("Flatten", { x }, { axis = 1 })
end

--- Appends the nodes of a network to `builder`; `x` is the name of its input. Returns the name of its output.
function layers.append(builder, module, plan, x)
  if plan == nil then
    raise("%s: expected a network of nn's layers in nn.Sequential, got another one, whose computation is not known", builder.where)
  end
  if plan.layer == "Sequential" then
    for i, part in ipairs(plan.parts) do x = layers.append(builder, module[i], part, x) end
    return x
  end
  local translate = translators[plan.layer]
  if not translate then raise("%s: nn.%s has no translation to ONNX yet", builder.where, plan.layer) end
  return translate(builder, x, module, plan.arguments)
end

return layers
