-- Runs the calls that compare_layers.py wrote and writes what they gave. Usage: replay_layers.lua CALLS RESULTS, or replay_layers.lua
-- --names for the layers, losses and optimizers there are. Numbers travel as the hexadecimal bytes of float64 or int64.
local json, nn, optim, tensor = require "json", require "nn", require "optim", require "tensor"

local function bytes(hex)
  return (hex:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function hex(s)
  return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function made(d)
  local whole = d.dtype == "int64"
  local values, s = {}, bytes(d.data)
  for i = 1, #s // 8 do values[i] = string.unpack(whole and "<i8" or "<d", s, 8 * i - 7) end
  local t
  if #values == 0 then
    t = tensor.zeros(d.shape, { dtype = d.dtype })
  else
    t = tensor(values, { dtype = whole and "int64" or "float64" }):to(d.dtype):reshape(d.shape):clone()
  end
  if d.grad then t:requires_grad(true) end
  return t
end

local function described(t)
  local whole = t.dtype == "int64"
  local list = {}
  local numbers = (whole and t or t:detach():to("float64")):reshape(-1):totable()
  for i, v in ipairs(numbers) do list[i] = string.pack(whole and "<i8" or "<d", v) end
  return { shape = json.list(t.shape), dtype = t.dtype, data = hex(table.concat(list)) }
end

-- JSON's null is a nil among arguments; a description of a tensor becomes the tensor, and leaves are kept.
local function decoded(value, leaves)
  if value == json.null then return nil end
  if type(value) ~= "table" then return value end
  if value.data then
    local t = made(value)
    leaves[#leaves + 1] = t
    return t
  end
  local copy = {}
  for key, item in pairs(value) do copy[key] = decoded(item, leaves) end
  return copy
end

local function arguments_of(call, leaves)
  local list = {}
  for i, value in ipairs(call.arguments) do list[i] = decoded(value, leaves) end
  local count = #call.arguments
  if call.options and next(call.options) then
    count = count + 1
    list[count] = decoded(call.options, leaves)
  end
  return table.unpack(list, 1, count)
end

local function layer_of(description)
  local parts = {}
  if description.class == "Sequential" then
    for i, part in ipairs(description.parts) do parts[i] = layer_of(part) end
    return nn.Sequential(parts)
  end
  return nn[description.class](arguments_of(description, {}))
end

local function optimized(call)
  local parameters = {}
  for i, d in ipairs(call.parameters) do parameters[i] = nn.Parameter(made(d)) end
  local given = parameters
  if call.groups then
    given = {}
    for i, group in ipairs(call.groups) do
      given[i] = { params = { parameters[i] } }
      for key, value in pairs(group) do given[i][key] = value end
    end
  end
  local optimizer = optim[call.name](given, next(call.options) and call.options or nil)
  local out = json.list()
  for _, gradients in ipairs(call.gradients) do
    optimizer:zero_grad()
    for i, p in ipairs(parameters) do (p * made(gradients[i])):sum():backward() end
    optimizer:step()
    for _, p in ipairs(parameters) do out[#out + 1] = described(p) end
  end
  return { values = out, gradients = json.list() }
end

local function replay(call)
  if call.kind == "optimizer" then return optimized(call) end
  local leaves, results, extra = {}, nil, {}
  if call.kind == "layer" then
    local layer = layer_of(call.layer)
    local state = {}
    for name, d in pairs(call.state) do state[name] = made(d) end
    if next(state) then layer:to(call.dtype):load_state_dict(state) end
    layer:train(call.training)
    results = layer(arguments_of(call, leaves))
    for _, name in ipairs(call.parameters) do leaves[#leaves + 1] = layer:named_parameters()[name] end
    for _, name in ipairs(call.buffers) do extra[#extra + 1] = layer:named_buffers()[name] end
  else
    local home = call.kind == "loss" and nn or nn.functional
    results = home[call.name](arguments_of(call, leaves))
  end
  if results:requires_grad() then results:backward(made(call.seed)) end
  local out = { values = json.list { described(results) }, gradients = json.list() }
  for _, t in ipairs(extra) do out.values[#out.values + 1] = described(t) end
  for i, leaf in ipairs(leaves) do out.gradients[i] = leaf.grad and described(leaf.grad) or json.null end
  return out
end

if arg[1] == "--names" then
  local names = { layers = json.list(), losses = json.list(), optimizers = json.list() }
  for name in pairs(require "jetlua.core.nn") do
    if name:find "^%u" and name ~= "Parameter" then table.insert(names.layers, name) end
  end
  for name in pairs(require "jetlua.core.losses") do table.insert(names.losses, name) end
  for name in pairs(require "jetlua.core.optim") do
    if name:find "^%u" then table.insert(names.optimizers, name) end
  end
  for _, list in pairs(names) do table.sort(list) end
  print((json.encode(names)))
  os.exit(0)
end

local input = assert(io.open(arg[1], "r"))
local output = assert(io.open(arg[2], "w"))
for line in input:lines() do
  local passed, result = pcall(replay, json.decode(line))
  output:write((json.encode(passed and result or { error = tostring(result) })), "\n")
end
input:close()
output:close()
