-- Trainings of several ranks: strong scaling (the batch stays as it is), weak scaling (it grows with the ranks), one thread for each rank,
-- measured with as many ranks as the machine has processors and modelled beyond. Writes the tables into docs/parallel.md.
--   jetlua scripts/dev/bench_parallel.lua           all of it; scripts/dev/mpi scaling builds the jetlua for it
--   mpirun -n 2 jetlua scripts/dev/bench_parallel.lua --part steps --batch 1024     one measurement, as a line of JSON

local json, options, parallel, system = require "json", require "options", require "parallel", require "jetlua.core.system"

local o = options {
  { "part", "all", "what to do", choices = { "all", "steps", "exchange" } }, { "hidden", 100, "width of the encoder's layer", min = 1 },
  { "batch", 1024, "jets per step of all ranks together", min = 1 }, { "seconds", 2.0, "that a measurement lasts", min = 0.1 },
  { "rounds", 5, "of all measurements, one after the other", min = 1 }, { "page", "docs/parallel.md", "file that takes the tables" },
}

local function median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local middle = (#sorted + 1) // 2
  return #sorted % 2 == 1 and sorted[middle] or (sorted[middle] + sorted[middle + 1]) / 2
end

-- Every rank takes as many steps: rank 0 says how many.
local function say(message) return json.decode(require("jetlua.internal.ranks").text(json.encode(message), 0)) end

--- Seconds per step of the published Dirichlet-VAE on the bundled jets, and those of them that the exchange takes.
local function steps()
  local jets, models, optim, tensor = require "jets", require "models", require "optim", require "tensor"
  tensor.manual_seed(1)
  local images = jets.sample():images()
  local model = models.DirichletVAE { hidden = { o.hidden } }
  local adam, numbers = optim.Adam(model:parameters(), { lr = 1e-3 }), 0
  for _, parameter in ipairs(model:parameters()) do numbers = numbers + parameter:numel() end
  local function pass(limit)
    local count = 0
    for batch in parallel.batches(images, o.batch) do
      -- The last one is smaller.
      if require("jetlua.internal.ranks").jets_of(batch) < o.batch then break end
      adam:zero_grad()
      model:loss(batch.x).total:backward()
      adam:step()
      count = count + 1
      if count == limit then break end
    end
    return count
  end
  pass(20)
  local done, began, before = 0, system.monotonic(), parallel.cost()
  repeat done = done + pass() until not say(system.monotonic() - began < o.seconds)
  local seconds, after = system.monotonic() - began, parallel.cost()
  return {
    ranks = parallel.size(), batch = o.batch, hidden = o.hidden, numbers = numbers, seconds = seconds / done, threads = tensor.threads(),
    waiting = (after.waiting - before.waiting) / done, moving = (after.moving - before.moving) / done,
  }
end

--- Seconds of an exchange of few and of many numbers, between ranks that wait for each other.
local function exchange()
  local tensor = require "tensor"
  local result = {}
  for _, count in ipairs { 1, 100000, 1000000 } do
    local numbers, times = tensor.ones(count), {}
    for i = 1, count == 1 and 2000 or 100 do
      local began = system.monotonic()
      parallel.sum(numbers)
      times[i] = system.monotonic() - began
    end
    result[#result + 1] = { bytes = 4 * count, seconds = median(times) }
  end
  return { ranks = parallel.size(), exchange = result }
end

if o.part ~= "all" then
  local result = o.part == "steps" and steps() or exchange()
  print((json.encode(result)))
  os.exit(0, true)
end

local function measure(ranks, words)
  local command = { "mpirun", "--bind-to", "none", "-n", tostring(ranks), system.executable(), "scripts/dev/bench_parallel.lua" }
  for _, word in ipairs(words) do command[#command + 1] = tostring(word) end
  local result = system.run(command, { environment = { JETLUA_THREADS = "1" }, input = "" })
  if result.status ~= 0 then options.fail("mpirun -n %d: %s", ranks, result.stderr) end
  return json.decode(result.stdout)
end

-- A small model that the exchange burdens, and a large one.
local cases = { { hidden = 100, batch = 1024 }, { hidden = 100, batch = 256 }, { hidden = 1000, batch = 1024 } }
local machines = { 1, 2, 4, 8, 16 }

local found, rounds = {}, o.rounds
local function add(key, value)
  found[key] = found[key] or {}
  table.insert(found[key], value)
end

for round = 1, rounds do
  for i, case in ipairs(cases) do
    local function at(ranks, batch)
      local key = ("%d/%d/%d"):format(i, ranks, batch)
      local result = measure(ranks, { "--part", "steps", "--hidden", case.hidden, "--batch", batch, "--seconds", o.seconds })
      add(key, result.seconds)
      add(key .. "/exchange", result.waiting + result.moving)
      case.numbers = result.numbers
    end
    -- What one rank of n computes is a step of one rank with batch/n.
    for _, n in ipairs(machines) do
      if case.batch // n >= 16 then at(1, case.batch // n) end
    end
    at(2, case.batch)
    at(2, 2 * case.batch)
  end
  local result = measure(2, { "--part", "exchange" })
  for i, entry in ipairs(result.exchange) do add("exchange/" .. i, entry.seconds) end
  io.stderr:write(("round %d of %d\n"):format(round, rounds))
end

local function of(case, ranks, batch) return median(found[("%d/%d/%d"):format(case, ranks, batch)]) end

-- t_exchange(bytes, n) = α ⌈log₂ n⌉ + 2 (n − 1)/n bytes/β, with α and β from two ranks here.
local bytes = { 4, 4e5, 4e6 }
local alpha = median(found["exchange/1"])
local beta = 1 / ((median(found["exchange/3"]) - alpha) / bytes[3])
local function exchange_seconds(size, n, latency, bandwidth)
  if n == 1 then return 0 end
  return latency * math.ceil(math.log(n, 2) - 1e-9) + 2 * (n - 1) / n * size / bandwidth
end

local lines = {}
local function line(...) lines[#lines + 1] = (...):format(select(2, ...)) end
local function ms(seconds) return ("%.3g ms"):format(1e3 * seconds) end

line("Measured with one thread for each rank on %s, %d processors; medians of %d rounds in which all measurements took turns.",
  system.cpu().model, system.cpu().cores, rounds)
line("")
line("| encoder's width | numbers exchanged | batch | 1 rank, a step | 2 ranks, the same batch | speedup | 2 ranks, twice the batch | efficiency |")
line("|--:|--:|--:|--:|--:|--:|--:|--:|")
for i, case in ipairs(cases) do
  local one, strong, weak = of(i, 1, case.batch), of(i, 2, case.batch), of(i, 2, 2 * case.batch)
  line("| %d | %d | %d | %s | %s | %.2f | %s | %.0f %% |", case.hidden, case.numbers, case.batch, ms(one), ms(strong), one / strong, ms(weak), 100 * one / weak)
end
line("")
line("The exchange alone, between two ranks here: %.0f µs for one number, %s for 4 MB: α = %.0f µs, β = %.1f GB/s.", 1e6 * alpha,
  ms(median(found["exchange/3"])), 1e6 * alpha, beta / 1e9)
line("")
line("**Modelled**, not measured, for more ranks: t(n) = t₁(batch/n) + t_exchange, with t₁ measured in one rank at that batch and "
  .. "t_exchange = α ⌈log₂ n⌉ + 2 (n − 1)/n · bytes/β; first with α and β of this machine's memory, then with those of a network, taken as 20 µs and 1.25 GB/s (10 Gbit/s).")
line("")
line("| encoder's width | batch | ranks | t₁(batch/n) | t(n), one machine | speedup | t(n), network | speedup |")
line("|--:|--:|--:|--:|--:|--:|--:|--:|")
for i, case in ipairs(cases) do
  for _, n in ipairs(machines) do
    if case.batch // n >= 16 then
      local share, one = of(i, 1, case.batch // n), of(i, 1, case.batch)
      local memory = share + exchange_seconds(4 * case.numbers, n, alpha, beta)
      local network = share + exchange_seconds(4 * case.numbers, n, 20e-6, 1.25e9)
      line("| %d | %d | %d | %s | %s | %.2f | %s | %.2f |", case.hidden, case.batch, n, ms(share), ms(memory), one / memory, ms(network), one / network)
    end
  end
end
line("")
line("The model says for two ranks here %s.", (function()
  local parts = {}
  for i, case in ipairs(cases) do
    local modelled = of(i, 1, case.batch // 2) + exchange_seconds(4 * case.numbers, 2, alpha, beta)
    parts[#parts + 1] = ("%s where %s were measured"):format(ms(modelled), ms(of(i, 2, case.batch)))
  end
  return table.concat(parts, ", ")
end)())

local text = table.concat(lines, "\n")
print(text)
local page = system.read_file(o.page)
local first, last = page:find("<!-- scaling: written by scripts/dev/mpi scaling -->\n", 1, true)
local stop = page:find("<!-- end of scaling -->", 1, true)
if not (first and stop) then options.fail("%s: expected the place of the tables between two comments, found none", o.page) end
system.write_file(o.page, page:sub(1, last) .. text .. "\n" .. page:sub(stop))
