-- Trials as job arrays of Slurm. The store says what is done, squeue what is under way; what is neither is submitted again.

local batch = require "jetlua.sweep.batch"
local json = require "jetlua.json"
local processes = require "jetlua.core.processes"
local raise = require "jetlua.internal.raise"
local store = require "jetlua.sweep.store"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local slurm = {}

-- MaxArraySize of a Slurm that nobody has configured is 1001.
local largest_array = 1000
local most_losses = 10

local function quoted(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

--- The batch script of an array; exec makes jetlua the process that Slurm signals.
local function script(opened, list)
  return table.concat({
    "#!/bin/sh",
    ("exec %s sweep task %s %s \"$SLURM_ARRAY_TASK_ID\""):format(quoted(system.executable()), quoted(opened.path), quoted(list)),
  }, "\n") .. "\n"
end

--- The words of sbatch for an array of n trials.
local function words(o, opened, n, file)
  local list = {
    "sbatch", "--parsable", ("--array=0-%d%s"):format(n - 1, o.throttle and "%" .. o.throttle or ""),
    "--job-name=" .. opened.record.script:match("([^/]*)$"):gsub("%.lua$", ""), "--requeue", "--open-mode=append", "--signal=B:USR1@60",
    "--cpus-per-task=" .. o.cpus, ("--output=%s/slurm/%%A_%%a.txt"):format(opened.path), "--chdir=" .. opened.record.directory,
  }
  for _, name in ipairs { "partition", "account", "time", "mem" } do
    if o[name] then list[#list + 1] = ("--%s=%s"):format(name, o[name]) end
  end
  for _, word in ipairs(o.sbatch or {}) do list[#list + 1] = word end
  list[#list + 1] = file
  return list
end

--- Submits trials as one array, and notes it: which job and place each trial has.
local function submit(where, o, opened, trials)
  local folder, n = opened.path .. "/slurm", 1
  system.make_directory(folder)
  while system.exists(("%s/array-%d.json"):format(folder, n)) do n = n + 1 end
  local list, file = ("%s/array-%d.json"):format(folder, n), ("%s/array-%d.sh"):format(folder, n)
  batch.write(opened, list, trials)
  system.write_file(file, script(opened, list))
  local said = system.run(words(o, opened, #trials, file), { timeout = 120 })
  local job = said.status == 0 and said.stdout:match("^(%d+)")
  if not job then
    local reason
    for line in (said.stderr or ""):gmatch("[^\n]+") do reason = line end
    raise("%s: sbatch: expected it to take the jobs, but it said: %s", where, text.one_line(reason or "nothing"))
  end
  local ids = {}
  for i, trial in ipairs(trials) do ids[i] = trial.id end
  system.append_file(folder .. "/jobs.jsonl", json.encode { job = job, trials = ids } .. "\n")
  return job, ids
end

--- What is in Slurm's queue: {["job_place"] = state}; nil and why where Slurm does not answer.
local function queued()
  local said = system.run({ "squeue", "--me", "--noheader", "--array", "--format=%F %K %T" }, { timeout = 120 })
  if said.status ~= 0 then
    return nil, text.one_line(((said.stderr or ""):match("[^\n]+")) or "squeue did not answer")
  end
  local jobs = {}
  for job, place, state in said.stdout:gmatch("(%d+) (%S+) (%S+)") do jobs[job .. "_" .. place] = state end
  return jobs
end

--- The jobs of earlier starts: {[trial id] = {"job_place", …}}.
local function submitted(opened)
  local places = {}
  local read, content = pcall(system.read_file, opened.path .. "/slurm/jobs.jsonl")
  for line in (read and content or ""):gmatch("[^\n]+") do
    local decoded, entry = pcall(json.decode, line)
    for i, id in ipairs(decoded and type(entry) == "table" and type(entry.trials) == "table" and entry.trials or {}) do
      places[id] = places[id] or {}
      table.insert(places[id], ("%s_%d"):format(tostring(entry.job), i - 1))
    end
  end
  return places
end

--- Makes what runs the trials of a sweep through Slurm; raises where this machine has none.
---@param where string
---@param o table options of the command
---@return function runner
function slurm.runner(where, o)
  for _, program in ipairs { "sbatch", "squeue" } do
    if not system.find_program(program) then
      raise("%s: --slurm: this machine has no %s; start it where Slurm's commands are, or without --slurm", where, program)
    end
  end
  return function(opened, queue, display)
    local places, flying, lost = submitted(opened), {}, {}
    local adaptive = opened.record.strategy.name == "tpe"
    local number_flying, told_quiet = 0, false
    opened.jobs = o.throttle or math.max(queue.total, 1)

    local function finish(trial, result)
      flying[trial.id] = nil
      number_flying = number_flying - 1
      queue:told(trial, result)
      display:done(result)
    end

    local function step()
      local jobs, problem = queued()
      if not jobs then
        if not told_quiet then display:line("sweep: Slurm does not answer and is asked again: " .. problem) end
        told_quiet = true
        return
      end
      told_quiet = false
      -- Looked at after the queue: a job that left it in between has left its result by now.
      local missing, running = {}, {}
      for _, trial in pairs(flying) do
        local result = store.read(opened.path .. "/trials/" .. trial.id .. "/result.json")
        if result then
          result.id = trial.id
          finish(trial, result)
        else
          local state
          for _, place in ipairs(places[trial.id] or {}) do state = state or jobs[place] end
          if not state then
            missing[#missing + 1] = trial
          elseif state == "RUNNING" then
            trial.seen = trial.seen or system.monotonic()
            running[#running + 1] = { trial = trial, began = trial.seen, number = 1 }
          end
        end
      end
      local most = adaptive and math.max(o.jobs, 1) or math.huge
      while number_flying < most do
        local trial = queue:next()
        if not trial then break end
        flying[trial.id] = trial
        number_flying = number_flying + 1
        local state
        for _, place in ipairs(places[trial.id] or {}) do state = state or jobs[place] end
        if not state then missing[#missing + 1] = trial end
      end
      table.sort(missing, function(a, b) return a.number < b.number end)
      for first = 1, #missing, largest_array do
        local part = { table.unpack(missing, first, math.min(first + largest_array - 1, #missing)) }
        for _, trial in ipairs(part) do
          lost[trial.id] = (lost[trial.id] or -1) + 1
          if lost[trial.id] > most_losses then
            raise("%s: trial %s: its job left Slurm's queue %d times without a result; see %s/slurm", where, trial.id, most_losses, opened.path)
          end
        end
        local job, ids = submit(where, o, opened, part)
        for i, id in ipairs(ids) do
          places[id] = places[id] or {}
          table.insert(places[id], ("%s_%d"):format(job, i - 1))
        end
        display:line(("sweep: job array %s with %d trial%s submitted"):format(job, #part, #part == 1 and "" or "s"))
      end
      display:show(running, {})
    end

    processes.catch_stops()
    local passed, outcome = pcall(function()
      while true do
        step()
        if number_flying == 0 then return nil end
        local until_ = system.monotonic() + o.poll
        while system.monotonic() < until_ do
          processes.wait(math.min(o.poll, 0.5))
          local caught = processes.caught_stop()
          if caught then return caught end
        end
      end
    end)
    processes.release_stops()
    display:close()
    if not passed then error(outcome, 0) end
    if outcome then display:line("sweep: the jobs in Slurm's queue go on; the same command follows them, scancel ends them") end
    return outcome
  end
end

return slurm
