-- What a script prints while a run is open, kept in the run's log.txt as well. `print` and `io.write` are replaced then; what was
-- taken from them before, and what programs or C libraries write, is not seen.

local output = {}

local open, real_print, real_write = {}, nil, nil

local function keep(text)
  for _, r in ipairs(open) do r:keep_output(text) end
end

local function logged_print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  keep(table.concat(parts, "\t") .. "\n")
  return real_print(...)
end

local function logged_write(...)
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    if io.output() == io.stdout and (type(part) == "string" or type(part) == "number") then keep(tostring(part)) end
  end
  return real_write(...)
end

function output.begin(r)
  if #open == 0 then
    real_print, real_write = rawget(_G, "print"), io.write
    if type(real_print) ~= "function" then return end
    rawset(_G, "print", logged_print)
    io.write = logged_write
  end
  open[#open + 1] = r
end

function output.finish(r)
  for i = #open, 1, -1 do
    if open[i] == r then table.remove(open, i) end
  end
  if #open > 0 then return end
  if rawget(_G, "print") == logged_print then rawset(_G, "print", real_print) end
  if io.write == logged_write then io.write = real_write end
end

return output
