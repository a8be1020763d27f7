-- One trial: claimed, started as a process of its own, and its outcome taken in from the run folder that the script leaves.

local json = require "jetlua.json"
local origin = require "jetlua.run.origin"
local processes = require "jetlua.core.processes"
local prune = require "jetlua.sweep.pruning"
local space = require "jetlua.sweep.space"
local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local attempt = {}

--- Exit status of a program that was stopped and can be gone on with (EX_TEMPFAIL).
attempt.stopped = 75

local most_results = 500
local most_stops = 50

--- The numbers in a table of results by dotted names, "scores.cross_entropy.auc"; true and false count 1 and 0.
local function flatten(results)
  local flat, count = {}, 0
  local function add(prefix, value)
    if count >= most_results then return end
    if type(value) == "number" or type(value) == "boolean" then
      flat[prefix] = type(value) == "number" and value or value and 1 or 0
      count = count + 1
    elseif type(value) == "table" and value ~= json.null then
      local names = {}
      for name in pairs(value) do
        if type(name) == "string" then names[#names + 1] = name end
      end
      table.sort(names)
      for _, name in ipairs(names) do add(prefix .. "." .. name, value[name]) end
    end
  end
  for name, value in pairs(results) do
    if type(name) == "string" then add(name, value) end
  end
  return flat
end

--- How the runs of one attempt stand: their common state and the record of the last one.
local function runs_of(folder)
  local state, record, path
  for _, name in ipairs(system.is_directory(folder) and system.list_directory(folder) or {}) do
    local found = store.read(folder .. "/" .. name .. "/run.json")
    if found then
      if state == nil or state == "finished" then state = found.status end
      local has_results = type(found.results) == "table" and next(found.results) ~= nil
      if not record or has_results or found.status ~= "finished" then record, path = found, name end
    end
  end
  return state, record, path
end

--- The events in a trial's attempts.jsonl.
local function events(folder)
  local list = {}
  local read, content = pcall(system.read_file, folder .. "/attempts.jsonl")
  for line in (read and content or ""):gmatch("[^\n]+") do
    local decoded, event = pcall(json.decode, line)
    -- A line cut short by a full disk says nothing; the run folders say the rest.
    if decoded and type(event) == "table" then list[#list + 1] = event end
  end
  return list
end

local function count(list, key)
  local last, failures, error_ = 0, 0, nil
  for _, event in ipairs(list) do
    last = math.max(last, math.type(event.attempt) == "integer" and event.attempt or 0)
    if event.event == key then failures, error_ = failures + 1, event.error end
  end
  return last, failures, error_
end

local function record_result(sweep, trial, status, fields)
  local result = {
    number = trial.number, point = trial.point, options = trial.options, seed = trial.seed, status = status, key = store.id(trial.options),
    ended = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(system.now())),
  }
  for key, value in pairs(fields) do result[key] = value end
  store.write(trial.path .. "/result.json", result)
  result.id = trial.id
  return result
end

--- The result that finished or pruned runs on disk give, written as result.json; nil where none has.
local function take_in(sweep, trial, last)
  for n = last, 1, -1 do
    local folder = ("attempt-%d"):format(n)
    local state, record, name = runs_of(trial.path .. "/" .. folder)
    if state == "finished" or state == "pruned" then
      local pruning = sweep.record.pruning
      local not_finite
      for _, note in ipairs(type(record.not_finite) == "table" and record.not_finite or {}) do
        not_finite = not_finite or json.list {}
        not_finite[#not_finite + 1] = tostring(note):gsub("^results%.", "")
      end
      return record_result(sweep, trial, state, {
        results = flatten(type(record.results) == "table" and record.results or {}), not_finite = not_finite,
        run = ("trials/%s/%s/%s"):format(trial.id, folder, name), seconds = record.seconds, attempts = last,
        script_sha256 = record.script_sha256, host = record.host,
        history = pruning and prune.history(trial.path .. "/" .. folder .. "/" .. name, pruning.metric) or nil,
      })
    end
  end
end

--- The words that run a trial.
local function command(sweep, trial, resumed)
  local words = { system.executable() }
  if sweep.threads then
    words[#words + 1], words[#words + 2] = "--threads", tostring(sweep.threads)
  end
  if resumed then
    words[#words + 1], words[#words + 2] = "resume", resumed
    return words
  end
  words[#words + 1] = sweep.record.script
  local values = space.options(sweep.record.options, trial.options, sweep.record.with)
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    words[#words + 1] = ("--%s=%s"):format(name:gsub("_", "-"), space.written(values[name]))
  end
  if trial.seed then words[#words + 1] = "--seed=" .. trial.seed end
  return words
end

--- The run folder that a stopped attempt left a checkpoint in to go on from, or nil; nil too where that was refused before, as it is once
--- jetlua or the data are others.
local function to_resume(trial, list, last)
  for _, event in ipairs(list) do
    if event.event == "refused" and event.attempt == last then return nil end
  end
  local folder = ("%s/attempt-%d"):format(trial.path, last)
  local state, _, name = runs_of(folder)
  local path = name and folder .. "/" .. name
  return state == "interrupted" and system.exists(path .. "/checkpoints/training-1.safetensors") and path or nil
end

--- Whether the trial's last process still runs here without its lock, which one that `jetlua resume` has become no longer holds.
local function is_alive(trial, last)
  local state, record = runs_of(("%s/attempt-%d"):format(trial.path, last))
  if state ~= "running" or record.host ~= system.hostname() or math.type(record.process) ~= "integer" then return false end
  local read, environment = pcall(system.read_file, ("/proc/%d/environ"):format(record.process))
  return read and ("\0" .. environment .. "\0"):find("\0JETLUA_TRIAL=" .. trial.path .. "\0", 1, true) ~= nil
end

--- Claims a trial and starts it. The first result is what became of that: "started" with the attempt, "busy" where others run it,
--- or "done" with its result.
---@param sweep table
---@param trial table
---@return "started"|"busy"|"done" state
---@return table|nil
function attempt.start(sweep, trial)
  trial.path = sweep.path .. "/trials/" .. trial.id
  system.make_directory(trial.path)
  local lock = processes.lock(trial.path .. "/lock")
  if not lock then return "busy" end
  local result = store.read(trial.path .. "/result.json")
  if result then
    result.id = trial.id
    processes.unlock(lock)
    return "done", result
  end
  local list = events(trial.path)
  local last, failures, error_ = count(list, "failed")
  if last > 0 and is_alive(trial, last) then
    processes.unlock(lock)
    return "busy"
  end
  result = last > 0 and take_in(sweep, trial, last) or nil
  if not result and failures > sweep.retries then
    result = record_result(sweep, trial, "failed", { error = error_, attempts = last })
  end
  if result then
    processes.unlock(lock)
    return "done", result
  end
  if not system.exists(trial.path .. "/trial.json") then
    store.write(trial.path .. "/trial.json", { number = trial.number, point = trial.point, options = trial.options, seed = trial.seed })
  end
  local number = last + 1
  local resumed = to_resume(trial, list, last)
  if resumed then number = last end
  local folder = ("%s/attempt-%d"):format(trial.path, number)
  system.make_directory(folder)
  if trial.prepare then trial.prepare(trial.path) end
  local words = command(sweep, trial, resumed)
  system.append_file(trial.path .. "/attempts.jsonl", json.encode {
    event = "started", attempt = number, host = system.hostname(), time = system.now(), job = os.getenv("SLURM_JOB_ID"), resumed = resumed and true or nil,
  } .. "\n")
  local environment = origin.told()
  environment.JETLUA_RUNS, environment.JETLUA_TRIAL = folder, trial.path
  local process = processes.start(words, {
    output = folder .. "/output.txt", directory = sweep.record.directory, lock = lock, memory = sweep.memory,
    environment = environment,
  })
  return "started", {
    trial = trial, process = process, lock = lock, number = number, failures = failures, stops = select(2, count(list, "stopped")), folder = folder, resumed = resumed ~= nil, began = system.monotonic(),
  }
end

--- Asks a running attempt to end; after a while it is made to.
---@param running table
---@param reason "stopped"|"time"|"stalled"
function attempt.stop(running, reason)
  if running.reason then return end
  running.reason, running.kill_at = reason, system.monotonic() + 10
  processes.signal(running.process, "TERM")
end

local signal_names = { [4] = "ILL", [6] = "ABRT", [7] = "BUS", [8] = "FPE", [9] = "KILL", [11] = "SEGV", [15] = "TERM", [10] = "USR1", [24] = "XCPU" }

local function why(sweep, running, ending)
  if running.reason == "time" then return ("it ran longer than the time limit of %g s"):format(sweep.time_limit) end
  if ending.signal then
    local name = signal_names[ending.signal]
    local peak = ending.peak / 1e9
    local advice = ending.signal == 9 and not running.reason
      and ("; that is what the system does when memory runs out (it had %.2f GB): fewer jobs at a time, or a smaller trial"):format(peak) or ""
    return ("ended by signal %d%s%s"):format(ending.signal, name and " (" .. name .. ")" or "", advice)
  end
  local state, record = runs_of(running.folder)
  -- What a resumed run says before it goes on is what stopped it the last time.
  if state and type(record.error) == "string" and not (running.resumed and state == "interrupted") then return (record.error:gsub("\n.*", "")) end
  local read, output = pcall(system.read_file, running.folder .. "/output.txt")
  local said
  local mark = system.executable() .. ": "
  for line in (read and output or ""):gmatch("[^\n]+") do
    if line:find("^stack traceback") then break end
    said = line
    -- An error of several lines, as that of a module that is missing, says what is wrong in its first.
    if line:sub(1, #mark) == mark then
      said = line:sub(#mark + 1)
      break
    end
  end
  if ending.status == 0 then
    return state and ("its run ended as %s"):format(state) or "it ended well but made no run: the script has to call run.start and r:report"
  end
  return ("it ended with status %d%s"):format(ending.status, said and "; its last words: " .. text.shorten(text.one_line(said), 300) or "")
end

--- Looks whether an attempt has ended. "running"; "done" with the trial's result; "again" with what went wrong, where it may be tried
--- again; "stopped" where it was told to stop.
---@param sweep table
---@param running table
---@return "running"|"done"|"again"|"stopped" state
---@return table|string|nil
function attempt.poll(sweep, running)
  local ending = processes.poll(running.process)
  local now = system.monotonic()
  if not ending then
    if running.kill_at and now > running.kill_at then
      processes.signal(running.process, "KILL")
    elseif sweep.time_limit and now - running.began > sweep.time_limit then
      attempt.stop(running, "time")
    end
    return "running"
  end
  local trial = running.trial
  local result = take_in(sweep, trial, running.number)
  local state, detail = "done", result
  if not result then
    local error_ = why(sweep, running, ending)
    -- Whoever stops a trial again and again, or a script that ends so by itself, must not keep the sweep for ever.
    local stopped = running.reason == "stopped" or not running.reason and ending.status == attempt.stopped and running.stops < most_stops
    local refused = not stopped and running.resumed and not running.reason and runs_of(running.folder) == "interrupted"
    system.append_file(trial.path .. "/attempts.jsonl", json.encode {
      event = stopped and "stopped" or refused and "refused" or "failed", attempt = running.number, error = error_, seconds = now - running.began,
      status = ending.status, signal = ending.signal, peak = ending.peak,
    } .. "\n")
    if stopped then
      state, detail = "stopped", error_
    elseif refused then
      -- Begun anew, as an attempt that is no failure of the script.
      state, detail = "again", error_
    else
      -- A script that ends well and tells nothing would do so again.
      if ending.status == 0 or running.failures >= sweep.retries then
        detail = record_result(sweep, trial, "failed", { error = error_, attempts = running.number, seconds = now - running.began })
      else
        state, detail = "again", error_
      end
    end
  end
  processes.unlock(running.lock)
  return state, detail
end

return attempt
