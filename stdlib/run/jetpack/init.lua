-- A jetpack: a run, or a script alone, in one ZIP file with the checksum of each of its files. docs/jetpack.md describes the format.

local attempted = require "jetlua.internal.attempted"
local json = require "jetlua.json"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"
local zip = require "jetlua.core.zip"

local jetpack = {}

local version, manifest_name = 1, "jetpack.json"
local largest_manifest, most_files = 16 << 20, 10000

-- What a pack may unfold to unless a command says more.
jetpack.limit = 2 << 30

-- The names in a pack are a stranger's, and a message is one line.
local function fail(path, message, ...) error(("%s: %s"):format(path, text.one_line(message:format(...))), 0) end

--- What is wrong with the name of a file in a pack; nil where it leads to a place below the folder that it is unpacked in.
local function wrong_name(name)
  if name == "" or #name > 1000 or not utf8.len(name) or name:find("[%c\\]") then return "a name that is not allowed" end
  if name:sub(1, 1) == "/" or name:find("^%a:") then return "an absolute path" end
  for part in (name .. "/"):gmatch("([^/]*)/") do
    if part == ".." then return "a path with .." end
    if part == "" or part == "." then return "a path with empty parts" end
  end
end

--- Reads the list of a pack's files and checks all that can be checked without reading them; raises one line for a pack that is not right.
---@param path string
---@param options? { limit: integer }
---@return table manifest
function jetpack.open(path, options)
  local limit = options and options.limit or jetpack.limit
  if not system.exists(path) or system.is_directory(path) then fail(path, "expected a jetpack, found no file") end
  local opened, entries = attempted(zip.list, path)
  if not opened then error((tostring(entries):gsub("^.-list: ", ""):gsub("^[^:]*:%d+: ", "")), 0) end
  if #entries > most_files then fail(path, "it has %d files; at most %d are read", #entries, most_files) end
  local sizes, total = {}, 0
  for _, entry in ipairs(entries) do
    local wrong = wrong_name(entry.name)
    if wrong then fail(path, "%s: %s; it was not made by jetlua pack, do not unpack it", wrong, text.shorten(entry.name, 80)) end
    if not entry.regular then fail(path, "%s is a link or a device; it was not made by jetlua pack, do not unpack it", entry.name) end
    sizes[entry.name] = entry.size
    total = total + entry.size
  end
  if total > limit then
    fail(path, "it unfolds to %.1f GB, more than the %.1f GB that are allowed; --limit allows more", total / 1e9, limit / 1e9)
  end
  if not sizes[manifest_name] then fail(path, "it has no %s; it is another kind of ZIP file", manifest_name) end
  local read, list = attempted(zip.read, path, manifest_name, largest_manifest)
  if not read then fail(path, "%s cannot be read; copy or download the file again", manifest_name) end
  local decoded, manifest = attempted(json.decode, list)
  if not decoded or type(manifest) ~= "table" or manifest.format ~= "jetpack" then fail(path, "%s is damaged", manifest_name) end
  if math.type(manifest.version) ~= "integer" or manifest.version > version then
    fail(path, "it is of version %s, this jetlua reads up to %d; update jetlua", tostring(manifest.version), version)
  end
  if type(manifest.files) ~= "table" or type(manifest.script) ~= "string" then fail(path, "%s is damaged", manifest_name) end
  local listed = {}
  for _, file in ipairs(manifest.files) do
    if type(file) ~= "table" or type(file.name) ~= "string" or type(file.sha256) ~= "string" then fail(path, "%s is damaged", manifest_name) end
    if sizes[file.name] == nil then fail(path, "%s is missing", file.name) end
    if sizes[file.name] ~= file.bytes then fail(path, "%s has %d bytes, not the %s it is said to", file.name, sizes[file.name], tostring(file.bytes)) end
    listed[file.name] = true
  end
  for name in pairs(sizes) do
    if name ~= manifest_name and not listed[name] then fail(path, "%s is not in its list of files", name) end
  end
  if not listed[manifest.script] then fail(path, "its script %s is missing", manifest.script) end
  return manifest
end

--- The bytes of a file of a pack, its checksum checked.
function jetpack.read(path, manifest, name)
  for _, file in ipairs(manifest.files) do
    if file.name == name then
      local read, bytes = attempted(zip.read, path, name, file.bytes)
      if not read then error((tostring(bytes):gsub("^.-read: ", "")), 0) end
      if not bytes or system.sha256(bytes) ~= file.sha256 then fail(path, "%s does not have the checksum in its list; copy or download the file again", name) end
      return bytes
    end
  end
end

--- Checks every file; returns how many there are and their bytes.
function jetpack.verify(path, options)
  local manifest = jetpack.open(path, options)
  local bytes = 0
  for _, file in ipairs(manifest.files) do
    jetpack.read(path, manifest, file.name)
    bytes = bytes + file.bytes
  end
  return manifest, #manifest.files, bytes
end

--- Writes every file, checked, below `folder`.
function jetpack.unpack(path, folder, options)
  local manifest = jetpack.verify(path, options)
  for _, file in ipairs(manifest.files) do
    local target = folder .. "/" .. file.name
    system.make_directory(target:match("^(.*)/"))
    system.write_file(target, jetpack.read(path, manifest, file.name))
  end
  return manifest
end

local function add(files, name, path)
  files[#files + 1] = { name = name, path = path }
end

local function add_folder(files, root, folder)
  if not system.is_directory(root .. "/" .. folder) then return end
  for _, name in ipairs(system.list_directory(root .. "/" .. folder)) do
    local path = folder .. "/" .. name
    if system.is_directory(root .. "/" .. path) then add_folder(files, root, path)
    elseif name:sub(1, 1) ~= "." then add(files, path, root .. "/" .. path) end
  end
end

local function write(target, manifest, files)
  local entries = {}
  manifest.format, manifest.version, manifest.files = "jetpack", version, json.list {}
  for _, file in ipairs(files) do
    table.insert(manifest.files, { name = file.name, bytes = system.file_size(file.path), sha256 = system.sha256_file(file.path) })
    -- What is compressed already, and weights, of which nothing can be saved, are stored.
    local stored = file.name:find("%.png$") or file.name:find("%.npz$") or file.name:find("%.safetensors$") or file.name:find("^data/")
    entries[#entries + 1] = { name = file.name, file = file.path, stored = stored ~= nil }
  end
  table.insert(entries, 1, { name = manifest_name, text = json.encode(manifest, { indent = 2 }) .. "\n" })
  zip.write(target, entries)
  return manifest
end

--- Packs the run of a record, with its data files where they have at most `with_data` bytes together.
---@param record table from records.read
---@param target string
---@param options? { with_data: integer, where: string }
---@return table manifest
function jetpack.pack_run(record, target, options)
  options = options or {}
  local folder = record.path
  if type(record.script) ~= "string" or not system.exists(folder .. "/" .. record.script) then
    fail(folder, "expected a run with a script, found none in its folder")
  end
  local files, data, total = {}, json.list {}, 0
  for _, name in ipairs { "run.json", record.script, "metrics.jsonl", "log.txt", "scores.npz", "report.html" } do
    if system.exists(folder .. "/" .. name) then add(files, name, folder .. "/" .. name) end
  end
  add_folder(files, folder, "modules")
  add_folder(files, folder, "plots")
  for _, name in ipairs { "best", "last" } do
    local file = ("checkpoints/%s.safetensors"):format(name)
    if system.exists(folder .. "/" .. file) then add(files, file, folder .. "/" .. file) end
  end
  for i, entry in ipairs(record.data) do
    local path = entry.full_path or entry.path
    local kept = { name = path:match("[^/]+$"), path = entry.path, sha256 = entry.sha256, bytes = entry.bytes, where = options.where }
    if options.with_data then
      if not system.exists(path) then fail(path, "expected the run's data, found no file; pack without --with-data") end
      if system.sha256_file(path) ~= entry.sha256 then fail(path, "it is not the file of the run any more; pack without --with-data") end
      total = total + system.file_size(path)
      if total > options.with_data then fail(folder, "its data are more than %.1f GB; --limit allows more, or pack without --with-data", options.with_data / 1e9) end
      kept.file = ("data/%d/%s"):format(i, kept.name)
      add(files, kept.file, path)
    end
    data[#data + 1] = kept
  end
  return write(target, {
    kind = "run", name = record.name, script = record.script, arguments = record.arguments, options = record.options, results = record.results,
    versions = record.versions, cpu = record.cpu, seed = record.seed, started = record.started, status = record.status, data = data,
    modules = record.modules, ordinal = record.ordinal,
  }, files)
end

--- Packs a script alone, with the modules beside it that it requires by name.
function jetpack.pack_script(path, target)
  local files, modules, folder = {}, json.list {}, path:match("^(.*)/[^/]*$") or "."
  local script = path:match("[^/]+$")
  add(files, script, path)
  local seen = {}
  local function follow(file)
    for name in require("jetlua.run.jetpack.touches").required(system.read_file(file)) do
      local relative = name:gsub("%.", "/")
      for _, candidate in ipairs { folder .. "/" .. relative .. ".lua", folder .. "/" .. relative .. "/init.lua" } do
        if not seen[name] and not wrong_name(relative) and not package.preload[name] and system.exists(candidate) then
          seen[name] = true
          local kept = "modules/" .. relative .. ".lua"
          add(files, kept, candidate)
          modules[#modules + 1] = { name = name, file = kept, sha256 = system.sha256_file(candidate) }
          follow(candidate)
        end
      end
    end
  end
  follow(path)
  return write(target, { kind = "script", name = script:gsub("%.lua$", ""), script = script, arguments = json.list {}, data = json.list {}, modules = modules }, files)
end

return jetpack
