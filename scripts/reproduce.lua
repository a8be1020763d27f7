-- The whole study: every experiment of both papers with several seeds, and one page of its figures, tables and verdicts.
-- Dillon, Plehn, Sauer, Sorrenson (arXiv:2104.08291); Cheng, Arguin, Leissner-Martin, Pilette, Golling (arXiv:2007.01850).
--   jetlua scripts/reproduce.lua --quick                                    minutes, on the bundled jets
--   jetlua scripts/reproduce.lua --files train.h5,test.h5,w.h5 --out study    hours
-- Each training is kept when it is done: started again, the study goes on where it stopped.

require "strict"
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local options, system = require "options", require "jetlua.core.system"
local Data, Results, Store = require "study.data", require "study.results", require "study.store"
local publish, tasks = require "study.publish", require "study.tasks"

local o = options {
  { "quick", false, "small trainings, for the bundled jets" },
  { "files", nil, "TRAIN, TRAIN,TEST or TRAIN,TEST,W: files of jets with labels, and of W jets with label 1; the bundled sample if left out", type = "string" },
  { "signals", nil, "files of further signals for the taggers on constituents, such as w_120.h5, joined by commas", type = "string" },
  { "out", "reproduction", "folder of the page, the figures and the kept results" },
  { "parts", "all", "what to train, of averages, scan, three, lund, alpha, centred, converged, constituents, gaussian, convolutional; joined by commas" },
  { "ratios", { 1, 0.25, 0.05, 0.01 }, "signal jets per background jet in the scans" },
  { "seeds", 3, "trainings of each, with the seeds from --seed up", min = 1 }, { "seed", 1, "the first one", min = 0 },
  { "more", nil, "more seeds for single trainings, such as 'dvae3=8,oe kl=8': NAME, or all that begin so", type = "string" },
  { "jets", 0, "limit for every training; 0 for none", min = 0 }, { "epochs", 0, "limit for every training; 0 for none", min = 0 },
  { "seconds", 0.0, "begin no training after so long, for a shared machine; ends with status 75, and the same command goes on; 0 for no end", min = 0 },
  { "train", true, "train what is not kept yet; --no-train draws what there is" },
  { "draw", true, "write the page; --no-draw only trains" },
  { "reference", nil, "what Tests/reference/study.py wrote, to be shown beside", type = "string" },
  { "results", nil, "write the tables and verdicts to this Markdown file too", type = "string" },
}

local started = system.monotonic()
local data, store, wanted, seeds_of = options.attempt(function()
  local data = Data.open(o.files, o.signals)
  local all = tasks(o.quick and "quick" or "full", { ratios = o.ratios, jets = o.jets, epochs = o.epochs, signal_classes = data.signal_classes })
  local parts, list = {}, {}
  for _, task in ipairs(all) do parts[task.part] = true end
  local asked = {}
  for part in o.parts:gmatch("[^,]+") do
    if part ~= "all" and not parts[part] then
      local names = {}
      for name in pairs(parts) do names[#names + 1] = name end
      table.sort(names)
      options.fail("--parts: unknown part %s; there are: all, %s", part, table.concat(names, ", "))
    end
    asked[part] = true
  end
  for _, task in ipairs(all) do
    if asked.all or asked[task.part] then list[#list + 1] = task end
  end
  local seeds_of = {}
  for _, task in ipairs(list) do seeds_of[task.name] = o.seeds end
  for part in (o.more or ""):gmatch("[^,]+") do
    local name, count, known = part:match("^%s*(.-)%s*=%s*(%d+)%s*$")
    if not name then options.fail("--more: expected NAME=SEEDS, such as dvae3=8, got %s", part) end
    -- The training of that name, or all whose names begin so.
    for _, task in ipairs(list) do
      local wanted = seeds_of[name] and task.name == name or not seeds_of[name] and task.name:sub(1, #name) == name
      if wanted then seeds_of[task.name], known = math.max(seeds_of[task.name], tonumber(count)), true end
    end
    if not known then options.fail("--more: no training asked for has a name that begins with %s", name) end
  end
  for i, ratio in ipairs(o.ratios) do
    if ratio <= 0 or ratio > 1 then options.fail("--ratios: expected numbers above 0 and up to 1, got %g in place %d", ratio, i) end
  end
  -- A ratio that the sample cannot give is told now, not after an hour.
  local tried = {}
  for _, task in ipairs(list) do
    local s = task.settings
    local key = s.ratio and ("%s %g %s"):format(s.signal, s.ratio, s.jets)
    if key and not tried[key] then data:mixed(o.seed, s) end
    tried[key or ""] = true
  end
  return data, Store.open(o.out .. "/results", data.identity), list, seeds_of
end)

-- Every training of every seed that is not kept yet, the first seed of all before the second.
local results, at, total, most = {}, 0, 0, 0
for _, task in ipairs(wanted) do
  results[task.name] = { task = task, seeds = {} }
  total, most = total + seeds_of[task.name], math.max(most, seeds_of[task.name])
end
for seed = o.seed, o.seed + most - 1 do
  for _, task in ipairs(wanted) do
    -- A training that has its seeds is passed over.
    if seed - o.seed >= seeds_of[task.name] then goto continue end
    at = at + 1
    local kept = store:find(task, seed)
    if not kept and o.train then
      if o.seconds > 0 and system.monotonic() - started > o.seconds then
        print(("stopped after %.0f s; the same command goes on with %s, seed %d"):format(system.monotonic() - started, task.name, seed))
        os.exit(75, true)
      end
      local from = system.monotonic()
      options.attempt(function()
        local numbers, arrays, model = task.run(data, task.settings, seed)
        store:keep(task, seed, numbers, arrays, system.monotonic() - from, model)
      end)
      kept = store:find(task, seed)
      print(("[%d/%d] %s, seed %d: %.1f s"):format(at, total, task.name, seed, system.monotonic() - from))
      collectgarbage()
    elseif kept then
      print(("[%d/%d] %s, seed %d: kept"):format(at, total, task.name, seed))
    end
    table.insert(results[task.name].seeds, kept)
    ::continue::
  end
end
print(("trainings: %.0f s"):format(system.monotonic() - started))
if not o.draw then return end

-- Figures, tables and verdicts, all from what is kept.
local R, words = Results.new(results), { "jetlua scripts/reproduce.lua" }
for _, option in ipairs(options.describe(o)) do
  local value = o[option.name]
  if (option.name == "files" or option.name == "signals") and value then
    -- Names without folders: what they hold is told by the checksums.
    words[#words + 1] = ("--%s %s"):format(option.name, (value:gsub("[^,]*/", "")))
  elseif (option.name == "seeds" or option.name == "seed" or option.name == "jets" or option.name == "epochs" or option.name == "parts" or option.name == "more") and value ~= option.default then
    words[#words + 1] = ((tostring(value):find " " and '--%s "%s"') or "--%s %s"):format(option.name, value)
  elseif option.name == "reference" and value then
    words[#words + 1] = "--reference " .. value:match("[^/]*$")
  elseif option.name == "quick" and value then
    words[#words + 1] = "--quick"
  end
end
local command = table.concat(words, " ")
options.attempt(function()
  local drawn, missing = publish.figures(R, o.ratios, o.out .. "/figures", print)
  local list = publish.tables(R, o, data)
  publish.page(o.out .. "/index.html", R, o, data, drawn, missing, list, command)
  if o.results then publish.markdown(o.results, drawn, list, command, { "fig09", "fig13" }) end
  if #missing > 0 then print("not in this run: figures " .. table.concat(missing, ", ")) end
end)
print(("%s/index.html, after %.0f s"):format(o.out, system.monotonic() - started))
