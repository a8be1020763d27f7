-- How long the last statement took and what memory it left.

local _ENV = require "jetlua.internal.prompt.own"

local host = require "jetlua.core.host"
local system = require "jetlua.core.system"

local timing = {}
local began, cpu_began, bytes_began
local last

--- A number of bytes for people.
local function bytes(n)
  local sign = n < 0 and "-" or ""
  n = math.abs(n)
  if n < 1000 then return ("%s%d B"):format(sign, n) end
  local units, i = { "kB", "MB", "GB", "TB" }, 0
  while n >= 1000 and i < #units do n, i = n / 1000, i + 1 end
  return ("%s%.3g %s"):format(sign, n, units[i])
end

local function seconds(s)
  if s < 1e-3 then return ("%.3g µs"):format(s * 1e6) end
  if s < 1 then return ("%.3g ms"):format(s * 1e3) end
  return ("%.3g s"):format(s)
end

function timing.start()
  bytes_began = select(2, host.live())
  cpu_began, began = os.clock(), system.monotonic()
end

function timing.stop()
  last = { seconds = system.monotonic() - began, cpu = os.clock() - cpu_began, grown = select(2, host.live()) - bytes_began }
end

--- One line about the last statement, or that there was none.
---@return string
function timing.report()
  if not last then return "nothing was run yet" end
  local memory = system.memory()
  return ("took %s (processor %s); tensors %s%s, now %s; Lua %s; process %s, at most %s"):format(
    seconds(last.seconds), seconds(last.cpu), last.grown >= 0 and "+" or "", bytes(last.grown), bytes(select(2, host.live())),
    bytes(collectgarbage("count") * 1024), bytes(memory.resident), bytes(memory.peak))
end

return timing
