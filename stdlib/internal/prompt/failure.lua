-- An error as the prompt shows it: the message, and of the traceback only what the user wrote.

local _ENV = require "jetlua.internal.prompt.own"

--- `message` with a traceback as the host makes it, for a person.
---@param message string
---@return string
local function shown(message)
  local text, trace = message:match("^(.-)\nstack traceback:\n(.*)$")
  if not text then return message end
  local kept = {}
  for line in (trace .. "\n"):gmatch("([^\n]*)\n") do
    -- The innermost native frames are named by the message, the outermost one is the prompt itself.
    local native = line:find("^\t%[C%]: in ")
    if not (native and #kept == 0) and line ~= "\t[C]: in ?" then kept[#kept + 1] = line end
  end
  -- The message says that line already.
  if #kept == 0 or #kept == 1 and kept[1]:find("^\tstdin:%d+: in main chunk$") then return text end
  return text .. "\n" .. table.concat(kept, "\n")
end

return shown
