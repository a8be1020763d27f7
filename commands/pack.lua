-- jetlua pack RUN|SCRIPT.lua [-o FILE.jetpack]: puts a run, or a script alone, into one file to share.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local jetpack = require "jetlua.run.jetpack"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local system = require "jetlua.core.system"

local words = commands.operands()
for i, word in ipairs(arg) do
  if word == "-o" then arg[i] = "--output" end
end
local o = options {
  { "output", nil, "the file to write; NAME.jetpack if left out (-o for short)", type = "string" },
  { "with_data", false, "put the data files in, too" },
  { "limit", 2.0, "GB of data at most", min = 0 },
  { "where", nil, "where the data can be had: an address or a sentence", type = "string" },
}
if #words ~= 1 then options.fail("expected one run or script, got %d", #words) end
local word = words[1]
local manifest, target
if word:find("%.lua$") and system.exists(word) and not system.is_directory(word) then
  target = o.output or word:match("([^/]+)%.lua$") .. ".jetpack"
  manifest = options.attempt(jetpack.pack_script, word, target)
else
  local record, problem = records.find(word)
  if not record then options.fail("%s", problem) end
  if record.status == "running" then options.fail("%s: it still runs; pack it when it has ended", record.path) end
  target = o.output or record.path:match("([^/]+)/*$") .. ".jetpack"
  manifest = options.attempt(jetpack.pack_run, record, target, { with_data = o.with_data and math.floor(o.limit * 1e9) or nil, where = o.where })
end
print(("%s: %d files, %.1f kB"):format(target, #manifest.files, system.file_size(target) / 1e3))
for _, data in ipairs(manifest.data) do
  if not data.file then print(("data by checksum only: %s, SHA-256 %s"):format(data.name, data.sha256)) end
end
