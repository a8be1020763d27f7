-- The Parzen estimators of TPE: mixtures of Gaussians cut off at the ends of a range, and of choices. The rules for their widths and
-- weights are those of Bergstra et al., "Algorithms for hyper-parameter optimization" (NIPS 2011) and of Optuna 5's TPESampler with
-- its defaults, against which they are tested.

local parzen = {}

local prior_weight = 1.0

--- Weights of `n` observations, oldest first: those before the last 25 count less.
local function weights(n)
  local list = {}
  for i = 1, n do
    list[i] = n < 25 and 1 or i > n - 25 and 1 or (n - 25 == 1 and 1 / n or 1 / n + (1 - 1 / n) * (i - 1) / (n - 26))
  end
  return list
end

--- ln of the area of the standard Gaussian between a and b, a < b; accurate far out in the tails.
local function log_area(a, b)
  -- Both tails are one by symmetry; in it the area is a difference of small numbers, not of numbers near 1.
  if a > 0 then a, b = -b, -a end
  if b > 0 then
    return math.log(1 - parzen.tail(-a) - parzen.tail(b))
  end
  local upper, lower = parzen.log_tail(-b), parzen.log_tail(-a)
  return upper + math.log(1 - math.exp(lower - upper))
end

--- ln of the area of the standard Gaussian beyond x ≥ 0, by the continued fraction of Laplace or, near 0, a series.
function parzen.log_tail(x)
  if x < 3 then return math.log(parzen.tail(x)) end
  local fraction = 0
  for k = 60, 1, -1 do fraction = k / (x + fraction) end
  return -x * x / 2 - 0.5 * math.log(2 * math.pi) - math.log(x + fraction)
end

--- The area of the standard Gaussian beyond x.
function parzen.tail(x)
  if x >= 3 then return math.exp(parzen.log_tail(x)) end
  if x < 0 then return 1 - parzen.tail(-x) end
  -- 1/2 minus the density times x + x³/3 + x⁵/15 + …
  local term, sum, k = x, x, 1
  while math.abs(term) > 1e-17 * math.abs(sum) do
    term = term * x * x / (2 * k + 1)
    sum, k = sum + term, k + 1
  end
  return 0.5 - math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * sum
end

--- The estimator of numbers in [low, high]: a Gaussian around each observation, as wide as the distance to its farther neighbour, and a
--- wide one in the middle. With `step` the density is one of multiples of it: it is summed over a cell.
---@param observations number[] oldest first
---@param low number
---@param high number
---@param step number|nil
---@return { means: number[], widths: number[], weights: number[], low: number, high: number }
function parzen.numbers(observations, low, high, step)
  local n = #observations
  local span = high - low
  local list = {}
  for i, x in ipairs(observations) do list[i] = { x = x, at = i } end
  local sorted = { table.unpack(list) }
  table.sort(sorted, function(a, b)
    if a.x ~= b.x then return a.x < b.x end
    return a.at < b.at
  end)
  local estimator = { means = {}, widths = {}, weights = {}, low = low, high = high, step = step }
  for i, item in ipairs(sorted) do
    local left = item.x - (sorted[i - 1] and sorted[i - 1].x or low)
    local right = (sorted[i + 1] and sorted[i + 1].x or high) - item.x
    -- The ends of the range are neighbours of a single observation only.
    if n > 1 and i == 1 then left = right elseif n > 1 and i == n then right = left end
    item.width = math.max(left, right)
  end
  local narrowest = span / math.min(100, 2 + n)
  list[n + 1] = { x = 0.5 * (low + high), width = span }
  local total = prior_weight
  local given = weights(n)
  for _, w in ipairs(given) do total = total + w end
  for i, item in ipairs(list) do
    estimator.means[i] = item.x
    estimator.widths[i] = math.min(math.max(item.width, narrowest), span)
    estimator.weights[i] = (given[i] or prior_weight) / total
  end
  if n == 0 then estimator.weights[1] = 1 end
  return estimator
end

--- The estimator of choices 1 … n: the weighted counts, with a share of the prior for each.
---@param observations integer[]
---@param n integer
---@return { shares: number[] }
function parzen.choices(observations, n)
  local given = weights(#observations)
  local total = prior_weight
  for _, w in ipairs(given) do total = total + w end
  local components = #observations + 1
  local shares = {}
  for c = 1, n do shares[c] = (#observations == 0 and 1 or prior_weight / total) / n end
  for i, choice in ipairs(observations) do
    local row = 1 + prior_weight / components * n
    for c = 1, n do
      local cell = prior_weight / components + (c == choice and 1 or 0)
      shares[c] = shares[c] + given[i] / total * cell / row
    end
  end
  return { shares = shares }
end

local function log_density(estimator, i, x)
  local mean, width = estimator.means[i], estimator.widths[i]
  local area = log_area((estimator.low - mean) / width, (estimator.high - mean) / width)
  if estimator.step then
    local low, high = math.max(x - estimator.step / 2, estimator.low), math.min(x + estimator.step / 2, estimator.high)
    return log_area((low - mean) / width, (high - mean) / width) - area
  end
  local z = (x - mean) / width
  return -z * z / 2 - 0.5 * math.log(2 * math.pi) - math.log(width) - area
end

--- ln of the estimator's density at x.
function parzen.log(estimator, x)
  if estimator.shares then return math.log(estimator.shares[x]) end
  local terms, largest = {}, -math.huge
  for i = 1, #estimator.means do
    terms[i] = math.log(estimator.weights[i]) + log_density(estimator, i, x)
    largest = math.max(largest, terms[i])
  end
  local sum = 0
  for _, term in ipairs(terms) do sum = sum + math.exp(term - largest) end
  return largest + math.log(sum)
end

--- A draw from the estimator with numbers of `draw`.
function parzen.sample(estimator, draw)
  local list = estimator.shares or estimator.weights
  local u, at = draw(), #list
  for i, share in ipairs(list) do
    u = u - share
    if u < 0 then
      at = i
      break
    end
  end
  if estimator.shares then return at end
  local mean, width = estimator.means[at], estimator.widths[at]
  -- A component lies inside the range with its mean, so that at least a third of its draws do.
  local x
  repeat
    local radius = math.sqrt(-2 * math.log(1 - draw()))
    x = mean + width * radius * math.cos(2 * math.pi * draw())
  until x >= estimator.low and x <= estimator.high
  if estimator.step then
    local cell = math.floor((x - estimator.low) / estimator.step)
    x = estimator.low + (cell + 0.5) * estimator.step
    x = math.min(x, estimator.high - estimator.step / 2)
  end
  return x
end

return parzen
