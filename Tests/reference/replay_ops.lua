-- Runs the calls that compare_ops.py wrote and writes what they gave. Usage: replay_ops.lua CALLS RESULTS, or replay_ops.lua --ops.
-- Numbers travel as the hexadecimal bytes of float64 or int64, so that NaN and the last bit survive.
local json, tensor = require "json", require "tensor"

local homes = { tensor = tensor, functional = require "jetlua.core.functional", loss = require "jetlua.core.losses" }

local function bytes(hex)
  return (hex:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function hex(s)
  return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function unpacked(format, text)
  local values = {}
  local s = bytes(text)
  for i = 1, #s // 8 do values[i] = string.unpack(format, s, 8 * i - 7) end
  return values
end

local function made(description)
  local whole = description.dtype == "int64"
  local values = unpacked(whole and "<i8" or "<d", description.data)
  if #values == 0 then return tensor.zeros(description.shape, { dtype = description.dtype }) end
  local flat = tensor(values, { dtype = whole and "int64" or "float64" }):to(description.dtype)
  return flat:reshape(description.shape):clone()
end

local function seen(t, steps)
  for _, step in ipairs(steps) do t = t[step[1]](t, table.unpack(step, 2)) end
  return t
end

local function flat(t)
  if t.dtype == "int64" then return t end
  return t:to("float64")
end

local function described(t)
  local list = {}
  local numbers = flat(t:detach()):reshape(-1):totable()
  local format = t.dtype == "int64" and "<i8" or "<d"
  for i, v in ipairs(numbers) do list[i] = string.pack(format, v) end
  return { shape = json.list(t.shape), dtype = t.dtype, data = hex(table.concat(list)) }
end

local function replay(call)
  local leaves, arguments = {}, {}
  local function argument(a)
    if a.kind == "tensor" then
      local leaf = made(a)
      if a.grad then leaf:requires_grad(true) end
      leaves[#leaves + 1] = leaf
      return seen(leaf, a.steps)
    elseif a.kind == "list" then
      local items = {}
      for i, item in ipairs(a.items) do items[i] = argument(item) end
      return items
    elseif a.kind == "sizes" then
      return a.value
    elseif a.kind == "nothing" then
      return nil
    end
    if a.value == "inf" then return math.huge end
    return a.value
  end
  for i, a in ipairs(call.arguments) do arguments[i] = argument(a) end
  local count = #call.arguments
  local f = call.placement == "method" and function(x, ...) return x[call.op](x, ...) end or homes[call.placement][call.op]
  local results = table.pack(f(table.unpack(arguments, 1, count)))
  if call.list then results = results[1]; results.n = #results end
  local out = { values = json.list(), gradients = json.list() }
  for i = 1, results.n do out.values[i] = described(results[i]) end
  for i = 1, results.n do
    local seed = call.seeds[i]
    if seed and results[i]:requires_grad() then results[i]:backward(made(seed), { retain_graph = true }) end
  end
  for i, leaf in ipairs(leaves) do out.gradients[i] = leaf.grad and described(leaf.grad) or json.null end
  return out
end

if arg[1] == "--ops" then
  print((json.encode(json.list(require("jetlua.core.documentation").ops()))))
  os.exit(0)
end

local input = assert(io.open(arg[1], "r"))
local output = assert(io.open(arg[2], "w"))
for line in input:lines() do
  local call = json.decode(line)
  local ok, result = pcall(replay, call)
  output:write(json.encode(ok and result or { error = tostring(result) }), "\n")
end
input:close()
output:close()
