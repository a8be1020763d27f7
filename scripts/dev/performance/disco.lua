-- Milliseconds, the fastest run of each: the DisCo term of the scores `x` and masses `y` of an npz file with its gradient; a step of the DisCo-VAE
-- on as many jets; a step of the constituent VAE on them. Prints one line of JSON.

local json, models, nn, optim, options, tensor = require "json", require "models", require "nn", require "optim", require "options", require "tensor"
local monotonic = require("jetlua.core.system").monotonic

local o = options { { "data", nil, "npz file", type = "string" }, { "runs", 10, "of each", min = 1 } }
tensor.manual_seed(1)
local given = tensor.load(o.data)
local count = given.x:size(1)

local function fastest(body)
  local best = math.huge
  for _ = 1, o.runs do
    local started = monotonic()
    body()
    best = math.min(best, monotonic() - started)
  end
  return best * 1e3
end

local score, term = nn.Parameter(given.x), nil
local results = { term_ms = fastest(function()
  score.grad = nil
  term = nn.distance_correlation(score, given.y, { squared = true })
  term:backward()
end) }
results.term, results.gradient = term:item(), score.grad:square():sum():sqrt():item()

local rows = tensor.randn(count, 80)
local function step(model, extra)
  local adam = optim.Adam(model:parameters(), { lr = 1e-3 })
  return fastest(function()
    adam:zero_grad()
    model:loss(rows, extra).total:backward()
    adam:step()
  end)
end
results.step_ms = step(models.mass_decorrelation(models.ConstituentVAE {}), { mass = given.y })
results.plain_ms = step(models.ConstituentVAE {})
print((json.encode(results)))
