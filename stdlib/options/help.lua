local json = require "jetlua.json"
local text = require "jetlua.internal.text"

local help = {}

local placeholders = { integer = "N", number = "X", string = "TEXT", list = "A,B,…" }

local function written(value)
  if type(value) == "table" then
    local items = {}
    for i, item in ipairs(value) do items[i] = written(item) end
    return table.concat(items, ",")
  end
  return type(value) == "number" and text.number(value) or tostring(value)
end

local function usage(option)
  local name = option.name:gsub("_", "-")
  if option.kind == "boolean" then return option.default and "--no-" .. name or "--" .. name end
  if option.choices then
    local choices = {}
    for i, choice in ipairs(option.choices) do choices[i] = written(choice) end
    return ("--%s %s"):format(name, table.concat(choices, "|"))
  end
  return ("--%s %s"):format(name, placeholders[option.kind])
end

local function remark(option)
  local parts = {}
  if option.kind ~= "boolean" and option.default ~= nil and option.default ~= "" then
    parts[1] = "default " .. written(option.default)
  end
  if option.min then parts[#parts + 1] = "at least " .. written(option.min) end
  if option.max then parts[#parts + 1] = "at most " .. written(option.max) end
  local limits = #parts > 0 and ("(%s)"):format(table.concat(parts, ", ")) or ""
  return option.text and (option.text .. (limits ~= "" and " " or "") .. limits) or limits
end

--- A line for each preset of an option: what it stands for, as it would be typed.
local function add_presets(rows, option)
  local names = {}
  for name in pairs(option.presets or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local words = {}
    for target, value in pairs(option.presets[name]) do words[#words + 1] = "--" .. target:gsub("_", "-") .. " " .. written(value) end
    table.sort(words)
    rows[#rows + 1] = { "", ("%s: %s"):format(name, table.concat(words, " ")) }
  end
end

--- What `--help` prints: usage, then one line per option with its text, default and limits.
---@param script string
---@param specification table[]
---@return string
function help.text(script, specification)
  local rows = {}
  for _, option in ipairs(specification) do
    rows[#rows + 1] = { "  " .. usage(option), remark(option) }
    add_presets(rows, option)
  end
  rows[#rows + 1] = { "  --config FILE", "read options from a Lua file that returns a table" }
  rows[#rows + 1] = { "  --help", "show this" }
  local width = 0
  for _, row in ipairs(rows) do width = math.max(width, text.width(row[1])) end
  local lines = { ("usage: %s [options]"):format(script) }
  for _, row in ipairs(rows) do lines[#lines + 1] = (text.pad(row[1], width + 2) .. row[2]):gsub("%s+$", "") end
  return table.concat(lines, "\n") .. "\n"
end

--- What `--help=json` prints, for programs: one line, a list of {name, kind, items, default, text, choices, min, max}.
---@param specification table[]
---@return string
function help.json(specification)
  local list = json.list {}
  for i, option in ipairs(specification) do
    list[i] = {
      name = option.name, kind = option.kind, items = option.items, default = option.default, text = option.text,
      choices = option.choices, min = option.min, max = option.max,
    }
  end
  return (json.encode(list))
end

return help
