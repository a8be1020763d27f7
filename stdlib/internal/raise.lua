-- Errors of a caller carry the line of the caller's script, however deep inside the library they are found.

local own_source = debug.getinfo(1, "S").source
local library = own_source:sub(1, #own_source - #"internal/raise.lua")

--- The "file:line: " of the nearest function on the stack that is not part of this library ("" if there is none).
---@return string
local function position()
  local level = 3
  while true do
    local frame = debug.getinfo(level, "Sl")
    if not frame then return "" end
    if frame.currentline > 0 and frame.source:sub(1, #library) ~= library then
      return ("%s:%d: "):format(frame.short_src, frame.currentline)
    end
    level = level + 1
  end
end

--- Raises `message` (formatted with the further arguments, if any) at the line of the script that called the library.
---@param message string
---@param ... any arguments for string.format
local function raise(message, ...)
  if select("#", ...) > 0 then message = message:format(...) end
  error(position() .. message, 0)
end

return raise
