-- The commands of jetlua (`jetlua doctor`): each is one file of the folder commands/, whose first line says what it does.

local system = require "jetlua.core.system"

local commands = {}

local folder = system.home() .. "/commands"

--- Every command with its summary, by name.
---@return { name: string, summary: string }[]
function commands.list()
  local found = {}
  for _, file in ipairs(system.list_directory(folder)) do
    local name = file:match("^([%w_]+)%.lua$")
    local first = name and system.read_file(folder .. "/" .. file):match("^%-%- jetlua [^\n]-: ([^\n]*)")
    if first then found[#found + 1] = { name = name, summary = first } end
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end

--- Takes the words before the first option out of `arg`: the operands of a command.
---@return string[]
function commands.operands()
  local words = {}
  while arg[1] and arg[1]:sub(1, 1) ~= "-" do words[#words + 1] = table.remove(arg, 1) end
  return words
end

return commands
