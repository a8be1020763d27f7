-- Whether a latent space has come to rest: the same jets encoded after several epochs.

local core = require "jetlua.core.metrics"
local expect = require "jetlua.internal.expect"
local input = require "jetlua.diagnostics.input"
local plot = require "jetlua.plot"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local drift = {}

local function matrix(where, what, value)
  if type(value) == "table" then value = tensor(value, { dtype = "float64" }) end
  local is_tensor, dimensions = pcall(function() return value:dim() end)
  if not is_tensor or dimensions > 2 then expect.wrong(where, what, "latent coordinates [N, D]", value) end
  return (dimensions == 1 and value:unsqueeze(2) or value):detach():to "float64"
end

--- How far a latent space has moved from one epoch to another, from the latent coordinates `[N, D]` of the same jets, as means over the
--- dimensions: `displacement`, the mean |z' - z| in units of the standard deviation of z over jets; `shift`, |mean z' - mean z| in the
--- same unit; `scale`, |ln(std z'/std z)|; `rank`, 1 - |Spearman's correlation of z and z'|, which a shift, a scale or a change of sign
--- leaves at 0. A dimension that is the same for all jets has no unit and is left out; `dimensions` counts the others.
---
---     diagnostics.drift({{1}, {2}, {3}}, {{2}, {3}, {4}}).shift --> 1.0
---@param before tensor|number[][]
---@param after tensor|number[][]
---@return { displacement: number, shift: number, scale: number, rank: number, dimensions: integer }
function drift.between(before, after)
  local where = "diagnostics.drift"
  local a, b = matrix(where, "before", before), matrix(where, "after", after)
  if a:size(1) ~= b:size(1) or a:size(2) ~= b:size(2) or a:size(1) < 2 then
    raise("%s: before and after: expected the same jets, at least two, in the same dimensions, got [%d, %d] and [%d, %d]", where,
      a:size(1), a:size(2), b:size(1), b:size(2))
  end
  local result, used = { displacement = 0, shift = 0, scale = 0, rank = 0 }, 0
  for d = 1, a:size(2) do
    local x, y = a:select(2, d), b:select(2, d)
    local width, width_after = x:std():item(), y:std():item()
    if width > 0 and width_after > 0 then
      used = used + 1
      result.displacement = result.displacement + (y - x):abs():mean():item() / width
      result.shift = result.shift + math.abs(y:mean():item() - x:mean():item()) / width
      result.scale = result.scale + math.abs(math.log(width_after / width))
      result.rank = result.rank + 1 - math.abs(core.rank_correlation(x, y))
    end
  end
  for name, sum in pairs(result) do result[name] = sum / used end
  result.dimensions = used
  return result
end

--- Keeps where a model puts the same jets as it is trained.
---@class diagnostics.Trace
local Trace = { __name = "diagnostics.Trace" }
Trace.__index = Trace

--- Encodes the jets with the model as it is after `epoch`.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     trace = diagnostics.trace(model, jets.sample():take(50):images())
---     trace:record(1)
---     #trace.epochs --> 1
---@param epoch number larger than the last one
function Trace:record(epoch)
  local where = "trace:record"
  expect.number(where, "epoch", epoch)
  local last = self.epochs[#self.epochs]
  if last and epoch <= last then raise("%s: epoch: expected one after %g, got %g", where, last, epoch) end
  self.epochs[#self.epochs + 1] = epoch
  self.latent[#self.latent + 1] = input.posterior(where, self.model, self.x)
end

--- The drift from each record to the next one: lists of `epoch` (of the later one), `displacement`, `shift`, `scale` and `rank`, as
--- `diagnostics.drift` has them, all per epoch: records further apart are divided by the epochs between them.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     trace = diagnostics.trace(model, jets.sample():take(50):images())
---     trace:record(1); trace:record(2)
---     trace:drift().shift --> {0}
---@return { epoch: number[], displacement: number[], shift: number[], scale: number[], rank: number[] }
function Trace:drift()
  local result = { epoch = {}, displacement = {}, shift = {}, scale = {}, rank = {} }
  for i = 2, #self.epochs do
    local step = drift.between(self.latent[i - 1], self.latent[i])
    result.epoch[i - 1] = self.epochs[i]
    for name, list in pairs(result) do
      if name ~= "epoch" then list[i - 1] = step[name] / (self.epochs[i] - self.epochs[i - 1]) end
    end
  end
  return result
end

--- The drift as a figure: displacement and 1 - |rank correlation| per epoch, on a logarithmic axis. Of several traces
--- `{name = trace}` the displacement of each.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     trace = diagnostics.trace(model, jets.sample():take(50):images())
---     trace:record(1); model:load_state_dict(models.DirichletVAE{input = 1600, hidden = {8}}:state_dict())
---     trace:record(2)
---     trace:figure() --> plot.line…
---@param options? table as for plot.line; `others` {name = trace} are drawn too
---@return plot.Figure
function Trace:figure(options)
  options = options or {}
  local given = {}
  for key, value in pairs(options) do given[key] = value end
  local others = given.others or {}
  given.others = nil
  if given.logy == nil then given.logy = true end
  given.xlabel = given.xlabel or "epoch"
  given.ylabel = given.ylabel or "drift per epoch"
  local series, alone = {}, next(others) == nil
  local function add(trace, label, key)
    local found = trace:drift()
    series[#series + 1] = { x = found.epoch, y = found[key], label = label }
  end
  if #self.epochs < 2 then raise("trace:figure: expected at least two records, got %d", #self.epochs) end
  add(self, alone and "displacement / spread" or self.name, "displacement")
  if alone then add(self, "1 - |rank correlation|", "rank") end
  local names = {}
  for name in pairs(others) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do add(others[name], name, "displacement") end
  return plot.line(series, given)
end

--- Distributions of one latent dimension after several epochs, a panel each, of both classes where `label` is given. The outermost half
--- a percent of the jets on either side is left out, so that a few do not stretch the axis.
---
---     images = jets.sample():take(50):images()
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     trace = diagnostics.trace(model, images)
---     trace:record(1)
---     trace:histograms{label = images.label} --> plot.grid…
---@param options? { dimension: integer|nil, epochs: number[]|nil, label: tensor|nil, names: string[]|nil, columns: integer|nil }
--- dimension 1, at most six of the epochs kept, names {"background", "signal"}
---@return plot.Figure
function Trace:histograms(options)
  local where = "trace:histograms"
  options = expect.options(where, options, { "dimension", "epochs", "label", "names", "columns" })
  if #self.epochs == 0 then raise("%s: nothing was recorded", where) end
  local dimension = expect.number(where, "dimension", options.dimension == nil and 1 or options.dimension,
    { integer = true, min = 1, max = self.latent[1]:size(2) })
  local chosen = {}
  for i, epoch in ipairs(self.epochs) do
    local wanted = options.epochs == nil and (#self.epochs <= 6 or (i - 1) * 5 // (#self.epochs - 1) ~= (i - 2) * 5 // (#self.epochs - 1))
    for _, one in ipairs(options.epochs or {}) do wanted = wanted or one == epoch end
    if wanted then chosen[#chosen + 1] = i end
  end
  if #chosen == 0 then raise("%s: epochs: none of them was recorded", where) end
  local label, names = options.label, options.names or { "background", "signal" }
  if type(label) == "table" then label = tensor(label) end
  local figures = {}
  for _, i in ipairs(chosen) do
    local z, label = self.latent[i]:select(2, dimension):contiguous(), label
    local sorted, outside = z:sort(), #z // 200
    local range = { sorted:select(1, 1 + outside):item(), sorted:select(1, #z - outside):item() }
    if outside > 0 and range[2] > range[1] then
      local inside = z:ge(range[1]) & z:le(range[2])
      z, label = z[inside], label and label[inside]
    end
    local series = label and { { x = z[label:eq(0)], label = names[1] }, { x = z[label:eq(1)], label = names[2] } } or { { x = z } }
    figures[#figures + 1] = plot.hist(series, { density = true, title = ("epoch %g"):format(self.epochs[i]), xlabel = "z_{" .. dimension .. "}" })
  end
  return plot.grid(figures, { columns = options.columns or math.min(3, #figures) })
end

function Trace:__tostring()
  return ("diagnostics.Trace: %d jets at %d epochs"):format(#self.latent > 0 and self.latent[1]:size(1) or 0, #self.epochs)
end

--- A trace of where `model` puts the jets `x`: `trace:record(epoch)` after an epoch, then `trace:drift()`, `trace:figure()` and
--- `trace:histograms()`.
---
---     images = jets.sample():take(50):images()
---     diagnostics.trace(models.DirichletVAE{input = 1600, hidden = {8}}, images) --> diagnostics.Trace: 0 jets at 0 epochs
---@param model any with encode(x)
---@param x any images, constituents, a tensor `[N, D]` or sparse rows; a few thousand jets are enough
---@param name? string in figures of several traces
---@return diagnostics.Trace
function drift.trace(model, x, name)
  local where = "diagnostics.trace"
  input.check(where, model, "encode")
  if name ~= nil then expect.string(where, "name", name) end
  return setmetatable({ model = model, x = input.rows(x), name = name or "this model", epochs = {}, latent = {} }, Trace)
end

return drift
