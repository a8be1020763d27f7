-- What came out: one row for each point, over its seeds.

local json = require "jetlua.json"
local nearest = require "jetlua.internal.nearest"
local space = require "jetlua.sweep.space"
local text = require "jetlua.internal.text"

local results = {}

--- Values of one hyperparameter or several as text: "alpha=1,0.25 beta=0.1".
---@param options table<string, any>
---@return string
function results.label(options)
  local names, parts = {}, {}
  for name in pairs(options) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = options[name]
    parts[i] = ("%s=%s"):format(name, math.type(value) == "float" and ("%.5g"):format(value) or space.written(value))
  end
  return #parts > 0 and table.concat(parts, " ") or "(as declared)"
end

--- The objective that a list of results is judged by: the one named, or the only one that all report.
---@param record table
---@param list table[]
---@return string|nil
function results.objective(record, list)
  if record.objective then return record.objective end
  for _, result in ipairs(list) do
    if result.results and result.results.auc then return "auc" end
  end
  local only
  for _, result in ipairs(list) do
    for name in pairs(result.results or {}) do
      if only and only ~= name then return nil end
      only = name
    end
  end
  return only
end

local function statistics(values)
  local n, sum, squares = #values, 0, 0
  for _, x in ipairs(values) do sum = sum + x end
  local mean = sum / n
  for _, x in ipairs(values) do squares = squares + (x - mean) ^ 2 end
  return { mean = mean, std = n > 1 and math.sqrt(squares / (n - 1)) or 0.0, n = n }
end

local function finite(x) return type(x) == "number" and x - x == 0 end

--- One row for each point, in order: {options, mean, std, n, seeds, path, failed, pruned, results}. mean, std (n - 1) and n are the
--- objective's over the seeds that finished with a finite one; path is the run folder of the best of them; results holds the same
--- three figures of every number reported.
---@param sweep { path: string, record: table }
---@param list table[] from store.results
---@param objective string|nil
---@param only_objective? boolean leaves `results` empty, which takes a fraction of the time where trials report much
---@return table[]
function results.rows(sweep, list, objective, only_objective)
  local rows, by_key = {}, {}
  local sign = sweep.record.direction == "min" and -1 or 1
  for _, result in ipairs(list) do
    local key = result.key or json.encode(result.options)
    local row = by_key[key]
    if not row then
      row = { options = result.options, n = 0, failed = 0, pruned = 0, seeds = {}, values = {}, columns = {} }
      by_key[key] = row
      rows[#rows + 1] = row
    end
    if result.status == "finished" then
      for name, value in pairs(not only_objective and result.results or {}) do
        if finite(value) then
          row.columns[name] = row.columns[name] or {}
          table.insert(row.columns[name], value)
        end
      end
      local value = objective and (result.results or {})[objective]
      local path = result.run and sweep.path .. "/" .. result.run
      if finite(value) then
        row.values[#row.values + 1] = value
        row.seeds[#row.seeds + 1] = result.seed
        if not row.top or sign * value > sign * row.top then row.top, row.path = value, path end
      elseif objective then
        row.without = (row.without or 0) + 1
      end
      row.path = row.path or path
    elseif row[result.status] then
      row[result.status] = row[result.status] + 1
    end
  end
  for _, row in ipairs(rows) do
    row.results = {}
    for name, values in pairs(row.columns) do row.results[name] = statistics(values) end
    local found = #row.values > 0 and statistics(row.values) or { n = 0 }
    row.mean, row.std, row.n = found.mean, found.std, found.n
    row.columns, row.values, row.top = nil, nil, nil
  end
  return rows
end

--- The row with the best mean; nil where none has one.
---@param rows table[]
---@param direction "max"|"min"
---@return table|nil
function results.best(rows, direction)
  local best
  local sign = direction == "min" and -1 or 1
  for _, row in ipairs(rows) do
    if row.mean and (not best or sign * row.mean > sign * best.mean) then best = row end
  end
  return best
end

--- Why there is nothing to judge by: one line, or nil where the objective is there.
---@param objective string|nil
---@param list table[]
---@return string|nil
function results.problem(objective, list)
  local names, not_finite, finished, found = {}, 0, 0, 0
  local seen = {}
  for _, result in ipairs(list) do
    if result.status == "finished" then
      finished = finished + 1
      if objective and finite((result.results or {})[objective]) then found = found + 1 end
      for _, note in ipairs(result.not_finite or {}) do
        if objective and note:sub(1, #objective + 1) == objective .. ":" then not_finite = not_finite + 1 end
      end
    end
  end
  if finished == 0 or found > 0 then return nil end
  for _, result in ipairs(list) do
    for name in pairs(result.status == "finished" and result.results or {}) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  if not_finite > 0 then return ("%s: expected a finite number, got none in any of %d finished trials"):format(objective, finished) end
  local reported = #names == 0 and "the script reports nothing; call r:report{…}" or "reported are " .. text.shorten(table.concat(names, ", "), 200)
  if not objective then
    return "objective: expected the name of a result to judge by; " .. reported
  end
  local near = nearest(objective, names)
  return ("%s: no trial reported it; %s"):format(text.one_line(objective), near and ("did you mean %s?"):format(near) or reported)
end

local function number(x) return x and ("%.5g"):format(x) or "-" end

--- Every row as a line of a table, the hyperparameters first.
---@param sweep table
---@param rows table[]
---@param objective string|nil
---@return string
function results.table(sweep, rows, objective)
  local heading = {}
  for i, dimension in ipairs(sweep.record.dimensions) do heading[i] = dimension.name end
  local names = #heading
  for _, title in ipairs { objective or "objective", "spread", "n", "failed" } do heading[#heading + 1] = title end
  local pruning = false
  for _, row in ipairs(rows) do pruning = pruning or row.pruned > 0 end
  if pruning then heading[#heading + 1] = "pruned" end
  local lines = { heading }
  for _, row in ipairs(rows) do
    local line = {}
    for i = 1, names do
      local value = row.options[heading[i]]
      line[i] = value == nil and "-" or math.type(value) == "float" and number(value) or space.written(value)
    end
    for _, cell in ipairs { number(row.mean), row.n > 1 and number(row.std) or "-", row.n, row.failed } do line[#line + 1] = cell end
    if pruning then line[#line + 1] = row.pruned end
    lines[#lines + 1] = line
  end
  return text.columns(lines, true)
end

local function quoted(value)
  local s = tostring(value)
  return s:find('[",\n]') and '"' .. s:gsub('"', '""') .. '"' or s
end

--- The rows as CSV: the hyperparameters, then mean, spread and number of seeds of every number reported.
---@param sweep table
---@param rows table[]
---@return string
function results.csv(sweep, rows)
  local heading, names, seen = {}, {}, {}
  for i, dimension in ipairs(sweep.record.dimensions) do heading[i] = dimension.name end
  local dimensions = #heading
  for _, row in ipairs(rows) do
    for name in pairs(row.results) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    for _, suffix in ipairs { "", "_std", "_n" } do heading[#heading + 1] = name .. suffix end
  end
  for _, name in ipairs { "seeds", "failed", "pruned", "run" } do heading[#heading + 1] = name end
  local lines = {}
  local function add(cells)
    for i, cell in ipairs(cells) do cells[i] = quoted(cell) end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, dimensions do
      local value = row.options[heading[i]]
      cells[i] = value == nil and "" or space.written(value)
    end
    for _, name in ipairs(names) do
      local found = row.results[name]
      cells[#cells + 1] = found and space.written(found.mean) or ""
      cells[#cells + 1] = found and found.n > 1 and space.written(found.std) or ""
      cells[#cells + 1] = found and found.n or 0
    end
    local seeds = {}
    for i, seed in ipairs(row.seeds) do seeds[i] = tostring(seed) end
    for _, cell in ipairs { table.concat(seeds, " "), row.failed, row.pruned, row.path or "" } do cells[#cells + 1] = cell end
    add(cells)
  end
  add(heading)
  table.insert(lines, 1, table.remove(lines))
  return table.concat(lines, "\n") .. "\n"
end

return results
