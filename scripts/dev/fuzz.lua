-- jetlua scripts/dev/fuzz.lua [--count 1000000] [--format npy]: damaged files and command lines for every reader; each must be read or
-- refused with one line. The readers run in processes of their own: one that dies is reported with the input that killed it, which
-- is kept as fuzz-FORMAT-SEED. A million inputs of each kind take some hours.

require "strict"
local options, system, tensor = require "options", require "jetlua.core.system", require "tensor"

local formats = { "npy", "npz", "safetensors", "h5", "jetpack", "options" }
local o = options {
  { "format", "all", "what to damage", choices = { "all", table.unpack(formats) } }, { "count", 1000000, "inputs of each kind", min = 1 },
  { "seed", 1, "of the damage", min = 0 }, { "batch", 2000, "inputs for each process", min = 1 },
  { "first", 0, "of a reader's process: its first input", min = 0 }, { "reader", false, "be a reader's process" },
  { "keep", ".", "folder for the inputs that kill" }, { "folder", nil, "of the whole files, made if left out", type = "string" },
}

local folder = o.folder
if not folder then
  folder = os.tmpname()
  os.remove(folder)
  system.make_directory(folder)
  local values = { a = tensor.randn(7, 5), b = tensor.arange(1, 9), c = tensor.ones(3, { dtype = "float64" }), d = tensor.zeros(2, 2):eq(0) }
  tensor.save(folder .. "/whole.npy", values.a)
  tensor.save(folder .. "/whole.npz", values, { compress = true })
  tensor.save(folder .. "/whole.safetensors", values, { metadata = { a = "b", n = "é" } })
  tensor.save(folder .. "/whole.h5", { a = values.a, b = values.b })
  system.write_file(folder .. "/script.lua", "local o = require('options') { seed = 1 } print(o.seed)")
  require("jetlua.run.jetpack").pack_script(folder .. "/script.lua", folder .. "/whole.jetpack")
  system.write_file(folder .. "/whole.options", table.concat({ "--seed", "3", "--beta", "0.1", "--alpha", "1,.25,.1", "--quick", "--no-quick", "--signal=top", "--config", "x" }, "\0"))
end

-- xorshift64*: the n-th input of a seed is the same whatever came before it.
local state
local function random(n)
  state = state ~ state >> 12
  state = state ~ state << 25
  state = state ~ state >> 27
  return ((state * 2685821657736338717) >> 11) % n
end

local telling = { "\0\0\0\0", "\255\255\255\255", "\0\0\0\128", "\1\0\0\0\0\0\0\0", "\255\255\255\255\255\255\255\127", "{", "}", "[", "\"", "-1", "1e999", ",", ":", "--", "\0", "é" }

local function damaged(whole, n)
  state = (o.seed + 1) * 0x9E3779B97F4A7C15 + n * 0x2545F4914F6CDD1D | 1
  for _ = 1, 4 do random(2) end
  local bytes = whole
  for _ = 1, 1 + random(4) do
    local kind, at = random(7), random(#bytes + 1)
    -- The beginnings and ends of files say where all else is.
    if random(3) == 0 then at = random(math.min(#bytes, 200) + 1) elseif random(4) == 0 then at = math.max(#bytes - random(200), 0) end
    if kind == 0 then bytes = bytes:sub(1, at) .. string.char(random(256)) .. bytes:sub(at + 2)
    elseif kind == 1 then bytes = bytes:sub(1, at)
    elseif kind == 2 then bytes = bytes:sub(1, at) .. telling[1 + random(#telling)] .. bytes:sub(at + 1)
    elseif kind == 3 then
      local piece = telling[1 + random(#telling)]
      bytes = bytes:sub(1, at) .. piece .. bytes:sub(at + 1 + #piece)
    elseif kind == 4 then bytes = bytes:sub(1, at) .. bytes:sub(at + 1 + random(16))
    elseif kind == 5 then
      local from = random(#bytes + 1)
      bytes = bytes:sub(1, at) .. bytes:sub(from, from + random(64)) .. bytes:sub(at + 1)
    elseif at < #bytes then
      bytes = bytes:sub(1, at) .. string.char(bytes:byte(at + 1) ~ 1 << random(8)) .. bytes:sub(at + 2)
    end
    if #bytes == 0 then break end
  end
  return bytes
end

local command_line, declaration = require "jetlua.options.command_line", require "jetlua.options.declaration"
local mistake = require "jetlua.options.mistake"

local function read(format, bytes, path)
  if format == "options" then
    local words = { [0] = "x" }
    for word in (bytes .. "\0"):gmatch("(.-)\0") do
      if word ~= "-h" and not word:find("^%-%-help") then words[#words + 1] = word end
    end
    local specification = declaration.read { seed = 1, beta = { 0.5, min = 0 }, alpha = { { 1, 2 }, "prior" }, quick = false, signal = { "top", choices = { "top", "qcd" } } }
    return pcall(command_line.resolve, specification, words)
  end
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  if format == "jetpack" then return pcall(require("jetlua.run.jetpack").verify, path) end
  return pcall(tensor.load, path)
end

if o.reader then
  -- A wrong option ends a script; here it is an error like the others.
  mistake.fail = function(message) error(message, 0) end
  local whole = system.read_file(("%s/whole.%s"):format(folder, o.format))
  local path = ("%s/input-%d.%s"):format(folder, system.process_id(), o.format)
  local accepted, refused, crooked = 0, 0, 0
  for n = o.first, o.first + o.count - 1 do
    local well, problem = read(o.format, damaged(whole, n), path)
    if well then accepted = accepted + 1 else refused = refused + 1 end
    if not well and (type(problem) ~= "string" or problem:find("\n") or problem == "") then
      crooked = crooked + 1
      io.stderr:write(("input %d: %s\n"):format(n, tostring(problem)))
    end
  end
  os.remove(path)
  print(accepted, refused, crooked)
  return
end

local failed = false
local function process(format, first, count)
  return system.run({ system.executable(), arg[0], "--reader", "--format", format, "--first", tostring(first), "--count", tostring(count), "--seed", tostring(o.seed),
    "--folder", folder }, { environment = { SWIFT_BACKTRACE = "enable=no" }, timeout = 60 + count })
end
for _, format in ipairs(formats) do
  if o.format == "all" or o.format == format then
    local totals, deaths, began = { 0, 0, 0 }, 0, system.monotonic()
    for first = 0, o.count - 1, o.batch do
      local result = process(format, first, math.min(o.batch, o.count - first))
      local counted = { (result.stdout or ""):match("^(%d+)\t(%d+)\t(%d+)\n$") }
      if result.status == 0 and counted[3] then
        for i = 1, 3 do totals[i] = totals[i] + tonumber(counted[i]) end
        io.stderr:write(result.stderr)
      else
        -- One by one, to find the input.
        for n = first, math.min(first + o.batch, o.count) - 1 do
          local single = process(format, n, 1)
          if single.status ~= 0 then
            deaths = deaths + 1
            local kept = ("%s/fuzz-%s-%d-%d"):format(o.keep, format, o.seed, n)
            system.write_file(kept, damaged(system.read_file(("%s/whole.%s"):format(folder, format)), n))
            io.stderr:write(("%s: input %d: status %s, signal %s; kept as %s\n"):format(format, n, tostring(single.status), tostring(single.signal), kept))
          end
        end
      end
    end
    print(("%-12s %8d inputs: %8d read, %8d refused, %d not in one line, %d deaths of the reader, %.0f s"):format(format, o.count, totals[1], totals[2], totals[3],
      deaths, system.monotonic() - began))
    -- A corrupt HDF5 file may kill its reader (the library's own bugs), never this process.
    failed = failed or totals[3] > 0 or deaths > 0 and format ~= "h5"
  end
end
if not o.folder then system.run { "rm", "-rf", folder } end
os.exit(not failed, true)
