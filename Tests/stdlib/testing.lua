-- Checks for the scripts beside this file. Load with
--   local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
-- A script ends with testing.finish(), which prints the number of checks and fails the process if one failed.

local folder = arg[0]:match("^(.-)[^/]*$")

-- A plain Lua interpreter gets what the host brings along: stdlib/ on the path, and "jetlua.NAME" as the same
-- module as "NAME".
if not pcall(require, "jetlua.core.system") then
  local stdlib = folder .. "../../stdlib/"
  package.path = stdlib .. "?.lua;" .. stdlib .. "?/init.lua;" .. package.path
  package.loaded["jetlua.core.system"] = dofile(folder .. "support/system.lua")
  table.insert(package.searchers, 2, function(name)
    local short = name:match("^jetlua%.(.+)$")
    if not short or short:find("^core%.") then return nil end
    return function() return require(short) end
  end)
end

local system = require "jetlua.core.system"
local testing = { folder = folder, checks = 0, failures = 0, skipped = 0 }

local function show(value)
  if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
  local parts, seen = {}, {}
  for i, item in ipairs(value) do parts[#parts + 1], seen[i] = show(item), true end
  for key, item in pairs(value) do
    if not seen[key] then parts[#parts + 1] = tostring(key) .. " = " .. show(item) end
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and math.type(a) == math.type(b) or a ~= a and b ~= b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function count(passed, what, detail)
  testing.checks = testing.checks + 1
  if passed then return end
  testing.failures = testing.failures + 1
  local frame = debug.getinfo(3, "Sl")
  io.stderr:write(("%s:%d: %s%s\n"):format(frame.short_src, frame.currentline, what or "failed", detail or ""))
end

function testing.check(condition, what) count(condition, what) end

function testing.equal(got, expected, what)
  count(same(got, expected), what, ("\n  expected %s\n  got      %s"):format(show(expected), show(got)))
end

function testing.near(got, expected, tolerance, what)
  local passed = type(got) == "number" and math.abs(got - expected) <= tolerance
  count(passed, what, ("\n  expected %s ± %s\n  got      %s"):format(expected, tolerance, tostring(got)))
end

--- `fn(...)` raises exactly one line, which holds `fragment` as plain text.
function testing.raises(fragment, fn, ...)
  local passed, problem = pcall(fn, ...)
  local message = tostring(problem)
  count(not passed and message:find(fragment, 1, true) and not message:find("\n"), "raises",
    ("\n  expected %q\n  got      %s"):format(fragment, passed and "no error" or message))
end

--- A new empty folder that is removed when the script ends.
function testing.scratch()
  local path = os.tmpname()
  os.remove(path)
  system.make_directory(path)
  testing.scratch_folders = testing.scratch_folders or {}
  table.insert(testing.scratch_folders, path)
  return path
end

--- Runs the interpreter that runs this script on `source`, with the test's modules, in `directory`.
--- Returns { status, stdout, stderr }.
function testing.script(source, arguments, settings)
  settings = settings or {}
  local path = testing.scratch() .. "/" .. (settings.name or "script.lua")
  local prelude = ("package.path = %q; do local script = arg[0]; arg[0] = %q; dofile(%q); arg[0] = script end; "):format(
    package.path, arg[0], folder .. "testing.lua")
  system.write_file(path, prelude .. source)
  return testing.run(path, arguments, settings.environment)
end

--- Runs the interpreter that runs this test on a script file. Returns { status, stdout, stderr }.
function testing.run(path, arguments, environment)
  local first = 0
  while arg[first - 1] do first = first - 1 end
  local command = { arg[first], path }
  for _, argument in ipairs(arguments or {}) do command[#command + 1] = argument end
  return system.run(command, { environment = environment, input = "" })
end

--- Counts a check that cannot be made here, and says why.
function testing.skip(reason)
  testing.skipped = testing.skipped + 1
  print("skipped: " .. reason)
end

function testing.finish()
  for _, path in ipairs(testing.scratch_folders or {}) do system.run({ "rm", "-rf", path }) end
  local skipped = testing.skipped > 0 and (", %d skipped"):format(testing.skipped) or ""
  print(("%s: %d checks, %d failed%s"):format(arg[0]:match("[^/]*$"), testing.checks, testing.failures, skipped))
  os.exit(testing.failures == 0, true)
end

return testing
