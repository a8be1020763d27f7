-- Whatever comes, the functions of nn and optim answer with a result or with one line that says what was wrong.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal
local nn, optim, tensor = require "nn", require "optim", require "tensor"

math.randomseed(20)

local cyclic = {}
cyclic[1], cyclic.self = cyclic, cyclic
local freed = tensor.ones(2)
freed:free()
local function leaf(...) return nn.Parameter(tensor.rand(...)) end
local makers = {
  function() return nil end, function() return true end, function() return math.random(-3, 5) end, function() return 0 / 0 end, function() return math.huge end,
  function() return math.mininteger end, function() return math.maxinteger end, function() return 1e300 end, function() return 0.5 end,
  function() return ({ "", "mean", "none", "relu", "fan_in", ("x"):rep(300), "a\nb\0c" })[math.random(7)] end,
  function() return {} end, function() return { 2, 3 } end, function() return { 0.5, -1 } end, function() return cyclic end,
  function() return { [math.random(9)] = math.random(3), lr = math.random(3) } end,
  function() return leaf(math.random(0, 3)) end, function() return leaf(2, 3) end, function() return tensor.ones(2, 3, { dtype = "int64" }) end,
  function() return tensor.ones(2, 3, 4, 4) end, function() return tensor.tensor end, function() return freed end, function() return function() end end,
  function() return coroutine.create(math.abs) end, function() return nn.Linear(3, 2) end, function() return nn.Sequential(nn.ReLU()) end,
  function() return nn.Module end, function() return optim.SGD({ leaf(2) }) end, function() return io.stdout end,
  function() return tensor.sparse_rows(tensor.ones(2, 3)) end, function() return setmetatable({}, { __index = function() error("trap", 0) end }) end,
  function() return { { params = { leaf(2) } } } end,
}

makers[#makers + 1] = function()
  local names = { "eps", "p", "lr", "reduction", "weight", "dtype", "alpha", "params", "gamma", "patience", "stop" }
  return { [names[math.random(#names)]] = math.random(-1, 3) }
end

local answered, calls = 0, 0
local function try(name, f, first)
  for _ = 1, 120 do
    local count, arguments = math.random(0, 5), {}
    for i = 1, count do arguments[i] = makers[math.random(#makers)]() end
    if first then
      table.insert(arguments, 1, first())
      count = count + 1
    end
    calls = calls + 1
    local passed, problem = pcall(f, table.unpack(arguments, 1, count))
    if passed then
      answered = answered + 1
    elseif problem ~= "trap" then
      local message = tostring(problem):gsub("^[^\n]-nn_junk_test%.lua:%d+: ", "")
      check(type(problem) == "string" and not message:find "\n" and not message:find "attempt to" and not message:find "%.lua:%d" and #message < 700,
        name .. " says: " .. message)
    end
  end
end

local function sorted(t)
  local names = {}
  for name, member in pairs(t) do
    if type(member) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

for _, library in ipairs { { "nn", nn }, { "nn.functional", nn.functional }, { "nn.init", nn.init }, { "optim", optim } } do
  for _, name in ipairs(sorted(library[2])) do try(library[1] .. "." .. name, library[2][name]) end
end
try("nn.Sequential", function(...) return nn.Sequential(...) end)

-- Methods: on a module, a layer, optimizers with groups, and schedules. Files are tested where they are written.
local function model() return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Sequential(nn.ReLU(), nn.LayerNorm(4))) end
for _, name in ipairs(sorted(nn.Module)) do
  if not name:find "^__" and name ~= "save" and name ~= "load" then try("Module:" .. name, nn.Module[name], model) end
end
try("Sequential:forward", function(m, ...) return m(...) end, model)
for _, name in ipairs { "forward", "parameters", "named_parameters", "named_buffers", "state_dict", "load_state_dict", "train", "eval", "to", "requires_grad", "zero_grad" } do
  try("layer:" .. name, function(layer, ...) return layer[name](layer, ...) end, function() return nn.BatchNorm1d(3) end)
end
local function adam() return optim.Adam({ { params = { leaf(2) } }, { params = { leaf(3) }, lr = 1 } }) end
for _, name in ipairs { "step", "zero_grad", "parameters", "state_dict", "load_state_dict" } do
  try("optimizer:" .. name, function(o, ...) return o[name](o, ...) end, adam)
end
try("optimizer.key", function(o, key, value) o[key] = value end, adam)
try("group.key", function(o, key, value) o.param_groups[1][key] = value end, adam)
for _, name in ipairs { "StepLR", "CosineLR", "MultiStepLR", "ExponentialLR", "WarmupLR" } do try(name, optim[name], adam) end
for _, name in ipairs { "step", "last_lr", "state_dict", "load_state_dict" } do
  try("schedule:" .. name, function(s, ...) return s[name](s, ...) end, function() return optim.StepLR(adam(), 2) end)
end
for _, name in ipairs { "step", "state_dict", "load_state_dict" } do
  try("early:" .. name, function(e, ...) return e[name](e, ...) end, function() return optim.EarlyStopping { patience = 2 } end)
end
try("anneal(epoch)", function(f, ...) return f(...) end, function() return optim.anneal { stop = 4 } end)

check(answered > 500 and calls > 8000, ("%d of %d calls gave a result"):format(answered, calls))
testing.finish()
