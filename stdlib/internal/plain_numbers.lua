-- A script may choose a locale that writes 0.5 as "0,5"; files for other programs keep the point.

local setlocale = os.setlocale

local function restore(before, fine, ...)
  setlocale(before, "numeric")
  if not fine then error((...), 0) end
  return ...
end

--- Calls `body(…)` while numbers are written with a point, and returns its results.
---@param body function
---@param ... any
---@return any
local function plain_numbers(body, ...)
  local before = setlocale(nil, "numeric")
  if before == "C" or before == nil then return body(...) end
  setlocale("C", "numeric")
  return restore(before, pcall(body, ...))
end

return plain_numbers
