-- What is varied: each hyperparameter is an option of the script, or an element of one that is a list, with values or a range.

local declaration = require "jetlua.options.declaration"
local expect = require "jetlua.internal.expect"
local nearest = require "jetlua.internal.nearest"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local space = {}

--- The option `name`; "alpha3" is the third element of a list `alpha`.
---@return table|nil option
---@return integer|nil element
local function find(options, name)
  for _, option in ipairs(options) do
    if option.name == name then return option end
  end
  local base, element = name:match("^(.-)(%d+)$")
  for _, option in ipairs(options) do
    if option.name == base and option.kind == "list" then return option, math.tointeger(element) end
  end
end

--- The option that is meant by `name`, with "-" for "_" as on a command line.
---@param where string
---@param options table[]
---@param name any
---@return string name, table option, integer|nil element
function space.find(where, options, name)
  if type(name) ~= "string" then expect.wrong(where, "over", "names of options as keys", name) end
  local plain = name:gsub("%-", "_")
  local option, element = find(options, plain)
  if not option then
    local names = {}
    for i, one in ipairs(options) do names[i] = one.name end
    local near = nearest(plain, names)
    raise("%s: %s: the script declares no such option; %s", where, text.one_line(name),
      near and ("did you mean %s?"):format(near) or #names > 0 and "it has " .. table.concat(names, ", ") or "it declares none")
  end
  if element then
    local size = type(option.default) == "table" and #option.default or 0
    if element < 1 or element > size then
      raise("%s: %s: expected an element from 1 to %d of %s, got %d", where, plain, size, option.name, element)
    end
  end
  return plain, option, element
end

--- One value of a hyperparameter, checked by the option's declaration.
function space.check(where, name, option, element, value)
  local result, problem
  if element then
    result, problem = declaration.check(option, { value })
    result = result and result[1]
  else
    result, problem = declaration.check(option, value)
  end
  if problem then raise("%s: %s: %s", where, name, problem) end
  return result
end

local function is_range(given)
  return type(given) == "table" and (given.min ~= nil or given.max ~= nil)
end

--- A range of numbers, checked at both ends.
local function range(where, name, option, element, given)
  local place = ("%s: over: %s"):format(where, name)
  given = expect.options(place, given, { "min", "max", "log", "n" })
  local kind = element and option.items or option.kind
  if kind ~= "number" and kind ~= "integer" then
    raise("%s: expected values, for the option is no number; got a range", place)
  end
  -- The elements of a list of integers may be any numbers, so a range over them is one of numbers too.
  local integer = not element and kind == "integer"
  local result = { name = name, integer = integer, log = expect.boolean(place, "log", given.log) }
  result.min = expect.number(place, "min", given.min, { integer = integer })
  result.max = expect.number(place, "max", given.max, { integer = integer })
  if not integer then result.min, result.max = result.min + 0.0, result.max + 0.0 end
  if result.min >= result.max then
    raise("%s: expected min < max, got %s and %s: the range is empty", place, text.number(result.min), text.number(result.max))
  end
  if result.log and result.min <= 0 then raise("%s: min: expected a number above 0 with log, got %s", place, text.number(result.min)) end
  space.check(where, name, option, element, result.min)
  space.check(where, name, option, element, result.max)
  if given.n ~= nil then result.n = expect.number(place, "n", given.n, { integer = true, min = 2, max = 1e6 }) end
  return result
end

--- The hyperparameters of `over`, checked against the declared options and sorted by name: a list of {name, values} or
--- {name, min, max, log, integer, n}.
---@param where string
---@param options table[]
---@param over table<string, any>
---@return table[]
function space.read(where, options, over)
  if type(over) ~= "table" then expect.wrong(where, "over", "a table {option = values}", over) end
  local dimensions, seen = {}, {}
  for key, given in pairs(over) do
    local name, option, element = space.find(where, options, key)
    if seen[name] then raise("%s: over: %s: given twice", where, name) end
    if name == "seed" then raise("%s: over: seed: expected seeds= (--seeds) for what differs by the random numbers alone, got it among the options", where) end
    seen[name] = true
    if is_range(given) then
      dimensions[#dimensions + 1] = range(where, name, option, element, given)
    else
      if type(given) ~= "table" or getmetatable(given) then expect.wrong(where, "over: " .. name, "a list of values or {min =, max =}", given) end
      if #given == 0 then raise("%s: over: %s: expected at least one value, got none", where, name) end
      local values = {}
      for i, value in ipairs(given) do values[i] = space.check(where, "over: " .. name, option, element, value) end
      dimensions[#dimensions + 1] = { name = name, values = values }
    end
  end
  for _, dimension in ipairs(dimensions) do
    local base = dimension.name:match("^(.-)%d+$")
    if base and seen[base] then raise("%s: over: %s: expected either the list %s or its elements, got both", where, dimension.name, base) end
  end
  table.sort(dimensions, function(a, b) return a.name < b.name end)
  return dimensions
end

--- The value at the share `u` in [0, 1) of a hyperparameter's values or range.
---@param dimension table
---@param u number
---@return any
function space.at(dimension, u)
  if dimension.values then return dimension.values[math.min(math.floor(u * #dimension.values) + 1, #dimension.values)] end
  local low, high = dimension.min, dimension.max
  -- Every integer gets the same share, the two at the ends too.
  if dimension.integer then low, high = low - 0.5, high + 0.5 end
  local value
  if dimension.log then
    -- An integer range that begins at 1 would begin at 0.5 here, still above 0.
    value = math.exp(math.log(low) + u * (math.log(high) - math.log(low)))
  else
    value = low + u * (high - low)
  end
  if dimension.integer then value = math.floor(value + 0.5) end
  return math.max(dimension.min, math.min(dimension.max, value))
end

--- The points of a range in a grid, `n` of them with both ends; integers that coincide count once.
function space.points(where, dimension)
  if dimension.values then return dimension.values end
  local n = dimension.n
  if not n then
    raise("%s: over: %s: expected values, or a range with n= points, for a grid; got a range without n", where, dimension.name)
  end
  local points, seen = {}, {}
  for i = 0, n - 1 do
    local u, value = i / (n - 1), nil
    if dimension.log then
      value = math.exp(math.log(dimension.min) + u * (math.log(dimension.max) - math.log(dimension.min)))
      -- 1e-4 … 1 in decades are meant to be 0.001, not 0.0010000000000000002.
      value = tonumber(("%.12g"):format(value)) + 0.0
    else
      value = tonumber(("%.12g"):format(dimension.min + u * (dimension.max - dimension.min))) + 0.0
    end
    if dimension.integer then value = math.floor(value + 0.5) end
    value = math.max(dimension.min, math.min(dimension.max, value))
    if not seen[value] then
      seen[value] = true
      points[#points + 1] = value
    end
  end
  return points
end

--- A value as it is written on a command line.
---@param value any
---@return string
function space.written(value)
  if type(value) == "table" then
    local items = {}
    for i, item in ipairs(value) do items[i] = space.written(item) end
    return table.concat(items, ",")
  end
  if math.type(value) == "float" then
    for digits = 6, 17 do
      local s = ("%." .. digits .. "g"):format(value)
      if tonumber(s) == value then return s end
    end
  end
  return tostring(value)
end

--- Values by option from values by hyperparameter: elements are put into the list that `base` or else the default gives.
---@param options table[]
---@param assignment table<string, any>
---@param base? table<string, any>
---@return table<string, any>
function space.options(options, assignment, base)
  local values, names = {}, {}
  for name, value in pairs(base or {}) do values[name] = value end
  for name in pairs(assignment) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local option, element = find(options, name)
    if element then
      local list = {}
      for i, item in ipairs(values[option.name] or option.default) do list[i] = item end
      list[element] = assignment[name]
      values[option.name] = list
    else
      values[name] = assignment[name]
    end
  end
  return values
end

--- The hyperparameter written as "1,2,3", "1,1;1,0.25" (lists), "lo..hi", "lo..hi:n" or "log:lo..hi:n", as `over` takes it.
---@param where string
---@param options table[]
---@param name string
---@param written string
---@return any
function space.parse(where, options, name, written)
  local _, option, element = space.find(where, options, name)
  local kind = element and option.items or option.kind
  if kind == "integer" or kind == "number" then
    local rest, log = written:gsub("^log:", "")
    local low, high, n = rest:match("^(.-)%.%.(.-):(%d+)$")
    if not low then low, high = rest:match("^(.-)%.%.(.+)$") end
    if low and tonumber(low) and tonumber(high) then
      return { min = tonumber(low), max = tonumber(high), log = log == 1 or nil, n = n and math.tointeger(n) }
    end
  end
  local function item(word)
    word = word:match("^%s*(.-)%s*$")
    if kind == "boolean" then
      if word == "true" then return true elseif word == "false" then return false end
    end
    if kind == "string" or kind == "list" and option.items == "string" then return word end
    return tonumber(word) or word
  end
  local function list(words)
    local items = {}
    for word in (words .. ","):gmatch("([^,]*),") do items[#items + 1] = item(word) end
    return items
  end
  if written:match("^%s*$") then raise("%s: over: %s: expected at least one value, got none", where, name) end
  if kind ~= "list" then return list(written) end
  local lists = {}
  for words in (written .. ";"):gmatch("([^;]*);") do lists[#lists + 1] = list(words) end
  return lists
end

return space
