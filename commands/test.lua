-- jetlua test [FILE or FOLDER ...]: runs the tests *_test.lua of a folder, each in a process of its own.

require "jetlua.strict"
local commands = require "jetlua.internal.commands"
local options = require "jetlua.options"
local system = require "jetlua.core.system"

local words = commands.operands()
local o = options { timeout = { 600.0, "seconds that one file may take", min = 0 } }
if #words == 0 then words[1] = "." end

local files = {}
local function add(place)
  if not system.exists(place) then options.fail("%s: expected a file or a folder, found none", place) end
  if not system.is_directory(place) then
    files[#files + 1] = place
    return
  end
  for _, name in ipairs(system.list_directory(place)) do
    local path = place == "." and name or place .. "/" .. name
    if name:find("_test%.lua$") then
      files[#files + 1] = path
    elseif not name:find("^%.") and system.is_directory(path) then
      add(path)
    end
  end
end
for _, word in ipairs(words) do options.attempt(add, word) end
if #files == 0 then options.fail("expected files named *_test.lua in %s, found none", table.concat(words, ", ")) end
table.sort(files)

local first = 0
while arg[first - 1] do first = first - 1 end
local failed = 0
for _, file in ipairs(files) do
  local began = system.monotonic()
  local result = system.run({ system.executable(), file }, { timeout = o.timeout })
  local fine = result.status == 0 and not result.timed_out
  if not fine then failed = failed + 1 end
  print(("%s %s (%.1f s)"):format(fine and "passed" or "FAILED", file, system.monotonic() - began))
  if not fine then
    io.stdout:write(result.stdout)
    io.stderr:write(result.stderr)
    if result.timed_out then print(("  ended after %g s"):format(o.timeout)) end
  end
end
print(("%d passed, %d failed"):format(#files - failed, failed))
os.exit(failed == 0, true)
