-- What a script declares: names, defaults, kinds and limits. A mistake here is the script's, so it raises.

local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local declaration = {}

local kinds = { "string", "number", "integer", "boolean", "list" }

--- Kind of a default: "integer", "number", "boolean", "string" or "list"; nil for anything else.
function declaration.kind(value)
  local kind = type(value)
  if kind == "number" then return math.type(value) == "integer" and "integer" or "number" end
  if kind == "string" or kind == "boolean" then return kind end
  if kind == "table" and #value > 0 then return "list" end
end

--- Kind of the elements of a list: strings, or integers if all are, or numbers.
local function item_kind(name, list)
  local found = "integer"
  for i, item in ipairs(list) do
    local kind = declaration.kind(item)
    if kind ~= "integer" and kind ~= "number" and kind ~= "string" or i > 1 and (kind == "string") ~= (found == "string") then
      raise("options: %s: expected a list of numbers or of strings as the default, got %s in it", name, text.describe(item))
    end
    if kind ~= "integer" then found = kind end
  end
  return found
end

--- Presets are choices that bring defaults for other options: the table's keys are the choices unless those are listed.
local function read_presets(where, result, presets)
  if result.kind ~= "string" then raise("%s: presets: expected an option that is a string, got one that is of type %s", where, result.kind) end
  if type(presets) ~= "table" or next(presets) == nil then expect.wrong(where, "presets", "{choice = {option = value}}", presets) end
  local names = {}
  result.presets = {}
  for name, values in pairs(presets) do
    if type(name) ~= "string" then expect.wrong(where, "presets", "names of choices as keys", name) end
    if type(values) ~= "table" then expect.wrong(where, "presets." .. name, "{option = value}", values) end
    names[#names + 1], result.presets[name] = name, values
  end
  table.sort(names)
  result.choices = result.choices or names
end

--- Every preset must fit the option that it is for.
local function check_presets(option, by_name)
  for choice, values in pairs(option.presets) do
    local checked = {}
    for name, value in pairs(values) do
      local where = ("options: %s: presets.%s"):format(option.name, choice)
      local target = by_name[name] or expect.unknown(where, "option", name, by_name)
      local result, problem = declaration.check(target, value)
      if problem then raise("%s.%s: %s", where, name, problem) end
      checked[name] = result
    end
    option.presets[choice] = checked
  end
end

local function read_entry(name, default, entry)
  if type(name) ~= "string" or not name:find("^%a[%w_%-]*$") then
    raise("options: expected a name of letters, digits and _, got %s", text.describe(name))
  end
  if name == "help" or name == "config" or name == "h" then raise("options: %s: this name is taken", name) end
  local where = "options: " .. name
  local result = { name = name, default = default, text = entry.text, min = entry.min, max = entry.max }
  if entry.text ~= nil then expect.string(where, "text", entry.text) end
  if entry.type ~= nil then
    result.kind = expect.string(where, "type", entry.type)
    local known = false
    for _, kind in ipairs(kinds) do known = known or kind == result.kind end
    if not known then expect.unknown(where, "type", result.kind, kinds) end
  else
    result.kind = declaration.kind(default)
  end
  if not result.kind then
    raise("%s: expected a default that is a number, string, boolean or list (or type=), got %s", where, text.describe(default))
  end
  if result.kind == "list" then result.items = default and item_kind(name, default) or "string" end
  if entry.min ~= nil then expect.number(where, "min", entry.min) end
  if entry.max ~= nil then expect.number(where, "max", entry.max) end
  if entry.choices ~= nil then
    if type(entry.choices) ~= "table" or #entry.choices == 0 then expect.wrong(where, "choices", "a list", entry.choices) end
    result.choices = { table.unpack(entry.choices) }
  end
  if entry.presets ~= nil then read_presets(where, result, entry.presets) end
  return result
end

local attributes = { choices = true, min = true, max = true, presets = true, type = true }

--- The attributes of a declaration table whose text stands at position `at`.
local function attributes_of(name, t, at)
  local entry = { text = t[at] }
  if entry.text ~= nil and type(entry.text) ~= "string" then
    raise("options: %s: expected {default, \"text\"}, got %s in second place; a list as default is written {{1, 2}, \"text\"}",
      tostring(name), text.describe(entry.text))
  end
  for key, value in pairs(t) do
    if attributes[key] then
      entry[key] = value
    elseif math.type(key) ~= "integer" or key < 1 or key > at then
      expect.unknown("options: " .. tostring(name), "attribute", key, attributes)
    end
  end
  return entry
end

--- The declared options as a list of { name, default, kind, items, text, choices, min, max, presets }, sorted by name
--- unless the declaration is itself a list.
---@param declarations table
---@return table[]
function declaration.read(declarations)
  if type(declarations) ~= "table" then expect.wrong("options", "declaration", "a table", declarations) end
  local specification, seen = {}, {}
  local function add(name, default, entry)
    local option = read_entry(name, default, entry)
    if seen[option.name] then raise("options: %s: declared twice", option.name) end
    seen[option.name] = option
    specification[#specification + 1] = option
  end
  for _, t in ipairs(declarations) do
    if type(t) ~= "table" then expect.wrong("options", "declaration", '{"name", default, "text"}', t) end
    add(t[1], t[2], attributes_of(t[1], t, 3))
  end
  local names = {}
  for name in pairs(declarations) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local t = declarations[name]
    if type(t) == "table" then
      add(name, t[1], attributes_of(name, t, 2))
    else
      add(name, t, {})
    end
  end
  for _, option in ipairs(specification) do
    if option.default ~= nil then
      local _, problem = declaration.check(option, option.default)
      if problem then raise("options: %s: default: %s", option.name, problem) end
    end
    if option.presets then check_presets(option, seen) end
  end
  return specification
end

--- "an integer of at least 1", "one of top, qcd", "numbers separated by commas", …
function declaration.expected(option)
  if option.choices then
    local shown = {}
    for i, choice in ipairs(option.choices) do shown[i] = tostring(choice) end
    return "one of " .. table.concat(shown, ", ")
  end
  local kind = option.kind
  if kind == "list" then
    return ({ integer = "integers", number = "numbers", string = "words" })[option.items] .. " separated by commas"
  end
  local noun = ({ integer = "an integer", number = "a number", boolean = "true or false", string = "a text" })[kind]
  if option.min and option.max then
    return ("%s from %s to %s"):format(noun, text.number(option.min), text.number(option.max))
  end
  if option.min then return ("%s of at least %s"):format(noun, text.number(option.min)) end
  if option.max then return ("%s of at most %s"):format(noun, text.number(option.max)) end
  return noun
end

local function check_number(option, kind, value)
  if type(value) ~= "number" or value ~= value or math.abs(value) == math.huge then return nil end
  if option.min and value < option.min or option.max and value > option.max then return nil end
  return kind == "integer" and math.tointeger(value) or kind == "number" and value + 0.0 or nil
end

local function check_scalar(option, kind, value)
  if kind == "integer" or kind == "number" then return check_number(option, kind, value) end
  if type(value) == kind then return value end
end

--- `value` in the form the option has, or nil and what is wrong with it.
---@return any value
---@return string|nil problem
function declaration.check(option, value)
  local result
  if option.kind == "list" then
    result = type(value) == "table" and {} or nil
    for i = 1, result and #value or 0 do
      local item = check_scalar(option, option.items == "integer" and "number" or option.items, value[i])
      if item == nil then
        result = nil
        break
      end
      result[i] = option.items ~= "string" and math.type(value[i]) == "integer" and value[i] or item
    end
    if result and #result == 0 then result = nil end
  else
    result = check_scalar(option, option.kind, value)
  end
  local allowed = not option.choices
  for _, choice in ipairs(option.choices or {}) do allowed = allowed or choice == result end
  if result ~= nil and allowed then return result end
  local shown = type(value) == "string" and text.one_line(value) or text.describe(value)
  return nil, ("expected %s, got %s"):format(declaration.expected(option), shown)
end

return declaration
