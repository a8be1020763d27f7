-- Run folders of which a part is gone or is another's: every command does what can be done, or says what is wrong in one line.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local json = require "json"
local system = require "jetlua.core.system"
local tensor = require "tensor"
local check, equal = testing.check, testing.equal

local folder = testing.scratch()
local function jetlua(words, environment)
  environment = environment or {}
  environment.JETLUA_RUNS = environment.JETLUA_RUNS or folder .. "/runs"
  local result = system.run({ system.executable(), table.unpack(words) }, { directory = folder, environment = environment, timeout = 120 })
  return result
end
local function one_line(result, what)
  check(result.status == 0 or result.status == 1, ("%s: status %s, signal %s"):format(what, tostring(result.status), tostring(result.signal)))
  check(not result.stderr:find("stack traceback", 1, true) and not result.stderr:find("attempt to ", 1, true), what .. ": " .. result.stderr)
  if result.status == 1 then check(result.stderr:find("^[^\n]+\n$"), what .. ": " .. result.stderr) end
end

system.write_file(folder .. "/part.lua", "return { jets = 100 }")
system.write_file(folder .. "/small.lua", [[
  local jets, models, optim, run, options, tensor, plot = require "jets", require "models", require "optim", require "run", require "options", require "tensor", require "plot"
  local o = options { seed = 1, data = { nil, "jets", type = "string" } }
  tensor.manual_seed(o.seed)
  local set = jets.open(o.data)
  local r = run.start("small", o)
  r:data(set)
  local images = set:take(require("part").jets):images()
  local model = models.DirichletVAE { input = 1600, hidden = { 8 } }
  local history = models.fit(model, images, { epochs = 2, batch = 50, optimizer = optim.Adam(model:parameters()), run = r })
  r:scores { cross_entropy = model:scores(images.x).cross_entropy }
  r:figure(plot.line(history.total), "loss")
  r:report { last = history.total[2] }
  if os.getenv("STOP_HERE") then os.execute("kill -TERM " .. require("jetlua.core.system").process_id()) for _ = 1, 1e9 do end end
]])
require("jets").sample():take(200):save(folder .. "/jets.h5")
local result = jetlua { "small.lua", "--data", "jets.h5" }
equal(result.status, 0, result.stderr)
local function only_run()
  local names = {}
  for _, name in ipairs(system.list_directory(folder .. "/runs")) do
    if name:find("^small%-") then names[#names + 1] = name end
  end
  return folder .. "/runs/" .. names[#names]
end
local whole = only_run()

local files = {}
local function collect(place)
  for _, name in ipairs(system.list_directory(whole .. place)) do
    local path = place .. "/" .. name
    if system.is_directory(whole .. path) then collect(path) end
    files[#files + 1] = path
  end
end
collect ""
check(#files >= 10, "files of a run: " .. #files)

-- Each file and folder gone, then each file cut in half.
local cases = {}
for _, path in ipairs(files) do
  cases[#cases + 1] = { path, "gone" }
  if not system.is_directory(whole .. path) and (path:find("%.json") or path:find("%.npz$") or path:find("last%.safetensors$") or path:find("%.lua$")) then cases[#cases + 1] = { path, "half" } end
end
local copy = folder .. "/copies/half"
for _, case in ipairs(cases) do
  system.run { "rm", "-rf", copy }
  system.make_directory(folder .. "/copies")
  system.run { "cp", "-r", whole, copy }
  local path, how = case[1], case[2]
  if how == "gone" then system.run { "rm", "-rf", copy .. path } else
    local text = system.read_file(copy .. path)
    system.write_file(copy .. path, text:sub(1, #text // 2))
  end
  local commands = { { "diff", whole, copy }, { "resume", copy }, { "report", copy }, { "pack", copy, "-o", folder .. "/x.jetpack" }, { "export", copy, "--csv" } }
  if path:find("lua$") or path:find("run.json") then commands[#commands + 1] = { "rerun", copy } end
  for _, words in ipairs(commands) do one_line(jetlua(words), ("%s %s: %s"):format(path, how, words[1])) end
end
system.run { "rm", "-rf", copy .. "/run.json" }
one_line(jetlua({ "runs", folder .. "/copies" }), "runs without a record")

-- Another script, another module, other data, another version: resume names each, and goes on with --force where it can.
local function changed(what, change, pattern)
  local before = { json = system.read_file(whole .. "/run.json") }
  for _, name in ipairs { "small.lua", "part.lua", "jets.h5" } do before[name] = system.read_file(folder .. "/" .. name) end
  local record = json.decode(before.json)
  record.status = "interrupted"
  change(record)
  system.write_file(whole .. "/run.json", (json.encode(record)))
  local refused = jetlua { "resume", whole }
  equal(refused.status, 1, what)
  check(refused.stderr:find("^resume: [^\n]*" .. pattern .. "[^\n]*%-%-force goes on nevertheless\n$"), what .. ": " .. refused.stderr)
  -- What the script then says of data that are gone is its own.
  if what ~= "data gone" then one_line(jetlua { "resume", whole, "--force" }, what .. " with --force") end
  system.write_file(whole .. "/run.json", before.json)
  for name, text in pairs(before) do
    if name ~= "json" then system.write_file(folder .. "/" .. name, text) end
  end
end
changed("script", function() system.append_file(folder .. "/small.lua", "\n-- changed\n") end, "the script [^\n]*small%.lua has changed")
changed("module", function() system.write_file(folder .. "/part.lua", "return { jets = 100 } -- changed") end, "the module [^\n]*part%.lua has changed")
changed("data", function() require("jets").sample():take(201):save(folder .. "/jets.h5") end, "the data [^\n]*jets%.h5 ha")
changed("data gone", function() os.remove(folder .. "/jets.h5") end, "jets%.h5")
changed("version", function(record) record.versions.program_sha256 = ("0"):rep(64) end, "program")

-- The checkpoint of another model, of another size, and of none.
local other = folder .. "/other.safetensors"
require("models").Autoencoder({ input = 1600, hidden = { 8 }, bottleneck = 3 }):save(other)
local model = require("models").DirichletVAE { input = 1600, hidden = { 8 } }
local function refused(what, pattern, ...)
  local well, problem = pcall(...)
  check(not well and type(problem) == "string" and not problem:find("\n") and problem:find(pattern), what .. ": " .. tostring(problem))
end
refused("another class", "names differ from the model.s: missing mu.weight", model.load_state_dict, model, tensor.load(other))
refused("another size", "shape", model.load_state_dict, model, require("models").DirichletVAE({ input = 1600, hidden = { 9 } }):state_dict())
tensor.save(other, { x = tensor.ones(2) })
refused("no model", "other%.safetensors", require("models").load, other)
system.write_file(other, "half")
refused("a damaged one", "other%.safetensors", require("models").load, other)

testing.finish()
