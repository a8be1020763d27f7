-- A sweep is a folder, and the only state is in its files:
--   sweep.json                  what is swept; replaced by rename
--   lock                        held by the one process that drives the sweep
--   trials/ID/trial.json        options and seed of a trial; ID is their checksum, so equal trials are one
--   trials/ID/lock              held by whoever runs the trial, and by the trial's own process with it
--   trials/ID/attempts.jsonl    a line for each start and end, appended
--   trials/ID/attempt-N/        the run folder that the script makes; output.txt
--   trials/ID/result.json       how it ended; replaced by rename, and a trial without it is to be done
-- A trial that is killed leaves no result and its lock falls with it; one whose driver is killed goes on, ends its run folder and is
-- taken in from there. So none is lost, done twice or half recorded, and local runs, Slurm and HTCondor share one store. A database was
-- rejected: SQLite's locks are unsafe on the shared file systems of clusters, and a server is one more thing to keep alive.

local attempted = require "jetlua.internal.attempted"
local json = require "jetlua.json"
local processes = require "jetlua.core.processes"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local store = {}

local format = 1

--- The path without "." and "..", links, and what is not there yet resolved up to that: one name for each way to write it.
---@param path string
---@return string
function store.absolute(path)
  path = path:gsub("(.)/+$", "%1")
  local real = system.resolve(path)
  if real then return real end
  local above, name = path:match("^(.*)/([^/]+)$")
  if not above then return system.resolve(".") .. "/" .. path end
  return (above == "" and "" or store.absolute(above)) .. "/" .. name
end

--- A JSON file as a table, or nil where there is none or it cannot be read.
---@param path string
---@return table|nil
function store.read(path)
  local read, content = attempted(system.read_file, path)
  if not read then return nil end
  local decoded, value = attempted(json.decode, content)
  return decoded and type(value) == "table" and value or nil
end

---@param path string
---@param value table
function store.write(path, value)
  system.write_file(path, json.encode(value) .. "\n")
end

--- The checksum that names a trial.
---@param options table<string, any>
---@param seed integer|nil
---@param number integer|nil set where equal trials are done again, as an adaptive sweep does
---@return string
function store.id(options, seed, number)
  -- seed has a place of its own, apart from the options.
  local key = json.encode { options = options, seed = seed }
  local sum = system.sha256(key):sub(1, 12)
  return number and ("%06d-%s"):format(number, sum) or sum
end

--- What must agree for two sweeps to share a folder.
local function identity(record)
  local adaptive = record.strategy.name == "tpe"
  return (json.encode {
    script = record.script, with = record.with, adaptive = adaptive, over = adaptive and record.dimensions or nil,
    seed = adaptive and record.strategy.seed or nil, seeds = adaptive and record.seeds or nil,
    objective = adaptive and record.objective or nil, direction = adaptive and record.direction or nil,
  })
end

--- The name of a folder for a sweep, the same for every start of it; more seeds or trials of one sweep go into one folder.
function store.folder_name(record)
  local key = json.encode {
    script = record.script, with = record.with, dimensions = record.dimensions, strategy = record.strategy.name,
    seed = record.strategy.seed, pruning = record.pruning,
  }
  return record.script:match("([^/]-)%.?[^./]*$"):gsub("[^%w_.-]", "_") .. "-" .. system.sha256(key):sub(1, 8)
end

--- Opens the folder of a sweep, made if it is missing, and takes its lock; a sweep of something else in it is refused.
---@param where string
---@param path string
---@param record table what is swept
---@param changed boolean whether a script that changed since is accepted
---@return { path: string, record: table, lock: integer }
function store.open(where, path, record, changed)
  local made, problem = pcall(system.make_directory, path .. "/trials")
  if not made then raise("%s: folder: %s", where, (tostring(problem):gsub("^.-make_directory: ", ""))) end
  local locked, lock = pcall(processes.lock, path .. "/lock")
  if not locked then raise("%s: folder: %s", where, (tostring(lock):gsub("^.-lock: ", "", 1))) end
  if not lock then
    local driver = store.read(path .. "/driver.json") or {}
    raise("%s: %s: another sweep%s works in this folder; wait until it has ended or give another folder", where, text.one_line(path),
      driver.process and (" (process %s on %s)"):format(driver.process, tostring(driver.host)) or "")
  end
  local function refuse(message, ...)
    processes.unlock(lock)
    raise("%s: %s: " .. message, where, text.one_line(path), ...)
  end
  local before = store.read(path .. "/sweep.json")
  if not before and system.exists(path .. "/sweep.json") then refuse("sweep.json cannot be read; give another folder, or remove that file") end
  if before then
    if before.format ~= format then refuse("it is of format %s, and this jetlua knows %d; take the jetlua that made it", tostring(before.format), format) end
    if identity(before) ~= identity(record) then
      refuse("it holds a sweep of %s with other options; give another folder", text.one_line(tostring(before.script)))
    end
    if before.script_sha256 ~= record.script_sha256 and not changed then
      refuse("the script has changed since its trials were done; give another folder, or --changed (changed = true) to go on in this one")
    end
  end
  record.format = format
  local written, why = pcall(function()
    store.write(path .. "/driver.json", { process = system.process_id(), host = system.hostname() })
    store.write(path .. "/sweep.json", record)
  end)
  if not written then refuse("%s", (tostring(why):gsub("^.-write_file: ", ""))) end
  return { path = path, record = record, lock = lock }
end

--- A sweep's folder to look at.
---@param where string
---@param path string
---@return { path: string, record: table }
function store.load(where, path)
  local record = store.read(path .. "/sweep.json")
  if not record or record.format ~= format or type(record.dimensions) ~= "table" then
    raise("%s: %s: expected the folder of a sweep, found none; its sweep.json is missing or cannot be read", where, text.one_line(path))
  end
  return { path = path, record = record }
end

--- Every result in the folder, in the order of the trials' numbers.
---@param path string
---@return table[]
function store.results(path)
  local list = {}
  local root = path .. "/trials/"
  for _, id in ipairs(system.list_directory(path .. "/trials")) do
    local result = store.read(root .. id .. "/result.json")
    if result and type(result.options) == "table" then
      result.id = id
      list[#list + 1] = result
    end
  end
  table.sort(list, function(a, b)
    if a.number ~= b.number then return (a.number or 0) < (b.number or 0) end
    return a.id < b.id
  end)
  return list
end

return store
