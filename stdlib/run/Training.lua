local core = require "jetlua.core.files"
local wishes = require "jetlua.core.parallel"
local expect = require "jetlua.internal.expect"
local mistake = require "jetlua.options.mistake"
local ranks = require "jetlua.internal.ranks"
local raise = require "jetlua.internal.raise"
local random = require "jetlua.core.random"
local state = require "jetlua.run.state"
local stops = require "jetlua.core.stops"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

--- A training that can be gone on with to the bit, made by `r:training`.
---@class run.Training
---@field sums table numbers and tensors that a pass adds up: empty at each epoch, kept in its middle
---@field path string the checkpoint
local Training = {}
Training.__index = Training
Training.__name = "run.Training"

local version = 1

local function has(value, method)
  local indexed, found = pcall(function() return value[method] end)
  return indexed and type(found) == "function"
end

local function rates_of(object)
  local rates = {}
  for i, group in ipairs(object.param_groups) do rates[i] = group.lr end
  return rates
end

local function has_groups(object)
  local indexed, groups = pcall(function() return object.param_groups end)
  return indexed and type(groups) == "table"
end

-- What a model of `models` learns from its first images besides weights; a training that is over shows it none.
local learnt = { "recipe", "scaler" }

local function learnt_of(object)
  if not has(object, "class_name") then return nil end
  local fields = {}
  for _, name in ipairs(learnt) do
    local found, value = pcall(function() return object[name] end)
    fields[name] = found and value or nil
  end
  return fields
end

local function state_of(object)
  if has(object, "state_dict") then
    return { own = object:state_dict(), rates = has_groups(object) and rates_of(object) or nil, learnt = learnt_of(object) }
  end
  if has(object, "step") then return { own = {}, rates = has_groups(object) and rates_of(object) or nil } end
  local list = {}
  for key, item in pairs(object) do
    list[key] = (type(item) == "table" or type(item) == "userdata") and has(item, "state_dict") and { object = state_of(item) } or { value = item }
  end
  return { table = list }
end

local function load(object, kept)
  if kept.rates then
    for i, group in ipairs(object.param_groups) do group.lr = kept.rates[i] end
  end
  for name, value in pairs(kept.learnt or {}) do object[name] = value end
  if kept.own then
    if has(object, "load_state_dict") then object:load_state_dict(kept.own) end
    return
  end
  for key in pairs(object) do
    if kept.table[key] == nil then object[key] = nil end
  end
  for key, item in pairs(kept.table) do
    if item.object then load(object[key], item.object) else object[key] = item.value end
  end
end

-- What is kept in a table must be there again under the same names when the script starts anew.
local function check_objects(where, objects)
  for name, object in pairs(objects) do
    local kind = type(object)
    if type(name) ~= "string" or kind ~= "table" and kind ~= "userdata" then
      expect.wrong(where, tostring(name), "an object with :state_dict() and :load_state_dict(state), or a table", object)
    end
  end
end

--- See `Run:training`.
function Training.new(run, place, options)
  local where = "run:training"
  if type(options) ~= "table" then expect.wrong(where, "objects", "a table {model =, optimizer =, …}", options) end
  local objects, every = {}, options.every
  for name, object in pairs(options) do
    if name ~= "every" then objects[name] = object end
  end
  every = every == nil and tonumber(os.getenv("JETLUA_CHECKPOINT_SECONDS")) or every or 30
  check_objects(where, objects)
  return setmetatable({
    run = run, place = place, objects = objects, every = expect.number(where, "every", every, { min = 0 }), epoch = 0, step = 0, loop = 0,
    samplers = {}, sums = {}, path = run:file(("checkpoints/training-%d.safetensors"):format(place)), saved = system.monotonic(), began = system.monotonic(),
  }, Training)
end

--- Writes all that the rest of the training follows from, in one file that appears whole.
local function save(self, epoch, in_pass, done)
  stops.saving()
  -- Of what the ranks have added up the file keeps the sum, which any number of ranks can go on from.
  local sums = in_pass and ranks.add_up(ranks.copy(self.sums)) or {}
  -- One that is done again, for a later one has a checkpoint, was too short to have one of its end: the files are still those of before.
  if ranks.own > 0 or self.place < self.run.latest then
    self.saved = system.monotonic()
    return
  end
  local objects, samplers = {}, {}
  for name, object in pairs(self.objects) do objects[name] = state_of(object) end
  if in_pass then
    for name, batches in pairs(self.samplers) do samplers[name] = batches:state_dict() end
  end
  local encoded, tensors = state.pack {
    place = self.place, epoch = epoch, step = self.step, loop = in_pass and self.loop or 0, done = done, objects = objects, samplers = samplers,
    sums = sums, random = random.state(), mark = self.run:mark(self.place),
  }
  local metadata = { format = "jetlua.training", version = tostring(version), state = encoded }
  core.save(self.path, tensors, { format = "safetensors", metadata = metadata })
  self.saved = system.monotonic()
end

local signals = { "SIGTERM", "SIGUSR1", "Ctrl-C" }

-- The signal that asks for the end, and whether a checkpoint is due. Ranks agree on both: what one of them wishes goes with its next
-- exchange, in a pass that of the next step's gradients.
local function asked(self, in_pass)
  local signal, due = stops.requested(), system.monotonic() - self.saved >= self.every
  if ranks.count == 1 then return signal, due end
  if signal then wishes.tell(signal) end
  if due and ranks.own == 0 then wishes.tell("save") end
  if not in_pass then wishes.wait() end
  signal = nil
  for _, name in ipairs(signals) do
    if wishes.take(name) then signal = name end
  end
  return signal, wishes.take("save") ~= nil
end

-- Ends the program, or with Ctrl-C the script, after its state is safe.
local function leave(self, signal, where)
  -- The end of the program closes the loop's guard, which would take it for a training that is done.
  self.over = true
  local message = ("stopped by %s %s; jetlua resume %s goes on from there"):format(signal, where, self.run.path)
  if signal == "Ctrl-C" then raise("interrupted! %s", message) end
  io.stdout:flush()
  io.stderr:write(("%s: %s\n"):format(mistake.script(), message))
  require("jetlua.run").finish("interrupted", message)
  os.exit(75, true)
end

local function boundary(self, epoch, in_pass)
  local signal, due = asked(self, in_pass)
  if signal or due then save(self, epoch, in_pass, false) end
  if signal then
    leave(self, signal, in_pass and ("in epoch %d after step %d"):format(epoch, self.step) or ("before epoch %d"):format(epoch))
  end
end

local function read(self)
  local where = "jetlua resume"
  local tensors, metadata = core.load(self.path, nil, "safetensors")
  if metadata.format ~= "jetlua.training" or not metadata.state then raise("%s: %s: expected a checkpoint of a training", where, self.path) end
  if tonumber(metadata.version) ~= version then
    raise("%s: %s: it is of version %s, this jetlua reads %d; use the jetlua that wrote it", where, self.path, tostring(metadata.version), version)
  end
  local decoded, kept = pcall(state.unpack, metadata.state, tensors)
  if not decoded or type(kept) ~= "table" or type(kept.objects) ~= "table" then raise("%s: %s: it is damaged", where, self.path) end
  return kept
end

local function restore(self)
  local kept = read(self)
  local where = "jetlua resume: " .. self.path
  for name in pairs(kept.objects) do
    if self.objects[name] == nil then raise("%s: expected %s among what the training keeps, which the script no longer gives", where, text.describe(name)) end
  end
  for name, object in pairs(self.objects) do
    if kept.objects[name] == nil then raise("%s: it has nothing of %s, which the script gives now", where, text.describe(name)) end
    -- A schedule sets rates from those of its optimizer, so optimizers go first.
    if has_groups(object) then load(object, kept.objects[name]) end
  end
  for name, object in pairs(self.objects) do
    if not has_groups(object) then load(object, kept.objects[name]) end
  end
  random.restore(kept.random)
  self.run:return_to(kept.mark, self.place, kept.done)
  self.step = kept.step
  return kept
end

local function finish(self)
  if self.over then return end
  self.over = true
  wishes.finish()
  local signal = asked(self, false)
  local is_long = system.monotonic() - self.began >= math.min(2, self.every)
  if is_long or signal then save(self, self.epoch, false, true) end
  if signal then leave(self, signal, "at the end of the training") end
  stops.defer(false)
end

--- Counts the epochs 1 … n for a `for` loop; a run that is gone on with begins where its checkpoint was written, with all that the
--- training keeps and the random numbers as they were. What the loop does before `training:batches` happens again in an epoch whose
--- middle is gone on with.
---
---     r, x = run.start("demo"), tensor{1}:requires_grad(true)
---     training = r:training{optimizer = optim.SGD({x})}
---     for epoch in training:epochs(2) do r:log{epoch = epoch} end
---     training.epoch --> 2
---@param n integer
---@return function iterator, nil state, nil control, any closing
function Training:epochs(n)
  local where = "training:epochs"
  expect.number(where, "n", n, { integer = true, min = 1 })
  if self.over ~= nil then raise("%s: expected a training that has not begun; r:training makes another", where) end
  self.over = false
  local epoch, kept = 1, nil
  if self.run.continued and system.exists(self.path) then
    kept = restore(self)
    epoch = kept.epoch
    if ranks.own > 0 then ranks.clear(kept.sums) end
    if kept.done then
      self.over, self.epoch = true, epoch
      return function() end
    end
    if kept.loop > 0 then self.middle = kept end
  end
  self.saved = system.monotonic()
  stops.defer(true)

  local begun = false
  local function next_epoch()
    if self.over then return nil end
    if begun then
      epoch = epoch + 1
      self.middle = nil
      if epoch <= n then boundary(self, epoch, false) end
    end
    begun = true
    wishes.finish()
    if epoch > n then
      finish(self)
      return nil
    end
    self.epoch, self.loop, self.samplers, self.sums = epoch, 0, {}, self.middle and self.middle.sums or {}
    return epoch
  end
  local iterator = setmetatable({}, {
    __call = next_epoch, __len = function() return n end,
    -- After `break` the training is over; after an error it can be gone on with.
    __close = function(_, problem)
      if problem == nil then finish(self) end
      if not self.over then stops.defer(false) end
    end,
  })
  return iterator, nil, nil, iterator
end

--- Lets a checkpoint in the middle of an epoch keep where `batches`, from `set:batches(n)`, stand too; call it before
--- `training:batches` in each epoch, with the same name.
---
---     r, images = run.start("demo"), jets.sample():take(100):images()
---     training = r:training{losses = {}}
---     for epoch in training:epochs(1) do training:follow("outliers", images:batches(10, {forever = true})) end
---     #images --> 100
---@param name string
---@param batches jets.Batches
---@return jets.Batches batches
function Training:follow(name, batches)
  expect.string("training:follow", "name", name)
  if not has(batches, "load_state_dict") then expect.wrong("training:follow", "batches", "batches of a set, from set:batches(n)", batches) end
  self.samplers["follow." .. name] = batches
  return batches
end

--- The batches of an epoch, as `set:batches(n, options)` gives them; between two of them the training may be stopped, and its
--- state is written every 30 seconds (`every` of `r:training`). One that is gone on with gives those that are left.
---
---     r, images = run.start("demo"), jets.sample():take(100):images()
---     training, count = r:training{losses = {}}, 0
---     for epoch in training:epochs(2) do
---       for batch in training:batches(images, 50) do count = count + #batch end
---     end
---     count --> 200
---@param set jets.Images|jets.Constituents
---@param n integer
---@param options? {shuffle: boolean}
---@return function
function Training:batches(set, n, options)
  if self.epoch == 0 or self.over then raise("training:batches: expected to be called within the loop over training:epochs(n)") end
  if not has(set, "batches") then expect.wrong("training:batches", "set", "a set of images or constituents", set) end
  local middle = self.middle
  self.loop = self.loop + 1
  if middle and self.loop < middle.loop then return function() end end
  local batches = ranks.parts(set, n, options)
  self.samplers.main = batches
  if middle then
    for name, kept in pairs(middle.samplers) do
      if not self.samplers[name] then raise("jetlua resume: expected the batches %s, which the script no longer follows", text.describe(name)) end
      self.samplers[name]:load_state_dict(kept)
    end
    random.restore(middle.random)
    self.middle = nil
  end
  local begun = false
  local function next_batch(take)
    if begun then
      self.step = self.step + 1
      boundary(self, self.epoch, true)
    end
    begun = true
    return take()
  end
  if ranks.count == 1 then return function() return next_batch(batches) end end
  -- At the end of a pass the ranks' sums become those of all.
  local shared = ranks.shared(batches, function() ranks.add_up(self.sums) end)
  return function() return next_batch(shared) end, nil, nil, shared
end

function Training:__tostring() return ("training %d of %s, epoch %d, step %d"):format(self.place, self.run.path, self.epoch, self.step) end

return Training
