-- jetlua sweep SCRIPT --over NAME=VALUES …: runs a script with many options; also sweep show, best, plot FOLDER.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local options = require "jetlua.options"

-- The module of each action.
local actions = { show = "show", best = "show", plot = "plot", task = "task" }

--- Takes `--NAME VALUE` and `--NAME=VALUE` out of the command line, as often as they stand there: {name, value} each.
local function repeated(name)
  local found, rest = {}, {}
  local i = 1
  while i <= #arg do
    local value = arg[i]:match("^%-%-" .. name .. "=(.*)$")
    if arg[i] == "--" .. name then
      i = i + 1
      value = arg[i] or ""
    end
    if value then
      local key, written = value:match("^([^=]*)=(.*)$")
      if not key then options.fail("--%s: expected NAME=VALUES after it, got %s", name, value == "" and "nothing" or value) end
      for _, one in ipairs(found) do
        if one[1] == key then options.fail("--%s: %s: given twice", name, key) end
      end
      found[#found + 1] = { key, written }
    else
      rest[#rest + 1] = arg[i]
    end
    i = i + 1
  end
  for k = 1, math.max(#arg, #rest) do arg[k] = rest[k] end
  return found
end

-- A folder or script may be called like an action; "./show" is meant then.
local action = actions[arg[1]] and table.remove(arg, 1)
if action then
  require("jetlua.sweep.command_" .. actions[action])(action)
else
  local over, with = repeated("over"), repeated("with")
  local words = commands.operands()
  if #words > 1 then
    options.fail("expected one script and then options, got %s; jetlua sweep SCRIPT --over NAME=VALUES, or sweep show, best or plot FOLDER", words[2])
  end
  require("jetlua.sweep.command_run")(words[1], over, with)
end
