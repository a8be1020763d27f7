-- What is fuzzed: for each format the whole files that are damaged, how an input is made of one and how it is read.

local system, tensor, zip, json = require "jetlua.core.system", require "tensor", require "jetlua.core.zip", require "json"
local damage = require "fuzzing.damage"
local random, change = damage.random, damage.change

local fixtures = arg[0]:match("^(.-)[^/]*$") .. "../../Tests/Fixtures/"
local largest_seed = 40000

local function fixture_files(folder, ending)
  local found = {}
  for _, name in ipairs(system.list_directory(fixtures .. folder)) do
    local path = fixtures .. folder .. "/" .. name
    if name:sub(-#ending) == ending and system.file_size(path) > 0 and system.file_size(path) <= largest_seed then found[#found + 1] = path end
  end
  return found
end

local function values()
  tensor.manual_seed(1)
  return { a = tensor.randn(7, 5), b = tensor.arange(1, 9), c = tensor.ones(3, { dtype = "float64" }), d = tensor.zeros(2, 2):eq(0) }
end

-- A new file each time: the HDF5 library takes one with the same number for one that it still has open.
local function put(path, bytes)
  os.remove(path)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

--- The entries of a ZIP file with one of them damaged, in a file whose sizes and checksums are right: what lies behind the
--- directory is met by a damaged directory too rarely.
local function rezipped(whole, path, target, edit)
  local entries = {}
  for i, entry in ipairs(zip.list(path)) do entries[i] = { name = entry.name, text = zip.read(path, entry.name, 1 << 24), stored = random(2) == 0 } end
  edit(entries)
  -- What cannot even be written is damaged from outside.
  if not pcall(zip.write, target, entries) then put(target, change(whole)) end
end

local formats = {}

formats.npy = {
  seeds = function(folder)
    tensor.save(folder .. "/whole.npy", values().a)
    local list = fixture_files("arrays", ".npy")
    list[#list + 1] = folder .. "/whole.npy"
    return list
  end,
  read = tensor.load,
}

formats.npz = {
  seeds = function(folder)
    tensor.save(folder .. "/whole.npz", values(), { compress = true })
    local list = fixture_files("arrays", ".npz")
    list[#list + 1] = folder .. "/whole.npz"
    return list
  end,
  make = function(whole, seed, path)
    if random(2) == 0 then return put(path, change(whole)) end
    rezipped(whole, seed, path, function(entries)
      local entry = entries[1 + random(#entries)]
      if random(8) == 0 then entry.name = change(entry.name) else entry.text = change(entry.text) end
    end)
  end,
  read = tensor.load,
}

formats.safetensors = {
  seeds = function(folder)
    tensor.save(folder .. "/whole.safetensors", values(), { metadata = { a = "b", n = "é" } })
    local list = fixture_files("arrays", ".safetensors")
    list[#list + 1] = folder .. "/whole.safetensors"
    return list
  end,
  make = function(whole, _, path)
    if random(2) == 0 then return put(path, change(whole)) end
    -- The header alone, its length right again.
    local header, data = string.unpack("<s8", whole)
    header = change(header)
    put(path, string.pack("<s8", header) .. whole:sub(data))
  end,
  read = tensor.load,
}

formats.h5 = {
  seeds = function(folder)
    tensor.save(folder .. "/whole.h5", { a = values().a, b = values().b })
    require("jets").sample():take(30):save(folder .. "/jets.h5")
    local list = { folder .. "/whole.h5", folder .. "/jets.h5" }
    for _, where in ipairs { "hdf5", "arrays" } do table.move(fixture_files(where, ".h5"), 1, 100, #list + 1, list) end
    return list
  end,
  make = function(whole, _, path)
    -- A byte too many moves everything, and little but the first addresses is read then.
    put(path, random(8) == 0 and change(whole) or damage.overwrite(whole))
  end,
}

formats.jetpack = {
  seeds = function(folder)
    system.write_file(folder .. "/part.lua", "return { n = 1 }")
    system.write_file(folder .. "/script.lua", "local o = require('options') { seed = require('part').n } print(o.seed)")
    require("jetlua.run.jetpack").pack_script(folder .. "/script.lua", folder .. "/whole.jetpack")
    return { folder .. "/whole.jetpack" }
  end,
  make = function(whole, seed, path)
    local kind = random(3)
    if kind == 0 then return put(path, change(whole)) end
    rezipped(whole, seed, path, function(entries)
      local entry = entries[1 + random(#entries)]
      if kind == 1 then entry = entries[1] end
      local name, text = entry.name, entry.text
      if random(4) == 0 then entry.name = change(name) else entry.text = change(text) end
      -- Half of the time the list agrees again, so that names and sizes alone are what is wrong.
      if entry ~= entries[1] and random(2) == 0 then
        local manifest = json.decode(entries[1].text)
        for _, file in ipairs(manifest.files) do
          if file.name == name then file.name, file.bytes, file.sha256 = entry.name, #entry.text, system.sha256(entry.text) end
        end
        local encoded, again = pcall(json.encode, manifest)
        if encoded then entries[1].text = again end
      end
    end)
  end,
  read = function(path)
    local jetpack = require "jetlua.run.jetpack"
    local folder = path .. ".unpacked/inner"
    jetpack.unpack(path, folder)
    -- What was written lies below the folder, or nothing is right.
    for _, name in ipairs(system.list_directory(path .. ".unpacked")) do
      if name ~= "inner" then error("FUZZ: escaped: " .. name) end
    end
    system.run { "rm", "-rf", path .. ".unpacked" }
  end,
}

local words = {
  { "--seed", "3", "--beta", "0.1", "--alpha", "1,.25,.1", "--quick", "--no-quick", "--signal=top" },
  { "--size", "large", "--beta=1e-3", "--names", "a,b", "--seed=0x10", "--config", "CONFIG" }, { "--config=CONFIG", "--no-quick", "--alpha=", "--learning-rate", ".1" },
}
local configs = { "return { seed = 3, beta = 0.1, alpha = { 1, .25 }, quick = true }\n", "seed = 3\nbeta = .5\nsignal = 'qcd'\nnames = { 'x' }\n" }

formats.options = {
  seeds = function(folder)
    local list = {}
    for i, line in ipairs(words) do
      list[i] = ("%s/whole-%d.options"):format(folder, i)
      put(list[i], table.concat(line, "\0"))
    end
    return list
  end,
  make = function(whole, _, path)
    put(path .. ".config", random(2) == 0 and change(configs[1 + random(#configs)]) or configs[1])
    return change(whole)
  end,
  read = function(path, bytes)
    local mistake = require "jetlua.options.mistake"
    -- A wrong option ends a script; here it is an error like the others.
    mistake.fail = function(message) error(message, 0) end
    local list = { [0] = "x" }
    for word in (bytes .. "\0"):gmatch("(.-)\0") do
      -- --help ends the script, too.
      if word ~= "-h" and not word:find("^%-%-help") then list[#list + 1] = (word:gsub("CONFIG", path .. ".config")) end
    end
    local specification = require("jetlua.options.declaration").read {
      seed = 1, beta = { 0.5, min = 0 }, alpha = { { 1, 2 }, "prior" }, quick = false, signal = { "top", choices = { "top", "qcd" } }, names = { { "a" }, "texts" },
      size = { "small", presets = { small = { learning_rate = 1 }, large = { learning_rate = 0.1 } } }, learning_rate = 1.0,
    }
    return require("jetlua.options.command_line").resolve(specification, list)
  end,
}

for _, format in pairs(formats) do
  format.make = format.make or function(whole, _, path) put(path, change(whole)) end
end
return formats
