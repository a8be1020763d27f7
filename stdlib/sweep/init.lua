-- Many runs of one script with other options: `sweep{script = "scripts/dvae_k3.lua", over = {ratio = {1, 0.05}}, seeds = 3}`. A sweep is a
-- folder; starting it again does only what is missing.

local Sweep = require "jetlua.sweep.Sweep"
local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local store = require "jetlua.sweep.store"
local work = require "jetlua.sweep.work"

local sweep = {}

--- Runs a script once for each combination of options and seeds, each a process of its own with a run folder, and returns the results.
---
--- `over` names options that the script declares: `over = {ratio = {1, 0.05}, alpha = {{1, 1}, {1, 0.25}}}`; `alpha2` is the second element
--- of a list `alpha`; `{min = 1e-4, max = 1, log = true, n = 5}` is a range, with `n` points in a grid. The `strategy` is "grid", "zip" (the
--- k-th values together), "random", "sobol" (both `trials` points) or "tpe" (`trials` points, each chosen by those before it). `prune =
--- {kind = "median" or "halving", metric =}` ends trials early that do badly in what they log. The same call again does what is missing.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}, jobs = 2, objective = "auc"}
---     s:best().path --> …/trials/…
---@param options { script: string, over: table|nil, with: table|nil, seeds: integer|integer[]|nil, strategy: string|nil, trials: integer|nil, seed: integer|nil, objective: string|nil, direction: string|nil, prune: table|nil, jobs: integer|nil, threads: integer|nil, time_limit: number|nil, retries: integer|nil, memory: number|nil, folder: string|nil, changed: boolean|nil }
--- direction "max", jobs 1, retries 1, time_limit in seconds and memory in GB for each trial, folder sweeps/SCRIPT-CHECKSUM by default
---@return sweep.Sweep
local function run(_, options)
  local where = "sweep"
  if type(options) ~= "table" then expect.wrong(where, "options", "a table with script=", options) end
  local done, caught = work.carry_out(work.open(where, options))
  local message = ("the same call goes on where it stopped, in %s"):format(done.path)
  if caught == "INT" then raise("%s: interrupted! %s", where, message) end
  if caught then
    io.stdout:flush()
    io.stderr:write(("sweep: stopped by SIG%s; %s\n"):format(caught, message))
    require("jetlua.run").finish("interrupted", message)
    os.exit(75, true)
  end
  return done
end

--- A sweep that was made before, from its folder.
---
---     io.open("scan.lua", "w"):write('local o = require "options" {ratio = 1} require("run").start("scan", o):report{auc = o.ratio / 10}'):close()
---     s = sweep{script = "scan.lua", over = {ratio = {1, 2}}}
---     sweep.load(s.path) --> sweep …: 2 trials …
---@param path string
---@return sweep.Sweep
function sweep.load(path)
  return Sweep.load("sweep.load", path)
end

--- Which trial of a sweep this script is; nil where it was started by hand.
---
---     sweep.trial() --> nil
---@return { path: string, options: table, seed: integer|nil, number: integer }|nil
function sweep.trial()
  local path = os.getenv("JETLUA_TRIAL")
  if not path or path == "" then return nil end
  local trial = store.read(path .. "/trial.json")
  if not trial then return nil end
  return { path = path, options = trial.options, seed = trial.seed, number = trial.number }
end

return setmetatable(sweep, { __call = run })
