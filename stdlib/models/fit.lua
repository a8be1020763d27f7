local field = require "jetlua.internal.field"
local Keeping = require "jetlua.models.keeping"
local core = require "jetlua.core.autograd"
local expect = require "jetlua.internal.expect"
local optim = require "jetlua.optim"
local ranks = require "jetlua.internal.ranks"
local progress = require "jetlua.progress"
local raise = require "jetlua.internal.raise"
local wishes = require "jetlua.core.parallel"
local tensor = require "jetlua.tensor"

local function has(value, method) return type(field(value, method)) == "function" end

local function callable(value)
  local metatable = getmetatable(value)
  return type(value) == "function" or type(metatable) == "table" and metatable.__call ~= nil
end

-- What the loss of a model wants beside `x`: columns of the batch and batches of other sets.
local function extras(model, others, batch_size, where, training)
  local columns, sources = field(model, "columns") or {}, {}
  for _, name in ipairs(field(model, "sets") or {}) do
    local set = others[name]
    if set == nil then raise("%s: %s: expected a set of jets, which this model's loss wants, got nil", where, name) end
    if not has(set, "batches") then expect.wrong(where, name, "a set of jets", set) end
    sources[name] = set:batches(batch_size, { shuffle = true, forever = true })
    if training then training:follow(name, sources[name]) end
  end
  if #columns == 0 and next(sources) == nil then return function() end end
  return function(batch)
    local options = {}
    for _, name in ipairs(columns) do
      options[name] = batch[name]
      if options[name] == nil then raise("%s: the jets have no column %s, which this model's loss wants", where, name) end
    end
    for name, source in pairs(sources) do options[name] = source().x end
    return options
  end
end

-- Gradients up to this size are looked at in each step: a NaN that a rule makes comes by the small ones, the biases, and a look
-- at all would cost a twentieth of the step.
local looked_at = 4096

--- The mean of each term of the loss per jet of `images`, in batches; with an optimizer also a step for each batch. A total or a
--- gradient that is not finite ends it: `wrong` is called with the batch, the one before, and what was computed with them.
local function pass(model, images, given, optimizer, wrong, training)
  local kept = training and training.sums or {}
  -- The place is a text: ranks add up what is a number.
  kept.terms, kept.count, kept.place = kept.terms or {}, kept.count or 0, kept.place or "0"
  local parameters = optimizer and wrong and has(model, "parameters") and model:parameters() or {}
  local options = extras(model, given, given.batch, "models.fit", training)
  local smallest = field(model, "smallest_batch") or 1
  local function means()
    local now = {}
    for name, sum in pairs(kept.terms) do now[name] = sum / math.max(kept.count, 1) end
    return now
  end
  local last
  local batches = training and training:batches(images, given.batch) or ranks.batches(images, given.batch, { shuffle = optimizer ~= nil })
  for batch in progress(batches, { desc = optimizer and "batch" or "validation" }) do
    progress.note(means)
    -- One jet left over has no correlation.
    if ranks.jets_of(batch) >= smallest or math.min(#images, given.batch) < smallest then
      if optimizer then optimizer:zero_grad() end
      local place = math.tointeger(kept.place) + 1
      kept.place = tostring(place)
      local this = wrong and { place = place, batch = batch, state = core.random_state() } or {}
      this.options = options(batch)
      local loss = model:loss(batch.x, this.options)
      local total = loss.total:item()
      local is_wrong = total - total ~= 0 and wrong
      this.loss = is_wrong and loss or nil
      if optimizer and ranks.count > 1 then
        -- All ranks go on or none does, and one exchange tells.
        if is_wrong then wishes.tell("wrong") end
        loss.total:backward()
        ranks.gradients(has(optimizer, "parameters") and optimizer:parameters() or parameters)
        this.rank = wishes.take("wrong")
        is_wrong = this.rank ~= nil
      end
      if is_wrong then
        wishes.finish()
        wrong(this, last)
        return { total = total - total ~= 0 and total or 0 / 0 }
      end
      if optimizer then
        if ranks.count == 1 then loss.total:backward() end
        this.gradient = core.wrong_gradient(parameters, looked_at)
        if this.gradient and wrong then
          wishes.finish()
          wrong(this, last)
          return { total = total }
        end
        optimizer:step()
      end
      last = this
      -- The last batch may be smaller than the others.
      for name, term in pairs(loss) do kept.terms[name] = (kept.terms[name] or 0) + term:item() * #batch end
      kept.count = kept.count + #batch
    end
  end
  if not training then ranks.add_up(kept) end
  return means()
end

local function evaluate(model, given)
  model:eval()
  local terms
  tensor.no_grad(function() terms = pass(model, given.valid, given) end)
  model:train()
  return terms
end

local known = { "epochs", "batch", "optimizer", "valid", "early_stopping", "run", "schedule", "beta", "each", "outliers" }

-- The options, checked and with their defaults.
local function complete(where, model, images, options)
  local given = expect.options(where, options, known)
  if not has(model, "loss") then expect.wrong(where, "model", "a model with :loss(x)", model) end
  if not has(images, "batches") then expect.wrong(where, "images", "a set of images, from set:images()", images) end
  given.epochs = expect.number(where, "epochs", given.epochs == nil and 50 or given.epochs, { integer = true, min = 1 })
  given.batch = expect.number(where, "batch", given.batch == nil and 256 or given.batch, { integer = true, min = 1 })
  if given.optimizer == nil then
    given.optimizer = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } })
  elseif not (has(given.optimizer, "step") and has(given.optimizer, "zero_grad")) then
    expect.wrong(where, "optimizer", "an optimizer such as optim.Adam(model:parameters())", given.optimizer)
  end
  if given.valid ~= nil and not has(given.valid, "batches") then expect.wrong(where, "valid", "a set of images", given.valid) end
  if given.early_stopping ~= nil and not has(given.early_stopping, "step") then
    expect.wrong(where, "early_stopping", "optim.EarlyStopping{patience =}", given.early_stopping)
  end
  if given.run ~= nil and not has(given.run, "log") then expect.wrong(where, "run", "a run, from run.start(name)", given.run) end
  if given.schedule == nil then
    given.schedule = {}
  elseif has(given.schedule, "step") or type(given.schedule) ~= "table" then
    given.schedule = { given.schedule }
  end
  for _, schedule in ipairs(given.schedule) do
    if not has(schedule, "step") then expect.wrong(where, "schedule", "a schedule such as optim.StepLR(optimizer, …), or a list of them", schedule) end
  end
  if given.beta ~= nil and type(given.beta) ~= "number" and not callable(given.beta) then
    expect.wrong(where, "beta", "a number or a function of the epoch", given.beta)
  end
  if given.each ~= nil and not callable(given.each) then expect.wrong(where, "each", "a function of the epoch and its means", given.each) end
  return given
end

--- Trains a model on images or constituents and returns how each term of its loss went, a list with one number per epoch:
--- `history.total`, `history.kl`, …, `history.epoch`, and `history.valid_total`, … if there are images to validate with.
---
--- A model from `mass_decorrelation` gets the masses of each batch, one from `outlier_exposure` batches of `outliers`, a set that is gone
--- through again and again; both are told the epoch. A last batch of a single jet, which has no correlation with its mass, is left out.
---
--- It stops early if `early_stopping` says so of `valid_total` (of `total` without `valid`). `schedule`, a schedule of the learning
--- rate or a list of them, takes a step after each epoch; `beta`, a number or a function of the epoch such as `optim.anneal{…}`, is
--- the prefactor of the divergence from the prior in that epoch. With `run` each epoch is logged there, its weights are kept as
--- checkpoints/last and, where they are the best so far, checkpoints/best, and `jetlua resume` goes on with a training that was
--- stopped. `each(epoch, means)` is called after each epoch; where it returns true it is the last one.
---
--- A loss or a gradient that is not finite ends the training: the model gets back the weights of the last good epoch, and an error
--- says what was wrong, with the op and the layer that first gave such a number; with early stopping the history until then is returned
--- instead. With `run` the batch is kept, and `models.replay(folder)` computes it again.
---
---     images = jets.sample():take(200):images()
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     #models.fit(model, images, {epochs = 2, batch = 100}).total --> 2
---@param model any what has `:loss(x)`, a table with `total`
---@param images jets.Images|jets.Constituents
---@param options? { epochs: integer|nil, batch: integer|nil, optimizer: any, valid: jets.Images|nil, early_stopping: any, run: run.Run|nil, schedule: any, beta: number|function|nil, each: function|nil, outliers: any }
--- epochs 50, batch 256, and Adam with the learning rate 5e-3 and betas {0.9, 0.99} by default
---@return table<string, number[]>
local function fit(model, images, options)
  local where = "models.fit"
  local given = complete(where, model, images, options)
  local optimizer, early, run = given.optimizer, given.early_stopping, given.run

  model:train()
  local history, keeping = {}, Keeping.new(model, optimizer, run)
  local training = run and has(run, "training") and run:training {
    model = has(model, "state_dict") and model or nil, optimizer = has(optimizer, "state_dict") and optimizer or nil,
    early_stopping = early, schedule = given.schedule, history = history, keeping = keeping,
  }
  for epoch in progress(training and training:epochs(given.epochs) or given.epochs, { desc = "epoch" }) do
    if has(model, "strength") then model:epoch(epoch) end
    Keeping.set_beta(where, model, given.beta, epoch)
    local why, found
    local entry = pass(model, images, given, optimizer, function(...) why, found = keeping:agreed_why(where, epoch, ...) end, training)
    entry.epoch = epoch
    if why and not early then keeping:fail(why, found) end
    local judged = entry.total
    if given.valid and not why then
      local valid = evaluate(model, given)
      for name, value in pairs(valid) do entry["valid_" .. name] = value end
      judged = valid.total
    end
    for name, value in pairs(entry) do
      history[name] = history[name] or {}
      history[name][epoch] = value
    end
    local shown = {}
    for name, value in pairs(entry) do shown[name] = name ~= "epoch" and value or nil end
    progress.note(shown)
    if run then run:log(entry) end
    local stop, is_best
    if early then stop, is_best = early:step(judged) end
    if why then
      keeping:restore()
      break
    end
    keeping:good(epoch, judged, is_best)
    if given.each then
      stop = given.each(epoch, entry) == true or stop
      model:train()
    end
    if stop then break end
    for _, schedule in ipairs(given.schedule) do schedule:step() end
  end
  return history
end

return fit
