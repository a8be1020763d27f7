-- Numbers of a figure. This is the one place of the standard library that loops over the elements of a tensor: a figure
-- needs each of them as text or as a count in a bin anyway, and some 100,000 scores take a fraction of a second.

local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local numbers = {}

--- Whether `value` is a tensor (anything with a `totable` method).
---@param value any
---@return boolean
function numbers.is_tensor(value)
  if type(value) ~= "userdata" and type(value) ~= "table" then return false end
  local indexed, method = pcall(function() return value.totable end)
  return indexed and type(method) == "function"
end

local function plain(value)
  if numbers.is_tensor(value) then return value:totable() end
  return value
end

local function number_at(where, what, i, value)
  if type(value) == "boolean" then return value and 1 or 0 end
  if type(value) ~= "number" then raise("%s: %s: expected numbers, got %s at %s", where, what, text.describe(value), i) end
  return value
end

--- A new list of the numbers of a list or of a 1-D tensor (of shape `[N]`); booleans count 0 and 1.
---@param where string
---@param what string
---@param value any
---@return number[]
function numbers.vector(where, what, value)
  local list = plain(value)
  if type(list) == "number" then list = { list } end
  if type(list) ~= "table" or type(list[1]) == "table" then
    raise("%s: %s: expected a list of numbers or a tensor [N], got %s", where, what, text.describe(value))
  end
  local copy = {}
  for i = 1, #list do copy[i] = number_at(where, what, i, list[i]) end
  return copy
end

--- Rows of a nested list or of a 2-D tensor; all have the same length (`columns`, if given).
---@param where string
---@param what string
---@param value any
---@param columns? integer
---@return number[][] rows
---@return integer columns
function numbers.matrix(where, what, value, columns)
  local list = plain(value)
  local shape = columns and ("[N, %d]"):format(columns) or "[H, W]"
  if type(list) ~= "table" or type(list[1]) ~= "table" then
    raise("%s: %s: expected a tensor %s, got %s", where, what, shape, text.describe(value))
  end
  local rows, width = {}, columns or #list[1]
  for i = 1, #list do
    local row = list[i]
    if type(row) ~= "table" or #row ~= width or type(row[1]) == "table" then
      raise("%s: %s: expected a tensor %s, got a row of %s at %d", where, what, shape,
        type(row) == "table" and #row .. " elements" or text.describe(row), i)
    end
    rows[i] = {}
    for j = 1, width do rows[i][j] = number_at(where, what, i .. ", " .. j, row[j]) end
  end
  if width == 0 then raise("%s: %s: expected a tensor %s, got an empty one", where, what, shape) end
  return rows, width
end

---@param x number
---@return boolean
function numbers.finite(x)
  return x == x and x ~= math.huge and x ~= -math.huge
end

--- Keeps the positions at which every given list holds a finite number; the lists change in place.
---@param lists table<any, number[]> lists of one length
---@param n integer that length
---@return integer dropped
function numbers.keep_finite(lists, n)
  local kept = 0
  for i = 1, n do
    local good = true
    for _, list in pairs(lists) do good = good and numbers.finite(list[i]) end
    if good then
      kept = kept + 1
      for _, list in pairs(lists) do list[kept] = list[i] end
    end
  end
  for _, list in pairs(lists) do
    for i = kept + 1, n do list[i] = nil end
  end
  return n - kept
end

--- Smallest and largest number of a list; `positive` looks only at those above 0. nil if there is none.
---@param list number[]
---@param positive? boolean
---@return number|nil low
---@return number|nil high
function numbers.extent(list, positive)
  local low, high
  for i = 1, #list do
    local x = list[i]
    if numbers.finite(x) and (not positive or x > 0) then
      if not low or x < low then low = x end
      if not high or x > high then high = x end
    end
  end
  return low, high
end

--- `n` + 1 edges of equal bins from `low` to `high`.
---@param low number
---@param high number
---@param n integer
---@return number[]
function numbers.edges(low, high, n)
  local edges = {}
  for i = 0, n do edges[i + 1] = low + (high - low) * i / n end
  edges[n + 1] = high
  return edges
end

--- Sums of weights per bin [edge, next edge), the last bin closed, and the errors √Σw².
---@param x number[]
---@param weight number[]|nil 1 if left out
---@param edges number[] increasing
---@return { values: number[], errors: number[], outside: integer }
function numbers.histogram(x, weight, edges)
  local n = #edges - 1
  local first, last = edges[1], edges[n + 1]
  local values, squares, outside = {}, {}, 0
  for i = 1, n do values[i], squares[i] = 0, 0 end
  for i = 1, #x do
    local v = x[i]
    if v < first or v > last then
      outside = outside + 1
    else
      -- A guess from equal widths, then a step or two: exact for any edges.
      local bin = math.max(1, math.min(n, math.floor((v - first) / (last - first) * n) + 1))
      while bin > 1 and v < edges[bin] do bin = bin - 1 end
      while bin < n and v >= edges[bin + 1] do bin = bin + 1 end
      local w = weight and weight[i] or 1
      values[bin] = values[bin] + w
      squares[bin] = squares[bin] + w * w
    end
  end
  local errors = {}
  for i = 1, n do errors[i] = math.sqrt(squares[i]) end
  return { values = values, errors = errors, outside = outside }
end

--- Counts of points of the simplex in the cells of a triangle cut `n` times along each side (n² equal triangles).
--- A cell is { a, b, upward }: the points with a ≤ n r₁ < a + 1 and b ≤ n r₂ < b + 1, in the cell's upward half or not.
---@param rows number[][] `[N, 3]`, each row summing to 1
---@param weight number[]|nil
---@param n integer
---@return table<integer, number> counts by 2 (a n + b) + (upward and 0 or 1)
function numbers.triangle_cells(rows, weight, n)
  local counts = {}
  for i = 1, #rows do
    local r = rows[i]
    local sum = r[1] + r[2] + r[3]
    local u, v = n * r[1] / sum, n * r[2] / sum
    local a = math.min(math.floor(u), n - 1)
    local b = math.min(math.floor(v), n - 1 - a)
    local upward = (u - a) + (v - b) <= 1 or a + b >= n - 1
    local key = 2 * (a * n + b) + (upward and 0 or 1)
    local w = weight and weight[i] or 1
    if w ~= 0 then counts[key] = (counts[key] or 0) + w end
  end
  return counts
end

return numbers
