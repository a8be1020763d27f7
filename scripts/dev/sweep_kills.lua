-- Kills a sweep without warning at random moments, starts it again and counts: `jetlua scripts/dev/sweep_kills.lua [--kills 50]`. Half of
-- the kills take the trials along, as a machine that loses power does; the other half leave them running.

local json = require "json"
local options = require "options"
local processes = require "jetlua.core.processes"
local sweep = require "sweep"
local system = require "jetlua.core.system"

local o = options { { "kills", 50, "how often" }, { "trials", 150, "trials of the sweep" }, { "seed", 1, "of the moments" } }
local root = os.tmpname()
os.remove(root)
system.make_directory(root)
local script, folder = root .. "/trial.lua", root .. "/sweep"
system.write_file(script, [[
local o = require "options" { { "x", 0, "counts" } }
local r = require("run").start("trial", o)
for epoch = 1, 4 do
  r:log { epoch = epoch }
  os.execute("sleep 0.05")
end
r:report { y = 2 * o.x }
]])
local command = {
  system.executable(), "--quiet", "sweep", script, "--over", ("x=1..%d:%d"):format(o.trials, o.trials), "--jobs", "3", "--folder", folder, "--objective", "y",
}

local function wait(process, seconds)
  local began = system.monotonic()
  while system.monotonic() - began < seconds do
    local ending = processes.poll(process)
    if ending then return ending end
    processes.wait(math.max(seconds - (system.monotonic() - began), 0))
  end
end

math.randomseed(o.seed)
local killed, along, starts = 0, 0, 0
while killed < o.kills do
  local process = processes.start(command, { output = root .. "/output.txt" })
  starts = starts + 1
  if wait(process, 0.02 + 0.6 * math.random()) then
    if #sweep.load(folder):trials() >= o.trials then break end
  else
    processes.signal(process, "KILL")
    while not processes.poll(process) do processes.wait(1) end
    killed = killed + 1
    if math.random() < 0.5 then
      -- The trials are leaders of groups of their own; their command lines hold the script's path, which nobody else's does.
      along = along + 1
      system.run { "sh", "-c", 'for p in /proc/[0-9]*; do if tr "\\0" " " <$p/cmdline 2>/dev/null | grep -q -- "$1 --x="; then kill -9 ${p#/proc/}; fi; done', "sh", script }
    end
  end
end
local last = processes.start(command, { output = root .. "/output.txt" })
local ending = wait(last, 600)
assert(ending and ending.status == 0, system.read_file(root .. "/output.txt"))

local lost, twice, half, wrong = o.trials, 0, 0, 0
for _, trial in ipairs(sweep.load(folder):trials()) do
  lost = lost - 1
  if trial.status ~= "finished" or trial.results.y ~= 2 * trial.options.x then wrong = wrong + 1 end
  local finished = 0
  local path = folder .. "/trials/" .. trial.id
  for _, name in ipairs(system.list_directory(path)) do
    if name:find("^attempt%-%d+$") then
      for _, run in ipairs(system.list_directory(path .. "/" .. name)) do
        local file = path .. "/" .. name .. "/" .. run .. "/run.json"
        if system.exists(file) then
          local read, record = pcall(function() return json.decode(system.read_file(file)) end)
          if not read then half = half + 1 elseif record.status == "finished" then finished = finished + 1 end
        end
      end
    end
  end
  if finished ~= 1 then twice = twice + 1 end
  if not system.exists(path .. "/" .. "result.json") then half = half + 1 end
end
print(("%d kills in %d starts, %d of them with the trials: %d of %d trials lost, %d run to completion other than once, %d half recorded, %d wrong"):format(
  killed, starts, along, lost, o.trials, twice, half, wrong))
system.run { "rm", "-rf", root }
os.exit(lost == 0 and twice == 0 and half == 0 and wrong == 0, true)
