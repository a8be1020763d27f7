-- What `jetlua.core.system` does, on io and os alone and without its guarantees (no sync, no atomicity):
-- lets these tests run under a plain Lua interpreter.

local system = {}

local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function shell(command)
  local pipe = io.popen(command)
  local output = pipe:read("a")
  local _, _, status = pipe:close()
  return output, status
end

local function open(path, mode)
  local file, problem = io.open(path, mode)
  if not file then error("system: " .. problem, 0) end
  return file
end

function system.read_file(path)
  local file = open(path, "rb")
  local content = file:read("a")
  file:close()
  if not content then error("system: " .. path .. ": cannot be read", 0) end
  return content
end

function system.write_file(path, content)
  local temporary = system.temporary_name(path)
  local file = open(temporary, "wb")
  file:write(content)
  file:close()
  system.rename(temporary, path)
end

function system.append_file(path, content)
  local file = open(path, "ab")
  file:write(content)
  file:close()
end

local names = 0
function system.temporary_name(path)
  names = names + 1
  return ("%s.%d.tmp"):format(path, names)
end

function system.make_directory(path)
  local output, status = shell("mkdir -p " .. quote(path) .. " 2>&1")
  if status ~= 0 then error("system: " .. output, 0) end
end

function system.make_new_directory(path)
  local _, status = shell("mkdir " .. quote(path) .. " 2>/dev/null")
  return status == 0
end

function system.exists(path) return select(2, shell("test -e " .. quote(path))) == 0 end
function system.is_directory(path) return select(2, shell("test -d " .. quote(path))) == 0 end

function system.list_directory(path)
  local entries = {}
  for name in shell("ls -A " .. quote(path)):gmatch("[^\n]+") do entries[#entries + 1] = name end
  return entries
end

function system.remove(path) assert(os.remove(path)) end
function system.rename(from, to) assert(os.rename(from, to)) end
function system.sha256_file(path) return shell("sha256sum " .. quote(path)):match("^%x+") end

function system.sha256(content)
  local path = os.tmpname()
  local file = open(path, "wb")
  file:write(content)
  file:close()
  local sum = system.sha256_file(path)
  os.remove(path)
  return sum
end

function system.run(command, options)
  options = options or {}
  local input, output, errors = os.tmpname(), os.tmpname(), os.tmpname()
  local file = open(input, "wb")
  file:write(options.input or "")
  file:close()
  local parts = {}
  for i, argument in ipairs(command) do parts[i] = quote(argument) end
  local environment = ""
  for name, value in pairs(options.environment or {}) do environment = environment .. name .. "=" .. quote(value) .. " " end
  local prefix = options.directory and "cd " .. quote(options.directory) .. " && " or ""
  local _, how, status = os.execute(("%senv %s%s < %s > %s 2> %s"):format(prefix, environment, table.concat(parts, " "),
    input, output, errors))
  local result = {
    status = how == "exit" and status or nil, signal = how == "signal" and status or nil,
    stdout = system.read_file(output), stderr = system.read_file(errors),
  }
  os.remove(input)
  os.remove(output)
  os.remove(errors)
  return result
end

function system.find_program(name)
  local path = shell("command -v " .. quote(name)):match("^[^\n]+")
  return path
end

function system.is_terminal(descriptor) return select(2, shell("test -t " .. descriptor)) == 0 end
function system.terminal_columns() return 80 end
function system.now() return os.time() + 0.0 end
function system.monotonic() return os.clock() end

function system.getenv_table()
  local environment = {}
  for name, value in shell("env"):gmatch("([%w_]+)=([^\n]*)") do environment[name] = value end
  return environment
end

function system.process_id() return tonumber((shell("echo $PPID"))) end
function system.hostname() return shell("uname -n"):match("%S+") end
function system.cpu() return { model = "unknown", cores = 1 } end
function system.memory() return 0 end
function system.home() return os.getenv("HOME") end
function system.write_error(message) io.stderr:write(message) end

return system
