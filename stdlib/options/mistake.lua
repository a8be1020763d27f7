-- What the user of a script did wrong, as opposed to its author: one line, status 1, no traceback.

local text = require "jetlua.internal.text"

local mistake = {}

--- The script as messages name it: the last part of its path.
---@return string
function mistake.script()
  local words = rawget(_G, "arg")
  local path = type(words) == "table" and words[0]
  return text.one_line(tostring(path or "script"):match("[^/]+$") or "script")
end

--- Writes one line on stderr and ends the program with status 1; runs that are open record the message.
---@param message string
function mistake.fail(message)
  message = text.one_line(message)
  -- A command and the module behind it may have one name, which is said once.
  local name = mistake.script():gsub("%.lua$", "") .. ": "
  if message:sub(1, #name) == name then message = message:sub(#name + 1) end
  io.stdout:flush()
  io.stderr:write(("%s: %s\n"):format(mistake.script(), message))
  -- run requires options, so it is found here only if the script has loaded it.
  local run = package.loaded["jetlua.run"] or package.loaded.run
  if run then run.finish("failed", message) end
  os.exit(1, true)
end

--- `message` without the "file:line: " of a function that is running now.
local function without_position(message)
  local level = 3
  while true do
    local frame = debug.getinfo(level, "S")
    if not frame then return message end
    local prefix = frame.short_src .. ":"
    if message:sub(1, #prefix) == prefix then
      local rest = message:sub(#prefix + 1):match("^%d+: (.*)$")
      if rest then return rest end
    end
    level = level + 1
  end
end

local function handler(problem)
  if type(problem) ~= "string" then return { problem = problem } end
  local message = without_position(problem)
  local not_the_users = message:find("^attempt to ") or message:find("^bad argument ") or message:find("interrupted!", 1, true)
  if not_the_users then return { problem = debug.traceback(problem, 2) } end
  return { message = message }
end

local function pass(succeeded, outcome, ...)
  if succeeded then return outcome, ... end
  -- Without memory for a handler, Lua gives its own text.
  if type(outcome) ~= "table" then error(outcome, 0) end
  if not outcome.message then error(outcome.problem, 0) end
  mistake.fail(outcome.message)
end

--- Calls `fn(...)`; see options.attempt.
function mistake.attempt(fn, ...)
  return pass(xpcall(fn, handler, ...))
end

return mistake
