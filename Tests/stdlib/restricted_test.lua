-- Scripts of strangers: what --restricted and --isolated let them see, touch and use up.
-- With JETLUA_SLOW_TESTS set, 400 damaged binary chunks go through each door.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()
local slow = (os.getenv("JETLUA_SLOW_TESTS") or "") ~= ""
local function matches(text, pattern, what) check(text:find(pattern), ("%s: %s"):format(what or pattern, text)) end

local function play(source, words, options)
  options = options or {}
  system.write_file(folder .. "/s.lua", source)
  local command = { system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  command[#command + 1] = "s.lua"
  local began = system.monotonic()
  local result = system.run(command, { directory = folder, timeout = 60, environment = { JETLUA_RUNS = folder .. "/runs", SECRET = "42" } })
  result.seconds = system.monotonic() - began
  return result
end

local levels = { "--restricted", "--isolated" }

-- An experiment runs as ever: files, training, figures and all, in the folder of its run.
system.write_file(folder .. "/part.lua", "return { n = 200 }")
local experiment = [[
  local jets, metrics, models, nn, optim, options, plot, run, tensor = require "jets", require "metrics", require "models", require "nn",
    require "optim", require "options", require "plot", require "run", require "tensor"
  require "strict"
  local o = options { seed = 1 }
  tensor.manual_seed(o.seed)
  local images = jets.sample():take(require("part").n):images()
  local model = models.DirichletVAE { input = 1600, hidden = { 8 } }
  local r = run.start("s", o)
  r:data(jets.sample())
  local Net = nn.Module:extend("Net")
  function Net:init() self.layer = nn.Linear(4, 1) end
  function Net:forward(x) return self.layer(x) end
  assert(Net()(tensor.ones(5, 4)).shape[1] == 5)
  local h = models.fit(model, images, { epochs = 2, batch = 50, optimizer = optim.Adam(model:parameters()), run = r })
  local file = assert(io.open(r:file("note.txt"), "w"))
  file:write("x")
  file:close()
  r:figure(plot.line(h.total), "loss")
  r:report { last = h.total[2], upper = ("x"):upper(), seed = o.seed }
  print(r.status, #images)
]]
local paths = {}
for _, level in ipairs(levels) do
  local before = {}
  for _, name in ipairs(system.is_directory(folder .. "/runs") and system.list_directory(folder .. "/runs") or {}) do before[name] = true end
  local result = play(experiment, { level })
  equal({ result.status, result.stdout }, { 0, "running\t200\n" }, level .. ": " .. result.stderr)
  for _, name in ipairs(system.list_directory(folder .. "/runs")) do
    if not before[name] then paths[level] = folder .. "/runs/" .. name end
  end
  check(system.exists(paths[level] .. "/plots/loss.png"), "gnuplot draws")
  equal(system.read_file(paths[level] .. "/note.txt"), "x")
end
local result = system.run { system.executable(), "diff", paths["--restricted"], paths["--isolated"] }
check(not result.stdout:find("metrics") and not result.stdout:find("results"), "the same to the bit: " .. result.stdout)

-- Promise 37: what a script can reach is exactly the committed list.
local environment = require "jetlua.internal.restricted.environment"
local names, seen = {}, {}
local of_strings = getmetatable("")
local library = of_strings.__index
local globals = environment.new { folder = folder, words = { [0] = "s.lua" } }
local function walk(value, name, depth)
  if type(value) == "function" then
    names[#names + 1] = name
  elseif type(value) == "table" and not seen[value] and depth < 6 then
    seen[value] = true
    for key, item in pairs(value) do walk(item, name == "" and tostring(key) or name .. "." .. tostring(key), depth + 1) end
  end
end
walk(globals, "", 0)
for _, name in ipairs(environment.modules) do
  local module = globals.require(name)
  seen[module] = nil
  walk(module, "require(" .. name .. ")", 0)
  if type(module) ~= "table" then names[#names + 1] = "require(" .. name .. ")" end
end
walk(of_strings.__index, "(strings)", 0)
of_strings.__metatable, of_strings.__index = nil, library
table.sort(names)
local list = testing.folder .. "../Fixtures/restricted_functions.txt"
local text = table.concat(names, "\n") .. "\n"
if os.getenv("JETLUA_WRITE_FIXTURES") == "1" then system.write_file(list, text) end
equal(text, system.read_file(list), "the functions in reach; JETLUA_WRITE_FIXTURES=1 writes the list anew, to be read before it is committed")
for _, name in ipairs { "os.execute", "io.popen", "package", "debug.getinfo", "string.dump", "loadfile", "dofile", "os.remove", "os.rename", "debug.setmetatable" } do
  check(not ("\n" .. text):find("\n" .. name .. "\n", 1, true), name .. " is in reach")
end

-- Promise 36: binary chunks through every door that is there; the others are not.
local chunk = string.dump(load("return 1"))
math.randomseed(9)
local count = slow and 400 or 20
local source = { "local refused, n = 0, 0\nlocal bad = {}\n" }
for i = 1, count do
  local bytes = { chunk:byte(1, #chunk) }
  for _ = 1, 4 do bytes[math.random(5, #bytes)] = math.random(0, 255) end
  source[#source + 1] = ("bad[%d] = %q\n"):format(i, string.char(table.unpack(bytes)))
end
source[#source + 1] = [[
  local options = require "options"
  for i, text in ipairs(bad) do
    local half = #text // 2
    local parts = { text:sub(1, half), text:sub(half + 1) }
    for _, door in ipairs {
      function() return load(text) end, function() return load(text, "x", "b") end, function() return load(text, "x", "bt", {}) end,
      function() return load(function() return table.remove(parts, 1) end) end,
      function() return nil, loadfile == nil and dofile == nil and "attempt to load a binary chunk" or "there" end,
    } do
      local f, message = door()
      n = n + 1
      if f == nil and tostring(message):find("attempt to load a binary chunk", 1, true) then refused = refused + 1 else print(i, f, message) end
    end
  end
  print(refused, n)
]]
result = play(table.concat(source), { "--restricted" })
equal({ result.status, result.stdout }, { 0, ("%d\t%d\n"):format(5 * count, 5 * count) }, "binary chunks: " .. result.stderr)
system.write_file(folder .. "/binary.lua", chunk)
result = play('print(pcall(require, "binary"))', { "--restricted" })
matches(result.stdout, "^false\t[^\n]*attempt to load a binary chunk", "require")
result = play(chunk, { "--restricted" })
equal(result.status, 1)
matches(result.stderr, "attempt to load a binary chunk", "the script itself")

-- Promise 38: libraries and metatables.
result = play([[
  local tensor, nn = require "tensor", require "nn"
  local tries = {
    function() getmetatable("").__index = nil end, function() string.upper = print end, function() rawset(string, "upper", print) end,
    function() rawset(tensor, "ones", print) end, function() tensor.ones = print end, function() setmetatable(string, {}) end,
    function() table.insert(string, 1) end, function() setmetatable(_G, {}) end, function() setmetatable(tensor, nil) end,
    function() setmetatable({}, { __gc = print }) end, function() nn.functional.relu = print end, function() nn.Module.forward = print end,
    function() getmetatable(tensor.ones(2)).__index = print end, function() debug.setmetatable("", {}) end, function() math.pi = 3 end,
    function() require("json").null.x = 1 end,
  }
  local refused = 0
  for i, f in ipairs(tries) do
    if pcall(f) then print("went through", i) else refused = refused + 1 end
  end
  print(refused, #tries, ("x"):upper(), getmetatable(""), os.getenv("SECRET"))
]], { "--restricted" })
equal(result.stdout, "16\t16\tX\tfalse\tnil\n", "read-only: " .. result.stderr)

-- Promise 40: files outside the run's folder, whatever the path.
local outside = testing.scratch()
system.write_file(outside .. "/there.txt", "keep")
for _, level in ipairs(levels) do
  result = play(([[
    local r = require("run").start("paths", {})
    local outside, tensor = %q, require "tensor"
    local tries = { outside .. "/new.txt", outside .. "/there.txt", "../new.txt", "new.txt", "s.lua", r.path .. "/../new.txt", r.path .. "/../../s.lua",
      "/proc/self/cwd/new.txt", "/proc/self/root" .. outside .. "/there.txt", "/proc/self/fd/1/../new.txt", "/tmp/jetlua_escape", "/etc/jetlua_escape" }
    local refused = 0
    for _, path in ipairs(tries) do
      local file = io.open(path, "w")
      if file then print("wrote", path) else refused = refused + 1 end
      for _, save in ipairs { function() tensor.save(path .. ".npy", tensor.ones(2)) end, function() require("plot").line({ 1, 2 }):save(path .. ".csv") end } do
        if pcall(save) then print("saved", path) else refused = refused + 1 end
      end
    end
    for _, path in ipairs { outside .. "/there.txt", "/etc/passwd", "/root/.bashrc", "/proc/1/environ" } do
      if io.open(path) then print("read", path) else refused = refused + 1 end
    end
    print(refused, 3 * #tries + 4, io.open(r.path .. "/inside.txt", "w") ~= nil)
  ]]):format(outside), { level })
  equal(result.stdout, "40\t40\ttrue\n", level .. ": paths: " .. result.stderr)
end
equal(system.read_file(outside .. "/there.txt"), "keep")
equal(#system.list_directory(outside), 1)
result = play(("print(io.open(%q):read('a'))"):format(outside .. "/there.txt"), { "--isolated", "--data", outside .. "/there.txt" })
equal(result.stdout, "keep\n", "data that are given: " .. result.stderr)

-- Promise 39: twelve bombs, and three more, end within the limit and a second; this process goes on.
local bombs = {
  { "loop", "while true do end" }, { "pcall loop", "while true do pcall(function() while true do end end) end" },
  { "coroutine", "while true do coroutine.wrap(function() while true do end end)() end" },
  { "pattern", '("a"):rep(40):find(("a-"):rep(40) .. "b")' }, { "string.rep", 'local s = {} for i = 1, 1e6 do s[i] = ("x"):rep(1 << 26) end' },
  { "one string", '("x"):rep(1 << 40)' }, { "table", "local t = {} for i = 1, 1e12 do t[i] = i end" },
  { "concat", 'local s = "x" while true do s = s .. s end' }, { "sort", "local t = {} for i = 1, 1e7 do t[i] = i end table.sort(t, function() return true end) while true do end" },
  { "gsub", 'while true do local s = ("x"):rep(1 << 20):gsub("x", ("y"):rep(1 << 12)) end' },
  { "parser", 'local s = ("("):rep(1 << 20) while true do load("return " .. s) end' },
  { "tensors", 'local t, tensor = {}, require "tensor" for i = 1, 1e6 do t[i] = tensor.ones(1000, 1000) end' },
  { "finalizers", "local function storm() return setmetatable({}, { __gc = function() storm() end }) end while true do storm() end" },
  { "coroutine chain", "local c = coroutine.wrap(function() end) for i = 1, 1e9 do local b = c c = coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() b() end }) coroutine.yield() end) c() end" },
  { "caught", 'while true do pcall(function() local t = {} while true do t[#t + 1] = ("x"):rep(1 << 20) end end) end' },
}
-- Those that fill memory get time for it; some are refused by Lua itself.
local fills = { ["string.rep"] = true, table = true, concat = true, tensors = true, caught = true }
local refused = { ["one string"] = "resulting string too large", sort = "invalid order function", ["coroutine chain"] = "C stack overflow", finalizers = "__gc: finalizers are not allowed here" }
for _, level in ipairs(levels) do
  for _, bomb in ipairs(bombs) do
    local name, limit = bomb[1], fills[bomb[1]] and 30 or 1
    result = play(bomb[2], { level, "--time", tostring(limit), "--memory", "0.3" })
    local stopped = result.status == 125 or result.status == 124 and not fills[name]
      or refused[name] and result.status == 1 and result.stderr:find(refused[name], 1, true)
    -- Starting and ending take time, too, on a machine with other work.
    check(stopped and result.seconds < limit + 5, ("%s: %s: status %s, signal %s, %.1f s: %s"):format(level, name, tostring(result.status),
      tostring(result.signal), result.seconds, result.stderr:sub(1, 200)))
    if slow then print(level, name, result.status or result.signal, ("%.1f s"):format(result.seconds), result.stderr:match("ended: ([^;\n]*)") or "refused") end
  end
end

-- Without a script to guard there is nothing to run, and what is missing is said.
result = system.run({ system.executable(), "--isolated", "-e", "print(1)" }, {})
equal(result.status, 1)
matches(result.stderr, "expected a script file, without %-e, %-l and %-i")
result = play("print(1)", { "--isolated", "--data", "/nowhere/x.h5" })
matches(result.stderr, "%-%-data: /nowhere/x%.h5: expected a file or folder that the script may read, found none")
result = play("print(1)", { "--isolated", "--memory", "much" })
matches(result.stderr, "%-%-memory: expected a number of GB in")
result = play("os.exit(7)", { "--isolated" })
equal(result.status, 7, "the status is the script's")

testing.finish()
