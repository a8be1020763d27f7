local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, raises = testing.check, testing.equal, testing.raises

local root = testing.scratch()

-- Runs a script in a process of its own with its runs under `root`; returns the outcome, the folder and its run.json.
local function play(source, arguments)
  local before = {}
  for _, name in ipairs(system.list_directory(root)) do before[name] = true end
  local outcome = testing.script(source, arguments, { name = "experiment.lua", environment = { JETLUA_RUNS = root } })
  local folder
  for _, name in ipairs(system.list_directory(root)) do
    if not before[name] then folder = root .. "/" .. name end
  end
  local record = folder and json.decode(system.read_file(folder .. "/run.json"))
  return outcome, folder, record
end

local outcome, folder, record = play([[
  local o = require "options" { seed = 7, beta = {1e-3, "KL weight"}, alpha = {{1, .25}, "prior"} }
  local r = require("run").start("demo", o)
  for epoch = 1, 3 do r:log { epoch = epoch, loss = 1 / epoch, note = "é" } end
  r:log { loss = 0/0, kl = { a = 1/0 } }
  local one = setmetatable({}, { __index = { totable = function() return { { 0.5 } } end } })
  r:log { loss = one }
  r:report { auc = 0.9, auc_mass = 0/0 }
  r:report { auc = one }
  r:data(arg[0])
  r:data(arg[0])
  io.open(r:file("notes/a.txt"), "w"):close()
  print(r)
  r:close()
]], { "--beta", "0.1" })
equal(outcome.stderr, "")
equal(outcome.status, 0)
check(folder and folder:find("/demo%-%d%d%d%d%d%d%d%d%-%d%d%d%d%d%d$"), "folder " .. tostring(folder))
equal(outcome.stdout, ("run %s (running)\n"):format(folder))
equal(record.status, "finished")
equal(record.options, { seed = 7, beta = 0.1, alpha = { 1, .25 } })
equal(record.option_texts, { beta = "KL weight", alpha = "prior" })
equal(record.seed, 7)
equal(record.results, { auc = 0.5, auc_mass = json.null })
equal(record.not_finite, { "results.auc_mass: nan" })
equal(#record.data, 1, "a file is recorded once")
check(record.data[1].sha256 == record.script_sha256 and #record.script_sha256 == 64, "checksums")
check(system.read_file(folder .. "/experiment.lua"):find("KL weight", 1, true), "the script's text")
check(record.started:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$") and record.ended, "times")
equal({ record.command[#record.command - 1], record.command[#record.command] }, { "--beta", "0.1" })
check(record.versions.lua or next(record.versions), "versions")
check(system.exists(folder .. "/notes/a.txt"), "r:file makes folders")
local lines = {}
for line in system.read_file(folder .. "/metrics.jsonl"):gmatch("[^\n]+") do lines[#lines + 1] = json.decode(line) end
equal(#lines, 5)
equal({ lines[2].epoch, lines[2].loss, lines[2].note }, { 2, 0.5, "é" })
equal(lines[4].not_finite, { "kl.a: inf", "loss: nan" })
equal(lines[5].loss, 0.5)

-- The cutflows of the sets that a run names are kept, one after the other, with the file that both come from.
if pcall(require, "jetlua.core.jets") then
  local flowed, _, kept = play([[
    local set = require("jets").sample()
    local r = require("run").start("cuts")
    r:data(set:where("550 < pt and pt < 600", { name = "soft" }):where("mass > 100"))
    r:data(set:where("pt > 640"))
    r:close()
  ]])
  equal({ flowed.status, #kept.data, #kept.data[1].cutflows }, { 0, 1, 2 })
  local steps = kept.data[1].cutflows[1]
  equal({ #steps, steps[1].name, steps[1].n, steps[2].name, steps[3].name }, { 3, "read", 20000, "soft", "mass > 100" })
  check(steps[2].n > steps[3].n and steps[3].n > 0 and math.abs(steps[3].cumulative - steps[3].n / 20000) < 1e-12)
  equal(kept.data[1].cutflows[2][2].name, "pt > 640")
end

local _, first = play('require("run").start("twin"):close()')
local _, second = play('local run = require "run"; run.start("twin"):close(); run.start("twin"):close()')
check(first ~= second, "two runs have two folders")

_, _, record = play('local run = require "run"; run.start("a"); run.finish("failed", "x.lua:1: boom")')
equal({ record.status, record.error }, { "failed", "x.lua:1: boom" })
_, _, record = play('local r <close> = require("run").start("a"); error("boom", 0)')
equal({ record.status, record.error }, { "failed", "boom" })
outcome, folder, record = play('local r = require("run").start("a"); r:log { a = 1 }; error("boom", 0)')
equal(outcome.status, 1)
check(record.status == "failed" and record.error:find("boom", 1, true) or record.status == "ended", "a failing script closes its run")
equal(json.decode(system.read_file(folder .. "/metrics.jsonl")).a, 1, "pending metrics are written")
_, _, record = play('require("run").start("a")')
check(record.status == "finished" or record.status == "ended", "the end of the script closes the run")

outcome = play('require("run").start("a/b")')
check(outcome.status == 1 and outcome.stderr:find('run.start: name: expected', 1, true), outcome.stderr)

local source = [[
  local r = require("run").start("paths")
  for _, name in ipairs { "../x", "/etc/x", "a/../../x", "", "a\0b", "a/" } do print(pcall(r.file, r, name)) end
  print(pcall(r.log, r, 3))
  print(pcall(r.log, r, { f = print }))
  print(pcall(r.data, r, "/nowhere/x.h5"))
  r:close()
  print(pcall(r.log, r, {}))
]]
outcome = play(source)
local refused, others = 0, {}
for line in outcome.stdout:gmatch("[^\n]+") do
  if line:find("^false\t.*run:file: name: expected a file inside the run's folder, got") then
    refused = refused + 1
  else
    others[#others + 1] = line:match("run.*")
  end
end
equal(refused, 6)
equal(others, {
  "run:log: metrics: expected a table, got 3",
  "run: run:log.f: expected numbers, strings, booleans and tables of them, got a function",
  "run:data: /nowhere/x.h5: expected a file, found none",
  "run:log: expected a run that is open, got one that is finished",
})
raises("unknown status", require("run").finish, "done")

testing.finish()
