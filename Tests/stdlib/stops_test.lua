-- SIGTERM and SIGUSR1 outside of a training: with a run open the program ends with 75 and the run is interrupted, wherever the script
-- is; without one they do what they do to the standalone interpreter. resume_test.lua has those within trainings.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()

--- Runs jetlua in a shell that sends it `signal` when the file `go` is there, its input open and silent. Returns its exit status,
--- 128 + n after signal n, its error output and the states of its runs.
local function stopped(words, signal)
  local root = folder .. "/runs"
  system.run { "rm", "-rf", root, folder .. "/go" }
  local line = 'rm -f silence; mkfifo silence; exec 3<>silence; "$0" "$@" <silence & p=$!; while [ ! -e go ] && kill -0 $p 2>/dev/null; do sleep 0.01; done; '
    .. "sleep 0.1; kill -" .. signal .. " $p; wait $p"
  local command = { "bash", "-c", line, system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  local result = system.run(command, { directory = folder, environment = { JETLUA_RUNS = root, GO = folder .. "/go", SWIFT_BACKTRACE = "enable=no" }, timeout = 240 })
  local states = {}
  for _, name in ipairs(system.is_directory(root) and system.list_directory(root) or {}) do
    local record = json.decode(system.read_file(root .. "/" .. name .. "/run.json"))
    states[#states + 1] = record.status
    if record.error then states.error = record.error end
  end
  return result.status, result.stderr, states, result.stdout
end

local open, go, loop = 'local r = require("run").start("stops", { seed = 1 }) ', 'io.open(os.getenv "GO", "w"):close() ', "while true do end "
local places = {
  ["a loop"] = loop,
  ["a loop of errors that are caught"] = "while true do pcall(function() " .. loop .. " end) end",
  ["a coroutine"] = "coroutine.wrap(function() " .. loop .. " end)()",
  ["a tensor operation"] = 'local t = require("tensor").rand(1500, 1500) while true do t:matmul(t) end',
  ["a program that it waits for"] = 'require("jetlua.core.system").run { "sleep", "20" }',
  ["its input"] = "io.read()",
  ["an error that it caught"] = "pcall(function() " .. loop .. " end)",
  ["a run that is a variable to be closed"] = "do local s <close> = r " .. loop .. " end",
}
local number = { TERM = 15, USR1 = 10 }

-- Around the moment in which a run is closed: what the record says and the status agree.
local outcomes = {}
for round = 1, 40 do
  local root, list = folder .. "/runs", folder .. "/list"
  system.run { "rm", "-rf", root, list }
  system.write_file(folder .. "/script.lua", open .. ("local s = require('jetlua.core.system') local t = s.monotonic() + %.4f while s.monotonic() < t do end "):format(0.0005 * round))
  local line = '"$0" script.lua & p=$!; while [ ! -s list ] && kill -0 $p 2>/dev/null; do :; done; sleep 0.01; kill -TERM $p 2>/dev/null; wait $p'
  local result = system.run({ "bash", "-c", line, system.executable() }, { directory = folder, environment = { JETLUA_RUNS = root, JETLUA_RUN_LIST = list }, timeout = 240 })
  local record = json.decode(system.read_file(root .. "/" .. system.list_directory(root)[1] .. "/run.json"))
  check(record.status == "interrupted" and result.status == 75 or record.status == "finished" and (result.status == 0 or result.status == 143),
    ("TERM around the end of a run: %s, status %s: %s"):format(record.status, result.status, result.stderr))
  outcomes[record.status] = (outcomes[record.status] or 0) + 1
end
check(outcomes.interrupted, "some came before the end")

-- As soon as a watcher knows of the run, while the rest of it is still being made.
for round = 1, 20 do
  local signal = round % 2 == 0 and "TERM" or "USR1"
  local root, list = folder .. "/runs", folder .. "/list"
  system.run { "rm", "-rf", root, list }
  system.write_file(folder .. "/script.lua", open .. loop)
  local line = '"$0" script.lua & p=$!; while [ ! -s list ] && kill -0 $p 2>/dev/null; do :; done; kill -' .. signal .. " $p; wait $p"
  local result = system.run({ "bash", "-c", line, system.executable() }, { directory = folder, environment = { JETLUA_RUNS = root, JETLUA_RUN_LIST = list }, timeout = 240 })
  local made = system.list_directory(root)
  equal({ result.status, #made }, { 75, 1 }, signal .. " at the start of a run: " .. result.stderr)
  equal(json.decode(system.read_file(root .. "/" .. made[1] .. "/run.json")).status, "interrupted", signal .. " at the start of a run")
end
for _, signal in ipairs { "TERM", "USR1" } do
  for name, place in pairs(places) do
    system.write_file(folder .. "/script.lua", open .. go .. place)
    local status, problem, states = stopped({ "script.lua" }, signal)
    equal({ status, states[1], #states }, { 75, "interrupted", 1 }, ("%s in %s: %s"):format(signal, name, problem))
    if name ~= "an error that it caught" then
      check((states.error or ""):find(("interrupted! (SIG%s)"):format(signal), 1, true), ("%s in %s is recorded: %s"):format(signal, name, tostring(states.error)))
    end
    if not place:find "r " then
      system.write_file(folder .. "/script.lua", go .. place)
      status, problem, states = stopped({ "script.lua" }, signal)
      equal({ status, #states }, { 128 + number[signal], 0 }, ("%s in %s without a run"):format(signal, name))
    end
  end
  system.write_file(folder .. "/script.lua", open .. "r:close() " .. go .. loop)
  local status, _, states = stopped({ "script.lua" }, signal)
  equal({ status, states[1] }, { 128 + number[signal], "finished" }, signal .. " when the run is closed")

  -- The prompt behind a script that left a run open, waiting for a line.
  system.write_file(folder .. "/script.lua", "r = " .. open:match "= (.*)" .. go)
  status, _, states = stopped({ "-i", "script.lua" }, signal)
  equal({ status, states[1] }, { 75, "interrupted" }, signal .. " at the prompt")
  equal(stopped({ "-i", "-e", go }, signal), 128 + number[signal], signal .. " at the prompt without a run")

  system.write_file(folder .. "/script.lua", open .. go .. loop)
  for _, level in ipairs { "--restricted", "--isolated" } do
    system.write_file(folder .. "/script.lua", open .. 'io.write "go\\n" io.stdout:flush() ' .. loop)
    local words = { "-c", '"$0" "$1" "$2" >said & p=$!; while ! grep -q go said 2>/dev/null && kill -0 $p 2>/dev/null; do sleep 0.01; done; kill -' .. signal .. " $p; wait $p",
      system.executable(), level, folder .. "/script.lua" }
    local place = ("%s/%s%s"):format(folder, level, signal)
    system.make_directory(place)
    local result = system.run({ "bash", table.unpack(words) }, { directory = place, timeout = 240 })
    local made = system.list_directory(place .. "/runs")
    equal(result.status, 75, ("%s %s: %s"):format(signal, level, result.stderr))
    equal(json.decode(system.read_file(place .. "/runs/" .. made[1] .. "/run.json")).status, "interrupted", signal .. " " .. level)
  end

  -- A sweep's trials are told, too, and the same call goes on.
  system.write_file(folder .. "/trial.lua", 'local o = require "options" { x = 1, wait = true } require("run").start("t", o) ' .. go .. "while o.wait do end")
  system.write_file(folder .. "/script.lua", 'require "sweep" { script = "trial.lua", over = { x = { 1, 2 } } }')
  status, problem = stopped({ "script.lua" }, signal)
  equal(status, 75, problem)
  check(problem:find(("sweep: stopped by SIG%s; the same call goes on where it stopped, in "):format(signal), 1, true), problem)
  status, problem = stopped({ "sweep", "trial.lua", "--over", "x=1,2" }, signal)
  equal(status, 75, problem)
end

-- A repetition passes them on to the script, and says what became of it.
system.write_file(folder .. "/repeated.lua", 'local r = require("run").start("repeated", { seed = 1 }) ' .. 'if os.getenv "GO" then ' .. go .. loop .. "end r:report { x = 1 }")
local first = system.run({ system.executable(), "repeated.lua" }, { directory = folder, environment = { JETLUA_RUNS = folder .. "/kept" } })
equal(first.status, 0, first.stderr)
for _, signal in ipairs { "TERM", "USR1" } do
  system.run { "rm", "-f", folder .. "/go" }
  local name = system.list_directory(folder .. "/kept")[1]
  local status, problem = stopped({ "rerun", folder .. "/kept/" .. name }, signal)
  equal(status, 75, problem)
  check(problem:find "rerun: [^\n]*/kept/repeated%-[^\n]* was stopped; jetlua resume [^\n]* goes on with it\n$", problem)
end
local again = system.run({ system.executable(), "rerun", folder .. "/kept/" .. system.list_directory(folder .. "/kept")[1] }, { directory = folder })
check(again.stdout:find "equal to the bit" and again.status == 0, again.stdout .. again.stderr)

testing.finish()
