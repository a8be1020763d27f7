-- Packs: what goes in comes out, runs again to the bit elsewhere, and what is not right is refused with one line. Reports beside them.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local zip = require "jetlua.core.zip"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()
local function matches(text, pattern, what) check(text:find(pattern), ("%s: %s"):format(what or pattern, text)) end

local function jetlua(words, directory, environment)
  environment = environment or {}
  environment.JETLUA_RUNS = environment.JETLUA_RUNS or folder .. "/runs"
  local command = { system.executable() }
  for _, word in ipairs(words) do command[#command + 1] = word end
  local result = system.run(command, { directory = directory or folder, environment = environment })
  return result.status, result.stdout, result.stderr
end

system.write_file(folder .. "/part.lua", "return { batch = 50 }")
system.write_file(folder .. "/small.lua", [[
  local jets, models, optim, run, options, tensor, plot = require "jets", require "models", require "optim", require "run", require "options", require "tensor", require "plot"
  local part = require "part"   -- not os.execute("x")
  local o = options { seed = 1, data = { nil, "jets", type = "string" }, lr = 5e-3 }
  tensor.manual_seed(o.seed)
  local set = o.data and jets.open(o.data) or jets.sample():take(400)
  local images = set:images()
  local model = models.DirichletVAE { input = 1600, hidden = { 8 } }
  local r = run.start("small", o)
  r:data(set)
  local history = models.fit(model, images, { epochs = 3, batch = part.batch, optimizer = optim.Adam(model:parameters(), { lr = o.lr }), run = r })
  r:scores { cross_entropy = model:scores(images.x).cross_entropy }
  r:report { last = history.total[3], nested = { a = { auc = 0.9, auc_error = 0.01 }, b = { auc = 0.8, auc_error = 0.02 } }, text = "<b>&" }
  if os.getenv("PATH") == "never" then io.popen("ls") end
]])
local sample = folder .. "/jets with spaces.h5"
require("jets").sample():take(300):save(sample)
equal({ jetlua { "small.lua", "--data", sample } }, { 0, "", "" })
local path = folder .. "/runs/" .. system.list_directory(folder .. "/runs")[1]

-- A pack, its contents by another program, and the same bytes a second time.
local status, output, problem = jetlua { "pack", path, "-o", "small.jetpack", "--where", "made by the test" }
equal({ status, problem }, { 0, "" })
matches(output, "^small%.jetpack: 7 files, [^\n]*\ndata by checksum only: jets with spaces%.h5, SHA%-256 %x+\n$")
local pack = folder .. "/small.jetpack"
jetlua { "pack", path, "-o", "again.jetpack", "--where", "made by the test" }
equal(system.sha256_file(pack), system.sha256_file(folder .. "/again.jetpack"), "the same bytes")
if system.find_program "unzip" then
  equal(system.run({ "unzip", "-tq", pack }).status, 0, "unzip reads it")
  equal(system.run({ "unzip", "-p", pack, "small.lua" }).stdout, system.read_file(folder .. "/small.lua"))
else
  testing.skip "unzip is not installed"
end
status, output = jetlua { "verify", pack }
equal(status, 0)
matches(output, ": 7 files, %d+ bytes, all as they were packed\n$")
status, output = jetlua { "show", pack }
equal(status, 0)
matches(output, "the run small, started [^\n]*, finished\n")
matches(output, "requires: jets, models, optim, options, part, plot, run, tensor\n")
matches(output, "names functions of the system: io%.popen, os%.getenv\n")
matches(output, "data: jets with spaces%.h5, %d+ bytes, SHA%-256 %x+, not inside; made by the test\n")

-- Elsewhere: without the sender's folder, with the data given by name, to the same bits.
local elsewhere = testing.scratch()
system.run { "cp", pack, sample, elsewhere }
system.rename(folder .. "/part.lua", folder .. "/hidden")
local function run_elsewhere(...)
  return jetlua({ "run", "small.jetpack", ... }, elsewhere, { JETLUA_RUNS = elsewhere .. "/runs" })
end
status, output, problem = run_elsewhere("--trusted", "--data", "jets with spaces.h5")
equal(status, 0, problem)
local copied
for _, name in ipairs(system.list_directory(elsewhere .. "/runs")) do
  if name:find("^small%-") then copied = elsewhere .. "/runs/" .. name end
end
check(copied, "a run elsewhere")
status, output = jetlua { "diff", path, copied, "--json" }
local found = json.decode(output)
equal({ #found.results, #found.metrics, #found.files, #found.code }, { 0, 0, 0, 0 }, "the same to the bit elsewhere")
status, output, problem = run_elsewhere("--trusted", "--data", "jets with spaces.h5", "--lr", "0.01")
equal(status, 0, problem)
-- The same behind walls, and that run repeated behind walls again.
status, output, problem = run_elsewhere("--data", "jets with spaces.h5")
equal(status, 0, problem)
status, output, problem = jetlua({ "rerun", "last" }, elsewhere, { JETLUA_RUNS = elsewhere .. "/runs" })
equal(status, 0, output .. problem)
matches(output, "equal to the bit: %d+ logged numbers")
system.rename(folder .. "/hidden", folder .. "/part.lua")

-- With data, and without a run.
status, output = jetlua { "pack", path, "-o", "data.jetpack", "--with-data" }
equal(status, 0, output)
equal(#zip.list(folder .. "/data.jetpack"), 9)
status, _, problem = jetlua { "pack", path, "-o", "large.jetpack", "--with-data", "--limit", "0.000001" }
equal(status, 1)
matches(problem, "its data are more than 0%.0 GB; %-%-limit allows more, or pack without %-%-with%-data\n$")
check(not system.exists(folder .. "/large.jetpack"), "nothing is left")
equal(jetlua { "pack", "small.lua" }, 0)
local names = {}
for i, entry in ipairs(zip.list(folder .. "/small.jetpack")) do names[i] = entry.name end
equal(names, { "jetpack.json", "small.lua", "modules/part.lua" })
system.run { "cp", elsewhere .. "/small.jetpack", pack }

-- What is not right: one line each, and nothing is unpacked.
local bytes = system.read_file(pack)
local manifest = json.decode(zip.read(pack, "jetpack.json", 1 << 20))
local entries = {}
for _, file in ipairs(manifest.files) do entries[#entries + 1] = { name = file.name, text = zip.read(pack, file.name, 1 << 30) } end

local function pack_of(changed, extra)
  local copy = json.decode((json.encode(manifest)))
  local list = {}
  for i, entry in ipairs(entries) do list[i] = { name = entry.name, text = entry.text } end
  changed(copy, list)
  table.insert(list, 1, { name = "jetpack.json", text = type(extra) == "string" and extra or (json.encode(copy)) })
  zip.write(folder .. "/bad.jetpack", list)
end

local function refused(pattern, words)
  for _, command in ipairs(words or { "verify", "run" }) do
    status, output, problem = jetlua { command, "bad.jetpack" }
    equal({ status, output }, { 1, "" }, pattern)
    matches(problem, "^" .. command .. ": [^\n]*" .. pattern .. "[^\n]*\n$", command)
  end
end

for i, length in ipairs { 0, 1, 21, 22, 100, #bytes // 2, #bytes - 1 } do
  system.write_file(folder .. "/bad.jetpack", bytes:sub(1, length))
  refused("no ZIP file", i > 2 and { "verify" } or nil)
end
for _, name in ipairs { "../escaped.lua", "a/../../escaped.lua", "/tmp/escaped.lua", "a//b", "./a", "c:\\x", "C:/x", "a\nb" } do
  pack_of(function(copy, list)
    list[1].name, copy.files[1].name = name, name
  end)
  refused("do not unpack it", { "verify", "run", "show" })
end
check(not system.exists(folder .. "/escaped.lua") and not system.exists("/tmp/escaped.lua"), "nothing escaped")
-- The directory's entry of small.lua says that it is a link; scores.npz within is a ZIP file, too.
local at = bytes:find("PK\1\2" .. ("."):rep(42) .. "small%.lua")
system.write_file(folder .. "/bad.jetpack", bytes:sub(1, at + 4) .. "\3" .. bytes:sub(at + 6, at + 37) .. "\0\0\xff\xa1" .. bytes:sub(at + 42))
refused("is a link or a device")
pack_of(function(_, list) list[2].text = list[2].text .. " " end)
refused("has %d+ bytes, not the %d+ it is said to")
pack_of(function(_, list) list[2].text = "-" .. list[2].text:sub(2) end)
refused("does not have the checksum in its list")
pack_of(function(copy) copy.version = 2 end)
refused("it is of version 2, this jetlua reads up to 1; update jetlua")
pack_of(function(_, list) table.remove(list, 3) end)
refused("is missing")
pack_of(function(_, list) list[#list + 1] = { name = "stowaway", text = "x" } end)
refused("stowaway is not in its list of files")
pack_of(function(copy) copy.script = "no.lua" end)
refused("its script no%.lua is missing")
-- Names that would break the message into lines, or move a terminal's cursor.
pack_of(function(copy) copy.script = "no\n\27[2J.lua" end)
refused("its script no\\n\\x1b%[2J%.lua is missing")
pack_of(function(copy) copy.files[1].name = "no\nfile" end)
refused("no\\nfile is missing")
pack_of(function(_, list) list[1].name = "b\n" end)
refused('a name that is not allowed: b\\n; it was not made by jetlua pack')
pack_of(function(copy) copy.files = "x" end)
refused("jetpack%.json is damaged")
pack_of(function() end, "{")
refused("jetpack%.json is damaged")
zip.write(folder .. "/bad.jetpack", { { name = "x", text = "y" } })
refused("it has no jetpack%.json; it is another kind of ZIP file")
local damaged = bytes:sub(1, 400) .. ("\255"):rep(100) .. bytes:sub(501)
system.write_file(folder .. "/bad.jetpack", damaged)
equal(jetlua { "verify", "bad.jetpack" }, 1, "damaged bytes")
-- 20 MB of zeros in 20 kB.
pack_of(function(copy, list)
  local text = ("\0"):rep(20 << 20)
  list[#list + 1] = { name = "zeros", text = text }
  table.insert(copy.files, { name = "zeros", bytes = #text, sha256 = system.sha256(text) })
end)
check(system.file_size(folder .. "/bad.jetpack") < 300000, "a small file")
status, _, problem = jetlua { "verify", "bad.jetpack", "--limit", "0.01" }
equal(status, 1)
matches(problem, "it unfolds to 0%.0 GB, more than the 0%.0 GB that are allowed; %-%-limit allows more\n$")
equal(jetlua { "verify", "bad.jetpack" }, 0)
for _, command in ipairs { "show", "run" } do
  status, output, problem = jetlua { command, "bad.jetpack", "--limit", "0.01" }
  equal({ status, output }, { 1, "" }, command)
  matches(problem, "%-%-limit allows more\n$", command)
  _, _, problem = jetlua { command, "bad.jetpack", "--limit", "0.1" }
  check(not problem:find("allows more", 1, true), problem)
end
status, _, problem = jetlua { "run", "bad.jetpack", "--limit", "much" }
matches(problem, "^run: %-%-limit: expected GB that the pack may unfold to, got much\n$")
-- What was refused leaves no folder, what was run one.
local left = {}
for _, name in ipairs(system.list_directory(folder .. "/runs/unpacked")) do
  if name:find "^bad" then left[#left + 1] = name end
end
equal(#left, 1, table.concat(left, " "))
status, _, problem = jetlua { "verify", "nowhere.jetpack" }
matches(problem, "^verify: nowhere%.jetpack: expected a jetpack, found no file\n$")

-- Random damage: an error of one line or the files as they were, never a crash.
math.randomseed(4)
for _ = 1, 60 do
  local place, count = math.random(#bytes), math.random(4)
  local noise = {}
  for i = 1, count do noise[i] = string.char(math.random(0, 255)) end
  system.write_file(folder .. "/bad.jetpack", bytes:sub(1, place - 1) .. table.concat(noise) .. bytes:sub(place + count))
  local passed, message = pcall(require("jetlua.run.jetpack").verify, folder .. "/bad.jetpack")
  check(passed or not tostring(message):find("\n"), message)
end

-- Reports.
status, output = jetlua { "report", path }
equal({ status, output }, { 0, path .. "/report.html\n" })
local page = system.read_file(path .. "/report.html")
for _, piece in ipairs { "<svg", "0.900 ± 0.010", "&lt;b&gt;&amp;", "SHA%-256", "of the step before", "learn_nothing" } do
  check((page:find(piece) ~= nil) == (piece ~= "learn_nothing"), piece)
end
check(not page:find('src="http') and not page:find('href="http') and not page:find("<script") and not page:find("url%("), "nothing from a network")
for seed = 2, 3 do equal(jetlua { "small.lua", "--data", sample, "--seed", tostring(seed) }, 0) end
local all = { "report" }
for _, name in ipairs(system.list_directory(folder .. "/runs")) do
  if name:find("^small%-") then all[#all + 1] = folder .. "/runs/" .. name end
end
equal(jetlua(all), 0)
page = system.read_file(folder .. "/report.html")
matches(page, "3 runs of small")
matches(page, "mean ± standard deviation")
check(select(2, page:gsub('class="curve c3', "")) > 0, "three colours")
equal(require("jetlua.run.report.html").base64 "Man", "TWFu")
equal(require("jetlua.run.report.html").base64 "M", "TQ==")
equal(require("jetlua.run.report.html").base64 "Ma", "TWE=")
status, _, problem = jetlua { "report", "nowhere" }
equal(status, 1)

testing.finish()
