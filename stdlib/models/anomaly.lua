-- Which op and which layer made a number that is not finite, and the batch it happened in, kept to be computed again.

local autograd = require "jetlua.autograd"
local core = require "jetlua.core.autograd"
local expect = require "jetlua.internal.expect"
local field = require "jetlua.internal.field"
local json = require "jetlua.json"
local models_files = require "jetlua.models.files"
local raise = require "jetlua.internal.raise"
local system = require "jetlua.core.system"
local tensor = require "jetlua.tensor"
local text = require "jetlua.internal.text"

local anomaly = {}

local function has(value, method) return type(field(value, method)) == "function" end

-- What a batch carries besides its rows.
local columns = { "label", "mass", "pt", "weight", "index" }

-- "encoder.3.weight" of the parameter nearest to the op; models written in Swift, and gradient rules, know no layer.
local function nearest_parameter(model)
  if not has(model, "named_parameters") then return nil end
  local names, tensors = {}, {}
  for name, parameter in model:named_parameters() do names[#names + 1], tensors[#tensors + 1] = name, parameter end
  return names[core.anomalous_parameter(tensors)]
end

--- Computes the loss of `x` and its gradients once more and says which op first gave something that is not finite, and where in the
--- model; nil where none does. The gradients and the random numbers are left as they were.
---@param model any
---@param x any
---@param options? table those of the loss
---@param state? integer[] where the random numbers stood
---@return string|nil
function anomaly.find(model, x, options, state)
  local now = core.random_state()
  if state then core.random_state(state) end
  local kept = {}
  for _, parameter in ipairs(has(model, "parameters") and model:parameters() or {}) do
    kept[#kept + 1] = { parameter, parameter.grad }
    parameter.grad = nil
  end
  local fine, problem = pcall(autograd.detect_anomaly, function() model:loss(x, options).total:backward() end)
  for _, entry in ipairs(kept) do entry[1].grad = entry[2] end
  core.random_state(now)
  if fine then return nil end
  local message = tostring(problem):gsub("^[^:\n]+:%d+: ", "", 1)
  if not message:find(" numbers of ", 1, true) then return nil end
  -- An op called from a layer has the layer's path already.
  local op_first = message:find("^[%w_]+: %d+ of ") or message:find("^backward: ")
  local near = op_first and nearest_parameter(model)
  return near and ("near %s: %s"):format(near, message) or message
end

local function dense(x) return has(x, "todense") and x:todense() or x end

-- Tensors among the options of a loss, and the rest of them.
local function parted(options)
  local tensors, plain = {}, {}
  for name, value in pairs(options or {}) do
    if type(value) == "userdata" then tensors["options." .. name] = dense(value) else plain[name] = value end
  end
  return tensors, plain
end

--- Keeps a batch with the model as it is: batch.safetensors, model.safetensors and replay.json in `folder`.
---@param folder string
---@param model any
---@param batch any
---@param options? table those of the loss
---@param state integer[] where the random numbers stood
---@param record table what replay.json says besides
function anomaly.keep(folder, model, batch, options, state, record)
  system.make_directory(folder)
  local tensors, plain = parted(options)
  tensors.x = dense(batch.x)
  for _, name in ipairs(columns) do
    local column = field(batch, name)
    if type(column) == "userdata" then tensors[name] = column end
  end
  tensor.save(folder .. "/batch.safetensors", tensors)
  model:save(folder .. "/model.safetensors")
  record.options, record.random_state, record.sparse = plain, state, has(batch.x, "todense")
  record.sparse_options = {}
  for name, value in pairs(options or {}) do
    if has(value, "todense") then table.insert(record.sparse_options, name) end
  end
  record.beta = type(field(model, "beta")) == "number" and model.beta or nil
  system.write_file(folder .. "/replay.json", json.encode(record) .. "\n")
end

--- Computes a batch again that `models.fit` kept because its loss was not finite, `runs/…/nan/epoch-3-batch-17`: with the weights and
--- the random numbers of then. The result has `problem`, the op and the layer that first gave something that is not finite (nil where
--- all is finite now), `batch`, its jets (`x`, `label`, `mass`, `pt`, `weight`, `index` as far as they were there), `model`, and
--- `options`, those of the loss.
---
--- A model of one's own class is made as for the training and given second; it takes over the weights.
---
---     models.replay("runs/none") --> error: …models.replay: runs/none: expected a folder that models.fit kept…
---@param folder string
---@param model? any
---@return { problem: string|nil, batch: table<string, tensor>, model: any, options: table }
function anomaly.replay(folder, model)
  expect.string("models.replay", "folder", folder)
  if not system.exists(folder .. "/replay.json") then
    raise("models.replay: %s: expected a folder that models.fit kept, with a file replay.json in it, found none", text.one_line(folder))
  end
  local record = json.decode(system.read_file(folder .. "/replay.json"))
  if model == nil then
    model = models_files.load(folder .. "/model.safetensors")
  elseif has(model, "load") then
    model:load(folder .. "/model.safetensors")
  else
    expect.wrong("models.replay", "model", "a model with :load(path)", model)
  end
  if record.beta then model.beta = record.beta end
  model:train()
  local batch, options = tensor.load(folder .. "/batch.safetensors"), record.options
  for name, value in pairs(batch) do
    local option = name:match("^options%.(.+)")
    if option then options[option], batch[name] = value, nil end
  end
  for _, name in ipairs(record.sparse_options) do options[name] = tensor.sparse_rows(options[name]) end
  if record.sparse then batch.x = tensor.sparse_rows(batch.x) end
  return {
    problem = anomaly.find(model, batch.x, next(options) and options or nil, record.random_state), batch = batch, model = model,
    options = options,
  }
end

return anomaly
