local aside = require "jetlua.run.aside"
local expect = require "jetlua.internal.expect"
local json = require "jetlua.json"
local origin = require "jetlua.run.origin"
local output = require "jetlua.run.output"
local plain = require "jetlua.run.plain"
local raise = require "jetlua.internal.raise"
local stops = require "jetlua.core.stops"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"
local weights = require "jetlua.run.weights"

--- A run folder, made by `run.start`.
---@class run.Run
---@field path string the folder
---@field status "running"|"finished"|"failed"|"interrupted"|"pruned"|"ended" how it stands
local Run = {}
Run.__index = Run
Run.__name = "run.Run"

local flush_seconds = 1
local flush_bytes = 65536

local function iso_time(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Keeps the texts of modules that the script has required since the last time.
local function keep_modules(self)
  local list = self.record.modules
  for _, module in ipairs(origin.modules(self.seen_modules)) do
    local file = "modules/" .. module.name:gsub("[^%w_.%-]", "_"):gsub("%.", "/") .. ".lua"
    system.make_directory((self.path .. "/" .. file):match("^(.*)/"))
    system.write_file(self.path .. "/" .. file, module.text)
    list[#list + 1] = { name = module.name, path = module.path, file = file, sha256 = system.sha256(module.text) }
  end
end

local function write_record(self)
  keep_modules(self)
  local encoded, notes = json.encode(self.record, { indent = 2 })
  if #notes > 0 then
    local record = {}
    for key, value in pairs(self.record) do record[key] = value end
    record.not_finite = json.list(notes)
    encoded = json.encode(record, { indent = 2 })
  end
  system.write_file(self.path .. "/run.json", encoded .. "\n")
end

-- Files that grow while the run goes on, by what is written to them.
local growing = { metrics = "metrics.jsonl", output = "log.txt" }

local function flush(self)
  for kind, name in pairs(growing) do
    local lines = self.pending[kind]
    if #lines > 0 then
      -- Emptied first: a disk that is full raises once, not at each line from then on.
      self.pending[kind] = {}
      system.append_file(self.path .. "/" .. name, table.concat(lines))
    end
  end
  self.pending_bytes = 0
  self.flushed = system.monotonic()
end

local function add(self, kind, text)
  local lines = self.pending[kind]
  lines[#lines + 1] = text
  self.pending_bytes = self.pending_bytes + #text
  if system.monotonic() - self.flushed >= flush_seconds or self.pending_bytes >= flush_bytes then flush(self) end
end

-- What waits in a run that is gone on with, until a training is back where it was.
local waiting = { table.unpack(weights.files) }
for _, name in pairs(growing) do waiting[#waiting + 1] = name end

-- What the process before was writing when it was killed.
local function remove_halves(folder)
  for _, place in ipairs { folder, folder .. "/checkpoints", folder .. "/plots" } do
    for _, name in ipairs(system.is_directory(place) and system.list_directory(place) or {}) do
      if name:find("^%..*%.tmp$") then system.remove(place .. "/" .. name) end
    end
  end
end

-- The last training in `folder` that has a checkpoint; 0 where none has.
local function latest_training(folder)
  local latest, place = 0, folder .. "/checkpoints"
  for _, name in ipairs(system.is_directory(place) and system.list_directory(place) or {}) do
    latest = math.max(latest, math.tointeger(name:match("^training%-(%d+)%.safetensors$")) or 0)
  end
  return latest
end

local function check_open(self, where)
  if self.status ~= "running" then raise("%s: expected a run that is open, got one that is %s", where, self.status) end
end

--- A run in the folder `path`; `on_close` is called once.
function Run.new(path, record, on_close, continued)
  local self = setmetatable({
    path = path, status = "running", record = record, on_close = on_close, pending = { metrics = {}, output = {} }, pending_bytes = 0,
    began = system.monotonic(), flushed = system.monotonic(), seen_modules = {}, continued = continued, trainings = 0,
    latest = continued and latest_training(path) or 0,
  }, Run)
  record.started = record.started or iso_time(system.now())
  if continued then
    remove_halves(path)
    aside.put(path, waiting)
  end
  write_record(self)
  output.begin(self)
  return self
end

--- Keeps what the script prints; see run.output.
---@private
function Run:keep_output(text) add(self, "output", text) end

--- What the checkpoint of the training `place` says of the run's other files: the sizes of the growing ones, those with weights, which
--- it keeps, and the seconds that the run has lasted.
---@private
function Run:mark(place)
  flush(self)
  local sizes = {}
  for kind, name in pairs(growing) do
    local path = self.path .. "/" .. name
    sizes[kind] = system.exists(path) and system.file_size(path) or 0
  end
  -- From here on what the files hold is the run's own again, also for whoever continues from the checkpoint that is written next.
  if self.continued then aside.drop(self.path, waiting) end
  return { sizes = sizes, weights = weights.keep(self.path, place), seconds = system.monotonic() - self.began }
end

--- Gives the files what they held at `mark`, the one of the training `place`. Those with weights may be newer, as the training left them
--- when it was stopped, unless they are others' by now: of later trainings if this one `is_over`, or of earlier ones that were done again.
---@private
function Run:return_to(mark, place, is_over)
  self.pending, self.pending_bytes = { metrics = {}, output = {} }, 0
  self.began = system.monotonic() - mark.seconds
  for kind, name in pairs(growing) do
    local waits = aside.path(self.path, name)
    local text = system.exists(waits) and system.read_file(waits) or ""
    system.write_file(self.path .. "/" .. name, text:sub(1, mark.sizes[kind]))
  end
  if not mark.weights or not (is_over or self.has_weights) then
    aside.take_back(self.path, weights.files)
  else
    weights.put_back(self.path, place, mark.weights)
  end
  self.has_weights = true
  self.has_returned = place >= self.latest
end

--- Path of a file in the run's folder; folders on the way are made.
---
---     r = run.start("demo")
---     r:file("notes/a.txt") --> …/notes/a.txt
---@param name string relative, without `..`
---@return string
function Run:file(name)
  expect.string("run:file", "name", name)
  local leaves = name == "" or name:sub(1, 1) == "/" or name:find("\0", 1, true) or name:sub(-1) == "/"
  for part in name:gmatch("[^/]+") do leaves = leaves or part == ".." or part == "." end
  if leaves then
    raise("run:file: name: expected a file inside the run's folder, got %s", text.describe(name))
  end
  local folder = name:match("^(.*)/")
  local path = self.path .. "/" .. name
  if folder then system.make_directory(self.path .. "/" .. folder) end
  return path
end

--- Appends a line of metrics to metrics.jsonl: `r:log{epoch = 3, loss = 6.4}`. What is not finite becomes null and is named
--- in `not_finite`. At most a second passes before lines are in the file, as long as more of them come.
---
---     r = run.start("demo")
---     r:log{epoch = 1, loss = 6.4}
---     r:close()
---     io.open(r.path .. "/metrics.jsonl"):read() --> {"epoch": 1, "loss": 6.4, "seconds": …}
---@param metrics table<string, number|string|boolean|table>
function Run:log(metrics)
  check_open(self, "run:log")
  if type(metrics) ~= "table" then expect.wrong("run:log", "metrics", "a table", metrics) end
  local entry = plain("run:log", metrics)
  local now = system.monotonic()
  entry.seconds = math.floor((now - self.began) * 1000 + 0.5) / 1000
  local line, notes = json.encode(entry)
  if #notes > 0 then
    entry.not_finite = json.list(notes)
    line = json.encode(entry)
  end
  add(self, "metrics", line .. "\n")
  local why = self.watch and self.watch(metrics)
  if why then
    print("pruned: " .. why)
    self:close("pruned", why)
    os.exit(0, true)
  end
end

--- Adds results to run.json, where sweeps find them; later values of a name replace earlier ones.
---
---     r = run.start("demo")
---     r:report{auc = 0.9}
---     json.decode(io.open(r.path .. "/run.json"):read("a")).results.auc --> 0.9
---@param results table<string, any>
function Run:report(results)
  check_open(self, "run:report")
  if type(results) ~= "table" then expect.wrong("run:report", "results", "a table", results) end
  for name, value in pairs(plain("run:report", results)) do self.record.results[tostring(name)] = value end
  write_record(self)
end

--- Records path, size and SHA-256 of a data file, or of the file that a set of jets was opened from, and the set's cutflow.
---
---     r = run.start("demo")
---     r:data(jets.sample())
---     #json.decode(io.open(r.path .. "/run.json"):read("a")).data --> 1
---@param source string|any a path, or a set with a `path`
function Run:data(source)
  check_open(self, "run:data")
  local path = source
  if type(source) ~= "string" then
    local found, value = pcall(function() return source.path end)
    path = found and value or nil
    if type(path) ~= "string" then expect.wrong("run:data", "source", "a path or a set of jets from a file", source) end
  end
  if not system.exists(path) or system.is_directory(path) then raise("run:data: %s: expected a file, found none", path) end
  local entry
  for _, other in ipairs(self.record.data) do
    if other.path == path then entry = other end
  end
  if not entry then
    entry = { path = path, full_path = system.resolve(path), sha256 = system.sha256_file(path), bytes = system.file_size(path) }
    table.insert(self.record.data, entry)
  end
  local has_steps, steps = pcall(function() return source:cutflow_steps() end)
  if type(source) ~= "string" and has_steps then
    entry.cutflows = entry.cutflows or json.list {}
    table.insert(entry.cutflows, plain("run:data: cutflow", steps))
  end
  write_record(self)
end

-- A machine that only computes needs no gnuplot; said once.
local told_of_gnuplot = false

--- Saves a figure as plots/NAME.pdf and plots/NAME.png, its numbers as plots/NAME.csv. Where gnuplot is not installed a line on
--- stderr says so, and plots/NAME.py, which redraws it with matplotlib, stands for the pictures.
---
---     r = run.start("demo")
---     r:figure(plot.line({1, 4, 9}), "loss") --> …/plots/loss.png
---@param figure plot.Figure
---@param name string
---@return string path of the PNG, or of what stands for it
function Run:figure(figure, name)
  if type(figure) ~= "table" or type(figure.save) ~= "function" then
    expect.wrong("run:figure", "figure", "a figure of plot", figure)
  end
  expect.string("run:figure", "name", name)
  local stem = self:file("plots/" .. name)
  if not system.find_program("gnuplot") then
    if not told_of_gnuplot then
      system.write_error("run:figure: gnuplot: expected the program, found none; figures are kept as .csv and .py, which matplotlib draws "
        .. "(the Debian package is gnuplot-nox)\n")
    end
    told_of_gnuplot = true
    return figure:save(stem .. ".py")
  end
  figure:save(stem .. ".pdf")
  return figure:save(stem .. ".png")
end

--- Saves named tensors as scores.npz.
---
---     r = run.start("demo")
---     r:scores{weight = tensor{0.1, 0.9}} --> …/scores.npz
---@param scores table<string, any>
---@return string path
function Run:scores(scores)
  if type(scores) ~= "table" then expect.wrong("run:scores", "scores", "a table of tensors", scores) end
  local tensor = require "tensor"
  local path = self:file("scores.npz")
  tensor.save(path, scores)
  return path
end

--- Saves a model, and the optimizer's state if given, as checkpoints/last.*; with `best = true` also as checkpoints/best.*.
---
---     r = run.start("demo")
---     r:checkpoint(nn.Sequential(nn.Linear(2, 1))) --> …/checkpoints/last.safetensors
---@param model any what has `:save(path)`
---@param optimizer? any what has `:state_dict()`
---@param options? { best: boolean|nil }
---@return string path of the model
function Run:checkpoint(model, optimizer, options)
  check_open(self, "run:checkpoint")
  options = expect.options("run:checkpoint", options, { "best" })
  local found, save = pcall(function() return model.save end)
  if not found or type(save) ~= "function" then expect.wrong("run:checkpoint", "model", "a model with :save(path)", model) end
  local names = expect.boolean("run:checkpoint", "best", options.best) and { "best", "last" } or { "last" }
  self.has_weights = true
  local path
  for _, name in ipairs(names) do
    path = self:file(weights.file(name, "model"))
    model:save(path)
    if optimizer ~= nil then require("tensor").save(self:file(weights.file(name, "optimizer")), optimizer:state_dict()) end
  end
  return path
end

--- A training that `jetlua resume` goes on with to the bit, wherever it was stopped: by SIGTERM or SIGUSR1 (it writes its state after
--- the step under way and ends the program with status 75), by Ctrl-C, or by a power cut (it writes its state every `every` seconds).
---
--- It keeps the random streams, where the batches stand, and the objects given: those with `:state_dict()` and `:load_state_dict(state)`
--- (models, optimizers, schedules), lists of them, and tables of numbers and tensors of the script's own, such as a list of losses.
---
---     r, images = run.start("demo"), jets.sample():take(200):images()
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     adam, losses = optim.Adam(model:parameters()), {}
---     training = r:training{model = model, optimizer = adam, losses = losses}
---     for epoch in training:epochs(2) do
---       for batch in training:batches(images, 100) do
---         adam:zero_grad()
---         loss = model:loss(batch.x).total
---         loss:backward()
---         adam:step()
---         training.sums.total = (training.sums.total or 0) + loss:item()
---       end
---       losses[epoch] = training.sums.total
---     end
---     #losses --> 2
---@param objects table<string, any> and `every`, seconds between two checkpoints, 30 by default
---@return run.Training
function Run:training(objects)
  check_open(self, "run:training")
  self.trainings = self.trainings + 1
  return require("jetlua.run.Training").new(self, self.trainings, objects)
end

local function write_end(self, status, message)
  flush(self)
  self.status = status
  if self.continued then
    -- An attempt to go on that ended on the way to where the last one was leaves what it found.
    if not self.has_returned and self.status ~= "finished" then aside.take_back(self.path, waiting, self.latest == 0) end
    aside.drop(self.path, waiting)
  end
  if message ~= nil then
    self.record.error = tostring(message)
    system.append_file(self.path .. "/log.txt", tostring(message) .. "\n")
  end
  self.record.status = self.status
  self.record.ended = iso_time(system.now())
  self.record.seconds = math.floor((system.monotonic() - self.began) * 1000 + 0.5) / 1000
  write_record(self)
  output.finish(self)
end

--- Ends the run: writes what is pending and how it ended.
---
---     r = run.start("demo")
---     r:close()
---     r.status --> finished
---@param status? "finished"|"failed"|"interrupted"|"pruned"|"ended" finished unless said
---@param message? string the error's text
function Run:close(status, message)
  if self.status ~= "running" then return end
  -- Whoever is told to end in the midst of this does so when the record is whole.
  local was_deferred, was_asked = stops.defer(true), stops.requested() ~= nil
  local written, problem = pcall(write_end, self, status or "finished", message)
  if written then self.on_close(self, was_asked) end
  stops.defer(was_deferred)
  if not written then error(problem, 0) end
end

function Run:__close(problem)
  if problem == nil then
    self:close("finished")
  else
    -- Under an interpreter's own error handler the traceback is already part of the text.
    local message = tostring(problem):gsub("\nstack traceback:.*", "")
    self:close(message:find("interrupted!", 1, true) and "interrupted" or "failed", message)
  end
end

function Run:__tostring()
  return ("run %s (%s)"):format(self.path, self.status)
end

return Run
