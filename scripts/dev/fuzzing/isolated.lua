-- Damaged HDF5 files for scripts under `jetlua --isolated`. That library dies and hangs of such files; the process of the script may,
-- and the one that the user started must say so in one line. A process reads many files, and the next one goes on behind the file that
-- ended it. An input hangs that takes longer than `limit` seconds of the processor, whatever else the machine does.

local json, system = require "json", require "jetlua.core.system"
local damage, maker = require "fuzzing.damage", require("fuzzing.formats").h5

local limit = 2
local died = "the script's process was ended by signal (%d+); nothing outside it was touched\n$"
local counts = { "read", "refused", "crooked", "hung", "memory", "outside", "seconds" }

--- Goes on with `o.count` inputs from `o.first` in batches of `o.batch`, and returns the counts; `o.progress` names a file that keeps
--- them. `home` is the folder of the scripts, `folder` one for the damaged files.
return function(o, home, folder)
  local inputs = folder .. "/inputs"
  system.make_directory(inputs)
  local seeds, wholes = maker.seeds(folder), {}
  for i, path in ipairs(seeds) do wholes[i] = system.read_file(path) end

  local known = { seed = o.seed, first = o.first, next = o.first, signals = {} }
  for _, name in ipairs(counts) do known[name] = 0 end
  if o.progress and system.exists(o.progress) then
    local kept = json.decode(system.read_file(o.progress))
    if kept.seed ~= o.seed or kept.first ~= o.first then error(("%s: it is of seed %d from input %d on"):format(o.progress, kept.seed, kept.first), 0) end
    known = kept
  end

  local kept = {}
  local function keep(k, how, text)
    kept[how] = (kept[how] or 0) + 1
    if kept[how] > 10 and how ~= "outside" then return end
    local path = ("%s/fuzz-h5-%d-%d"):format(o.keep, o.seed, known.next + k)
    system.run { "cp", ("%s/%d.h5"):format(inputs, k), path }
    io.stderr:write(("h5: input %d: %s; kept as %s%s\n"):format(known.next + k, how, path, text and ": " .. text:sub(1, 500) or ""))
  end

  -- What came of the inputs from … to of a batch, into `results`; the number of the next one to read.
  local function read(from, to, results, alone)
    local result = system.run({ "sh", "-c", 'ulimit -S -t "$0" && exec "$@"', tostring(limit + (alone and 0 or 1)), system.executable(), "--isolated", "--memory", "4", "--data", inputs,
      home .. "fuzzing/isolated_reader.lua", inputs, tostring(from), tostring(to) }, { environment = { JETLUA_RUNS = folder .. "/runs" }, timeout = alone and 60 or 300 })
    local last, since, ending = from, 0, nil
    for k, clock, rest in result.stdout:gmatch "(%d+) (%d+%.%d+) ([^\n]*)\n?" do
      last, since = tonumber(k), tonumber(clock)
      ending = rest:match "^%a+"
      results[last] = ending
      if ending == "crooked" then io.stderr:write(("input %d: %s\n"):format(known.next + last, rest)) end
    end
    if result.status == 0 and last == to and ending then return to + 1 end
    if result.stdout == "" and result.status == 1 then error("the reading script did not start: " .. result.stderr, 0) end
    local signal = result.status and result.status > 128 and tonumber(result.stderr:match(died))
    local slow = signal == 24 or result.timed_out
    -- Of a process that read others before, the time may not have been this input's.
    if slow and not alone and (result.timed_out or limit + 1 - since < limit) then return read(last, last, results, true) end
    local how = slow and "hung" or signal and "signal " .. signal or result.status == 125 and result.stderr:find "needs more memory" and "memory" or "outside"
    results[last] = how
    keep(last, how, how == "outside" and ("status %s, signal %s: %s"):format(tostring(result.status), tostring(result.signal), result.stderr) or nil)
    return last + 1
  end

  while known.next < o.first + o.count do
    local began, count = system.monotonic(), math.min(o.batch or 500, o.first + o.count - known.next)
    for k = 0, count - 1 do
      damage.begin(o.seed, known.next + k)
      local i = 1 + damage.random(#seeds)
      maker.make(wholes[i], seeds[i], ("%s/%d.h5"):format(inputs, k))
    end
    local from, results = 0, {}
    while from < count do from = read(from, count - 1, results) end
    for k = 0, count - 1 do
      local how = results[k]
      if how:find "^signal" then known.signals[how] = (known.signals[how] or 0) + 1 else known[how] = known[how] + 1 end
    end
    known.next, known.seconds = known.next + count, known.seconds + system.monotonic() - began
    if o.progress then system.write_file(o.progress, json.encode(known)) end
  end
  return known
end
