-- What a script sees under --restricted and --isolated: Lua's libraries without the operating system, files below its own folder and
-- among those given to it, jetlua's public modules, all read-only. The walls that no script can climb are the process's
-- (docs/runs.md); these globals keep accidents and casual abuse from ever meeting them.

local environment = require "jetlua.internal.restricted.environment"
local system = require "jetlua.core.system"

local restricted = {}

--- Runs the script `arg[0]` with the arguments in `arg`, in an environment of its own.
function restricted.run()
  local words = rawget(_G, "arg")
  local script = words[0]
  local globals = environment.new { folder = script:match("^(.*)/[^/]*$") or ".", words = words }
  local chunk, problem = load(system.read_file(script):gsub("^#[^\n]*", "", 1), "@" .. script, "t", globals)
  if not chunk then error(problem, 0) end
  chunk(table.unpack(words, 1, #words))
end

return restricted
