-- The script that `scripts/dev/fuzz.lua --format h5` runs under `jetlua --isolated`: isolated_reader.lua FOLDER FROM TO. It reads
-- FOLDER/FROM.h5 … FOLDER/TO.h5 and says of each, before it, the number and the processor's seconds so far, and behind it what came of it.

local jets, tensor = require "jets", require "tensor"
local folder, from, to = arg[1], tonumber(arg[2]), tonumber(arg[3])

for k = from, to do
  io.write(("%d %.3f "):format(k, os.clock()))
  io.stdout:flush()
  local path = ("%s/%d.h5"):format(folder, k)
  local well, problem = pcall(function()
    if k % 2 == 0 then return tensor.load(path) end
    return jets.open(path):take(20):constituents()
  end)
  if well then
    io.write "read\n"
  elseif type(problem) == "string" and problem ~= "" and not problem:find("\n") and not problem:find "attempt to " then
    io.write "refused\n"
  else
    io.write(("crooked %q\n"):format(tostring(problem):gsub("\n", " ")))
  end
end
io.stdout:flush()
