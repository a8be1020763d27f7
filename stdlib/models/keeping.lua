-- What a training keeps of itself: the weights after the last good epoch, to go back to when a loss is not finite any more, and
-- checkpoints in the run's folder.

local anomaly = require "jetlua.models.anomaly"
local field = require "jetlua.internal.field"
local ranks = require "jetlua.internal.ranks"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

local Keeping = {}
Keeping.__index = Keeping

local function has(value, method) return type(field(value, method)) == "function" end

-- Copies of a state are tensors or tables of tensors and numbers.
local function state_of(object) return has(object, "state_dict") and has(object, "load_state_dict") and object:state_dict() or nil end

--- Begins to keep what `model` and `optimizer` are, in the folder of `run` where it has checkpoints.
function Keeping.new(model, optimizer, run)
  return setmetatable({
    model = model, optimizer = optimizer, run = run and has(run, "checkpoint") and run or nil, epoch = 0, best = nil,
    state = state_of(model), optimizer_state = state_of(optimizer),
  }, Keeping)
end

--- Keeps the weights of a good epoch; `is_best` is known where early stopping judges, else the lowest `value` so far is best.
function Keeping:good(epoch, value, is_best)
  self.epoch, self.state, self.optimizer_state = epoch, state_of(self.model), state_of(self.optimizer)
  if is_best == nil then is_best = self.best == nil or value < self.best end
  if is_best then self.best = value end
  if self.run then self.path = self.run:checkpoint(self.model, has(self.optimizer, "state_dict") and self.optimizer or nil, { best = is_best }) end
end

--- What a checkpoint in the middle of a training keeps, and how it goes on from there.
function Keeping:state_dict()
  return { epoch = self.epoch, best = self.best, path = self.path, state = self.state, optimizer_state = self.optimizer_state }
end

function Keeping:load_state_dict(kept)
  for _, name in ipairs { "epoch", "best", "path", "state", "optimizer_state" } do self[name] = kept[name] end
end

--- Goes back to the last good epoch.
function Keeping:restore()
  if self.state then self.model:load_state_dict(self.state) end
  if self.optimizer_state then self.optimizer:load_state_dict(self.optimizer_state) end
end

local function amount(tensor) return tensor:numel() - tensor:isfinite():to("int64"):sum():item() end

-- What is not finite: in the batch, in a parameter, or in a term of the loss alone.
local function cause(model, batch, loss)
  local x = batch.x
  if has(x, "todense") then x = x:todense() end
  local wrong = amount(x)
  if wrong > 0 then return ("%d of %d numbers of its jets are not finite; leave such jets out"):format(wrong, x:numel()) end
  for name, parameter in model:named_parameters() do
    wrong = amount(parameter)
    if wrong > 0 then
      return ("%d of %d numbers of the parameter %s are not finite; take a smaller learning rate"):format(wrong, parameter:numel(), name)
    end
  end
  local terms = {}
  for name, term in pairs(loss) do
    if name ~= "total" and amount(term) > 0 then terms[#terms + 1] = name end
  end
  table.sort(terms)
  local what = #terms == 0 and "its terms are finite, their sum is not" or #terms == 1 and "its term " .. terms[1] .. " is not finite"
    or "its terms " .. table.concat(terms, " and ") .. " are not finite"
  return what .. "; take a smaller learning rate"
end

-- Whether a parameter is not finite.
local function is_spoilt(model)
  for _, parameter in model:named_parameters() do
    if amount(parameter) > 0 then return true end
  end
  return false
end

-- The op and the layer that made the first number that is not finite, and the folder where the batch is kept.
function Keeping:find(epoch, this, last)
  -- The step before spoilt the weights: its batch is the one to look at, with weights from before.
  if last and is_spoilt(self.model) then
    self:restore()
    this = last
  end
  local found, problem = pcall(anomaly.find, self.model, this.batch.x, this.options, this.state)
  local text_ = found and problem and "; first: " .. problem or ""
  if self.run and has(self.run, "file") and has(self.model, "save") then
    local name = ("nan/epoch-%d-batch-%d"):format(epoch, this.place)
    local kept, why = pcall(function()
      local folder = self.run:file(name .. "/replay.json"):gsub("/replay%.json$", "")
      anomaly.keep(folder, self.model, this.batch, this.options, this.state, { epoch = epoch, batch = this.place, problem = found and problem or nil })
      return folder
    end)
    text_ = text_ .. (kept and ("; the batch is in %s, for models.replay"):format(why) or "; the batch could not be kept: " .. tostring(why))
  end
  return text_
end

--- Why the loss of a batch, or a gradient, is not finite, as the error says it, and what is known of the op that made it so.
function Keeping:why(where, epoch, this, last)
  local head = ("%s: epoch %d, batch %d: "):format(where, epoch, this.place)
  local said
  if this.gradient then
    local number = 0
    for name in self.model:named_parameters() do
      number = number + 1
      if number == this.gradient then said = ("the gradient of %s is not finite"):format(name) end
    end
  else
    said = ("the loss is %s: %s"):format(text.number(this.loss.total:item()), cause(self.model, this.batch, this.loss))
  end
  return head .. said, self:find(epoch, this, last)
end

--- As `why`; where several ranks share the batch, the first one whose part is not finite says it for all.
function Keeping:agreed_why(where, epoch, this, last)
  if ranks.count == 1 then return self:why(where, epoch, this, last) end
  -- A gradient that is not finite is the sum of all ranks', and rank 0 tells of it.
  local speaker = this.rank or 0
  local why, found = "", ""
  if ranks.own == speaker then why, found = self:why(where, epoch, this, last) end
  why, found = ranks.text(why, speaker), ranks.text(found, speaker)
  return speaker > 0 and ("rank %d: %s"):format(speaker, why) or why, found
end

--- Raises `why`, and what was found, after the model has the weights of the last good epoch again.
function Keeping:fail(why, found)
  self:restore()
  local kept = self.epoch == 0 and "the model has its starting weights again"
    or ("the model has the weights of epoch %d again%s"):format(self.epoch, self.path and ", which are in " .. self.path or "")
  raise("%s", ("%s; %s%s"):format(why, kept, found or ""))
end

--- Sets the prefactor of the divergence for an epoch, from a number or a function of the epoch such as `optim.anneal` gives.
function Keeping.set_beta(where, model, beta, epoch)
  if beta == nil then return end
  local value = beta
  if type(beta) ~= "number" then value = beta(epoch) end
  if type(value) ~= "number" or not (value >= 0) or value == math.huge then
    raise("%s: beta: expected a number of at least 0 in epoch %d, got %s", where, epoch, text.describe(value))
  end
  model.beta = value
end

return Keeping
