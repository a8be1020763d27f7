-- Ends trials that do badly before they have cost all their time. What a trial is measured against is written beside it before it
-- starts, so that its end depends on what had ended then and on its own metrics, not on when somebody looks.

local json = require "jetlua.json"
local system = require "jetlua.core.system"

local pruning = {}

--- The median, or nil of an empty list.
local function median(values)
  local list = { table.unpack(values) }
  table.sort(list)
  local n = #list
  if n == 0 then return nil end
  return n % 2 == 1 and list[n // 2 + 1] or 0.5 * (list[n // 2] + list[n // 2 + 1])
end

--- The step of rung r (from 0): first, first × factor, first × factor², …
local function rung_step(rule, r) return math.floor(rule.first * rule.factor ^ r + 0.5) end

--- What a trial that starts now is measured against: for the median rule the median at each step of the trials that finished, for
--- successive halving the values at each rung of all that came so far.
---@param rule { kind: string, metric: string, direction: string, warmup: integer, startup: integer, first: integer, factor: number }
---@param results table[]
---@return table
function pruning.reference(rule, results)
  local reference = { rule = rule, medians = {}, rungs = {} }
  if rule.kind == "median" then
    local finished, longest = {}, 0
    for _, result in ipairs(results) do
      if result.status == "finished" and type(result.history) == "table" then
        finished[#finished + 1] = result.history
        longest = math.max(longest, #result.history)
      end
    end
    if #finished >= rule.startup then
      for step = 1, longest do
        local values = {}
        for _, history in ipairs(finished) do
          if type(history[step]) == "number" then values[#values + 1] = history[step] end
        end
        reference.medians[step] = median(values)
      end
    end
  else
    for r = 0, 30 do
      local step, values = rung_step(rule, r), {}
      for _, result in ipairs(results) do
        local value = type(result.history) == "table" and result.history[step]
        if type(value) == "number" then values[#values + 1] = value end
      end
      if #values == 0 then break end
      reference.rungs[r + 1] = values
    end
  end
  return reference
end

--- Why a trial whose metric so far is `history` should end, or nil.
---
--- Median: its best value until now is worse than the median of the finished trials at this step (Golovin et al., Google Vizier, 2017).
--- Halving: at a rung it is not among the best 1/factor of those that came there (Li et al., ASHA, 2020).
---@param reference table from pruning.reference
---@param history number[]
---@return string|nil
function pruning.decide(reference, history)
  local rule, step = reference.rule, #history
  local sign = rule.direction == "min" and 1 or -1
  if rule.kind == "median" then
    local middle = reference.medians[step]
    if step <= rule.warmup or type(middle) ~= "number" then return nil end
    local best
    for _, value in ipairs(history) do
      if type(value) == "number" and value == value and (not best or sign * value < sign * best) then best = value end
    end
    if best and sign * best <= sign * middle then return nil end
    return ("%s %s at step %d, the median there is %.5g"):format(rule.metric, best and ("%.5g"):format(best) or "is no number", step, middle)
  end
  for r, values in ipairs(reference.rungs) do
    if rung_step(rule, r - 1) == step then
      local own, better = history[step], 0
      for _, value in ipairs(values) do
        if own ~= own or sign * value < sign * own then better = better + 1 end
      end
      -- The best of those that came is kept, however few they are.
      local kept = math.max(math.floor((#values + 1) / rule.factor), 1)
      if better >= kept then
        return ("%s %.5g at step %d is number %d of %d there"):format(rule.metric, own, step, better + 1, #values + 1)
      end
    end
  end
end

--- Values of a metric in the order in which the run in the folder `path` logged them; json.null for NaN.
---@param path string
---@param metric string
---@return table
function pruning.history(path, metric)
  local values = json.list {}
  local read, content = pcall(system.read_file, path .. "/metrics.jsonl")
  for line in (read and content or ""):gmatch("[^\n]+") do
    local decoded, entry = pcall(json.decode, line)
    if decoded and type(entry) == "table" and (type(entry[metric]) == "number" or entry[metric] == json.null) then
      values[#values + 1] = entry[metric]
    end
  end
  return values
end

--- What a run in the folder `path` does at each log: a function of the logged entry that returns why to end, or nil; nil where no sweep
--- prunes this run. A run that is gone on with has its metrics already.
---@param path string
---@return (fun(entry: table): string|nil)|nil
function pruning.watcher(path)
  local folder = os.getenv("JETLUA_TRIAL")
  if not folder or folder == "" or not system.exists(folder .. "/pruning.json") then return nil end
  local reference = json.decode(system.read_file(folder .. "/pruning.json"))
  local history = pruning.history(path, reference.rule.metric)
  return function(entry)
    local value = entry[reference.rule.metric]
    if type(value) ~= "number" then return nil end
    history[#history + 1] = value
    return pruning.decide(reference, history)
  end
end

return pruning
