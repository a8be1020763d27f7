local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local jets, models, optim, progress, tensor = require "jets", require "models", require "optim", require "progress", require "tensor"
progress.quiet(true)

local images = jets.sample():take(600):images()
local function fresh()
  tensor.manual_seed(5)
  local model = models.DirichletVAE { hidden = { 20 }, alpha = { 1, 1 } }
  return model, optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } })
end

-- fit is the loop written out, to the last bit.
local model, adam = fresh()
local totals = {}
for epoch = 1, 2 do
  local sum = 0
  for batch in images:batches(256, { shuffle = true }) do
    adam:zero_grad()
    local loss = model:loss(batch.x)
    loss.total:backward()
    adam:step()
    sum = sum + loss.total:item() * #batch
  end
  totals[epoch] = sum / #images
end
local fitted = fresh()
local history = models.fit(fitted, images, { epochs = 2 })
equal(fitted:weights(images.x):totable(), model:weights(images.x):totable(), "the same weights")
equal({ history.total, history.epoch }, { totals, { 1, 2 } })
near(history.reconstruction[1] + 0.1 * history.kl[1], history.total[1], 1e-5)

-- Validation, a run, early stopping.
local train, valid = images:split(0.5)
local lines = {}
local run = { log = function(_, entry) lines[#lines + 1] = entry end }
local steps = 0
local early = { step = function(_, value)
  steps = steps + 1
  near(value, lines[steps].valid_total, 0, "early stopping sees the validation loss")
  return steps == 3, false
end }
fitted, adam = fresh()
history = models.fit(fitted, train, { epochs = 9, batch = 100, optimizer = adam, valid = valid, early_stopping = early, run = run })
equal({ #history.total, #history.valid_kl, #lines, lines[3].epoch }, { 3, 3, 3, 3 }, "stopped after three epochs")
check(history.total[3] < history.total[1] and history.valid_total[3] < history.valid_total[1], "it learns")
equal(#models.fit(fitted, train, { epochs = 4, early_stopping = optim.EarlyStopping { patience = 1, min_delta = 100 } }).total, 2)

raises('models.fit: unknown option "epoch"; did you mean "epochs"?', models.fit, fitted, images, { epoch = 1 })
raises("models.fit: epochs: expected an integer of at least 1, got 0", models.fit, fitted, images, { epochs = 0 })
raises("models.fit: batch: expected an integer of at least 1, got 1.5", models.fit, fitted, images, { batch = 1.5 })
raises("models.fit: model: expected a model with :loss(x), got nil", models.fit)
raises("models.fit: images: expected a set of images, from set:images(), got", models.fit, fitted, jets.sample())
raises("models.fit: optimizer: expected an optimizer", models.fit, fitted, images, { optimizer = 5 })
raises("models.fit: valid: expected a set of images", models.fit, fitted, images, { valid = {} })
raises("models.fit: early_stopping: expected optim.EarlyStopping", models.fit, fitted, images, { early_stopping = 3 })
raises("models.fit: run: expected a run", models.fit, fitted, images, { run = "x" })
raises("models.fit: schedule: expected a schedule such as optim.StepLR(optimizer, …), or a list of them, got 3", models.fit, fitted, images, { schedule = 3 })
raises("models.fit: beta: expected a number or a function of the epoch, got a table", models.fit, fitted, images, { beta = { 1 } })
raises("models.fit: beta: expected a number of at least 0 in epoch 2, got -1", models.fit, fitted, images,
  { epochs = 2, beta = function(epoch) return 1 - 2 * (epoch - 1) end })
raises("DirichletVAE: beta: expected a number of at least 0, got -1.0", function() fitted.beta = -1 end)

-- Schedules of the learning rate and of the divergence's prefactor.
local scheduled
scheduled, adam = fresh()
local used = {}
local rates = { step = function() used[#used + 1] = scheduled.beta end }
history = models.fit(scheduled, train, {
  epochs = 4, optimizer = adam, schedule = { optim.ExponentialLR(adam, { gamma = 0.5 }), rates }, beta = optim.anneal { from = 0, to = 1, stop = 3 },
})
equal({ used, scheduled.beta, scheduled:options().beta }, { { 0.0, 0.5, 1.0, 1.0 }, 1.0, 1.0 })
near(adam.lr, 5e-3 / 16, 1e-9)
near(history.total[2], history.reconstruction[2] + 0.5 * history.kl[2], 1e-5)

local seen = {}
models.fit(scheduled, train, { epochs = 5, each = function(epoch, entry)
  seen[epoch] = entry.total
  return epoch == 3
end })
equal(#seen, 3, "each ends the training where it returns true")
raises("models.fit: each: expected a function of the epoch and its means, got 1", models.fit, scheduled, train, { each = 1 })

-- Checkpoints: the last weights and the best ones.
local saved, kept = {}, testing.scratch()
local checkpoints = {
  log = function() end,
  checkpoint = function(_, m, o, how)
    saved[#saved + 1] = { how.best, o == adam }
    m:save(kept .. "/last.safetensors")
    return kept .. "/last.safetensors"
  end,
}
fitted, adam = fresh()
models.fit(fitted, train, { epochs = 3, optimizer = adam, run = checkpoints })
equal(saved, { { true, true }, { true, true }, { true, true } })

-- A loss that is not finite ends the training with its cause, and the model has its last good weights.
local bad, start, quick
local function broken()
  bad = fresh()
  start = bad:state_dict()
  quick = optim.Adam(bad:parameters(), { lr = 1e30 })
end
local function same(state) return bad:state_dict()["decoder.weight"]:eq(state["decoder.weight"]):all():item() end
broken()
raises("models.fit: epoch 1, batch 2: the loss is nan: its terms kl and reconstruction are not finite; take a smaller learning rate; "
  .. "the model has its starting weights again", models.fit, bad, images, { optimizer = quick })
check(same(start), "the starting weights")
bad, adam = fresh()
local worse = { step = function() adam.lr = 1e30 end }
raises("; the model has the weights of epoch 1 again, which are in " .. kept .. "/last.safetensors", models.fit, bad, images,
  { optimizer = adam, schedule = worse, run = checkpoints })
check(same(models.load(kept .. "/last.safetensors"):state_dict()), "the weights of the last good epoch")
broken()
history = models.fit(bad, images, { optimizer = quick, early_stopping = optim.EarlyStopping { patience = 5 } })
check(#history.total == 1 and history.total[1] ~= history.total[1] and same(start), "with early stopping it only stops")
local pixels = tensor.zeros(4, 16)
pixels[2][3] = 0 / 0
local set = { batches = function() return coroutine.wrap(function() coroutine.yield(setmetatable({ x = pixels }, { __len = function() return 4 end })) end) end }
raises("batch 1: the loss is nan: 1 of 64 numbers of its jets are not finite; leave such jets out; the model has its starting weights again", models.fit,
  models.VAE { input = 16, hidden = { 2 } }, set)

testing.finish()
