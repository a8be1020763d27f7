-- jetlua scripts/dev/faults.lua [--kills 20] [--writer NAME] [--kind kill|full|read-only]: what is left of each file that jetlua writes
-- when its writer is killed at a random moment, its disk is full after so many bytes, or can be read only. Prints one table. Disks are
-- small file systems in memory, mounted in a name space of their own, which needs unshare(1) and the right to use it.

require "strict"
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local options, processes, system = require "options", require "jetlua.core.processes", require "jetlua.core.system"

local o = options {
  { "kills", 20, "of each writer", min = 0 }, { "steps", 14, "amounts of free disk for each writer", min = 2 }, { "seed", 1, "of the moments" },
  { "writer", "", "only those whose name holds this" }, { "kind", "all", "of fault", choices = { "all", "kill", "full", "read-only" } },
  { "folder", nil, "to work in; made if left out", type = "string" }, { "role", "", "of a process that this one starts", choices = { "", "loop", "disk" } },
  { "number", 0, "of the writer, for that process" },
}
math.randomseed(o.seed)
local folder = require "work_folder"(o.folder, { "sources", "disk" })

local function listing(where)
  local names = {}
  for _, name in ipairs(system.is_directory(where) and system.list_directory(where) or {}) do names[#names + 1] = name end
  return names
end

local writers = require "fault_writers"

-- The process that is killed.
if o.role == "loop" then
  local w, k = writers[o.number], 1
  w.write(folder .. "/disk", 1)
  io.stderr:write("begun\n")
  while true do
    k = 3 - k
    w.write(folder .. "/disk", k)
  end
end

--- The checksums of each content, by file; written in a folder of its own.
local function contents(w)
  local sums = {}
  for k = 1, #w.files > 0 and 2 or 0 do
    local place = folder .. "/whole"
    system.run { "rm", "-rf", place }
    system.make_directory(place)
    w.write(place, k)
    for _, name in ipairs(w.files) do
      sums[name] = sums[name] or {}
      sums[name][system.sha256_file(place .. "/" .. name)] = k
    end
  end
  return sums
end

--- What is not right in the folder after a fault, or nil; `strays` says whether files of other names are wrong, too.
local function damage(w, sums, place)
  for _, name in ipairs(w.files) do
    local path = place .. "/" .. name
    if system.exists(path) and not sums[name][system.sha256_file(path)] then return name .. " is neither content" end
  end
  local first = w.files[1]
  if w.read and (not first or system.exists(place .. "/" .. first)) then
    local well, problem = pcall(w.read, place)
    if not well then return tostring(problem) end
  end
end

local function strays(place)
  local count = 0
  for _, name in ipairs(listing(place)) do
    if name:find("%.tmp") then count = count + 1 end
    if system.is_directory(place .. "/" .. name) then
      for _, inner in ipairs { "", "/checkpoints", "/plots" } do
        for _, file in ipairs(listing(place .. "/" .. name .. inner)) do
          if file:find("%.tmp") then count = count + 1 end
        end
      end
    end
  end
  return count
end

-- The process on the small disk: the first content lies there whole, then the second one is written with ever more bytes free.
if o.role == "disk" then
  local w, place = writers[o.number], folder .. "/disk"
  local sums = contents(w)
  -- Not by print, which an open run keeps in its log, on the full disk.
  local function say(...) system.append_file(folder .. "/said", table.concat({ ... }, "\t") .. "\n") end
  w.write(place, 1)
  local need = 5 * 512 * tonumber(system.run({ "du", "-sk", place }).stdout:match("%d+"))
  if o.kind == "read-only" then
    assert(system.run({ "mount", "-o", "remount,ro", place }).status == 0, "cannot mount")
    local well, problem = pcall(w.write, place, 2)
    say("read-only", tostring(well), (tostring(problem):gsub("%s", " ")), damage(w, sums, place) or "", tostring(strays(place)), tostring(tostring(problem):find("\n") ~= nil))
    os.exit(0, #w.files > 0)
  end
  for step = 0, o.steps - 1 do
    os.remove(place .. "/filler")
    system.run { "sh", "-c", 'cat /dev/zero >"$0/filler" 2>/dev/null; truncate -s -"$1" "$0/filler"', place, tostring(need * step // (o.steps - 1) // 4096 * 4096) }
    local well, problem = pcall(w.write, place, 2)
    say("full", tostring(well), (tostring(problem):gsub("%s", " ")), damage(w, sums, place) or "", tostring(strays(place)), tostring(tostring(problem):find("\n") ~= nil))
    if well then break end
  end
  os.exit(0, #w.files > 0)
end

local environment = { JETLUA_RUNS = folder .. "/disk", SWIFT_BACKTRACE = "enable=no", JETLUA_CACHE = folder .. "/cache" }
local function kill(i, w)
  local place = folder .. "/disk"
  local sums = contents(w)
  local killed, inside, damaged, left, problems = 0, 0, 0, 0, {}
  while killed < o.kills do
    if #w.files == 0 then
      system.run { "sh", "-c", 'rm -rf "$0"/*', place }
    end
    os.remove(folder .. "/output")
    local process = processes.start({ system.executable(), arg[0], "--role", "loop", "--number", tostring(i), "--folder", folder }, { output = folder .. "/output", environment = environment })
    local began, ending = system.monotonic(), nil
    repeat
      processes.wait(0.01)
      ending = processes.poll(process)
      assert(not ending, ("%s: the writer ended: %s"):format(w.name, ending and system.read_file(folder .. "/output")))
    until system.read_file(folder .. "/output"):find("begun") or system.monotonic() - began > 120
    processes.wait(0.15 * math.random())
    processes.signal(process, "KILL")
    while not processes.poll(process) do processes.wait(0.01) end
    killed = killed + 1
    if strays(place) > 0 then inside = inside + 1 end
    local wrong = damage(w, sums, place)
    if wrong then
      damaged = damaged + 1
      problems[#problems + 1] = wrong
    end
  end
  -- The next writer clears up.
  if #w.files > 0 then
    w.write(place, 1)
    left = strays(place)
  end
  system.run { "sh", "-c", 'rm -rf "$0"/*; rm -rf "$0"/.[!.]*', place }
  return { killed = killed, inside = inside, damaged = damaged, left = left, problems = problems }
end

local function disk(i, w, kind)
  system.write_file(folder .. "/said", "")
  local result = system.run({ "unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64m none "$0" && shift && exec "$@"', folder .. "/disk", "x", system.executable(), arg[0], "--role", "disk",
    "--number", tostring(i), "--folder", folder, "--kind", kind, "--steps", tostring(o.steps) }, { environment = environment, timeout = 600 })
  local found = { tries = 0, said = 0, wrong = 0, written = 0, strays = 0, problems = {} }
  for line in system.read_file(folder .. "/said"):gmatch("[^\n]+") do
    local _, well, problem, damaged, left, lines = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
    if well then
      found.tries = found.tries + 1
      found.strays = found.strays + tonumber(left)
      local expected = kind == "full" and "No space left on device" or "Read%-only file system"
      if well == "true" then found.written = found.written + 1
      elseif lines == "false" and (problem:find(expected) or problem:find("cannot")) then found.said = found.said + 1
      else found.problems[#found.problems + 1] = problem end
      if damaged ~= "" then
        found.wrong = found.wrong + 1
        found.problems[#found.problems + 1] = damaged
      end
      found.message = found.message or well == "false" and problem
    end
  end
  if result.status ~= 0 then found.problems[#found.problems + 1] = ("status %s, signal %s: %s"):format(tostring(result.status), tostring(result.signal), result.stderr) end
  return found
end

local fine = true
print("| writer | kills | in the middle of a file | damaged | temporary files after the next write | full disk: tries | said in one line | written | damaged | temporary files | read-only: said | damaged |")
print("|---|---|---|---|---|---|---|---|---|---|---|---|")
for i, w in ipairs(writers) do
  if w.name:find(o.writer, 1, true) then
    local killed = (o.kind == "all" or o.kind == "kill") and kill(i, w) or { killed = 0, inside = 0, damaged = 0, left = 0, problems = {} }
    local full = (o.kind == "all" or o.kind == "full") and disk(i, w, "full") or { tries = 0, said = 0, wrong = 0, written = 0, strays = 0, problems = {} }
    local ro = (o.kind == "all" or o.kind == "read-only") and disk(i, w, "read-only") or { tries = 0, said = 0, wrong = 0, written = 0, strays = 0, problems = {} }
    print(("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d of %d | %d |"):format(w.name, killed.killed, killed.inside, killed.damaged, killed.left, full.tries, full.said,
      full.written, full.wrong, full.strays, ro.said, ro.tries, ro.wrong))
    io.stdout:flush()
    for _, list in ipairs { killed.problems, full.problems, ro.problems } do
      for _, problem in ipairs(list) do
        fine = false
        io.stderr:write(w.name, ": ", problem, "\n")
      end
    end
    fine = fine and killed.left == 0 and full.strays == 0
    if full.message and os.getenv("JETLUA_FAULT_MESSAGES") then io.stderr:write(w.name, ": ", full.message, "\n", ro.message or "", "\n") end
  end
end
system.run { "rm", "-rf", folder }
os.exit(fine, true)
