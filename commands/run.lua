-- jetlua run FILE.jetpack [--OPTION VALUE …]: runs the script of a pack, isolated unless told otherwise.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local jetpack = require "jetlua.run.jetpack"
local options = require "jetlua.options"
local records = require "jetlua.run.records"
local repeating = require "jetlua.run.repeating"
local system = require "jetlua.core.system"

local words = commands.operands()
-- jetlua's own words come first; what follows them is the script's.
local level, data, folder, extra, passed, limit = "--isolated", {}, nil, {}, {}, nil
local i = 1
local function value(name)
  i = i + 1
  if not arg[i] then options.fail("%s: expected a value after it, got nothing", name) end
  return arg[i]
end
while arg[i] do
  local word = arg[i]
  if word == "--trusted" then level = nil
  elseif word == "--restricted" or word == "--isolated" then level = word
  elseif word == "--data" then data[#data + 1] = value(word)
  elseif word == "--to" then folder = value(word)
  elseif word == "--limit" then
    local given = value(word)
    limit = tonumber(given)
    if not limit or not (limit >= 0 and limit < 1e9) then options.fail("--limit: expected GB that the pack may unfold to, got %s", given) end
  elseif word == "--memory" or word == "--time" or word == "--threads" then
    passed[#passed + 1] = word
    passed[#passed + 1] = value(word)
  elseif word == "--help" then
    io.write("jetlua run FILE.jetpack [--isolated | --restricted | --trusted] [--data PATH] [--to FOLDER]\n"
      .. "  [--limit GB] [--memory GB] [--time SECONDS] [--threads N] [options of the script]\n")
    os.exit(0, true)
  else
    table.move(arg, i, #arg, 1, extra)
    break
  end
  i = i + 1
end
if #words ~= 1 then options.fail("expected one jetpack, got %d", #words) end
local path = words[1]
local name = path:match("([^/]+)%.jetpack$") or path:match("[^/]+$")

local root = records.root()
options.attempt(system.make_directory, root)
if not folder then
  local stem = ("%s/unpacked/%s"):format(root, name:gsub("[^%w._-]", "_"))
  for k = 1, 10000 do
    folder = k == 1 and stem or ("%s-%d"):format(stem, k)
    if options.attempt(system.make_new_directory, folder) then break end
  end
end
local unpacked, manifest = pcall(jetpack.unpack, path, folder, { limit = limit and math.floor(limit * 1e9) })
if not unpacked then
  -- The folder of a pack that is refused, which is empty; another one stays.
  os.remove(folder)
  options.attempt(error, manifest, 0)
end
folder = system.resolve(folder)
local environment, command = repeating.environment(folder), { system.executable() }
environment.JETLUA_RUNS = system.resolve(root)
if level then
  command[#command + 1] = level
  for _, item in ipairs(data) do
    command[#command + 1] = "--data"
    command[#command + 1] = system.resolve(item) or item
  end
  table.move(passed, 1, #passed, #command + 1, command)
end
command[#command + 1] = folder .. "/" .. manifest.script
local arguments = type(manifest.arguments) == "table" and manifest.arguments or {}
-- Data that came along take the place of the sender's paths.
for _, word in ipairs(arguments) do
  for _, entry in ipairs(type(manifest.data) == "table" and manifest.data or {}) do
    if entry.file and word == entry.path then word = folder .. "/" .. entry.file end
    for _, given in ipairs(data) do
      if word == entry.path and given:match("[^/]+$") == entry.name then word = system.resolve(given) or given end
    end
  end
  command[#command + 1] = tostring(word)
end
table.move(extra, 1, #extra, #command + 1, command)
for _, entry in ipairs(type(manifest.data) == "table" and manifest.data or {}) do
  for _, given in ipairs(data) do
    if given:match("[^/]+$") == entry.name and system.exists(given) and system.sha256_file(given) ~= entry.sha256 then
      io.stderr:write(("run: warning: %s is not the file of the run: its checksum is another one\n"):format(given))
    end
  end
end
io.stderr:write(("run: %s, %s\n"):format(folder, level and level:sub(3) or "trusted"))
options.attempt(system.execute, command, { directory = folder, environment = environment })
