-- jetlua report RUN … [-o FILE.html]: one self-contained page about a run, or several compared.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local report = require "jetlua.run.report"
local system = require "jetlua.core.system"

local words = commands.operands()
for i, word in ipairs(arg) do
  if word == "-o" then arg[i] = "--output" end
end
local o = options { { "output", nil, "the file to write; report.html in the run's folder, or here for several (-o for short)", type = "string" } }
if #words == 0 then options.fail("expected a run or more, got none; jetlua runs lists them") end
local runs = {}
for i, word in ipairs(words) do
  local record, problem = records.find(word)
  if not record then options.fail("%s", problem) end
  runs[i] = record
end
local target = o.output or #runs == 1 and runs[1].path .. "/report.html" or "report.html"
options.attempt(function() system.write_file(target, report.page(runs)) end)
print(target)
