-- jetlua sweep SCRIPT --over …

local options = require "jetlua.options"
local results = require "jetlua.sweep.results"
local script = require "jetlua.sweep.script"
local space = require "jetlua.sweep.space"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"
local work = require "jetlua.sweep.work"

local where = "sweep"

local declared = {
  { "seeds", nil, "how many seeds for each point, or a list of them: 3 or 11,12", type = "string" },
  { "strategy", "grid", "how points are chosen", choices = { "grid", "zip", "random", "sobol", "tpe" } },
  { "trials", nil, "points of random, sobol or tpe", type = "integer", min = 1 },
  { "strategy-seed", 1, "of the random numbers of random and tpe", min = 0 },
  { "objective", nil, "the result that is judged; with dots inside tables, as scores.mse.auc", type = "string" },
  { "direction", "max", "whether it is better large or small", choices = { "max", "min" } },
  { "prune", nil, "end trials early that do badly: median or halving", choices = { "median", "halving" }, type = "string" },
  { "prune-metric", nil, "what the script logs and is pruned by", type = "string" },
  { "prune-direction", "min", "whether that is better large or small", choices = { "max", "min" } },
  { "prune-warmup", 0, "steps before which no trial is pruned by the median", min = 0 },
  { "prune-startup", 5, "finished trials before the median counts", min = 1 },
  { "prune-first", 1, "step of the first rung of halving", min = 1 },
  { "prune-factor", 4.0, "each rung comes so many times later and keeps one in so many", min = 1.01 },
  { "jobs", 1, "trials at a time", min = 1 },
  { "threads", nil, "threads for each trial; the processors are shared out if left out", type = "integer", min = 1 },
  { "time-limit", nil, "seconds that a trial may take", type = "number", min = 0 },
  { "retries", 1, "times that a failed trial is tried again", min = 0 },
  { "memory", nil, "GB that a trial may have", type = "number", min = 0 },
  { "folder", nil, "where the sweep is kept; sweeps/SCRIPT-CHECKSUM if left out", type = "string" },
  { "changed", false, "go on though the script has changed" },
  { "dry-run", false, "only list the trials" },
  { "slurm", false, "run the trials as job arrays of Slurm" },
  { "htcondor", nil, "write a submit description for HTCondor to this file instead of running", type = "string" },
  { "partition", nil, "of Slurm", type = "string" },
  { "account", nil, "of Slurm", type = "string" },
  { "time", nil, "limit of a Slurm job, as 2:00:00", type = "string" },
  { "mem", nil, "memory of a cluster's job, as 4G", type = "string" },
  { "cpus", 1, "processors of a cluster's job", min = 1 },
  { "throttle", nil, "most Slurm jobs at a time", type = "integer", min = 1 },
  { "sbatch", nil, "further words for sbatch, separated by commas", type = "list" },
  { "poll", 10.0, "seconds between two looks at Slurm's queue", min = 0.1 },
}

local function read_seeds(written)
  if written == nil then return nil end
  if not written:find(",") then return tonumber(written) or written end
  local list = {}
  for word in (written .. ","):gmatch("([^,]*),") do list[#list + 1] = tonumber(word) or word end
  return list
end

local function list_trials(given)
  local trials, _, how = options.attempt(work.plan, where, given)
  if not trials then options.fail("--dry-run: expected a strategy that is known beforehand, got %s, whose points follow from results", given.strategy) end
  for _, trial in ipairs(trials) do
    print(("%d  %s%s"):format(trial.number, results.label(trial.options), trial.seed and (" seed=%d"):format(trial.seed) or ""))
  end
  print(("%d trials in %s"):format(#trials, how.folder))
end

--- Runs the command for a script and the words of --over and --with, {name, written} each.
---@param path string|nil
---@param over string[][]
---@param with string[][]
local function command(path, over, with)
  local o = options(declared)
  if not path then options.fail("expected a script; for example: jetlua sweep scripts/dvae_k3.lua --over ratio=1,0.05 --seeds 3") end
  local given = {
    script = path, seeds = read_seeds(o.seeds), strategy = o.strategy, trials = o.trials, seed = o["strategy-seed"], objective = o.objective,
    direction = o.direction, jobs = o.jobs, threads = o.threads, time_limit = o["time-limit"], retries = o.retries, memory = o.memory,
    folder = o.folder, changed = o.changed, over = {}, with = {},
  }
  if o.prune then
    given.prune = {
      kind = o.prune, metric = o["prune-metric"], direction = o["prune-direction"], warmup = o["prune-warmup"], startup = o["prune-startup"],
      first = o["prune-first"], factor = o["prune-factor"],
    }
  end
  if o.slurm and o.htcondor then options.fail("expected either --slurm or --htcondor, got both") end
  local cluster = o.slurm and "slurm" or o.htcondor and "htcondor"
  if cluster and o.strategy == "tpe" and cluster == "htcondor" then
    options.fail("--htcondor: expected a strategy whose points are known beforehand, got tpe")
  end
  if o.slurm then given.threads = o.threads or o.cpus end
  if #over > 0 or #with > 0 then
    local known = options.attempt(script.options, where, path)
    for _, one in ipairs(over) do given.over[one[1]] = options.attempt(space.parse, where, known, one[1], one[2]) end
    for _, one in ipairs(with) do
      local values = options.attempt(space.parse, where, known, one[1], one[2])
      if type(values) == "table" and values.min then options.fail("--with: %s: expected one value, got a range", one[1]) end
      if #values ~= 1 then options.fail("--with: %s: expected one value, got %d", one[1], #values) end
      given.with[one[1]] = values[1]
    end
  end
  if o["dry-run"] then return list_trials(given) end

  local runner
  if o.slurm then runner = options.attempt(require("jetlua.sweep.slurm").runner, where, o) end
  local opened, queue = options.attempt(work.open, where, given)
  if o.htcondor then
    local n = options.attempt(require("jetlua.sweep.htcondor").write, where, opened, queue, o)
    print(("%s: %d trials; condor_submit %s, then jetlua sweep show %s"):format(o.htcondor, n, o.htcondor, opened.path))
    return
  end
  local done, caught = options.attempt(work.carry_out, opened, queue, runner)
  if caught then
    local left = queue.total - #done.list
    io.stderr:write(("sweep: stopped with %d of %d trials done; the same command goes on where it stopped\n"):format(#done.list, queue.total))
    -- Who sends the others starts the same command again; Ctrl-C is a person's.
    os.exit(left == 0 and 0 or caught == "INT" and 130 or 75, true)
  end
  print(tostring(done))
  local rows = done:rows()
  local best = results.best(rows, done.direction)
  local failed = 0
  for _, row in ipairs(rows) do failed = failed + row.failed end
  if best then print(("best: %s, %s"):format(results.label(best.options), best.path)) end
  local problem = (o.objective or #rows > 0) and results.problem(done.objective, done.list)
  if problem and o.objective then options.fail("objective: %s", problem) end
  if failed > 0 then
    options.fail("%d of %d trials failed; jetlua sweep show %s --failed says why", failed, queue.total, text.one_line(done.path))
  end
end

return command
