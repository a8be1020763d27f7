-- jetlua new NAME [--from EXPERIMENT]: starts an experiment of one's own from one of those that come with jetlua.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local nearest = require "jetlua.internal.nearest"
local options = require "jetlua.options"
local system = require "jetlua.core.system"

local words = commands.operands()
local o = options { from = { "dvae_k2", "the experiment to start from; its file in scripts/ without .lua", type = "string" } }

local folder = system.home() .. "/scripts"
local experiments = {}
for _, file in ipairs(system.list_directory(folder)) do
  -- The whole study stands in several files.
  if file ~= "reproduce.lua" then experiments[#experiments + 1] = file:match("^([%w_]+)%.lua$") end
end
table.sort(experiments)

if #words ~= 1 then
  options.fail("expected one name, got %d; for example: jetlua new mine (from: %s)", #words, table.concat(experiments, ", "))
end
local name = words[1]:gsub("%.lua$", "")
local path = name .. ".lua"
local source = folder .. "/" .. o.from .. ".lua"
if o.from == "reproduce" or not system.exists(source) then
  local near = nearest(o.from, experiments)
  options.fail("--from: unknown experiment %s; %s", o.from,
    near and ("did you mean %s?"):format(near) or "there are: " .. table.concat(experiments, ", "))
end
if system.exists(path) then options.fail("%s is there already; give another name or move it away", path) end

-- The new one's runs and examples go by its own name.
local base = name:match("[^/]+$")
local text = system.read_file(source):gsub("scripts/" .. o.from .. "%.lua", base .. ".lua"):gsub('run%.start%("' .. o.from .. '"', 'run.start("' .. base .. '"')
if not base:find("^[%w_][%w._-]*$") then options.fail('name: expected letters, digits, ".", "_" and "-", got "%s"', base) end
options.attempt(system.write_file, path, text)
print(("%s: %s\n  jetlua %s --help\n  jetlua %s --quick"):format(path, text:match("^%-%- ([^\n]*)"), path, path))
