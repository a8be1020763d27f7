-- Which points a sweep takes: against scipy (Sobol) and Optuna (Parzen estimators, the median rule), and against what was asked for.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises

local expand, parzen = require "jetlua.sweep.expand", require "jetlua.sweep.parzen"
local pruning, sobol, space = require "jetlua.sweep.pruning", require "jetlua.sweep.sobol", require "jetlua.sweep.space"
local tpe, uniform = require "jetlua.sweep.tpe", require "jetlua.sweep.uniform"
local fixture = json.decode(system.read_file(testing.folder .. "../Fixtures/sweeps.json"))

equal(#fixture.sobol, 128)
local wrong = 0
for dimensions = 1, 21 do
  for i, point in ipairs(sobol.points(128, dimensions)) do
    for d = 1, dimensions do
      if point[d] ~= fixture.sobol[i][d] then wrong = wrong + 1 end
    end
  end
end
equal(wrong, 0, "every coordinate equals scipy's")
raises("expected at most 21", sobol.points, 4, 22)

for _, case in ipairs(fixture.parzen) do
  local what = ("%s of %d observations"):format(case.kind, #case.observations)
  local estimator
  if case.kind == "choices" then
    estimator = parzen.choices(case.observations, case.n)
  elseif case.kind == "integers" then
    estimator = parzen.numbers(case.observations, case.low - 0.5, case.high + 0.5, 1)
  else
    estimator = parzen.numbers(case.observations, case.low, case.high)
  end
  for i, x in ipairs(case.points) do near(parzen.log(estimator, x), case.log[i], 1e-9 * (1 + math.abs(case.log[i])), what) end
end
for _, x in ipairs { 0, 0.5, 1, 2.9, 3.1, 6, 12, 30 } do
  -- The two ways to the tail agree where both are good, and it falls by its own density.
  local h = 1e-5
  local slope = (parzen.log_tail(x + h) - parzen.log_tail(math.max(x - h, 0))) / (x - h < 0 and h or 2 * h)
  local density = math.exp(-x * x / 2 - 0.5 * math.log(2 * math.pi) - parzen.log_tail(x))
  near(slope, -density, 2e-4 * (1 + density), "tail at " .. x)
end
near(parzen.tail(1.959963984540054), 0.025, 1e-15)

-- Draws follow the density: the share below each point, to four standard deviations of 20000 draws.
local observations = { 0.2, 0.25, 0.9 }
local estimator = parzen.numbers(observations, 0, 1)
local draw, n = uniform.stream(3, 1), 20000
local drawn, sum = {}, 0
for i = 1, n do drawn[i] = parzen.sample(estimator, draw) end
table.sort(drawn)
for k = 1, 999 do
  sum = sum + math.exp(parzen.log(estimator, (k - 0.5) / 1000)) / 1000
  if k % 100 == 0 then
    local below = 0
    for _, x in ipairs(drawn) do below = below + (x < k / 1000 and 1 or 0) end
    near(below / n, sum, 4 * math.sqrt(0.25 / n), "share below " .. k / 1000)
  end
end

for _, case in ipairs(fixture.medians) do
  local rule = { kind = "median", metric = "m", direction = case.direction, warmup = case.warmup, startup = 5 }
  local results = {}
  for i, history in ipairs(case.histories) do results[i] = { status = "finished", history = history } end
  local reference = pruning.reference(rule, results)
  for i, history in ipairs(case.tried) do
    local so_far, told = {}, {}
    for step, value in ipairs(history) do
      so_far[step] = value
      told[step] = pruning.decide(reference, so_far) ~= nil
    end
    equal(told, case.pruned[i], ("median, %s, warmup %d, history %d"):format(case.direction, case.warmup, i))
  end
end
local halving = { kind = "halving", metric = "m", direction = "min", first = 1, factor = 2 }
local before = {}
for i = 1, 7 do before[i] = { status = i % 2 == 0 and "pruned" or "finished", history = { i, i, i, i } } end
local reference = pruning.reference(halving, before)
equal(pruning.decide(reference, { 4.5 }), "m 4.5 at step 1 is number 5 of 8 there")
equal(pruning.decide(reference, { 3.5 }), nil, "the fourth of eight goes on")
equal(pruning.decide(reference, { 3.5, 3.5, 9 }), nil, "between rungs nothing is decided")
check(pruning.decide(reference, { 3.5, 3.5, 9, 9 }), "rungs are at 1, 2, 4")
check(pruning.decide(reference, { 0 / 0 }), "NaN is the worst")
equal(pruning.decide(pruning.reference(halving, {}), { 5 }), nil, "the first one is measured against nobody")
equal(pruning.decide(pruning.reference({ kind = "median", metric = "m", direction = "min", warmup = 0, startup = 5 }, before), { 100 }), nil,
  "four finished are too few for a median")

local options = {
  { name = "alpha", kind = "list", items = "number", default = { 1, 0.25, 0.1 } }, { name = "beta", kind = "number", default = 0.1, min = 0 },
  { name = "signal", kind = "string", default = "top", choices = { "top", "qcd" } }, { name = "quick", kind = "boolean", default = false },
  { name = "latent", kind = "integer", default = 2, min = 1, max = 64 }, { name = "batch_size", kind = "integer", default = 100 },
}
local function read(over) return space.read("sweep", options, over) end
local function points(strategy, over) return expand.points("sweep", strategy, read(over)) end

equal(points({ name = "grid" }, { signal = { "top", "qcd" }, beta = { 1, 2 } }), {
  { beta = 1.0, signal = "top" }, { beta = 1.0, signal = "qcd" }, { beta = 2.0, signal = "top" }, { beta = 2.0, signal = "qcd" },
})
equal(points({ name = "grid" }, {}), { {} })
equal(points({ name = "zip" }, { signal = { "top", "qcd" }, beta = { 1, 2 } }), { { beta = 1.0, signal = "top" }, { beta = 2.0, signal = "qcd" } })
equal(points({ name = "grid" }, { beta = { min = 1e-4, max = 1, log = true, n = 5 } }),
  { { beta = 1e-4 }, { beta = 1e-3 }, { beta = 0.01 }, { beta = 0.1 }, { beta = 1.0 } })
equal(points({ name = "grid" }, { latent = { min = 1, max = 3, n = 9 } }), { { latent = 1 }, { latent = 2 }, { latent = 3 } })
equal(points({ name = "sobol", trials = 4 }, { beta = { min = 0, max = 1 }, quick = { true, false } }),
  { { beta = 0.0, quick = true }, { beta = 0.5, quick = false }, { beta = 0.75, quick = true }, { beta = 0.25, quick = false } })
local random = points({ name = "random", trials = 2000, seed = 4 }, { latent = { min = 1, max = 4 }, beta = { min = 1e-4, max = 1, log = true } })
equal(random, points({ name = "random", trials = 2000, seed = 4 }, { latent = { min = 1, max = 4 }, beta = { min = 1e-4, max = 1, log = true } }))
local counts, logs = { 0, 0, 0, 0 }, 0
for _, point in ipairs(random) do
  counts[point.latent] = counts[point.latent] + 1
  logs = logs + math.log(point.beta, 10)
end
for k = 1, 4 do near(counts[k], 500, 4 * math.sqrt(2000 * 0.25 * 0.75), "integers share evenly") end
near(logs / 2000, -2, 4 * (4 / math.sqrt(12)) / math.sqrt(2000), "the logarithm is uniform")
local longer = points({ name = "random", trials = 2001, seed = 4 }, { latent = { min = 1, max = 4 }, beta = { min = 1e-4, max = 1, log = true } })
equal(longer[2000], random[2000], "more trials keep those before")

equal(space.options(options, { alpha2 = 0.5, alpha3 = 0.05 }, { beta = 1.0 }), { alpha = { 1, 0.5, 0.05 }, beta = 1.0 })
equal(space.options(options, { alpha2 = 0.5 }, { alpha = { 7, 8, 9 } }), { alpha = { 7, 0.5, 9 } })
local function parse(name, written) return space.parse("sweep", options, name, written) end
equal(parse("alpha", "1,1;1,0.25"), { { 1, 1 }, { 1, 0.25 } })
equal(parse("alpha3", "0.05,0.1"), { 0.05, 0.1 })
equal(parse("beta", "log:1e-4..1:5"), { min = 1e-4, max = 1, log = true, n = 5 })
equal(parse("latent", "2..10"), { min = 2, max = 10 })
equal(parse("quick", "true,false"), { true, false })
equal(parse("batch-size", "10, 20"), { 10, 20 })
for _, value in ipairs { 0.1, 1 / 3, 1e-300, -2.5, 1e22, 123456789.125 } do equal(tonumber(space.written(value)), value) end

raises("betta: the script declares no such option; did you mean beta?", read, { betta = { 1 } })
raises("over: beta: expected a number of at least 0, got -1", read, { beta = { 1, -1 } })
raises("signal: expected one of top, qcd, got gluon", read, { signal = { "gluon" } })
raises("over: beta: expected at least one value, got none", read, { beta = {} })
raises("the range is empty", read, { beta = { min = 2, max = 1 } })
raises("expected an integer", read, { latent = { min = 1, max = 4.5 } })
raises("expected an integer from 1 to 64, got 65", read, { latent = { min = 1, max = 65 } })
raises("expected a number above 0 with log", read, { beta = { min = 0, max = 1, log = true } })
raises("the option is no number", read, { signal = { min = 0, max = 1 } })
raises("alpha4: expected an element from 1 to 3 of alpha, got 4", read, { alpha4 = { 1 } })
raises("either the list alpha or its elements", read, { alpha = { { 1, 1 } }, alpha2 = { 1 } })
raises("expected as many values of signal as of beta, 3, got 2", points, { name = "zip" }, { beta = { 1, 2, 3 }, signal = { "top", "qcd" } })
raises("a range with n= points", points, { name = "grid" }, { beta = { min = 0, max = 1 } })
raises("expected at most 1000000 points", points, { name = "grid" },
  { beta = { min = 0, max = 1, n = 10000 }, alpha1 = { min = 0.1, max = 1, n = 10000 } })
raises("given twice", read, { ["batch-size"] = { 1 }, batch_size = { 2 } })
raises('unknown option "lo"', read, { beta = { lo = 1, max = 2, min = 0 } })

-- TPE finds the valley of a parabola with a bad choice beside it, better than as many random points; each is determined by those before.
local dimensions = read { beta = { min = 0, max = 10 }, signal = { "top", "qcd" }, latent = { min = 1, max = 32 } }
local function loss(point) return (point.beta - 3) ^ 2 + (point.signal == "qcd" and 4 or 0) + ((point.latent - 7) / 5) ^ 2 end
local function search(seed, suggest)
  local seen, best = {}, math.huge
  for number = 1, 60 do
    local point = suggest(seen, seed, number)
    check(point.beta >= 0 and point.beta <= 10 and math.type(point.latent) == "integer" and point.latent >= 1 and point.latent <= 32, "in range")
    seen[number] = { options = point, value = loss(point) }
    best = math.min(best, seen[number].value)
  end
  return best, seen
end
local better, sum_tpe, sum_random = 0, 0, 0
for seed = 1, 20 do
  local by_tpe = search(seed, function(seen, s, number) return tpe.suggest(dimensions, seen, s, number) end)
  local by_chance = search(seed, function(_, s, number) return tpe.suggest(dimensions, {}, s, number) end)
  if by_tpe < by_chance then better = better + 1 end
  sum_tpe, sum_random = sum_tpe + by_tpe, sum_random + by_chance
end
check(better >= 15 and sum_tpe < 0.5 * sum_random, ("TPE is better in %d of 20, %.3g against %.3g"):format(better, sum_tpe / 20, sum_random / 20))
local _, once = search(5, function(seen, s, number) return tpe.suggest(dimensions, seen, s, number) end)
local again = {}
for i = 1, 30 do again[i] = once[i] end
equal(tpe.suggest(dimensions, again, 5, 31), once[31].options, "a point follows from those before it alone")

testing.finish()
