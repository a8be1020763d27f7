local expect = require "jetlua.internal.expect"
local raise = require "jetlua.internal.raise"
local text = require "jetlua.internal.text"

-- How much of the way from `from` to `to` is done at the fraction x of the time, 0 ≤ x < 1.
local shapes = {
  linear = function(x) return x end,
  cosine = function(x) return (1 - math.cos(math.pi * x)) / 2 end,
  -- Fu et al., arXiv:1903.10145, eq. 6: in each cycle up along a line for `ratio` of it, then level.
  cyclic = function(x, o)
    local within = x * o.cycles % 1
    return within >= o.ratio and 1 or within / o.ratio
  end,
  -- The guard is against 0.3 * 10 and the like ending below a whole number.
  steps = function(x, o) return (x * o.steps + 1e-9) // 1 / o.steps end,
}

local Annealing = {}
Annealing.__index = Annealing

function Annealing:__call(epoch)
  epoch = expect.number("anneal", "epoch", epoch)
  local o = self.options
  if epoch <= o.start then return o.from end
  if epoch >= o.stop then return o.to end
  return o.from + (o.to - o.from) * shapes[o.kind]((epoch - o.start) / (o.stop - o.start), o)
end

function Annealing:__tostring()
  local o = self.options
  local extra = o.kind == "cyclic" and (", cycles = %d, ratio = %s"):format(o.cycles, text.number(o.ratio))
    or o.kind == "steps" and (", steps = %d"):format(o.steps) or ""
  return ("optim.anneal(%s, %s -> %s, epochs %s to %s%s)"):format(o.kind, text.number(o.from), text.number(o.to),
    text.number(o.start), text.number(o.stop), extra)
end

--- A number that changes with the epoch: `local beta = optim.anneal{kind = "linear", from = 0, to = 0.1, stop = 10}`, then
--- `beta(epoch)`. It is `from` until epoch `start`, `to` from epoch `stop` on, and between them goes as `kind` says:
--- "linear"; "cosine" along half a cosine; "cyclic" from `from` to `to` again and again, `cycles` times, up for `ratio` of
--- each cycle; "steps" in `steps` equal stairs.
---
---     beta = optim.anneal{from = 0, to = 0.1, stop = 11}
---     beta(1), beta(6), beta(20) --> 0 0.05 0.1
---@param options { kind: "linear"|"cosine"|"cyclic"|"steps", from: number, to: number, start: number, stop: number, cycles: integer, ratio: number, steps: integer }
--- defaults: "linear", 0, 1, 1, none, 4, 0.5, 4
---@return fun(epoch: number): number
local function anneal(options)
  local given = expect.options("anneal", options, { "kind", "from", "to", "start", "stop", "cycles", "ratio", "steps" })
  local function number(name, default, limits)
    local value = given[name]
    if value == nil then value = default end
    return expect.number("anneal", name, value, limits)
  end
  local kind = given.kind == nil and "linear" or given.kind
  if type(kind) ~= "string" or not shapes[kind] then expect.unknown("anneal", "kind", kind, shapes) end
  local o = {
    kind = kind, from = number("from", 0), to = number("to", 1), start = number("start", 1), stop = number("stop"),
    cycles = number("cycles", 4, { integer = true, min = 1 }), ratio = number("ratio", 0.5, { min = 0, max = 1 }),
    steps = number("steps", 4, { integer = true, min = 1 }),
  }
  if o.stop < o.start then
    raise("anneal: stop: expected an epoch after start = %s, got %s", text.number(o.start), text.number(o.stop))
  end
  return setmetatable({ options = o }, Annealing)
end

return anneal
