local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local options = require "options"
local check, equal, raises = testing.check, testing.equal, testing.raises

local declared = {
  seed = 1, beta = { 1e-3, "KL weight" }, signal = { "top", choices = { "top", "qcd" } },
  alpha = { { 1, .25, .1 }, "prior" }, quick = { false, "small and fast" }, plots = true,
  epochs = { 200, "training epochs", min = 1 }, data = { nil, "file", type = "string" }, early_stopping = 3,
}

local function resolve(...)
  local kept = arg
  _G.arg = { [0] = "x.lua", ... }
  local values = options(declared)
  _G.arg = kept
  return values
end

local defaults = {
  seed = 1, beta = 1e-3, signal = "top", alpha = { 1, .25, .1 }, quick = false, plots = true, epochs = 200, early_stopping = 3,
}
local function with(changes)
  local copy = {}
  for key, value in pairs(defaults) do copy[key] = value end
  for key, value in pairs(changes) do copy[key] = value end
  return copy
end

equal(resolve(), defaults, "defaults")
equal(resolve("--beta", "0.1"), with { beta = 0.1 })
equal(resolve("--beta=0.1"), with { beta = 0.1 })
equal(resolve("--beta", "1"), with { beta = 1.0 }, "a float default makes floats")
equal(resolve("--beta", "-1e-3"), with { beta = -1e-3 }, "a negative value is a value")
equal(resolve("--alpha", "1,.5"), with { alpha = { 1, .5 } })
equal(resolve("--alpha", "2"), with { alpha = { 2 } })
equal(resolve("--quick"), with { quick = true })
equal(resolve("--no-plots"), with { plots = false })
equal(resolve("--quick", "--no-quick"), with {}, "the last one holds")
equal(resolve("--quick=true"), with { quick = true })
equal(resolve("--epochs", "1e2"), with { epochs = 100 }, "an integer written as a float")
equal(resolve("--early-stopping", "5"), with { early_stopping = 5 })
equal(resolve("--early_stopping=5"), with { early_stopping = 5 })
equal(resolve("--signal", "qcd"), with { signal = "qcd" })
equal(resolve("--data", "a b.h5"), with { data = "a b.h5" })
equal(resolve("--data="), with { data = "" })

local values = resolve()
values.alpha[1] = 99
equal(resolve(), defaults, "defaults are copied")

local description = options.describe(resolve())
equal(#description, 9)
equal(description[1].name, "alpha", "sorted by name")
equal(options.describe({}), nil)

raises("options: a: expected {default, \"text\"}, got 2 in second place", options, { a = { 1, 2, 3 } })
raises("options: a: unknown attribute \"choises\"; did you mean \"choices\"?", options, { a = { 1, "", choises = {} } })
raises("options: help: this name is taken", options, { help = 1 })
raises("options: a: default: expected an integer of at least 2, got 1", options, { a = { 1, min = 2 } })
raises("options: a: expected a default", options, { a = {} })
raises("options: declaration: expected a table, got 3", options, 3)
local line = debug.getinfo(1, "l").currentline + 1
raises(("options_test.lua:%d: options: declaration"):format(line), function() options(3) end)

local source = [[
local o = require("options") {
  {"epochs", 200, "training epochs", min = 1}, {"signal", "top", "signal class", choices = {"top", "qcd"}},
  {"ratio", 1.0, "S/B", min = 0, max = 1}, {"alpha", {1, .25, .1}, "prior"}, {"quick", false, "small and fast"},
}
for _, name in ipairs { "epochs", "signal", "ratio", "quick" } do io.write(name, "=", tostring(o[name]), " ") end
print(table.concat(o.alpha, ","))
]]
local folder = testing.scratch()
local function write(name, content)
  require("jetlua.core.system").write_file(folder .. "/" .. name, content)
  return folder .. "/" .. name
end

local function outcome(...)
  local result = testing.script(source, { ... }, { name = "dvae.lua" })
  return result.status, result.stdout, result.stderr
end
local function refused(message, ...)
  local status, stdout, stderr = outcome(...)
  equal({ status, stdout, stderr }, { 1, "", "dvae.lua: " .. message .. "\n" })
end

equal({ outcome() }, { 0, "epochs=200 signal=top ratio=1.0 quick=false 1,0.25,0.1\n", "" })
equal({ outcome("--quick", "--ratio", "0.05") }, { 0, "epochs=200 signal=top ratio=0.05 quick=true 1,0.25,0.1\n", "" })
refused("--epochs: expected an integer of at least 1, got -1", "--epochs", "-1")
refused("--epochs: expected an integer of at least 1, got 1.5", "--epochs", "1.5")
refused("--epochs: expected an integer of at least 1, got nan", "--epochs", "nan")
refused("--epochs: expected an integer of at least 1, got 1e400", "--epochs", "1e400")
refused("--epochs: expected an integer of at least 1 after it, got nothing", "--epochs")
refused("--epochs: expected an integer of at least 1 after it, got --quick", "--epochs", "--quick")
refused("--sigal: unknown option; did you mean --signal?", "--sigal", "top")
refused("--zzzzzzzzz: unknown option; see --help", "--zzzzzzzzz")
refused("--no-signal: unknown option; did you mean --signal?", "--no-signal")
refused("--signal: expected one of top, qcd, got w\\nz", "--signal", "w\nz")
refused("--ratio: expected a number from 0 to 1, got 2", "--ratio", "2")
refused("--alpha: expected numbers separated by commas, got 1,,x", "--alpha", "1,,x")
refused("--quick: expected true or false, got maybe", "--quick=maybe")
refused("top: unexpected argument; options start with --, see --help", "top")
refused("--config: cannot be opened: " .. folder .. "/none.lua: No such file or directory", "--config", folder .. "/none.lua")

local config = write("c.lua", "return { epochs = 7, alpha = {1, 2} }")
equal({ outcome("--config", config) }, { 0, "epochs=7 signal=top ratio=1.0 quick=false 1,2\n", "" })
equal({ outcome("--epochs", "8", "--config", config) }, { 0, "epochs=8 signal=top ratio=1.0 quick=false 1,2\n", "" })
equal({ outcome("--config", write("g.lua", "epochs = 9\nsignal = 'qcd'")) },
  { 0, "epochs=9 signal=qcd ratio=1.0 quick=false 1,0.25,0.1\n", "" })
local wrong = write("w.lua", "return { epoch = 7 }")
refused(("--config: %s: unknown option epoch; did you mean epochs?"):format(wrong), "--config", wrong)
wrong = write("v.lua", "return { epochs = 0 }")
refused(("--config: %s: epochs: expected an integer of at least 1, got 0"):format(wrong), "--config", wrong)
wrong = write("e.lua", "os.execute('touch " .. folder .. "/owned')")
refused(("--config: %s:1: attempt to index a nil value (global 'os')"):format(wrong), "--config", wrong)
check(not io.open(folder .. "/owned"), "a configuration file sees no library")

local status, usage, errors = outcome("--help")
equal(status, 0)
equal(errors, "")
equal(usage, [[
usage: dvae.lua [options]
  --epochs N        training epochs (default 200, at least 1)
  --signal top|qcd  signal class (default top)
  --ratio X         S/B (default 1, at least 0, at most 1)
  --alpha A,B,…     prior (default 1,0.25,0.1)
  --quick           small and fast
  --config FILE     read options from a Lua file that returns a table
  --help            show this
]])

-- Presets: an option that gives defaults to others.
local with_presets = {
  lr = 5e-3, batch = 100, epochs = 10,
  settings = { "published", presets = { published = { lr = 5e-3 }, paper = { lr = 1e-3, batch = 50 } } },
}
local function preset(...)
  local kept = arg
  _G.arg = { [0] = "x.lua", ... }
  local o = options(with_presets)
  _G.arg = kept
  return o
end
equal(preset(), { lr = 5e-3, batch = 100, epochs = 10, settings = "published" })
equal(preset("--settings", "paper"), { lr = 1e-3, batch = 50, epochs = 10, settings = "paper" })
equal(preset("--batch", "7", "--settings", "paper"), { lr = 1e-3, batch = 7, epochs = 10, settings = "paper" }, "what is typed goes first")
equal(preset("--config", write("preset.lua", 'return { settings = "paper", lr = 1 }')), { lr = 1.0, batch = 50, epochs = 10, settings = "paper" })
local shown = testing.script([[
require("options") { { "settings", "a", "whose", presets = { a = { lr = .5, batch = 2 }, b = {} } }, { "lr", 1.0 }, { "batch", 1 } }
]], { "--help" }, { name = "x.lua" }).stdout
check(shown:find("%-%-settings a|b +whose %(default a%)\n +a: %-%-batch 2 %-%-lr 0.5\n +b:\n"), shown)
raises('options: s: presets.a: unknown option "lrr"', options, { s = { "a", presets = { a = { lrr = 1 } } }, lr = 1.0 })
raises("options: s: presets.a.lr: expected a number of at least 0, got -1", options,
  { s = { "a", presets = { a = { lr = -1 } } }, lr = { 1.0, min = 0 } })
raises("options: s: presets: expected an option that is a string", options, { s = { 1, presets = { a = {} } } })
raises("options: s: default: expected one of a, got b", options, { s = { "b", presets = { a = {} } } })

-- A user's mistake is one line and status 1; everything else stays an error with its traceback.
local function attempted(body)
  return testing.script([[
local options = require "options"
local function deeper(...) return ... end
]] .. body, {}, { name = "mine.lua" })
end
local function ends(body, status, stdout, stderr)
  local result = attempted(body)
  equal({ result.status, result.stdout }, { status, stdout }, result.stderr)
  if stderr then equal(result.stderr, stderr) end
  return result.stderr
end
ends("print(options.attempt(function(...) return nil, ... end, 1, nil))", 0, "nil\t1\tnil\n", "")
ends('print("out") options.attempt(error, "file.h5: gone; look for it", 0)', 1, "out\n", "mine.lua: file.h5: gone; look for it\n")
ends('options.attempt(function() error("bad file") end)', 1, "", "mine.lua: bad file\n")
ends('options.attempt(function() local ok, e = pcall(deeper, 1) error("two\\nlines\\27") end)', 1, "", "mine.lua: two\\nlines\\x1b\n")
ends('options.attempt(require("options"), { a = {} })', 1, "", "mine.lua: options: a: expected a default that is a number, string, boolean or "
  .. "list (or type=), got nil\n")
ends('options.attempt(error, "data.lua:3: what the file says", 0)', 1, "", "mine.lua: data.lua:3: what the file says\n")
ends('options.fail("epoch %d is bad; 100 %%", 3)', 1, "", "mine.lua: epoch 3 is bad; 100 %\n")
ends('options.fail("100 % bad")', 1, "", "mine.lua: 100 % bad\n")
check(ends("options.attempt(function() return nil + 1 end)", 1, ""):find("attempt to perform arithmetic.*stack traceback"))
check(ends("options.attempt(function() error({}) end)", 1, ""):find("error object is a table value", 1, true))
raises("options.attempt: fn: expected a function, got 3", options.attempt, 3)
raises("options.fail: message: expected a string, got nil", options.fail)

testing.finish()
