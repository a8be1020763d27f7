-- Calls every native function with junk and expects Lua errors at worst (promises 10 and 11).
-- Usage: fuzz.lua SEED CALLS, with the modules jetlua.core.* in package.preload.
local seed, calls = tonumber((...)), tonumber((select(2, ...)))
math.randomseed(seed)

-- What would end or stop the process, write where it should not, or wait for a person.
local left_out = {
  exit = true, sleep = true, spin = true, ignore = true, wait = true, read_line = true, spawn = true, execute = true, run = true,
  fail_allocations = true,
}

local functions, names = {}, {}
local function add(name, f)
  functions[#functions + 1] = f
  names[#names + 1] = name
end

local module_names = {}
for name in pairs(package.preload) do
  if name:find("^jetlua%.core%.") then module_names[#module_names + 1] = name end
end
table.sort(module_names)
local constructors = {}
for _, name in ipairs(module_names) do
  local members = {}
  for member in pairs(require(name)) do members[#members + 1] = tostring(member) end
  table.sort(members)
  for _, member in ipairs(members) do
    local f = require(name)[member]
    if type(f) == "function" and not left_out[member] then
      add(name .. "." .. member, f)
      constructors[#constructors + 1] = f
    end
  end
end

-- The metatables of the userdata classes, with the functions in them and in the tables of methods.
local metatables = {}
for _, value in pairs(debug.getregistry()) do
  if type(value) == "table" and rawget(value, "__metatable") == false and rawget(value, "__name") then
    metatables[#metatables + 1] = value
  end
end
table.sort(metatables, function(a, b) return a.__name < b.__name end)
for _, metatable in ipairs(metatables) do
  local events = {}
  for event, f in pairs(metatable) do
    if type(f) == "function" then events[#events + 1] = event end
  end
  table.sort(events)
  for _, event in ipairs(events) do add(metatable.__name .. "." .. event, metatable[event]) end
  local methods = {}
  for name, f in pairs(debug.getregistry()["jetlua.members"][metatable.__name]) do
    if type(f) == "function" and not left_out[name] then methods[#methods + 1] = name end
  end
  table.sort(methods)
  for _, name in ipairs(methods) do
    add(metatable.__name .. ":" .. name, debug.getregistry()["jetlua.members"][metatable.__name][name])
  end
end
assert(#functions > 0, "no native functions")

local cyclic = {}
cyclic[1] = cyclic
local shared = {}
for _ = 1, 20 do shared = { shared, shared } end
local forged = io.tmpfile()
if metatables[1] then debug.setmetatable(forged, metatables[1]) end

local junk = {
  0, 1, 2, 3, -1, -2, 0.5, -0.0, 1.5, 1e308, 0 / 0, 1 / 0, -1 / 0, math.mininteger, math.maxinteger, 2 ^ 53, -2 ^ 53, 2 ^ 63,
  true, false, "", "\0", "x\0y", "3", "lr", "%s%n", ("long"):rep(200), "\xff\xfe", io.stdout, forged, coroutine.create(print), print,
  function(...) return ... end, function() error("from junk") end, function() return "wrong" end,
  {}, { 1, 2, 3 }, { { 1, 2 }, { 3, 4 } }, { { 1 }, { 2, 3 } }, { 1, "x" }, { true, false }, { [0] = 1 }, { lr = 1 }, { 0 / 0 },
  { -1, 2 }, { 2 ^ 53, 2 ^ 53 }, { math.maxinteger, math.maxinteger }, cyclic, shared, setmetatable({}, { __index = error }),
}
local objects = {}

local function argument()
  local choice = math.random(10)
  if choice == 1 then return nil end
  if choice <= 4 and #objects > 0 then return objects[math.random(#objects)] end
  return junk[math.random(#junk)]
end

local function shown(value)
  local ok, text = pcall(tostring, value)
  return ok and text or "?"
end

local kind = require("jetlua.core.host").kind
local function keep(ok, ...)
  if not ok then
    local message = shown((...))
    assert(not message:find("Swift", 1, true), message)
    return
  end
  for i = 1, math.min(select("#", ...), 4) do
    local value = select(i, ...)
    if kind(value) then
      -- A small stock of live and closed objects.
      local place = #objects < 40 and #objects + 1 or math.random(40)
      objects[place] = value
      if math.random(20) == 1 then pcall(function() value:free() end) end
    end
  end
end

local report = os.getenv("JETLUA_FUZZ_TRACE")
for call = 1, calls do
  local index = call <= 4 * #functions and (call - 1) % #functions + 1 or math.random(#functions)
  local count = math.random(0, 5)
  local arguments = {}
  for i = 1, count do arguments[i] = argument() end
  if report then
    io.stderr:write(call, " ", names[index], "(")
    for i = 1, count do io.stderr:write(shown(arguments[i]):sub(1, 40), i < count and ", " or "") end
    io.stderr:write(")\n")
  end
  keep(pcall(functions[index], table.unpack(arguments, 1, count)))
end

-- The forged userdata wears each metatable in turn and meets every method.
for _, metatable in ipairs(metatables) do
  debug.setmetatable(forged, metatable)
  for name, f in pairs(debug.getregistry()["jetlua.members"][metatable.__name]) do
    if type(f) == "function" and name ~= "free" and not left_out[name] then
      local ok, message = pcall(f, forged)
      assert(not ok, metatable.__name .. ":" .. name .. " accepts a forged userdata")
    end
  end
end
debug.setmetatable(forged, nil)
print("calls", calls, "functions", #functions)
