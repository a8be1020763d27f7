-- jetlua help [NAME]: what a function, module or class is for; alone, the modules and the commands.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local help = require "jetlua.help"
local options = require "jetlua.options"

if #arg > 0 then
  local found, page = pcall(help.text, table.concat(arg, " "))
  if not found then options.fail("%s", (tostring(page):gsub("^.-:%d+: ", ""):gsub("^help: ", ""))) end
  print(page)
else
  print(help.text())
  print "\njetlua SCRIPT.lua [OPTIONS] runs a script; jetlua alone, on a terminal, is a prompt. Further commands:"
  for _, command in ipairs(commands.list()) do print(("  jetlua %-8s  %s"):format(command.name, command.summary)) end
end
