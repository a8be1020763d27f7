-- Where a run comes from: the texts it executed, the program and machine that executed them, and the state of their repository.

local json = require "jetlua.json"
local plain = require "jetlua.run.plain"
local system = require "jetlua.core.system"

local origin = {}

local variables = { "JETLUA_HOME", "JETLUA_CACHE", "OPENBLAS_CORETYPE", "LUA_PATH", "LUA_PATH_5_4", "LUA_INIT", "LUA_INIT_5_4", "SLURM_JOB_ID", "SLURM_RESTART_COUNT" }

--- The words of the command line, and the script among them if it is a file.
function origin.command_line()
  local words, list = rawget(_G, "arg"), json.list {}
  if type(words) ~= "table" then return list, nil end
  local first = 0
  while words[first - 1] ~= nil do first = first - 1 end
  for i = first, #words do list[#list + 1] = tostring(words[i]) end
  local script = words[0]
  local readable = type(script) == "string" and system.exists(script) and not system.is_directory(script)
  local arguments = json.list {}
  for i = 1, #words do arguments[i] = tostring(words[i]) end
  return list, readable and script or nil, arguments
end

-- A trial of a sweep is told what the sweep has read, with a stamp of what was read: 30 of the 60 ms that a short run takes would go into
-- reading the same 25 MB again. Where the stamp is another one by now, the files are read.
local variable = "JETLUA_CHECKSUMS"

--- What the variable says of the n-th of its checksums: the stamp and the sum.
local function told(n)
  local words = {}
  for word in (os.getenv(variable) or ""):gmatch("%S+") do words[#words + 1] = word end
  local stamp, sum = words[2 * n - 1], words[2 * n]
  if sum and #sum == 64 and sum:find("^%x+$") then return stamp, sum end
end

-- Computed once for each process: {stamp, sum}, or false where there is nothing to read.
local library, executable

--- All of jetlua's own Lua modules as one number: a version number does not tell two builds of a day apart.
local function read_library()
  local paths, stamps, sums = {}, {}, {}
  local function walk(folder)
    for _, name in ipairs(system.list_directory(folder)) do
      local path = folder .. "/" .. name
      if name:find("%.lua$") then
        paths[#paths + 1] = path
      elseif not name:find(".", 1, true) and system.is_directory(path) then
        walk(path)
      end
    end
  end
  local found, home = pcall(system.home)
  if not found then return false end
  walk(home .. "/stdlib")
  for i, path in ipairs(paths) do stamps[i] = path:sub(#home + 2) .. " " .. system.file_stamp(path) end
  local stamp = system.sha256(table.concat(stamps, "\n"))
  local before, sum = told(2)
  if before ~= stamp then
    for i, path in ipairs(paths) do sums[i] = path:sub(#home + 2) .. " " .. system.sha256_file(path) end
    sum = system.sha256(table.concat(sums, "\n"))
  end
  return { stamp, sum }
end

local function read_executable()
  local found, path = pcall(system.executable)
  if not found then return false end
  local stamp = system.file_stamp(path)
  local before, sum = told(1)
  return { stamp, before == stamp and sum or system.sha256_file(path) }
end

local function checksums()
  if library == nil then library, executable = read_library(), read_executable() end
  return library or {}, executable or {}
end

--- What the programs that are started from here find in their environment, so that they do not read jetlua's files once more.
---@return table<string, string>
function origin.told()
  local modules, program = checksums()
  if not modules[1] or not program[1] then return {} end
  return { [variable] = table.concat({ program[1], program[2], modules[1], modules[2] }, " ") }
end

--- Versions of jetlua and the libraries, with checksums of the program and of jetlua's Lua modules.
function origin.versions()
  local has_versions, core = pcall(require, "jetlua.core.versions")
  local versions = has_versions and plain("run.start: versions", core.table()) or { lua = _VERSION }
  if has_versions and (package.loaded["jetlua.jets"] or package.loaded.jets) then
    local read, version = pcall(core.hdf5)
    versions.hdf5 = read and version or nil
  end
  local modules, program = checksums()
  versions.program_sha256, versions.library_sha256 = program[2], modules[2]
  return versions
end

--- Variables of the environment that change what a script does.
function origin.environment()
  local found = {}
  for _, name in ipairs(variables) do found[name] = os.getenv(name) end
  return found
end

--- Branch, commit and changed files of the repository that holds `folder`, but for the folder of runs; nil where there is none.
function origin.git(folder, runs)
  local real = system.resolve(folder)
  local above = real
  while above and above ~= "" and not system.exists(above .. "/.git") do above = above:match("^(.*)/[^/]*$") end
  if not above or above == "" or not system.find_program("git") then return nil end
  local function ask(...)
    local asked, result = pcall(system.run, { "git", "-C", real, ... }, { timeout = 5 })
    return asked and result.status == 0 and result.stdout or nil
  end
  local head = ask("rev-parse", "HEAD")
  if not head then return nil end
  local changed = json.list {}
  for line in (ask("status", "--porcelain") or ""):gmatch("[^\n]+") do
    local path = line:match("^%?%? (.-)/?$")
    local holds_runs = path and runs and (runs .. "/"):sub(1, #above + #path + 2) == above .. "/" .. path .. "/"
    if #changed < 200 and not holds_runs then changed[#changed + 1] = line end
  end
  local branch = ask("rev-parse", "--abbrev-ref", "HEAD")
  return { folder = above, commit = head:match("%S+"), branch = branch and branch:match("%S+"), changed = changed }
end

local standard = { ["_G"] = true, package = true, coroutine = true, table = true, io = true, os = true, string = true, utf8 = true, math = true, debug = true }

-- Modules that Lua's own require did not load, by name.
local loaded_elsewhere = {}

--- Tells of a module that a restricted script required.
function origin.loaded(name, path, text) loaded_elsewhere[name] = { path = path, text = text } end

--- Modules in Lua that the script required and that are not jetlua's: name, path, text; those in `seen` are left out.
function origin.modules(seen)
  local found = {}
  for name in pairs(package.loaded) do
    if type(name) == "string" and not seen[name] and not standard[name] and not package.preload[name] and not name:find("^jetlua%.") then
      seen[name] = true
      local path = package.searchpath(name, package.path)
      local read, text = pcall(function() return path and system.read_file(path) end)
      if read and text then found[#found + 1] = { name = name, path = system.resolve(path) or path, text = text } end
    end
  end
  for name, module in pairs(loaded_elsewhere) do
    if not seen[name] then
      seen[name] = true
      found[#found + 1] = { name = name, path = system.resolve(module.path) or module.path, text = module.text }
    end
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end

return origin
