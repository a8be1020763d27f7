-- A sweep as it is asked for, checked before anything starts.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local script = require "jetlua.sweep.script"
local sobol = require "jetlua.sweep.sobol"
local space = require "jetlua.sweep.space"
local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"

local declare = {}

declare.options = {
  "script", "over", "with", "seeds", "strategy", "trials", "seed", "objective", "direction", "prune", "jobs", "threads", "time_limit", "retries",
  "memory", "folder", "changed",
}

local strategies = { "grid", "zip", "random", "sobol", "tpe" }

local function one_of(where, what, value, known)
  expect.string(where, what, value)
  for _, name in ipairs(known) do
    if name == value then return value end
  end
  expect.unknown(where, what, value, known)
end

local function read_seeds(where, given, options)
  if given == nil then return {} end
  local declared = false
  for _, option in ipairs(options) do declared = declared or option.name == "seed" and option.kind == "integer" end
  if not declared then raise("%s: seeds: expected a script that declares an option seed, an integer; this one does not", where) end
  local seeds, seen = {}, {}
  if type(given) ~= "table" then
    for i = 1, expect.number(where, "seeds", given, { integer = true, min = 1, max = 100000 }) do seeds[i] = i end
    return seeds
  end
  if #given == 0 then raise("%s: seeds: expected a number of seeds or a list of them, got an empty list", where) end
  for i, seed in ipairs(given) do
    seed = expect.number(where, ("seeds[%d]"):format(i), seed, { integer = true, min = 0 })
    if seen[seed] then raise("%s: seeds: expected different seeds, got %d twice", where, seed) end
    seen[seed], seeds[i] = true, seed
  end
  return seeds
end

local function read_pruning(where, given, record)
  if given == nil then return nil end
  if type(given) == "string" then given = { kind = given } end
  given = expect.options(where .. ": prune", given, { "kind", "metric", "direction", "warmup", "startup", "first", "factor" })
  local metric = given.metric
  if metric == nil then raise("%s: prune: expected metric=, the name of what the script logs with r:log", where) end
  local place = where .. ": prune"
  local function whole(name, default, min)
    return expect.number(place, name, given[name] == nil and default or given[name], { integer = true, min = min })
  end
  local pruning = {
    kind = one_of(where, "prune", given.kind == nil and "median" or given.kind, { "median", "halving" }),
    metric = expect.string(place, "metric", metric),
    direction = one_of(where, "prune: direction", given.direction == nil and "min" or given.direction, { "max", "min" }),
    warmup = whole("warmup", 0, 0), startup = whole("startup", 5, 1), first = whole("first", 1, 1),
    factor = expect.number(place, "factor", given.factor == nil and 4 or given.factor, { min = 1.0001 }),
  }
  if not record.objective then raise("%s: prune: expected objective= too, what the trials that are not pruned are judged by", where) end
  return pruning
end

--- What is swept, from the options of `sweep{…}`, and how it is run: {jobs, threads, time_limit, retries, memory, folder, changed}.
---@param where string
---@param given table
---@return table record, table how
function declare.read(where, given)
  given = expect.options(where, given, declare.options)
  if given.script == nil then raise("%s: script: expected the path of a script, got nil", where) end
  local path = expect.string(where, "script", given.script)
  local options = script.options(where, path)
  local dimensions = space.read(where, options, given.over == nil and {} or given.over)
  local with = {}
  if given.with ~= nil then
    if type(given.with) ~= "table" then expect.wrong(where, "with", "a table {option = value}", given.with) end
    for key, value in pairs(given.with) do
      local name, option, element = space.find(where, options, key)
      if element then raise("%s: with: %s: expected the whole list %s", where, name, option.name) end
      for _, dimension in ipairs(dimensions) do
        if dimension.name == name then raise("%s: %s: expected it either in over or in with, got it in both", where, name) end
      end
      with[name] = space.check(where, "with: " .. name, option, nil, value)
    end
  end
  local record = {
    script = store.absolute(path), directory = store.absolute("."), script_sha256 = system.sha256_file(path), options = options,
    dimensions = dimensions, with = with, seeds = read_seeds(where, given.seeds, options),
  }
  local name = one_of(where, "strategy", given.strategy == nil and "grid" or given.strategy, strategies)
  local wants_trials = name ~= "grid" and name ~= "zip"
  record.strategy = { name = name }
  if given.objective ~= nil then record.objective = expect.string(where, "objective", given.objective) end
  record.direction = one_of(where, "direction", given.direction == nil and "max" or given.direction, { "max", "min" })
  if wants_trials then
    if given.trials == nil then raise("%s: trials: expected the number of points, for the strategy is %s; got nil", where, name) end
    if #dimensions == 0 then raise("%s: over: expected something to vary, for the strategy is %s; got nothing", where, name) end
    record.strategy.trials = expect.number(where, "trials", given.trials, { integer = true, min = 1, max = 1000000 })
    record.strategy.seed = expect.number(where, "seed", given.seed == nil and 1 or given.seed, { integer = true, min = 0 })
    if name == "sobol" and #dimensions > sobol.dimensions then
      raise("%s: over: expected at most %d hyperparameters for sobol, got %d; take random", where, sobol.dimensions, #dimensions)
    end
    if name == "tpe" and not record.objective then raise("%s: objective: expected the name of a result, for the strategy is tpe; got nil", where) end
  elseif given.trials ~= nil then
    raise("%s: trials: expected none, for a %s has as many as its values; got %s", where, name, tostring(given.trials))
  end
  record.pruning = read_pruning(where, given.prune, record)

  local cores = system.cpu().cores
  local how = { changed = expect.boolean(where, "changed", given.changed) }
  how.jobs = expect.number(where, "jobs", given.jobs == nil and 1 or given.jobs, { integer = true, min = 1, max = 1000 })
  how.threads = expect.number(where, "threads", given.threads == nil and math.min(math.max(cores // how.jobs, 1), 256) or given.threads, { integer = true, min = 1, max = 256 })
  if given.time_limit ~= nil then how.time_limit = expect.number(where, "time_limit", given.time_limit, { min = 0.001 }) end
  how.retries = expect.number(where, "retries", given.retries == nil and 1 or given.retries, { integer = true, min = 0 })
  if given.memory ~= nil then how.memory = math.floor(expect.number(where, "memory", given.memory, { min = 0.01, max = 1e6 }) * 1e9) end
  if given.folder ~= nil then
    how.folder = expect.string(where, "folder", given.folder)
  else
    how.folder = "sweeps/" .. store.folder_name(record)
  end
  how.folder = store.absolute(how.folder)
  return record, how
end

return declare
