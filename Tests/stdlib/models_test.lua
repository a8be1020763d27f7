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
local bad, quick = fresh()
quick = optim.Adam(bad:parameters(), { lr = 1e30 })
raises("models.fit: epoch 1: expected a finite loss, got NaN; take a smaller learning rate", models.fit, bad, images, { optimizer = quick })

testing.finish()
