-- jetlua diff A B: what differs between two runs: options, code, data, environment, results.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local compare = require "jetlua.run.compare"
local json = require "jetlua.json"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local text = require "jetlua.internal.text"

local words = commands.operands()
local o = options { { "code", true, "show the lines of the code that differ" }, { "json", false, "the differences as JSON" } }
if #words ~= 2 then options.fail("expected two runs, got %d; jetlua runs lists them", #words) end
local runs = {}
for i, word in ipairs(words) do
  local record, problem = records.find(word)
  if not record then options.fail("%s", problem) end
  runs[i] = record
end

local a, b = runs[1], runs[2]
local found = compare.causes(a, b)
found.results, found.metrics, found.files = compare.results(a, b), (compare.metrics(a, b)), (compare.files(a, b))
if o.json then
  for name, list in pairs(found) do found[name] = json.list(list) end
  print((json.encode(found, { indent = 2 })))
  return
end

local any = false
for _, part in ipairs { "options", "code", "data", "environment", "results", "metrics", "files" } do
  local list = found[part]
  if #list > 0 then
    any = true
    print(part)
    local rows = {}
    for i, line in ipairs(list) do
      rows[i] = { "  " .. line[1] }
      for j = 2, part == "code" and 2 or #line do rows[i][j] = text.shorten(text.one_line(line[j]), 60) end
    end
    print(text.columns(rows))
    for _, line in ipairs(list) do
      if part == "code" and o.code and line[3] then io.write((line[3]:gsub("([^\n]*)\n", "    %1\n"))) end
    end
  end
end
if not any then print("no differences") end
