-- jetlua scripts/dev/fuzz.lua [--count 1000000] [--format npy]: damaged files and command lines for every reader; each must be read or
-- refused with one line. A process of its own reads them; one that dies is started again behind the input that killed it, which is
-- kept as fuzz-FORMAT-SEED-N. `--format isolated` gives damaged HDF5 files to `jetlua --isolated`, a process for each. Prints a table.

require "strict"
local options, system = require "options", require "jetlua.core.system"

local formats = { "options", "npy", "npz", "safetensors", "jetpack", "h5" }
local o = options {
  { "format", "all", "what to damage", choices = { "all", "isolated", table.unpack(formats) } },
  { "count", 1000000, "inputs of each kind (isolated: 3000 are enough)", min = 1 }, { "first", 0, "number of the first input", min = 0 },
  { "seed", 1, "of the damage", min = 0 }, { "batch", 50000, "inputs for each process", min = 1 },
  { "keep", ".", "folder for the inputs that kill" },
  { "folder", system.is_directory("/dev/shm") and "/dev/shm" or "/tmp", "for the damaged files; one in memory is fastest" },
}

local home = arg[0]:match("^(.-)[^/]*$")
package.path = home .. "?.lua;" .. package.path
local reader = home .. "fuzz_reader.lua"
local folder = ("%s/jetlua-fuzz-%d"):format(o.folder, system.process_id())
system.make_directory(folder)
-- Signals of a Swift trap, which only our own code has; the HDF5 library dies of others.
local traps = { [4] = true, [5] = true }

local function fuzz(format)
  local totals, deaths, trapped, hangs, peak, began = { 0, 0, 0 }, 0, 0, 0, 0, system.monotonic()
  local n, last, stuck = o.first, o.first + o.count, nil
  local signals = {}
  while n < last do
    local count = stuck and 1 or math.min(o.batch, last - n)
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
      local how = result.timed_out and "hang" or result.signal or "status " .. tostring(result.status)
      deaths = deaths + 1
      signals[how] = (signals[how] or 0) + 1
      if how == "hang" then hangs = hangs + 1 end
      if traps[how] or type(how) == "string" and how ~= "hang" then trapped = trapped + 1 end
      if format ~= "h5" or deaths <= 20 or traps[how] then
        local kept = ("%s/fuzz-%s-%d-%d"):format(o.keep, format, o.seed, at)
        local input = ("%s/input.%s"):format(folder, format)
        if system.exists(input) then system.run { "cp", input, kept } end
        io.stderr:write(("%s: input %d: %s; kept as %s\n"):format(format, at, tostring(how), kept))
      end
      n, stuck = at + 1, nil
    end
  end
  local how = {}
  for signal, times in pairs(signals) do how[#how + 1] = ("%d by %s"):format(times, type(signal) == "number" and "signal " .. signal or signal) end
  table.sort(how)
  local seconds = system.monotonic() - began
  print(("| %s | %d | %d | %d | %d | %s | %.1f MB | %d |"):format(format, o.count, totals[1], totals[2], totals[3],
    deaths == 0 and "0" or ("%d (%s)"):format(deaths, table.concat(how, ", ")), peak / 1e6, seconds // 1))
  io.stdout:flush()
  -- A corrupt HDF5 file may kill its reader by an error of the library; a trap would be ours.
  return totals[3] == 0 and (format == "h5" and trapped == 0 or deaths == 0)
end

local function isolated()
  local damage, maker = require "fuzzing.damage", require("fuzzing.formats").h5
  local script, input = folder .. "/read.lua", folder .. "/input.h5"
  system.write_file(script, 'local t = require("tensor").load(arg[1]) print("read")')
  local seeds, began = maker.seeds(folder), system.monotonic()
  local read, refused, killed, other = 0, 0, 0, 0
  for n = o.first, o.first + o.count - 1 do
    damage.begin(o.seed, n)
    local seed = seeds[1 + damage.random(#seeds)]
    maker.make(system.read_file(seed), seed, input)
    local result = system.run({ system.executable(), "--isolated", "--data", input, script, input },
      { directory = folder, environment = { JETLUA_RUNS = folder .. "/runs" }, timeout = 600 })
    if result.status == 0 and result.stdout == "read\n" then read = read + 1
    elseif result.status == 1 and result.stderr:find("input.h5", 1, true) then refused = refused + 1
    elseif result.status and result.status > 128 and result.stderr:find("the script's process was ended by signal %d+; nothing outside it was touched\n$") then killed = killed + 1
    else
      other = other + 1
      io.stderr:write(("isolated: input %d: status %s, signal %s: %s\n"):format(n, tostring(result.status), tostring(result.signal), result.stderr))
      system.run { "cp", input, ("%s/fuzz-isolated-%d-%d"):format(o.keep, o.seed, n) }
    end
  end
  print(("| files | read | refused in one line | the child ended by a signal, said in one line | the parent not alive | s |\n|---|---|---|---|---|---|\n| %d | %d | %d | %d | %d | %d |")
    :format(o.count, read, refused, killed, other, (system.monotonic() - began) // 1))
  return other == 0
end

local fine = true
if o.format == "isolated" then
  fine = isolated()
else
  print("| reader | inputs | read | refused | not in one line | deaths of the reader | its memory grew by | s |\n|---|---|---|---|---|---|---|---|")
  io.stdout:flush()
  for _, format in ipairs(formats) do
    if o.format == "all" or o.format == format then fine = fuzz(format) and fine end
  end
end
system.run { "rm", "-rf", folder }
os.exit(fine, true)
