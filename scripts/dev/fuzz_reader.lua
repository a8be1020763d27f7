-- The process of scripts/dev/fuzz.lua that reads damaged files: fuzz_reader.lua FORMAT FOLDER SEED FIRST COUNT. Before each input
-- FOLDER/progress says which it is and what came of those before, so that the death of this process costs one input and no count.

package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local system = require "jetlua.core.system"
local damage = require "fuzzing.damage"
local format, folder, seed, first, count = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])
local maker = require("fuzzing.formats")[format]

local paths = maker.seeds(folder)
local wholes = {}
for i, path in ipairs(paths) do wholes[i] = system.read_file(path) end

local path = ("%s/input.%s"):format(folder, format)
local progress = assert(io.open(folder .. "/progress", "wb"))
local read, refused, crooked, start, peak = 0, 0, 0, nil, 0
for n = first, first + count - 1 do
  progress:seek("set", 0)
  progress:write(("<%d %d %d %d %d>%30s"):format(n, read, refused, crooked, peak, ""))
  progress:flush()
  damage.begin(seed, n)
  local i = 1 + damage.random(#paths)
  local bytes = maker.make(wholes[i], paths[i], path)
  local well, problem = pcall(maker.read, path, bytes)
  if well then read = read + 1 else refused = refused + 1 end
  -- A configuration file is Lua, whose own errors say "attempt to"; anywhere else that is a mistake of ours.
  if not well and (type(problem) ~= "string" or problem:find("\n") or problem == "" or problem:find("^FUZZ")
      or problem:find("attempt to ") and not problem:find("^%-%-config: ")) then
    crooked = crooked + 1
    io.stderr:write(("input %d: %q\n"):format(n, tostring(problem)))
  end
  if n % 100 == 99 then
    start = start or system.memory().peak
    peak = system.memory().peak - start
  end
end
progress:seek("set", 0)
progress:write(("<%d %d %d %d %d>%30s"):format(first + count, read, refused, crooked, peak, ""))
progress:close()
