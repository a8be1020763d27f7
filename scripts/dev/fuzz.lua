-- jetlua scripts/dev/fuzz.lua [--count 1000000] [--format npy]: damaged files and command lines for every reader; each must be read or
-- refused with one line. A process of its own reads them; one that dies is started again behind the input that killed it, which is
-- kept as fuzz-FORMAT-SEED-N. HDF5 files are read by scripts under `jetlua --isolated`, since their library dies of damaged ones.
-- Prints a table.

require "strict"
local options, system = require "options", require "jetlua.core.system"

local formats = { "options", "npy", "npz", "safetensors", "jetpack" }
local o = options {
  { "format", "all", "what to damage", choices = { "all", "h5", table.unpack(formats) } },
  { "count", 1000000, "inputs of each kind", min = 1 }, { "first", 0, "number of the first input", min = 0 },
  { "seed", 1, "of the damage", min = 0 }, { "batch", nil, "inputs for each process; 500 for h5, 50000 for others", type = "integer", min = 1 },
  { "progress", nil, "file that keeps the counts of h5, for the same command to go on from", type = "string" },
  { "keep", ".", "folder for the inputs that kill" },
  { "folder", system.is_directory("/dev/shm") and "/dev/shm" or "/tmp", "for the damaged files; one in memory is fastest" },
}

local home = arg[0]:match("^(.-)[^/]*$")
package.path = home .. "?.lua;" .. package.path
local reader = home .. "fuzz_reader.lua"
local folder = ("%s/jetlua-fuzz-%d"):format(o.folder, system.process_id())
system.make_directory(folder)

local function count_of(list)
  local all, how = 0, {}
  for name, times in pairs(list) do
    all = all + times
    how[#how + 1] = ("%d by %s"):format(times, name)
  end
  table.sort(how)
  return all == 0 and "0" or ("%d (%s)"):format(all, table.concat(how, ", "))
end

local function fuzz(format)
  local totals, deaths, peak, began = { 0, 0, 0 }, 0, 0, system.monotonic()
  local n, last, stuck = o.first, o.first + o.count, nil
  local signals, batch = {}, o.batch or 50000
  while n < last do
    local count = stuck and 1 or math.min(batch, last - n)
    os.remove(folder .. "/progress")
    local result = system.run({ system.executable(), reader, format, folder, tostring(o.seed), tostring(n), tostring(count) },
      { environment = { SWIFT_BACKTRACE = "enable=no" }, timeout = stuck and 120 or 1800 })
    io.stderr:write(result.stderr)
    local text = system.exists(folder .. "/progress") and system.read_file(folder .. "/progress") or ""
    local at, read, refused, crooked, most = text:match("^<(%d+) (%d+) (%d+) (%d+) (%d+)>")
    if not at then error(("%s: the reader's process did not start: %s"):format(format, result.stderr), 0) end
    at = tonumber(at)
    for i, counted in ipairs { read, refused, crooked } do totals[i] = totals[i] + tonumber(counted) end
    peak = math.max(peak, tonumber(most))
    if result.status == 0 and at == n + count then
      n, stuck = at, nil
    elseif result.timed_out and not stuck then
      -- Stopped for long, or caught in this input: alone it has two minutes.
      n, stuck = at, at
    else
      local how = result.timed_out and "hang" or result.signal and "signal " .. result.signal or "status " .. tostring(result.status)
      deaths = deaths + 1
      signals[how] = (signals[how] or 0) + 1
      local kept = ("%s/fuzz-%s-%d-%d"):format(o.keep, format, o.seed, at)
      local input = ("%s/input.%s"):format(folder, format)
      if system.exists(input) then system.run { "cp", input, kept } end
      io.stderr:write(("%s: input %d: %s; kept as %s\n"):format(format, at, tostring(how), kept))
      n, stuck = at + 1, nil
    end
  end
  local seconds = system.monotonic() - began
  print(("| %s | %d | %d | %d | %d | %s | %.1f MB | %d |"):format(format, o.count, totals[1], totals[2], totals[3],
    count_of(signals), peak / 1e6, seconds // 1))
  io.stdout:flush()
  return totals[3] == 0 and deaths == 0
end

local function isolated()
  local c = require "fuzzing.isolated"(o, home, folder)
  print("| HDF5 files | read | refused | not in one line | the reading process ended by a signal | by its time | by its memory | the parent not alive, or not saying so in one line | s |")
  print("|---|---|---|---|---|---|---|---|---|")
  print(("| %d | %d | %d | %d | %s | %d | %d | %d | %d |"):format(c.next - c.first, c.read, c.refused, c.crooked, count_of(c.signals), c.hung, c.memory, c.outside, c.seconds // 1))
  io.stdout:flush()
  -- A trap in the reading process is no error of the library, but one of ours.
  return c.crooked == 0 and c.outside == 0 and not c.signals["signal 4"] and not c.signals["signal 5"]
end

local fine = true
if o.format ~= "h5" then
  print("| reader | inputs | read | refused | not in one line | deaths of the reader | its memory grew by | s |\n|---|---|---|---|---|---|---|---|")
  io.stdout:flush()
  for _, format in ipairs(formats) do
    if o.format == "all" or o.format == format then fine = fuzz(format) and fine end
  end
end
if o.format == "all" or o.format == "h5" then fine = isolated() and fine end
system.run { "rm", "-rf", folder }
os.exit(fine, true)
