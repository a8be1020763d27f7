-- What a sweep costs: `jetlua scripts/dev/bench_sweep.lua [--seconds 1 --trials 200 --listed 10000]`. The overhead of a trial over the
-- script run by hand, trials that sleep on two jobs against the ideal, and how long many finished trials take to list.

local json = require "json"
local options = require "options"
local sweep = require "sweep"
local system = require "jetlua.core.system"

local o = options {
  { "trials", 200, "trials that sleep" }, { "seconds", 1.0, "that each of them sleeps" }, { "jobs", 2, "at a time" },
  { "listed", 10000, "finished trials to list" }, { "short", 100, "trials that do nothing, one after the other" },
}
require("jetlua.internal.settings").quiet = true
local root = os.tmpname()
os.remove(root)
system.make_directory(root)
local script = root .. "/sleep.lua"
system.write_file(script, [[
local o = require "options" { { "x", 0, "counts" }, { "seconds", 0.0, "to sleep" } }
local r = require("run").start("sleep", o)
if o.seconds > 0 then os.execute("sleep " .. o.seconds) end
r:report { auc = o.x }
]])

local function timed(fn)
  local began = system.monotonic()
  fn()
  return system.monotonic() - began
end

-- By hand too the script is spared reading jetlua's own files, or the sweep would seem to cost less than nothing.
local environment = require("jetlua.run.origin").told()
environment.JETLUA_RUNS = root .. "/runs"
local function by_hand()
  for i = 1, o.short do
    system.run({ system.executable(), "--threads", "1", script, "--x=" .. i }, { environment = environment })
  end
end
local function counted(name, n, with, jobs)
  return timed(function()
    local s = sweep { script = script, over = { x = { min = 1, max = n, n = n } }, with = with, jobs = jobs, threads = 1, objective = "auc", folder = root .. "/" .. name }
    assert(#s:trials() == n and s:best().options.x == n)
  end)
end
-- The machine may be another one a second later, so the runs by hand come before and after.
local before = timed(by_hand) / o.short
local swept = counted("short", o.short, {}, 1) / o.short
local after = timed(by_hand) / o.short
print(("overhead per trial: %.1f ms (%.1f ms in a sweep, %.1f and %.1f ms by hand before and after)"):format(
  1000 * (swept - 0.5 * (before + after)), 1000 * swept, 1000 * before, 1000 * after))

local total = counted("sleeping", o.trials, { seconds = o.seconds }, o.jobs)
local ideal = o.trials * o.seconds / o.jobs
print(("%d trials of %g s on %d jobs: %.1f s, %.1f %% over the ideal"):format(o.trials, o.seconds, o.jobs, total, 100 * (total / ideal - 1)))

-- Copies of one result under other names, as finished trials.
local first = sweep.load(root .. "/short"):trials()[1]
local text = system.read_file(root .. "/short/trials/" .. first.id .. "/result.json")
local record = system.read_file(root .. "/short/sweep.json")
system.make_directory(root .. "/many/trials")
local function put(path, content)
  local file = assert(io.open(path, "w"))
  file:write(content)
  file:close()
end
put(root .. "/many/sweep.json", record)
for i = 1, o.listed do
  local folder = ("%s/many/trials/%012x"):format(root, i)
  system.make_directory(folder)
  local result = json.decode(text)
  result.number, result.options.x, result.key = i, i, ("%012x"):format(i)
  put(folder .. "/result.json", (json.encode(result)))
end
local rows
local listed = timed(function() rows = sweep.load(root .. "/many"):rows() end)
assert(#rows == o.listed)
print(("%d finished trials listed in %.2f s"):format(o.listed, listed))
system.run { "rm", "-rf", root }
