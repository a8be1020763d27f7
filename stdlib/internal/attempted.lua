-- A protected call for what a file may make fail.

--- As `pcall(f, …)`; but memory that runs out says nothing of the file, and is raised.
---@param f function
---@return boolean well, any result
return function(f, ...)
  local results = table.pack(pcall(f, ...))
  if not results[1] and tostring(results[2]):find("not enough memory", 1, true) then error(results[2], 0) end
  return table.unpack(results, 1, results.n)
end
