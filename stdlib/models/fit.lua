local expect = require "jetlua.internal.expect"
local optim = require "jetlua.optim"
local progress = require "jetlua.progress"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local function has(value, method)
  local indexed, found = pcall(function() return value[method] end)
  return indexed and type(found) == "function"
end

local function of(model, name)
  local indexed, value = pcall(function() return model[name] end)
  return indexed and value or nil
end

-- What the loss of a model wants beside `x`: columns of the batch and batches of other sets.
local function extras(model, others, batch_size, where)
  local columns, sources = of(model, "columns") or {}, {}
  for _, name in ipairs(of(model, "sets") or {}) do
    local set = others[name]
    if set == nil then raise("%s: %s: expected a set of jets, which this model's loss wants, got nil", where, name) end
    if not has(set, "batches") then expect.wrong(where, name, "a set of jets", set) end
    sources[name] = set:batches(batch_size, { shuffle = true, forever = true })
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

--- The mean of each term of the loss per jet of `images`, in batches; with an optimizer also a step for each batch.
local function pass(model, images, batch_size, optimizer, others)
  local sums, count = {}, 0
  local options = extras(model, others, batch_size, "models.fit")
  for batch in images:batches(batch_size, { shuffle = optimizer ~= nil }) do
    if optimizer then optimizer:zero_grad() end
    local loss = model:loss(batch.x, options(batch))
    if optimizer then
      loss.total:backward()
      optimizer:step()
    end
    -- The last batch may be smaller than the others.
    for name, term in pairs(loss) do sums[name] = (sums[name] or 0) + term:item() * #batch end
    count = count + #batch
  end
  for name, sum in pairs(sums) do sums[name] = sum / count end
  return sums
end

local function evaluate(model, images, batch_size, others)
  model:eval()
  local terms
  tensor.no_grad(function() terms = pass(model, images, batch_size, nil, others) end)
  model:train()
  return terms
end

--- Trains a model on images or constituents and returns how each term of its loss went, a list with one number per epoch:
--- `history.total`, `history.kl`, …, `history.epoch`, and `history.valid_total`, … if there are images to validate with.
---
--- A model from `mass_decorrelation` gets the masses of each batch, one from `outlier_exposure` batches of `outliers`, a set that is gone
--- through again and again; both are told the epoch.
---
--- It stops early if `early_stopping` says so of `valid_total` (of `total` without `valid`); with `run` each epoch is logged
--- there. A loss that is NaN raises, unless early stopping takes care of it.
---
---     images = jets.sample():take(200):images()
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     #models.fit(model, images, {epochs = 2, batch = 100}).total --> 2
---@param model any what has `:loss(x)`, a table with `total`
---@param images jets.Images|jets.Constituents
---@param options? { epochs: integer|nil, batch: integer|nil, optimizer: any, valid: jets.Images|nil, early_stopping: any, run: run.Run|nil, outliers: any }
--- epochs 50, batch 256, and Adam with the learning rate 5e-3 and betas {0.9, 0.99} by default
---@return table<string, number[]>
local function fit(model, images, options)
  local where = "models.fit"
  local given = expect.options(where, options, { "epochs", "batch", "optimizer", "valid", "early_stopping", "run", "outliers" })
  if not has(model, "loss") then expect.wrong(where, "model", "a model with :loss(x)", model) end
  if not has(images, "batches") then expect.wrong(where, "images", "a set of images, from set:images()", images) end
  local epochs = expect.number(where, "epochs", given.epochs == nil and 50 or given.epochs, { integer = true, min = 1 })
  local batch_size = expect.number(where, "batch", given.batch == nil and 256 or given.batch, { integer = true, min = 1 })
  local optimizer, early, run = given.optimizer, given.early_stopping, given.run
  if optimizer == nil then
    optimizer = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } })
  elseif not (has(optimizer, "step") and has(optimizer, "zero_grad")) then
    expect.wrong(where, "optimizer", "an optimizer such as optim.Adam(model:parameters())", optimizer)
  end
  if given.valid ~= nil and not has(given.valid, "batches") then expect.wrong(where, "valid", "a set of images", given.valid) end
  if early ~= nil and not has(early, "step") then expect.wrong(where, "early_stopping", "optim.EarlyStopping{patience =}", early) end
  if run ~= nil and not has(run, "log") then expect.wrong(where, "run", "a run, from run.start(name)", run) end

  model:train()
  local history = {}
  for epoch in progress(epochs, { desc = "epoch" }) do
    if has(model, "strength") then model:epoch(epoch) end
    local entry = pass(model, images, batch_size, optimizer, given)
    entry.epoch = epoch
    local judged = entry.total
    if given.valid then
      local valid = evaluate(model, given.valid, batch_size, given)
      for name, value in pairs(valid) do entry["valid_" .. name] = value end
      judged = valid.total
    end
    for name, value in pairs(entry) do
      history[name] = history[name] or {}
      history[name][epoch] = value
    end
    if run then run:log(entry) end
    if early and early:step(judged) then break end
    if entry.total ~= entry.total then
      raise("%s: epoch %d: expected a finite loss, got NaN; take a smaller learning rate", where, epoch)
    end
  end
  return history
end

return fit
