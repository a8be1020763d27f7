-- jetlua sweep show FOLDER, jetlua sweep best FOLDER

local commands = require "jetlua.internal.commands"
local json = require "jetlua.json"
local options = require "jetlua.options"
local results = require "jetlua.sweep.results"
local Sweep = require "jetlua.sweep.Sweep"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

--- The sweep in the folder that the command line names, judged by --objective if that is given.
local function opened(words, o)
  if #words ~= 1 then options.fail("expected one folder of a sweep, got %d", #words) end
  local s = options.attempt(Sweep.load, "sweep", words[1])
  if o.objective then s.objective = o.objective end
  if o.direction then s.direction, s.record.direction = o.direction, o.direction end
  return s
end

local judged = {
  { "objective", nil, "judge by this result instead", type = "string" },
  { "direction", nil, "whether it is better large or small", type = "string", choices = { "max", "min" } },
}

local function best(words)
  local o = options { judged[1], judged[2], { "json", false, "as a line of JSON" } }
  local s = opened(words, o)
  local row = options.attempt(s.best, s)
  if o.json then
    print((json.encode(row)))
  else
    print(results.label(row.options))
    print(("%s %.6g%s, %d seed%s"):format(s.objective, row.mean, row.n > 1 and (" +- %.2g"):format(row.std) or "", row.n, row.n == 1 and "" or "s"))
    print(row.path)
  end
end

--- How many trials were begun and have no result.
local function unfinished(s)
  local begun, running = 0, 0
  local done = {}
  for _, result in ipairs(s.list) do done[result.id] = true end
  local processes = require "jetlua.core.processes"
  for _, id in ipairs(system.list_directory(s.path .. "/trials")) do
    if not done[id] then
      begun = begun + 1
      local tried, lock = pcall(processes.lock, s.path .. "/trials/" .. id .. "/lock")
      if tried and lock then processes.unlock(lock) elseif tried then running = running + 1 end
    end
  end
  return begun, running
end

local function show(words)
  local o = options {
    judged[1], judged[2], { "sort", false, "the best first" }, { "csv", nil, "also write the table to this file", type = "string" },
    { "json", false, "a line of JSON for each point" }, { "trials", false, "a line for each trial" }, { "failed", false, "the trials that failed, and why" },
  }
  local s = opened(words, o)
  local rows = o.json and s:rows() or results.rows(s, s.list, s.objective, true)
  if o.sort then
    local sign = s.direction == "min" and -1 or 1
    table.sort(rows, function(a, b)
      local x, y = a.mean and sign * a.mean or -math.huge, b.mean and sign * b.mean or -math.huge
      if x ~= y then return x > y end
      return json.encode(a.options) < json.encode(b.options)
    end)
  end
  if o.csv then options.attempt(s.csv, s, o.csv) end
  if o.json then
    for _, row in ipairs(rows) do print((json.encode(row))) end
    return
  end
  if o.failed then
    for _, result in ipairs(s.list) do
      if result.status == "failed" then
        print(("%s%s: %s\n  %s/trials/%s"):format(results.label(result.options), result.seed and (" seed=%d"):format(result.seed) or "",
          text.one_line(tostring(result.error)), s.path, result.id))
      end
    end
    return
  end
  if o.trials then
    local lines = { { "trial", "status", s.objective or "objective", "seconds", "run" } }
    for _, result in ipairs(s.list) do
      local value = s.objective and (result.results or {})[s.objective]
      lines[#lines + 1] = {
        results.label(result.options) .. (result.seed and (" seed=%d"):format(result.seed) or ""), tostring(result.status),
        type(value) == "number" and ("%.5g"):format(value) or "-", type(result.seconds) == "number" and ("%.1f"):format(result.seconds) or "-",
        tostring(result.run or "-"),
      }
    end
    print(text.columns(lines, true))
  else
    print(results.table(s, rows, s.objective))
  end
  local counts = { finished = 0, pruned = 0, failed = 0 }
  for _, result in ipairs(s.list) do counts[result.status] = (counts[result.status] or 0) + 1 end
  local begun, running = unfinished(s)
  print(("%d finished, %d pruned, %d failed, %d running, %d stopped, in %s"):format(counts.finished, counts.pruned, counts.failed, running,
    begun - running, s.path))
  local problem = results.problem(s.objective, s.list)
  if problem then io.stderr:write(("sweep: %s\n"):format(problem)) end
end

return function(action)
  local words = commands.operands()
  if action == "best" then best(words) else show(words) end
end
