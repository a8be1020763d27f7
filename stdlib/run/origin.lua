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

-- One number for all of jetlua's own Lua modules, computed once: a version number does not tell two builds of a day apart.
local library
local function library_sha256()
  if library then return library end
  local sums = {}
  local function walk(folder)
    for _, name in ipairs(system.list_directory(folder)) do
      local path = folder .. "/" .. name
      if name:find("%.lua$") then
        sums[#sums + 1] = path .. " " .. system.sha256_file(path)
      elseif not name:find(".", 1, true) and system.is_directory(path) then
        walk(path)
      end
    end
  end
  local found, home = pcall(system.home)
  if not found then return nil end
  walk(home .. "/stdlib")
  for i, line in ipairs(sums) do sums[i] = line:sub(#home + 2) end
  library = system.sha256(table.concat(sums, "\n"))
  return library
end

local executable
local function executable_sha256()
  if not executable then
    local found, path = pcall(system.executable)
    executable = found and system.sha256_file(path) or ""
  end
  return executable ~= "" and executable or nil
end

--- Versions of jetlua and the libraries, with checksums of the program and of jetlua's Lua modules.
function origin.versions()
  local has_versions, core = pcall(require, "jetlua.core.versions")
  local versions = has_versions and plain("run.start: versions", core.table()) or { lua = _VERSION }
  if has_versions and (package.loaded["jetlua.jets"] or package.loaded.jets) then
    local read, version = pcall(core.hdf5)
    versions.hdf5 = read and version or nil
  end
  versions.program_sha256, versions.library_sha256 = executable_sha256(), library_sha256()
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
