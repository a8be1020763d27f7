-- A run is a folder that says what was done and what came out: the script, its options, versions, seed, checksums of the data,
-- metrics as they come, figures, results, and how it ended.

local Follower = require "jetlua.run.follower"
local Run = require "jetlua.run.Run"
local continuation = require "jetlua.run.continuation"
local expect = require "jetlua.internal.expect"
local json = require "jetlua.json"
local options_module = require "jetlua.options"
local origin = require "jetlua.run.origin"
local ranks = require "jetlua.internal.ranks"
local plain = require "jetlua.run.plain"
local raise = require "jetlua.internal.raise"
local stops = require "jetlua.core.stops"
local system = require "jetlua.core.system"

local run = {}

local open, started = {}, 0

local function root_folder()
  local folder = os.getenv("JETLUA_RUNS")
  return folder and folder ~= "" and folder or "runs"
end

--- Makes a folder that nobody had before: two runs started in the same second get different ones.
local function new_folder(name)
  local root = root_folder()
  -- A script that is not trusted has one folder, where its further runs are folders too.
  local own = os.getenv("JETLUA_RUN_FOLDER")
  if own and own ~= "" then
    if started == 1 then return own end
    root = own .. "/runs"
  end
  local function attempt(make, path)
    local tried, result = pcall(make, path)
    if tried then return result end
    raise("run.start: %s; give a folder that can be made in JETLUA_RUNS", (tostring(result):gsub("^.-make_%w*_?directory: ", "")))
  end
  attempt(system.make_directory, root)
  local stem = ("%s/%s-%s"):format(root, name, os.date("%Y%m%d-%H%M%S"))
  for i = 1, 10000 do
    local path = i == 1 and stem or ("%s-%d"):format(stem, i)
    if attempt(system.make_new_directory, path) then return path end
  end
  raise("run.start: %s: expected a folder that can be made, found 10000 of this name", stem)
end

local function described(values)
  local texts
  for _, option in ipairs(values and options_module.describe(values) or {}) do
    if option.text then
      texts = texts or {}
      texts[option.name] = option.text
    end
  end
  return texts
end

-- A signal that came while the last run was closed finds none to record it, and does what it does without one: `was_asked` is false then.
local function forget(r, was_asked)
  for i = #open, 1, -1 do
    if open[i] == r then table.remove(open, i) end
  end
  if #open == 0 then stops.catch(false, not was_asked) end
end

-- The run that rank 0 has started, on another rank.
local function follow(name)
  local previous = continuation.take(started, name)
  local _, script = origin.command_line()
  if script then stops.catch(continuation.patience()) end
  local r = Follower.new(ranks.text("", 0), forget, previous ~= nil)
  open[#open + 1] = r
  return r
end

--- Starts a run in a new folder `NAME-date-time` under `$JETLUA_RUNS` or `runs/`, and writes its run.json and the script
--- (docs/runs.md lists what a run keeps). Where `jetlua resume` started the script, it is the folder that is gone on with.
---
--- The run closes itself when the script ends, fails or is interrupted; `r:close()` or `local r <close>` end it before.
---
---     r = run.start("demo", {seed = 1})
---     r --> run runs/demo-… (running)
---@param name string letters, digits, `.`, `_` and `-`
---@param values? table the resolved options; `seed` among them is recorded as the seed
---@return run.Run
function run.start(name, values)
  expect.string("run.start", "name", name)
  if not name:find("^[%w_][%w._%-]*$") or #name > 100 then
    raise('run.start: name: expected at most 100 letters, digits, ".", "_" and "-", got "%s"', name)
  end
  if values ~= nil and type(values) ~= "table" then expect.wrong("run.start", "options", "a table", values) end
  local settings = plain("run.start: options", values or {})

  local command, script, arguments = origin.command_line()
  -- Who asks for the declared options must not get an hour of training from a script that declares none before its run.
  for _, word in ipairs(command) do
    if word == "--help=json" then options_module.fail("--help=json: expected options to be declared before the run starts, found none") end
  end
  started = started + 1
  if ranks.own > 0 then return follow(name) end
  local previous = continuation.take(started, name)
  local text = script and system.read_file(script)
  local folder = script and (script:match("^(.*)/[^/]*$") or ".") or "."
  local loaded, tensor = pcall(require, "jetlua.tensor")
  local record = {
    format = 1, name = name, status = "running", ordinal = started, options = settings, option_texts = described(values),
    seed = settings.seed or loaded and tensor.initial_seed() or nil, versions = origin.versions(), data = json.list {}, modules = json.list {},
    command = command, arguments = arguments, directory = system.resolve("."), environment = origin.environment(), git = origin.git(folder, system.resolve(root_folder())),
    host = system.hostname(), cpu = plain("run.start: cpu", system.cpu()), system = system.operating_system(),
    process = system.process_id(), results = {},
  }
  if text then
    record.script, record.script_path = script:match("[^/]+$"), system.resolve(script)
    record.script_sha256 = system.sha256(text)
  end
  if previous then continuation.inherit(record, previous.record) end
  local path = previous and previous.path or new_folder(name)
  if text then system.write_file(path .. "/" .. record.script, text) end
  record.ranks = ranks.count > 1 and ranks.count or nil
  -- A process that is told to end while the run is being made ends when it is open, and the record says so.
  local was_deferred = stops.defer(true)
  if script then stops.catch(continuation.patience()) end
  local made, r = pcall(function()
    continuation.note(path)
    return Run.new(path, record, forget, previous ~= nil)
  end)
  if made then
    open[#open + 1] = r
  elseif #open == 0 then
    stops.catch(false)
  end
  stops.defer(was_deferred)
  if not made then error(r, 0) end
  ranks.text(system.resolve(path), 0)
  -- A trial of a sweep that prunes ends itself where it does badly.
  if os.getenv("JETLUA_TRIAL") then r.watch = require("jetlua.sweep.pruning").watcher(path) end
  return r
end

local statuses = { finished = true, failed = true, interrupted = true, ended = true }

--- Closes every run that is still open. The host calls it when the script has ended, with the error's text if it failed.
---
---     r = run.start("demo")
---     run.finish("ended")
---     r.status --> ended
---@param status "finished"|"failed"|"interrupted"|"ended" "ended" if nothing is known about the outcome
---@param message? string
function run.finish(status, message)
  if not statuses[status] then expect.unknown("run.finish", "status", status, statuses) end
  for i = #open, 1, -1 do open[i]:close(status, message) end
end

-- In an interpreter that calls no run.finish the collector still tells that the script is over, though not how it ended.
run.guard = setmetatable({}, { __gc = function() run.finish("ended") end })

return run
