-- The study beside the PyTorch trainings of Tests/reference/study.py: seeds that differ, trainings from the same start, and which of three
-- weights took the rare class.

local json, metrics, system = require "json", require "metrics", require "jetlua.core.system"
local shown, taker = require("study.tables").shown, require("study.arrangement").taker

local comparison = {}

--- The file that Tests/reference/study.py wrote, with the best of three weights in each run.
---@param path string
function comparison.read(path)
  local content = json.decode(system.read_file(path))
  content.paired = content.paired or {}
  for _, list in ipairs { content.runs, content.paired } do
    for _, run in ipairs(list) do
      local s = run.scores
      if s.weight_3 then s.best_weight = math.max(s.weight_1, s.weight_2, s.weight_3) end
    end
  end
  return content
end

--- The AUC, or another measure, of a score such as "declared" or "top/kl jsd" in the numbers of a seed; nil without it.
local function ours_of(numbers, score)
  local class, name, field = score:match("^(%w+)/(%w+) ?([%w_]*)$")
  local scores = class and numbers.scores[class] or numbers.scores
  if not scores then return nil end
  if score == "best_weight" then return math.max(scores.weight_1.auc, scores.weight_2.auc, scores.weight_3.auc) end
  local found = scores[name or score]
  return found and found[field and field ~= "" and field or "auc"]
end

local function measure_of(score) return score:match("/%w+ ([%w_]+)$") or "auc" end
local function title_of(score) return ((score:match("/(%w+)") or score):gsub("_", " ")) end

-- Runs as {task, score, values, seeds}, in the order of the names.
local function grouped(runs)
  local groups, order = {}, {}
  for _, run in ipairs(runs) do
    for score, value in pairs(run.scores) do
      local key = run.task .. "\0" .. score
      if not groups[key] then
        groups[key] = { task = run.task, score = score, values = {}, seeds = {} }
        order[#order + 1] = key
      end
      table.insert(groups[key].values, { value = value })
      table.insert(groups[key].seeds, run.seed)
    end
  end
  table.sort(order)
  local list = {}
  for i, key in ipairs(order) do list[i] = groups[key] end
  return list
end

--- Means over seeds beside means over other seeds in PyTorch; nil where no training is in both.
---@param R table
---@param content table
function comparison.seeds(R, content)
  local rows = {}
  for _, g in ipairs(grouped(content.runs)) do
    local ours = R:has(g.task) and R:over(g.task, function(n) return ours_of(n, g.score) end)
    if ours then
      local theirs, field = metrics.over_seeds(g.values).value, measure_of(g.score)
      local difference = ours.mean - theirs.mean
      -- A divergence: 15 % or two standard deviations over seeds; an AUC of the methods with a second term or at equal mass: 0.02.
      local allowed = field == "jsd" and math.max(0.15 * theirs.mean, 2 * math.max(ours.std, theirs.std))
        or (field == "auc_equal_mass" or g.task:find "^oe" or g.task == "disco") and 0.02 or 0.015
      local several = ours.n > 1 and theirs.n > 1
      rows[#rows + 1] = {
        g.task, title_of(g.score), (field:gsub("auc", "AUC"):gsub("jsd", "JSD"):gsub("_", " ")), shown(ours, 4), shown(theirs, 4), ("%d, %d"):format(ours.n, theirs.n),
        ("%+.4f"):format(difference), several and ("%.4f"):format((ours.std ^ 2 / ours.n + theirs.std ^ 2 / theirs.n) ^ 0.5) or "–", ("%.3f"):format(allowed),
        math.abs(difference) <= allowed and "yes" or "no",
      }
    end
  end
  if #rows == 0 then return nil end
  return {
    title = "Beside PyTorch on the same jets", rows = rows,
    head = { "training", "score", "measure", "jetlua", "PyTorch", "seeds", "difference", "its error", "allowed", "within" },
    note = ("PyTorch %s, an implementation that shares no code: its own reader, preprocessing, draws of jets and weights, the same settings. Means over as many seeds as the column says, here and there; the error of their difference is that of both means over seeds. With three mixtures the seeds end in different arrangements, which the next two tables take apart."):format(content.torch or "?"),
  }
end

--- The trainings that began alike: the seeds of both programs are paired. Nil where there are none.
---@param R table
---@param content table
function comparison.paired(R, content)
  local rows, tasks = {}, {}
  for _, g in ipairs(grouped(content.paired)) do
    local ours, largest, list = R:has(g.task) and {} or nil, 0, {}
    for i, seed in ipairs(g.seeds) do
      local numbers = ours and R:numbers_of(g.task, seed)
      local value = numbers and ours_of(numbers, g.score)
      if value then
        ours[#ours + 1], list[#list + 1] = { value = value }, g.values[i]
        largest = math.max(largest, math.abs(value - g.values[i].value))
      end
    end
    if ours and #ours > 0 then
      local mine, theirs = metrics.over_seeds(ours).value, metrics.over_seeds(list).value
      local difference = mine.mean - theirs.mean
      rows[#rows + 1] = {
        g.task, title_of(g.score), shown(mine, 4), shown(theirs, 4), ("%d"):format(mine.n), ("%+.5f"):format(difference), ("%.5f"):format(largest), "0.015",
        math.abs(difference) <= 0.015 and "yes" or "no",
      }
      tasks[g.task] = true
    end
  end
  if #rows == 0 then return nil end
  -- How far the losses of the epochs are apart, over all pairs.
  local apart, epochs = 0, 0
  for _, run in ipairs(content.paired) do
    local numbers = tasks[run.task] and R:numbers_of(run.task, run.seed)
    if numbers and numbers.loss and run.loss then
      for epoch = 1, math.min(#run.loss, #numbers.loss) do
        apart, epochs = math.max(apart, math.abs(run.loss[epoch] - numbers.loss[epoch])), math.max(epochs, epoch)
      end
    end
  end
  return {
    title = "From the same initial weights, batches and noise as PyTorch", rows = rows,
    head = { "training", "score", "AUC, jetlua", "AUC, PyTorch", "pairs", "difference", "largest of a pair", "allowed", "within" },
    note = ("scripts/dev/record_training.lua wrote down what the trainings of this study began with and drew; PyTorch trained from that, on images of its own reader. Of the losses of %d epochs none differs by more than %.5f. What differs between seeds above is the start, not the program."):format(epochs, apart),
  }
end

local function log_factorial(n)
  local sum = 0
  for i = 2, n do sum = sum + math.log(i) end
  return sum
end

--- Fisher's exact test of two counts out of two numbers of seeds: the chance of counts as unequal as these, or more so, where both programs
--- have the same share.
---@param a integer of n
---@param n integer
---@param b integer of m
---@param m integer
---@return number p two-sided
function comparison.fisher(a, n, b, m)
  local hits = a + b
  local function chance(k)
    if k < 0 or k > n or hits - k < 0 or hits - k > m then return 0 end
    local function choose(total, part) return log_factorial(total) - log_factorial(part) - log_factorial(total - part) end
    return math.exp(choose(n, k) + choose(m, hits - k) - choose(n + m, hits))
  end
  local found, p = chance(a), 0
  for k = 0, hits do
    if chance(k) <= found * (1 + 1e-9) then p = p + chance(k) end
  end
  return math.min(1, p)
end

--- Which weight takes the rare class in how many seeds of each program, and at what loss; nil without three mixtures.
---@param R table
---@param content table|nil
function comparison.arrangements(R, content)
  local rows, notes = {}, {}
  for _, task in ipairs { "dvae3 top 0.05", "dvae3 qcd 0.05" } do
    local found = { jetlua = {}, PyTorch = {} }
    for _, n in ipairs(R:has(task) and R:numbers(task) or {}) do
      table.insert(found.jetlua, { weights = { n.scores.weight_1.auc, n.scores.weight_2.auc, n.scores.weight_3.auc }, loss = n.loss[#n.loss] })
    end
    for _, run in ipairs(content and content.runs or {}) do
      local s = run.scores
      if run.task == task then table.insert(found.PyTorch, { weights = { s.weight_1, s.weight_2, s.weight_3 }, loss = run.loss and run.loss[#run.loss] }) end
    end
    local counts = {}
    for _, program in ipairs { "jetlua", "PyTorch" } do
      local least
      counts[program] = { 0, 0, 0 }
      for _, run in ipairs(found[program]) do
        run.taker = taker(run.weights)
        counts[program][run.taker] = counts[program][run.taker] + 1
        if run.loss and (not least or run.loss < least.loss) then least = run end
      end
      for i = 1, 3 do
        local auc, loss = {}, {}
        for _, run in ipairs(found[program]) do
          if run.taker == i then
            auc[#auc + 1] = { value = run.weights[i] }
            if run.loss then loss[#loss + 1] = { value = run.loss } end
          end
        end
        if #auc > 0 then
          rows[#rows + 1] = {
            task, program, i == 3 and "3, declared" or tostring(i), ("%d of %d"):format(#auc, #found[program]), shown(metrics.over_seeds(auc).value, 4),
            #loss > 0 and shown(metrics.over_seeds(loss).value, 4) or "–", least and least.taker == i and "yes" or "",
          }
        end
      end
    end
    local n, m = #found.jetlua, #found.PyTorch
    if n > 0 and m > 0 then
      notes[#notes + 1] = ("%s: the declared weight takes the rare class in %d of %d and %d of %d trainings, p = %.2f by Fisher's exact test of equal shares"):format(
        task, counts.jetlua[3], n, counts.PyTorch[3], m, comparison.fisher(counts.jetlua[3], n, counts.PyTorch[3], m))
    end
  end
  if #rows == 0 then return nil end
  return {
    title = "Which of three weights takes the rare class", rows = rows,
    head = { "training", "program", "weight", "trainings", "its AUC", "training loss", "has the least loss" },
    note = (#notes > 0 and table.concat(notes, "; ") .. ". " or "")
      .. "The smallest α declares the third weight, but the loss has several minima, and the start decides in which one a training ends. The last column marks the arrangement of the training with the lowest loss of all, a choice that looks at no label.",
  }
end

return comparison
