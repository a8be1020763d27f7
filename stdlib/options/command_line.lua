-- Reads a command line against declared options. What is given there goes before a configuration file, that before presets,
-- and these before defaults.

local declaration = require "jetlua.options.declaration"
local help = require "jetlua.options.help"
local mistake = require "jetlua.options.mistake"
local nearest = require "jetlua.internal.nearest"
local settings = require "jetlua.internal.settings"
local text = require "jetlua.internal.text"

local command_line = {}

local function refuse(message, ...) mistake.fail(message:format(...)) end

--- The value written as `written`, in the type of the option, or nil and what is wrong.
local function parse(option, written)
  local value = written
  if option.kind == "integer" or option.kind == "number" then
    value = tonumber(written) or written
  elseif option.kind == "boolean" then
    value = ({ ["true"] = true, ["false"] = false })[written]
    if value == nil then value = written end
  elseif option.kind == "list" then
    value = {}
    for item in (written .. ","):gmatch("([^,]*),") do
      item = item:match("^%s*(.-)%s*$")
      value[#value + 1] = option.items ~= "string" and tonumber(item) or item
    end
  end
  local result, problem = declaration.check(option, value)
  if problem then problem = ("expected %s, got %s"):format(declaration.expected(option), written == "" and "nothing" or text.one_line(written)) end
  return result, problem
end

--- The table in a configuration file: what it returns, or the globals it sets. The file sees no library.
local function read_config(path)
  local environment = {}
  local chunk, problem = loadfile(path, "t", environment)
  if not chunk then return nil, (problem:gsub("^cannot open ", "cannot be opened: ")) end
  local passed, result = pcall(chunk)
  if not passed then return nil, tostring(result) end
  if result == nil then result = environment end
  if type(result) ~= "table" then return nil, ("expected a file that returns a table, got %s"):format(text.describe(result)) end
  return result
end

--- Values by name from the words of a command line (`words[1]`, `words[2]`, …; `words[0]` is the script).
---@param specification table[] from declaration.read
---@param words table|nil
---@return table<string, any>
function command_line.resolve(specification, words)
  words = words or {}
  local options, names = {}, { "help", "config" }
  for _, option in ipairs(specification) do
    options[option.name:gsub("_", "-")] = option
    names[#names + 1] = (option.name:gsub("_", "-"))
    if option.kind == "boolean" then names[#names + 1] = "no-" .. names[#names] end
  end

  local given, from_file, config = {}, {}, nil

  local function unknown(name, prefix)
    local near = nearest(name, names)
    local hint = near and ("did you mean %s%s?"):format(prefix, near) or "see --help"
    refuse("%s%s: unknown option; %s", prefix, text.one_line(name), hint)
  end

  local i = 1
  while i <= #words do
    local word = words[i]
    local name, written = word:match("^%-%-([^=]+)=(.*)$")
    name = name or word:match("^%-%-(.+)$")
    if name == "help" and written == "json" then
      io.stdout:write(help.json(specification), "\n")
      os.exit(0, true)
    elseif word == "-h" or name == "help" then
      io.stdout:write(help.text(mistake.script(), specification))
      os.exit(0, true)
    elseif not name then
      refuse("%s: unexpected argument; options start with --, see --help", text.one_line(word))
    end
    name = name:gsub("_", "-")
    local option = options[name]
    local switched_off = not option and not written and options[name:match("^no%-(.+)$") or ""]
    if switched_off and switched_off.kind == "boolean" then
      given[switched_off.name] = false
    elseif not option and name ~= "config" then
      unknown(name, "--")
    elseif option and option.kind == "boolean" and not written then
      given[option.name] = true
    else
      if not written then
        i = i + 1
        written = words[i]
        if not written or written:find("^%-%-") then
          refuse("--%s: expected %s after it, got %s", name,
            option and declaration.expected(option) or "a file", written and text.one_line(written) or "nothing")
        end
      end
      if name == "config" then
        config = written
      else
        local value, problem = parse(option, written)
        if problem then refuse("--%s: %s", name, problem) end
        given[option.name] = value
      end
    end
    i = i + 1
  end

  if config then
    local values, problem = read_config(config)
    if not values then refuse("--config: %s", text.one_line(problem)) end
    local keys = {}
    for key in pairs(values) do keys[#keys + 1] = tostring(key) end
    table.sort(keys)
    for _, key in ipairs(keys) do
      local option = options[key:gsub("_", "-")]
      if not option then
        local near = nearest(key, names)
        refuse("--config: %s: unknown option %s; %s", config, text.one_line(key),
          near and "did you mean " .. near:gsub("-", "_") .. "?" or "see --help")
      end
      local value, wrong = declaration.check(option, values[key])
      if wrong then refuse("--config: %s: %s: %s", config, key, wrong) end
      from_file[option.name] = value
    end
  end

  local values, preset = {}, {}
  local function explicit(option)
    local value = given[option.name]
    if value == nil then value = from_file[option.name] end
    return value
  end
  for _, option in ipairs(specification) do
    local choice = explicit(option)
    if choice == nil then choice = option.default end
    for name, value in pairs(option.presets and option.presets[choice] or {}) do preset[name] = value end
  end
  for _, option in ipairs(specification) do
    local value = explicit(option)
    if value == nil then value = preset[option.name] end
    if value == nil and option.name == "seed" and option.kind == "integer" and settings.seed then
      value = declaration.check(option, settings.seed)
    end
    if value == nil and option.default ~= nil then value = declaration.check(option, option.default) end
    values[option.name] = value
  end
  return values
end

return command_line
