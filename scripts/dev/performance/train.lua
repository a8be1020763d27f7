-- Trains a model of cases.lua as commands on standard input ask, one a line, and answers each with one line of JSON:
--   check BATCH STEPS    from the weights of FOLDER/MODEL.npz, the jets in order and the noise given: the loss of each step
--   train BATCH EPOCHS   goes on from there on shuffled jets: seconds, jets and mean loss of each epoch
-- The command `bench peers` lets other frameworks take turns with it.

local json, optim, options, tensor = require "json", require "optim", require "options", require "tensor"
local monotonic = require("jetlua.core.system").monotonic
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cases = require "cases"

local o = options {
  { "model", "dvae", "which", choices = { "dvae", "constituent", "convolutional", "disco" } },
  { "folder", nil, "what prepare.lua wrote; the model's own weights and no checks if left out", type = "string" },
  { "seed", 1, "root of all random numbers" },
}
tensor.manual_seed(o.seed)
local case = cases[o.model]
local set, given = case.jets(), o.folder and tensor.load(("%s/%s.npz"):format(o.folder, o.model))
local trainers = {}

local function start()
  local model = case.make()
  if given then
    local state = {}
    for name, value in pairs(given) do state[name:match "^weights/(.*)" or ""] = value end
    state[""] = nil
    model:load_state_dict(state)
  end
  return model, optim.Adam(model:parameters(), case.adam)
end

local function step(model, adam, x, extra)
  adam:zero_grad()
  local total = model:loss(x, extra).total
  total:backward()
  adam:step()
  return total:item()
end

local commands = {}

function commands.check(batch, steps)
  local model, adam = start()
  local losses, parts = {}, nil
  for k = 1, steps do
    local part = parts and parts()
    if not part or #part < batch then
      parts = set:batches(batch, { shuffle = false })
      part = parts()
    end
    losses[k] = step(model, adam, part.x, { noise = given.noise[k]:narrow(1, 1, batch), mass = case.mass and part.mass })
  end
  trainers[batch] = { model, adam }
  return { losses = losses }
end

function commands.train(batch, epochs)
  if not trainers[batch] then trainers[batch] = { start() } end
  local model, adam = table.unpack(trainers[batch])
  local seconds, losses, steps = {}, {}, #set // batch
  for epoch = 1, epochs do
    local sum, extra, done, started = 0, nil, 0, monotonic()
    for part in set:batches(batch, { shuffle = true }) do
      if case.mass then extra = { mass = part.mass } end
      sum = sum + step(model, adam, part.x, extra)
      done = done + 1
      if done == steps then break end
    end
    seconds[epoch], losses[epoch] = monotonic() - started, sum / steps
  end
  return { seconds = seconds, losses = losses, jets = steps * batch }
end

print((json.encode { ready = true, threads = tensor.threads() }))
io.flush()
for line in io.lines() do
  local what, batch, count = line:match "^(%a+) (%d+) (%d+)$"
  print((json.encode(commands[what](math.tointeger(batch), math.tointeger(count)))))
  io.flush()
end
