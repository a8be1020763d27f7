-- What the trainings gave, as tables and figures ask for it.

local metrics = require "metrics"

local Results = {}
Results.__index = Results

--- Wraps `{[task name] = {task =, seeds = {kept results}}}`.
function Results.new(by_name)
  return setmetatable({ by_name = by_name, loaded = {} }, Results)
end

--- Whether all of the tasks named are there.
function Results:has(...)
  for _, name in ipairs { ... } do
    if not self.by_name[name] or #self.by_name[name].seeds == 0 then return false end
  end
  return true
end

--- The numbers of a task, one table per seed; an empty list if it was not run.
function Results:numbers(name)
  local list = {}
  for i, kept in ipairs(self.by_name[name] and self.by_name[name].seeds or {}) do list[i] = kept.numbers end
  return list
end

--- The seeds of a task.
---@return integer[]
function Results:seeds_of(name)
  local list = {}
  for i, kept in ipairs(self.by_name[name].seeds) do list[i] = kept.seed end
  return list
end

--- The numbers of a task with a seed, or nil.
function Results:numbers_of(name, seed)
  for _, kept in ipairs(self.by_name[name].seeds) do
    if kept.seed == seed then return kept.numbers end
  end
  return nil
end

--- The tensors of a task for the i-th seed.
function Results:arrays(name, i)
  local key = ("%s %d"):format(name, i or 1)
  self.loaded[key] = self.loaded[key] or self.by_name[name].seeds[i or 1].arrays()
  return self.loaded[key]
end

--- How many seeds a task has.
function Results:count(name) return self.by_name[name] and #self.by_name[name].seeds or 0 end

--- The settings of a task.
function Results:settings(name) return self.by_name[name].task.settings end

--- The file of the first seed's model.
function Results:model_path(name) return self.by_name[name].seeds[1].model_path end

--- The seeds of a task, such as "1, 2, 3".
function Results:seeds(name)
  return table.concat(self:seeds_of(name), ", ")
end

--- Mean, standard deviation and number over seeds of what `of(numbers)` gives; nil where no seed gives a number.
---@return { mean: number, std: number, n: integer }|nil
function Results:over(name, of)
  local list = {}
  for _, numbers in ipairs(self:numbers(name)) do
    local value = of(numbers)
    if type(value) == "number" then list[#list + 1] = { value = value } end
  end
  return #list > 0 and metrics.over_seeds(list).value or nil
end

--- How a task was trained, in one line.
function Results:how(name)
  local s, words = self:settings(name), {}
  local numbers = self:numbers(name)[1]
  local function add(form, value) if value ~= nil then words[#words + 1] = form:format(value) end end
  add("%d training jets", numbers.jets)
  add("%d test jets", numbers.test)
  add("%d epochs", s.epochs)
  add("batch %d", s.batch)
  add("lr %g", s.lr)
  if s.network then add("%s network", s.network == "conv" and "convolutional" or "dense") end
  if s.alpha then add("α = (%s)", table.concat(s.alpha, ", ")) end
  add("seeds %s", self:seeds(name))
  return table.concat(words, ", ")
end

return Results
