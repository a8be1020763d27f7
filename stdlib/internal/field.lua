-- A member of a value that may have none.

--- `value[name]`, nil where it cannot be asked for; what memory that runs out says is passed on.
---@param value any
---@param name any
---@return any
return function(value, name)
  local indexed, found = pcall(function() return value[name] end)
  if indexed then return found end
  if found == "not enough memory" then error(found, 0) end
  return nil
end
