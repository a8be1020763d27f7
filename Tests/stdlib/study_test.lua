-- The study, very small: killed in the middle, it goes on where it stopped; its page has every figure and needs nothing else.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local check, equal, near = testing.check, testing.equal, testing.near

if not (pcall(require, "jetlua.core.models") and pcall(require, "jetlua.core.jets")) then
  testing.skip("this interpreter has no models and jets")
  testing.finish()
end

local script, root = testing.folder .. "../../scripts/reproduce.lua", testing.scratch()
local first = 0
while arg[first - 1] do first = first - 1 end
local out = root .. "/study"
local small = { "--quick", "--jets", "240", "--epochs", "2", "--seeds", "1", "--out", out }

local function play(...)
  return testing.run(script, { ... })
end

local function files(folder, ending)
  local list = {}
  for _, name in ipairs(system.exists(folder) and system.list_directory(folder) or {}) do
    if name:sub(-#ending) == ending then list[#list + 1] = name end
  end
  return list
end

-- Killed without warning once a few trainings are there.
local killed = system.run({
  "sh", "-c", [[
    results=$1; shift
    "$@" >/dev/null 2>&1 &
    study=$!
    for i in $(seq 3000); do
      if [ "$(ls "$results" 2>/dev/null | grep -c 'json$')" -ge 4 ]; then break; fi
      kill -0 $study 2>/dev/null || exit 3
      sleep 0.1
    done
    kill -9 $study
    wait $study
    exit 0
  ]], "sh", out .. "/results", arg[first], script, table.unpack(small),
}, { input = "" })
equal(killed.status, 0, "the study was killed: " .. killed.stderr)
local before = #files(out .. "/results", ".json")
check(before >= 4 and before < 30 and not system.exists(out .. "/index.html"), "it was killed in the middle, with " .. before .. " trainings done")

-- One of the results is damaged: that one is made again.
local damaged = out .. "/results/" .. files(out .. "/results", ".json")[1]
system.write_file(damaged, system.read_file(damaged):sub(1, 40))
local outcome = play(table.unpack(small))
equal(outcome.status, 0, outcome.stderr)
local kept = select(2, outcome.stdout:gsub(": kept\n", ""))
equal(kept, before - 1, "trainings that were there are not done again")
local total = tonumber(outcome.stdout:match("/(%d+)%] "))
check(total and total >= 40 and #files(out .. "/results", ".json") == total and #files(out .. "/results", ".npz") == total, "every training is kept")

local page = system.read_file(out .. "/index.html")
for _, figure in ipairs { "A1", "A3", "A5", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A13 jets", "A14", "A15", "A drift", "A loss", "B roc", "B spectra", "B frontier", "B bump" } do
  check(page:find(("<strong>Figure %s. "):format(figure), 1, true), "figure " .. figure)
end
local pictures = 0
for picture in page:gmatch('<img [^>]*src="([^"]*)"') do
  pictures = pictures + 1
  -- The signature of a PNG in base64.
  check(picture:sub(1, 40):find("^data:image/png;base64,iVBORw0KGgo"), "a picture inside the page: " .. picture:sub(1, 40))
end
check(pictures >= 19, pictures .. " pictures")
local text = page:gsub('src="data:[^"]*"', "")
check(not text:find("https?:") and not text:find("<script") and not text:find("<link") and not text:find("@import") and not text:find("url%("), "nothing from outside")
check(text:find("prefers-color-scheme: dark", 1, true) and text:find("@media print", 1, true), "light, dark and print")
check(not text:find("Not in this run", 1, true), "no figure is missing")
for i = 1, 17 do check(text:find(("<td>A%d</td>"):format(i), 1, true), "claim A" .. i) end
for i = 1, 7 do check(text:find(("<td>B%d</td>"):format(i), 1, true), "claim B" .. i) end
check(select(2, text:gsub("<td>mass alone</td>", "")) >= 12, "the jet mass is the baseline of every table of AUCs")

-- The same once more trains nothing; another option takes none of the old results.
outcome = play("--parts", "centred", table.unpack(small))
equal({ outcome.status, outcome.stdout:match("%[1/1%] ([^\n]*)") }, { 0, "dvae centred top 1, seed 1: kept" })
outcome = play("--parts", "centred", "--quick", "--jets", "240", "--epochs", "1", "--seeds", "1", "--out", out)
check(outcome.status == 0 and outcome.stdout:find("%[1/1%] dvae centred top 1, seed 1: [%d.]+ s\n"), outcome.stdout .. outcome.stderr)
check(system.read_file(out .. "/index.html"):find("Not in this run: figures A1, A3", 1, true), "what is missing is named")

outcome = play("--parts", "scan", "--quick", "--jets", "200", "--epochs", "1", "--seeds", "1", "--seconds", "0.001", "--out", out)
check(outcome.status == 75 and outcome.stdout:find("the same command goes on with dvae top 1, seed 1\n", 1, true), outcome.stdout .. outcome.stderr)

-- Verdicts follow from the numbers; the table of results has them, and what PyTorch gave beside.
local record = json.decode(system.read_file(out .. "/results/" .. files(out .. "/results", ".json")[1]))
check(type(record.numbers) == "table" and type(record.settings) == "table" and record.seed == 1, "a kept result says how it came about")
system.write_file(root .. "/torch.json", json.encode { torch = "0", seeds = 1, runs = { { task = "dvae centred top 1", seed = 1, scores = { declared = 0.1234 } } } })
outcome = play("--parts", "centred", "--reference", root .. "/torch.json", "--results", root .. "/results.md", table.unpack(small))
equal(outcome.status, 0, outcome.stderr)
local results = system.read_file(root .. "/results.md")
check(results:find("| A16 | [^\n]*| not tested |") and results:find("| dvae centred top 1 | declared | AUC | 0%.%d+ | 0%.1234 | 1, 1 | %+0%.%d+ | – | 0%.015 | no |"), results:sub(1, 3000))

package.path = testing.folder .. "../../scripts/?.lua;" .. package.path
local judging = require "study.judging"
local function verdict(...)
  local list = { ... }
  return judging.verdict({ judge = function() return list end }, {}, {})
end
equal(verdict({ holds = true, values = { { "x", 1.0 } } }, { holds = true, values = { { "x", 3.0 } } }).verdict, "holds")
equal(verdict({ holds = true, values = {} }, { holds = false, values = {} }).verdict, "for 1 of 2 seeds")
equal(verdict({ holds = false, values = {} }, { holds = false, values = {} }).verdict, "does not hold")
equal(verdict({ values = {} }).verdict, "not tested")
local part = verdict({ holds = { { "a", true }, { "b", false } }, values = { { "x", 1.0 } } }, { holds = { { "a", true }, { "b", true } }, values = { { "x", 3.0 } } })
equal({ part.verdict, part.parts, part.values[1].mean }, { "holds in part", { "a: 2 of 2", "b: 1 of 2" }, 2.0 })

-- More seeds for single trainings; which weight took the rare class; what PyTorch made of the same start.
outcome = play("--parts", "three", "--more", "dvae3 top=2", "--quick", "--jets", "240", "--epochs", "1", "--seeds", "1", "--out", root .. "/more", "--no-draw")
equal({ outcome.status, outcome.stderr }, { 0, "" })
check(outcome.stdout:find("[3/3] dvae3 top 0.05, seed 2", 1, true) and not outcome.stdout:find("qcd 0.05, seed 2", 1, true), outcome.stdout)
local comparison, Results = require "study.comparison", require "study.results"
near(comparison.fisher(3, 4, 1, 4), 0.4857142857, 1e-9, "Fisher's tea")
near(comparison.fisher(8, 10, 1, 6), 0.0350, 5e-5, "and another table")
near(comparison.fisher(0, 5, 0, 3), 1, 1e-12, "nothing to tell apart")
local function scores(a, b, c) return { weight_1 = { auc = a }, weight_2 = { auc = b }, weight_3 = { auc = c }, declared = { auc = c } } end
local function seed(n, loss, ...) return { seed = n, numbers = { scores = scores(...), loss = { 9, loss } } } end
local R = Results.new { ["dvae3 top 0.05"] = { task = {}, seeds = { seed(1, 4.1, 0.2, 0.3, 0.9), seed(2, 4.3, 0.2, 0.8, 0.3), seed(3, 4.2, 0.2, 0.3, 0.88) } } }
local function theirs(n, a, b, c, loss) return { task = "dvae3 top 0.05", seed = n, loss = { 9, loss }, scores = { weight_1 = a, weight_2 = b, weight_3 = c, declared = c } } end
system.write_file(root .. "/pairs.json", json.encode {
  torch = "0", runs = { theirs(1, 0.2, 0.9, 0.3, 4.25) }, paired = { theirs(1, 0.2, 0.3, 0.91, 4.1005), theirs(2, 0.2, 0.8, 0.3, 4.3), theirs(7, 0, 0, 0, 1) },
})
local content = comparison.read(root .. "/pairs.json")
local found = {}
for _, line in ipairs(comparison.paired(R, content).rows) do found[line[2]] = line end
equal(found.declared, { "dvae3 top 0.05", "declared", "0.6000 ± 0.4243", "0.6050 ± 0.4313", "2", "-0.00500", "0.01000", "0.015", "yes" })
check(comparison.paired(R, content).note:find("Of the losses of 2 epochs none differs by more than 0.00050", 1, true), comparison.paired(R, content).note)
local arrangements = comparison.arrangements(R, content)
equal(arrangements.rows, {
  { "dvae3 top 0.05", "jetlua", "2", "1 of 3", "0.8000", "4.3000", "" },
  { "dvae3 top 0.05", "jetlua", "3, declared", "2 of 3", "0.8900 ± 0.0141", "4.1500 ± 0.0707", "yes" },
  { "dvae3 top 0.05", "PyTorch", "2", "1 of 1", "0.9000", "4.2500", "yes" },
})
check(arrangements.note:find("in 2 of 3 and 0 of 1 trainings, p = 1.00", 1, true), arrangements.note)
equal({ comparison.paired(R, { runs = {}, paired = {} }), comparison.arrangements(Results.new {}, nil) }, {})

-- The valley between two modes, and what an image looks like.
local measures, tensor = require "study.measures", require "tensor"
tensor.manual_seed(5)
local bump = tensor.randn(4000)
check(measures.valley(bump) < 0.15, "one mode: " .. measures.valley(bump))
check(measures.valley(tensor.cat({ bump, bump + 5 }, 1)) > 0.8, "two modes")
local image = tensor.zeros(40, 40)
image:narrow(1, 10, 2):narrow(2, 20, 2):fill_(1)
image:narrow(1, 30, 2):narrow(2, 20, 2):fill_(1)
local looks = measures.image(image:reshape(1600))
near(looks.width, 10.05, 0.2, "mean distance from the centre")
check(looks.mirror > 0.99 and looks.tau21 < 0.2, "two prongs in a mirror")

local page_module = require "study.page"
equal({ page_module.base64 "", page_module.base64 "f", page_module.base64 "fo", page_module.base64 "foo", page_module.base64 "\255\254\253" }, { "", "Zg==", "Zm8=", "Zm9v", "//79" })

-- Wrong input: one line, before anything is trained.
local function refused(message, ...)
  local bad = play("--out", root .. "/none", ...)
  equal({ bad.status, bad.stdout, bad.stderr }, { 1, "", ("reproduce.lua: %s\n"):format(message) })
end
refused("--parts: unknown part scn; there are: all, alpha, averages, centred, constituents, converged, convolutional, gaussian, lund, scan, three", "--parts", "scn")
refused("--ratios: expected numbers above 0 and up to 1, got 0 in place 2", "--ratios", "1,0")
refused("--more: expected NAME=SEEDS, such as dvae3=8, got dvae3", "--more", "dvae3")
refused("--more: no training asked for has a name that begins with dave", "--more", "dave=2")
refused("--files: expected TRAIN, TRAIN,TEST or TRAIN,TEST,W, got 4 files", "--files", "a,b,c,d")
refused("cannot read /nowhere/jets.h5: No such file or directory; check the path", "--files", "/nowhere/jets.h5")
local bad = play("--out", root .. "/none", "--quick", "--ratios", "1,1e-9")
check(bad.status == 1 and bad.stdout == "" and bad.stderr:find("^reproduce%.lua: mix: ratio 1e%-09 of %d+ qcd jets leaves no top jet; ask for a ratio of at least [^\n]*\n$"), bad.stderr)
check(not system.exists(root .. "/none/results"), "nothing was begun")

testing.finish()
