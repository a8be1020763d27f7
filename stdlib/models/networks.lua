-- Encoders and decoders: those given by a script, and those of arXiv:2104.08291 (convolutions of 5 x 5 pixels, mirrored in the
-- decoder) or of dense layers where they are left out.

local blueprint = require "jetlua.nn.blueprint"
local expect = require "jetlua.internal.expect"
local nn = require "jetlua.nn"
local parts = require "jetlua.nn.parts"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

local networks = {}

local activations = { "ELU", "GELU", "LeakyReLU", "ReLU", "SELU", "Sigmoid", "Softplus", "Tanh" }

--- Names of the options that say what a model's networks are.
networks.options = { "input", "size", "encoder", "decoder", "filters", "kernel", "hidden", "activation", "dtype" }

local function widths(where, what, list)
  if type(list) ~= "table" then expect.wrong(where, what, "a list of widths", list) end
  local copy = {}
  for i, width in ipairs(list) do copy[i] = expect.number(where, ("%s[%d]"):format(what, i), width, { integer = true, min = 1, max = 1000000 }) end
  return copy
end

-- Filters of the convolutions, in groups between which images are halved.
local function groups(where, list)
  if type(list) ~= "table" then expect.wrong(where, "filters", "lists of numbers of filters, {{10, 10}, {10, 5}}", list) end
  local copy = {}
  for i, group in ipairs(list) do
    copy[i] = widths(where, ("filters[%d]"):format(i), group)
    if #copy[i] == 0 then expect.wrong(where, ("filters[%d]"):format(i), "at least one number of filters", group) end
  end
  return copy
end

--- The options of the networks, checked and complete.
---@param where string
---@param given table
---@return table
function networks.settings(where, given)
  local o = { kernel = 5, activation = "SELU", dtype = "float32" }
  if given.size ~= nil then
    o.input = expect.number(where, "size", given.size, { integer = true, min = 1, max = 256 }) ^ 2 // 1 | 0
    if given.input ~= nil and given.input ~= o.input then
      raise("%s: input: %s does not go with size %d; give one of them", where, text.describe(given.input), given.size)
    end
  else
    o.input = expect.number(where, "input", given.input == nil and 1600 or given.input, { integer = true, min = 1, max = 65535 })
  end
  if given.hidden ~= nil then o.hidden = widths(where, "hidden", given.hidden) end
  if given.filters ~= nil then o.filters = groups(where, given.filters) end
  if given.encoder == nil or given.decoder == nil then
    o.filters = o.filters or o.hidden == nil and { { 10, 10 }, { 10, 5 } } or nil
    o.hidden = o.hidden or { 100 }
  end
  if given.kernel ~= nil then o.kernel = expect.number(where, "kernel", given.kernel, { integer = true, min = 1, max = 63 }) end
  if o.kernel % 2 == 0 then raise("%s: kernel: expected an odd number, which keeps the size of images, got %d", where, o.kernel) end
  if given.activation ~= nil then o.activation = given.activation end
  local known = {}
  for _, name in ipairs(activations) do known[name] = true end
  if not known[o.activation] then expect.unknown(where, "activation", o.activation, activations) end
  if given.dtype ~= nil then o.dtype = given.dtype end
  if o.dtype ~= "float32" and o.dtype ~= "float64" then raise('%s: dtype: expected "float32" or "float64", got %s', where, text.describe(o.dtype)) end
  return o
end

-- Weights as the authors of the papers start them, by Keras' defaults.
local function started(layer)
  nn.init.zeros_(layer.bias)
  return layer
end

local function dense(list, inputs, outputs) list[#list + 1] = started(nn.Linear(inputs, outputs, { init = "xavier_uniform" })) end

local function convolution(list, inputs, outputs, kernel)
  list[#list + 1] = started(nn.Conv2d(inputs, outputs, kernel, { padding = "same", init = "xavier_uniform" }))
end

-- The side of the images and of what is left of it after the halvings.
local function sides(where, o)
  local side, halvings = math.floor(o.input ^ 0.5 + 0.5), #o.filters - 1
  if side * side ~= o.input or side % (1 << halvings) ~= 0 then
    raise("%s: input: the convolutions need square images whose side can be halved %d time%s, got %d pixels; give hidden = {100} for dense layers, "
      .. "or an encoder and a decoder", where, halvings, halvings == 1 and "" or "s", o.input)
  end
  return side, side >> halvings
end

local function default_encoder(where, o, outputs)
  local list, width = {}, o.input
  local function activate() list[#list + 1] = nn[o.activation]() end
  if o.filters and #o.filters > 0 then
    local side, last = sides(where, o)
    local channels = 1
    list[1] = nn.Unflatten(2, { 1, side, side })
    for i, group in ipairs(o.filters) do
      if i > 1 then list[#list + 1] = nn.AvgPool2d(2) end
      for _, filters in ipairs(group) do
        convolution(list, channels, filters, o.kernel)
        activate()
        channels = filters
      end
    end
    list[#list + 1] = nn.Flatten()
    width = channels * last * last
  end
  for _, hidden in ipairs(o.hidden) do
    dense(list, width, hidden)
    activate()
    width = hidden
  end
  dense(list, width, outputs)
  return nn.Sequential(list)
end

-- The encoder backwards; its output is linear.
local function default_decoder(where, o, latent)
  local list, width = {}, latent
  local function activate() list[#list + 1] = nn[o.activation]() end
  for i = #o.hidden, 1, -1 do
    dense(list, width, o.hidden[i])
    activate()
    width = o.hidden[i]
  end
  if not o.filters or #o.filters == 0 then
    dense(list, width, o.input)
    return nn.Sequential(list)
  end
  local _, last = sides(where, o)
  local channels = {}
  for i, group in ipairs(o.filters) do
    for j, filters in ipairs(group) do channels[#channels + 1] = { filters, doubled = j == 1 and i > 1 } end
  end
  dense(list, width, channels[#channels][1] * last * last)
  activate()
  list[#list + 1] = nn.Unflatten(2, { channels[#channels][1], last, last })
  for i = #channels, 1, -1 do
    convolution(list, channels[i][1], i > 1 and channels[i - 1][1] or 1, o.kernel)
    if i > 1 then activate() end
    if channels[i].doubled then list[#list + 1] = nn.Upsample { scale_factor = 2 } end
  end
  list[#list + 1] = nn.Flatten()
  return nn.Sequential(list)
end

-- What a script gave as a network, or what a file says of it.
local function given_network(where, name, network)
  if type(network) == "table" and network.layer and not parts.is_module(network) then network = blueprint.build(where .. ": " .. name, network) end
  if type(network) == "string" then
    raise("%s: %s: the file holds the weights of one of your own, %s; make the model with it and call model:load(path)", where, name, network)
  end
  local metatable = type(network) == "table" and getmetatable(network)
  local callable = type(network) == "function" or metatable and metatable.__call
  if not callable and type(network) == "userdata" then
    local indexed, forward = pcall(function() return network.forward end)
    callable = indexed and forward ~= nil
  end
  if not callable then expect.wrong(where, name, "a network: nn.Sequential(…) or another module", network) end
  return network
end

--- What `options()` says of a network that a script gave: its plan, or its class where that does not say how to build it.
local function described(network)
  if network == nil then return nil end
  local metatable = type(network) == "table" and getmetatable(network)
  return blueprint.of(network) or metatable and metatable.__name or "a function"
end

-- What the network makes of one jet of zeros, in evaluation mode.
local function trial(where, name, network, width)
  local training = type(network) == "table" and network.training
  local result
  if parts.is_module(network) then network:eval() end
  local passed, problem = pcall(tensor.no_grad, function() result = table.pack(network(tensor.zeros(1, width))) end)
  if parts.is_module(network) then network:train(training) end
  if not passed then
    raise("%s: %s: it cannot take rows [1, %d]: %s", where, name, width, (tostring(problem):gsub("^[^:]*:%d+: ", "")))
  end
  return result
end

local function shown(result)
  local shapes = {}
  for i = 1, result.n do
    local indexed, shape = pcall(function() return result[i].shape end)
    shapes[i] = indexed and type(shape) == "table" and text.shape(shape) or text.describe(result[i])
  end
  return table.concat(shapes, " and ")
end

local function is_row(value, width)
  local indexed, shape = pcall(function() return value.shape end)
  return indexed and type(shape) == "table" and #shape == 2 and shape[1] == 1 and shape[2] == width
end

--- Puts encoder and decoder into a model, checks that they fit and says in `o` how they are made again. The encoder gives
--- `heads` numbers for each latent dimension (2: mu and logvar, in one tensor or as two results).
---@param model table
---@param where string
---@param given table the script's options
---@param o table complete ones, of `networks.settings`
---@param latent integer
---@param heads integer
function networks.install(model, where, given, o, latent, heads)
  o.encoder, o.decoder = nil, nil
  local outputs = heads * latent
  model.encoder = given.encoder == nil and default_encoder(where, o, outputs) or given_network(where, "encoder", given.encoder)
  model.decoder = given.decoder == nil and default_decoder(where, o, latent) or given_network(where, "decoder", given.decoder)
  -- The trials run on float32, the type that networks are made in.
  if given.encoder ~= nil then
    local result = trial(where, "encoder", model.encoder, o.input)
    local two = heads == 2 and result.n == 2 and is_row(result[1], latent) and is_row(result[2], latent)
    if not two and not (result.n == 1 and is_row(result[1], outputs)) then
      local wanted = heads == 2 and ("[1, %d], mu and logvar of %d latent dimension%s"):format(outputs, latent, latent == 1 and "" or "s")
        or ("[1, %d]"):format(outputs)
      raise("%s: encoder: expected it to make %s of one jet, got %s; end it with nn.Linear(…, %d)", where, wanted, shown(result), outputs)
    end
    o.encoder = described(model.encoder)
  end
  if given.decoder ~= nil then
    local result = trial(where, "decoder", model.decoder, latent)
    if not (result.n == 1 and is_row(result[1], o.input)) then
      raise("%s: decoder: expected it to make [1, %d] of one latent point, got %s; end it with nn.Linear(…, %d) or nn.Flatten()",
        where, o.input, shown(result), o.input)
    end
    o.decoder = described(model.decoder)
  end
end

return networks
