-- What mass decorrelation and outlier exposure buy: AUC at equal mass against mass sculpting, over weights, margins, annealing and sizes.
-- Cheng, Arguin, Leissner-Martin, Pilette, Golling, "Variational Autoencoders for Anomalous Jet Tagging" (arXiv:2007.01850).
--   jetlua scripts/frontier.lua --background qcd.h5 --judged both.h5 --outliers w.h5 --csv frontier.csv
-- Each training adds its lines to the CSV file as it ends; what is in the file is not trained again, so that the sweep goes on where it was
-- stopped, and several sweeps with other --methods or --seeds may fill one file.

require "strict"
local jets, metrics, models, optim = require "jets", require "metrics", require "models", require "optim"
local options, plot, run, tensor = require "options", require "plot", require "run", require "tensor"

local o = options {
  { "background", nil, "file of jets; those with label 0 are trained on; nine tenths of the bundled sample if left out", type = "string" },
  { "judged", nil, "file of jets of both labels that are judged; a tenth of the background's file if left out", type = "string" },
  { "outliers", nil, "file of jets, those with label 1 are the outliers; those of the background's file if left out", type = "string" },
  { "methods", { "vae", "oe", "disco" }, "which of them to sweep", type = "list" }, { "seeds", { 1 }, "of the trainings; each point is trained with all" },
  { "main", false, "the default point of each method only" }, { "jets", 40000, "to train on, at most", min = 100 },
  { "epochs", 30, "passes over the training jets", min = 1 }, { "lr", 1e-3, "learning rate of Adam", min = 0 },
  { "csv", "frontier.csv", "where the results are, and go" }, { "draw", false, "train nothing, draw what is in the file" },
  { "quick", false, "the default points only, 4 epochs on 4,000 jets" },
}
if o.quick then o.main, o.epochs, o.jets = true, math.min(o.epochs, 4), math.min(o.jets, 4000) end
local bins = o.quick and { width = 20, min = 10 } or {}

-- The points of the sweep: the defaults of each method, then one setting changed at a time.
local points = {}
local function add(method, base, changes)
  points[#points + 1] = { method = method, settings = base }
  if o.main then return end
  for _, change in ipairs(changes) do
    local settings = {}
    for _, part in ipairs { base, change } do
      for name, value in pairs(part) do settings[name] = value end
    end
    points[#points + 1] = { method = method, settings = settings }
  end
end
local start, ramp = o.quick and 1 or 10, o.quick and 1 or 5
add("vae", { kind = "none", lambda = 0, margin = 0, start = 0, ramp = 0, jets = o.jets }, {})
add("oe", { kind = "kl", lambda = 2, margin = 1, start = start, ramp = ramp, jets = o.jets }, {
  { lambda = 0.5 }, { lambda = 10 }, { margin = 0.3 }, { margin = 3 }, { ramp = 20 }, { jets = o.jets // 4 }, { lambda = 1 }, { lambda = 5 },
  { lambda = 20 }, { start = 0, ramp = 0 }, { kind = "mse", lambda = 2 }, { kind = "mse", lambda = 10 }, { kind = "sigmoid", lambda = 10 },
})
add("disco", { kind = "loss", lambda = 100, margin = 0, start = start, ramp = ramp, jets = o.jets }, {
  { lambda = 10 }, { lambda = 1000 }, { lambda = 30 }, { lambda = 300 }, { kind = "kl" }, { ramp = 20 }, { jets = o.jets // 4 }, { start = 0, ramp = 0 },
})

-- The columns of the file. What tells one training from another comes first.
local key = { "method", "kind", "lambda", "margin", "start", "ramp", "jets", "seed" }
local figures = { "auc", "auc_error", "auc_equal_mass", "auc_equal_mass_error", "jsd", "jsd_error", "floor" }
local header = table.concat(key, ",") .. ",score,declared," .. table.concat(figures, ",")
-- What the results also depend on stands above them.
local common = ("# background %s, judged %s, outliers %s, %d epochs, learning rate %g"):format(
  o.background or "bundled", o.judged or "a tenth", o.outliers or "the background's", o.epochs, o.lr)

local function key_of(method, settings, seed)
  local words = { method }
  for i = 2, #key - 1 do words[i] = tostring(settings[key[i]]) end
  words[#key] = tostring(seed)
  return table.concat(words, ",")
end

-- The lines of the file and which trainings they are of.
local function read()
  local lines, done, file = {}, {}, io.open(o.csv, "r")
  if not file then return lines, done end
  local first, second = file:read("l", "l")
  if first ~= common or second ~= header then
    file:close()
    options.fail("--csv: %s holds results of other files or settings, or none: \"%s\"; name another file", o.csv, tostring(first))
  end
  for line in file:lines() do
    local words = {}
    for word in line:gmatch("[^,]+") do words[#words + 1] = word end
    -- A sweep that was killed may have left half a line behind.
    if #words == #key + 2 + #figures then
      local row = { key = table.concat(words, ",", 1, #key), score = words[#key + 1], declared = words[#key + 2] == "yes" }
      for i, name in ipairs(key) do row[name] = tonumber(words[i]) or words[i] end
      for i, name in ipairs(figures) do row[name] = tonumber(words[#key + 2 + i]) end
      lines[#lines + 1] = row
      done[row.key .. "," .. row.score] = true
    end
  end
  file:close()
  return lines, done
end

local function append(text)
  local there = io.open(o.csv, "r")
  local is_new = not there
  local half = there and there:seek("end", -1) and there:read(1) ~= "\n"
  if there then there:close() end
  local file, problem = io.open(o.csv, "a")
  if not file then options.fail("--csv: %s", problem) end
  file:write(is_new and common .. "\n" .. header .. "\n" or half and "\n" or "", text)
  file:close()
end

-- The jets of one size: background, outliers matched to its mass spectrum, and those that are judged, all with one scaler.
local prepared = {}
local function prepare(count)
  if prepared[count] then return prepared[count] end
  local file = o.background and jets.open(o.background) or jets.sample()
  local unseen
  if o.judged then
    unseen = jets.open(o.judged)
  else
    tensor.manual_seed(1)
    file, unseen = file:split(0.9)
  end
  local background = file:where("label == 0"):take(count)
  local others = (o.outliers and jets.open(o.outliers) or file):where("label == 1")
  local train = background:constituents { n = 20, align = true, scale = "robust" }
  prepared[count] = {
    train = train, test = unseen:constituents(train.recipe),
    outliers = others:match(background, { column = "mass", width = 5, cap = 10, n = math.max(1, #background // 5) }):constituents(train.recipe),
  }
  return prepared[count]
end

-- One training, and the measures of its two scores.
local function train(method, s, seed)
  local data = prepare(s.jets)
  tensor.manual_seed(seed)
  local model = models.ConstituentVAE {}
  if method == "oe" then
    model = models.outlier_exposure(model, { form = s.kind, lambda = s.lambda, margin = s.margin, start = s.start, ramp = s.ramp })
  elseif method == "disco" then
    model = models.mass_decorrelation(model, { score = s.kind, lambda = s.lambda, start = s.start, ramp = s.ramp })
  end
  local adam = optim.Adam(model:parameters(), { lr = o.lr })
  -- The distance correlation of few jets is mostly a bias.
  models.fit(model, data.train, { epochs = o.epochs, batch = method == "disco" and 500 or 100, optimizer = adam, outliers = method == "oe" and data.outliers or nil })
  local scores = model:scores(data.test, { emd = false })
  return metrics.frontier({ { "KL", scores.kl }, { "MSE", scores.mse } }, data.test, bins)
end

-- The score that the loss shapes, named before any label is seen; of the plain VAE both.
local function declared(method, kind, score)
  if method == "vae" then return true end
  return score == (kind == "kl" and "KL" or "MSE")
end

local wanted = {}
for _, name in ipairs(o.methods) do wanted[name] = true end
local _, done = options.attempt(read)
local r = run.start("frontier", o)
for _, seed in ipairs(o.draw and {} or o.seeds) do
  for _, point in ipairs(points) do
    local name = key_of(point.method, point.settings, seed)
    if wanted[point.method] and not done[name .. ",KL"] then
      local before = os.time()
      -- A training whose loss is not finite any more is no point, and no reason to give up the others.
      local well, rows = pcall(train, point.method, point.settings, seed)
      if well then
        local text = {}
        for _, row in ipairs(rows) do
          local words = { name, row.name, declared(point.method, point.settings.kind, row.name) and "yes" or "no" }
          for _, figure in ipairs(figures) do words[#words + 1] = ("%.6g"):format(row[figure]) end
          text[#text + 1] = table.concat(words, ",") .. "\n"
          if words[3] == "yes" then
            print(("%s %s: AUC %.3f, at equal mass %.3f, JSD %.3f, %d s"):format(name, row.name, row.auc, row.auc_equal_mass, row.jsd, os.time() - before))
          end
        end
        options.attempt(append, table.concat(text))
      else
        print(name .. ": " .. tostring(rows))
      end
    end
  end
end

-- The seeds of a point together, with the spread over them where there are several.
local lines = options.attempt(read)
if #lines == 0 then options.fail("%s holds no results; leave --draw out", o.csv) end
local groups, order = {}, {}
for _, row in ipairs(lines) do
  if row.declared then
    local name = row.key:gsub(",[^,]*$", "") .. "," .. row.score
    if not groups[name] then
      groups[name] = {}
      order[#order + 1] = name
    end
    table.insert(groups[name], row)
  end
end
local lists, table_rows = {}, {}
for _, name in ipairs(order) do
  local group = groups[name]
  local first, over = group[1], metrics.over_seeds(group)
  local list = first.method == "vae" and "VAE" or first.method == "disco" and "DisCo-VAE" or "OE-VAE"
  local row = {
    name = name, method = first.method, kind = first.kind, lambda = first.lambda, margin = first.margin, start = first.start, ramp = first.ramp,
    jets = first.jets, score = first.score, seeds = #group, auc = over.auc.mean, auc_equal_mass = over.auc_equal_mass.mean, jsd = over.jsd.mean,
    auc_std = over.auc.std, auc_equal_mass_std = over.auc_equal_mass.std, jsd_std = over.jsd.std,
    auc_equal_mass_error = #group > 1 and over.auc_equal_mass.std or first.auc_equal_mass_error,
  }
  lists[list] = lists[list] or {}
  table.insert(lists[list], row)
  table_rows[#table_rows + 1] = row
end
for _, list in pairs(lists) do
  for _, row in ipairs(list) do
    row.best = true
    for _, other in ipairs(list) do
      local beats = other.auc_equal_mass >= row.auc_equal_mass and other.jsd <= row.jsd
      if beats and (other.auc_equal_mass > row.auc_equal_mass or other.jsd < row.jsd) then row.best = false end
    end
  end
  table.sort(list, function(a, b) return a.jsd < b.jsd end)
end
table.sort(table_rows, function(a, b) return a.jsd < b.jsd end)
print("| method | told by | λ | margin | start + ramp | jets | seeds | score | AUC | AUC at equal mass | JSD | best |\n|---|---|---|---|---|---|---|---|---|---|---|---|")
for _, row in ipairs(table_rows) do
  local function spread(name) return row.seeds > 1 and ("%.3f ± %.3f"):format(row[name], row[name .. "_std"]) or ("%.3f"):format(row[name]) end
  print(("| %s | %s | %g | %g | %d + %d | %d | %d | %s | %s | %s | %s | %s |"):format(row.method, row.kind, row.lambda, row.margin, row.start, row.ramp, row.jets,
    row.seeds, row.score, spread "auc", spread "auc_equal_mass", spread "jsd", row.best and "yes" or ""))
end
r:report { rows = table_rows }
print(r:figure(plot.frontier(lists, { note = ("%d epochs"):format(o.epochs) }), "frontier"))
