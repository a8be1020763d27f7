-- Modules, models, optimizers and runs in files.

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local jets, models, nn, optim, tensor = require "jets", require "models", require "nn", require "optim", require "tensor"
local system, json = require "jetlua.core.system", require "json"

local scratch = testing.scratch() .. "/"

local function same_state(a, b, what)
  local n = 0
  for name, t in pairs(a) do
    n = n + 1
    check(b[name] and b[name].dtype == t.dtype and not b[name]:ne(t):any():item(), what .. ": " .. name)
  end
  for name in pairs(b) do check(a[name] ~= nil, what .. ": " .. name .. " is new") end
  return n
end

-- Modules written in Lua, and layers.
local Net = nn.Module:extend("Net")
function Net:init(hidden)
  self.body = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 2))
  self.gain = nn.Parameter(tensor.ones(1))
  self:buffer("seen", tensor(3, { dtype = "int64" }))
end
function Net:forward(x) return self.body(x) * self.gain end

tensor.manual_seed(1)
local net, other = Net(8), Net(8)
for _, ending in ipairs { "safetensors", "npz", "h5" } do
  local path = scratch .. "net." .. ending
  net:save(path)
  equal(same_state(net:state_dict(), tensor.load(path), ending), 6)
  other = Net(8)
  check(other.body[1].weight:ne(net.body[1].weight):any():item(), "another start")
  check(other:load(path) == other, "load gives the module")
  same_state(net:state_dict(), other:state_dict(), "loaded from " .. ending)
end
local before = Net(9)
local unchanged = before:state_dict()
raises(("load: %snet.safetensors: body.1.weight: expected shape [9, 4], got [8, 4]; body.1.bias: expected shape [9], got [8]; "
  .. "body.3.weight: expected shape [2, 9], got [2, 8]"):format(scratch), before.load, before, scratch .. "net.safetensors")
same_state(unchanged, before:state_dict(), "nothing has changed")
raises("load: " .. scratch .. "net.safetensors: names differ from the model's: missing weight, bias; unknown body.1.bias, body.1.weight",
  function() nn.Linear(2, 2):load(scratch .. "net.safetensors") end)
raises("No such file or directory", net.load, net, scratch .. "none.safetensors")
local linear = nn.Linear(3, 2)
linear:save(scratch .. "linear.safetensors")
same_state(linear:state_dict(), nn.Linear(3, 2):load(scratch .. "linear.safetensors"):state_dict(), "a layer")

-- The Dirichlet-VAE with its options and recipe.
local sample = jets.sample():take(400)
local images = sample:images { deta = 0.03 }
local model = models.DirichletVAE { hidden = { 12, 8 }, alpha = { 1, 0.25 }, beta = 0.3, scale = true }
equal(model.recipe, nil)
local adam = optim.Adam(model:parameters(), { lr = 5e-3, betas = { 0.9, 0.99 } })
local function train(m, optimizer, batches)
  for _ = 1, batches do
    optimizer:zero_grad()
    m:loss(images.x).total:backward()
    optimizer:step()
  end
end
train(model, adam, 3)
equal(model.recipe, images.recipe, "the recipe comes with the images")
equal(images.x:narrow(1, 5, 3).recipe, images.recipe)
equal(images.x:index_select(1, tensor({ 3, 1 }, { dtype = "int64" })).recipe, images.recipe)
local path = scratch .. "model.safetensors"
model:save(path)
local loaded = models.load(path)
same_state(model:state_dict(), loaded:state_dict(), "models.load")
equal({ loaded:options(), loaded.recipe }, { model:options(), images.recipe })
model:eval()
equal(loaded:scores(images.x).cross_entropy:totable(), model:scores(images.x).cross_entropy:totable(), "the same scores")
check(not loaded:scores(sample:images(loaded.recipe).x).kl:ne(model:scores(images.x).kl):any():item(), "the recipe makes the same images")
raises("scores: x: images of another recipe than the model's: deta=0.029, not 0.03; make them with :images(model.recipe)",
  loaded.scores, loaded, sample:images().x)
raises("size=30, not 40, deta=0.029, not 0.03", loaded.weights, loaded, sample:images({ size = 30 }).x)
raises("loss: x: images of another recipe", loaded.loss, loaded, sample:images().x)
equal(#loaded:weights(sample:images().x:todense()), 400, "a dense tensor has no recipe")
loaded.recipe = nil
equal(#loaded:weights(sample:images().x), 400)
loaded.recipe = { deta = 0.03 }
equal(loaded.recipe, images.recipe)
raises('did you mean "deta"?', function() loaded.recipe = { dta = 1 } end)

local _, metadata = tensor.load(path)
equal({ metadata.class, metadata.format, json.decode(metadata.options).hidden }, { "DirichletVAE", "jetlua.model", { 12, 8 } })
model:save(scratch .. "model")
same_state(model:state_dict(), models.load(scratch .. "model"):state_dict(), "a name without an ending")
raises("save: path: expected a name that ends in .safetensors, the format of models, got", model.save, model, "x.npz")

-- What does not fit.
local narrow = models.DirichletVAE { hidden = { 12 } }
local own = narrow:state_dict()
raises(("load: %s: it holds a DirichletVAE of other options: alpha {1, 0.25}, not {1, 1}, hidden {12, 8}, not {12}, "
  .. "scale true, not false; models.load makes it"):format(path), narrow.load, narrow, path)
same_state(own, narrow:state_dict(), "nothing has changed")
raises("expected a model that model:save wrote, got tensors without a class", models.load, scratch .. "net.safetensors")
local function forged(changes, state)
  local changed = {}
  for key, value in pairs(metadata) do changed[key] = value end
  for key, value in pairs(changes) do changed[key] = value or nil end
  for key, value in pairs(changes) do if value == false then changed[key] = nil end end
  tensor.save(scratch .. "forged.safetensors", state or model:state_dict(), { metadata = changed })
  return scratch .. "forged.safetensors"
end
raises('forged.safetensors: unknown class of models "DirichletVAF"; did you mean "DirichletVAE"?', models.load, forged { class = "DirichletVAF" })
raises("expected a DirichletVAE, got a GaussianMixtureVAE; models.load makes it", model.load, model, forged { class = "GaussianMixtureVAE" })
raises("it is of version 9, this jetlua reads up to 1; update jetlua", models.load, forged { version = "9" })
raises("it is of version nil", models.load, forged { version = false })
raises("the options in the file cannot be read", models.load, forged { options = "{" })
raises("the options in the file cannot be read", models.load, forged { options = "3" })
raises('the options in the file make no model: DirichletVAE: unknown option "hiden"; did you mean "hidden"?', models.load, forged { options = '{"hiden":[3]}' })
raises("the options in the file make no model: DirichletVAE: hidden", models.load, forged { options = '{"hidden":[-1]}' })
raises("encoder.1.weight: expected shape [5, 1600], got [12, 1600]", models.load, forged { options = '{"hidden":[5, 8], "scale": true}' })
raises("names differ from the model's: missing", models.load, forged({}, { x = tensor.ones(1) }))
raises("unknown option", models.load, forged { recipe = '{"dta":1}' })

-- A prefactor that was annealed is in the file as it was then, and is no reason to refuse the file.
for _, made in ipairs {
  models.VAE { input = 4, hidden = { 3 }, beta = 0.5 }, models.DirichletVAE { input = 4, hidden = { 3 }, beta = 0.5 },
  models.mass_decorrelation(models.ConstituentVAE { input = 8, hidden = { 3 }, beta = 0.5 }),
} do
  local fresh = models.load((function()
    made:save(scratch .. "fresh.safetensors")
    return scratch .. "fresh.safetensors"
  end)())
  made.beta = 0.125
  local said = made:options()
  equal((said.model and said.model.options or said).beta, 0.125, "the prefactor as it is")
  made:save(scratch .. "annealed.safetensors")
  equal(models.load(scratch .. "annealed.safetensors").beta, 0.125)
  equal(fresh.beta, 0.5)
  equal(fresh:load(scratch .. "annealed.safetensors").beta, 0.125, "load takes it over")
end

-- A class derived from a model has a name of its own in files.
local Steady = models.VAE:extend("Steady")
function Steady:scores(x) return { kl = models.VAE.scores(self, x).kl * 2 } end
local steady = Steady { input = 4, hidden = { 3 } }
steady:save(scratch .. "steady.safetensors")
equal(steady:class_name(), "Steady")
local found = models.load(scratch .. "steady.safetensors")
equal({ found:class_name(), getmetatable(found) == Steady }, { "Steady", true })
near(found:scores(tensor.ones(1, 4)).kl:item(), steady:eval():scores(tensor.ones(1, 4)).kl:item(), 1e-6, "its own methods")
raises("expected a VAE, got a Steady; models.load makes it", function() models.VAE({ input = 4, hidden = { 3 } }):load(scratch .. "steady.safetensors") end)
raises("Steady: latent: expected an integer from 1 to 100000, got 0", Steady, { latent = 0 })
raises('extend: name: expected a name that no model of jetlua has, got "DirichletVAE"', models.VAE.extend, models.VAE, "DirichletVAE")
near(models.load((function()
  models.outlier_exposure(steady):save(scratch .. "exposed.safetensors")
  return scratch .. "exposed.safetensors"
end)()):scores(tensor.ones(1, 4)).kl:item(), steady:scores(tensor.ones(1, 4)).kl:item(), 1e-6, "in a wrapper too")

-- The optimizer goes on where it was.
local optimizer_path = scratch .. "adam.safetensors"
tensor.save(optimizer_path, adam:state_dict())
local resumed = models.load(path):train()
local again = optim.Adam(resumed:parameters(), { lr = 1 })
again:load_state_dict((tensor.load(optimizer_path)))
same_state(adam:state_dict(), again:state_dict(), "steps, moments and options")
equal({ again.lr, again.betas, again:state_dict()["1.step"]:item() }, { 5e-3, { 0.9, 0.99 }, 3 })
model:train()
tensor.manual_seed(7)
train(model, adam, 2)
tensor.manual_seed(7)
train(resumed, again, 2)
same_state(model:state_dict(), resumed:state_dict(), "two more steps")
same_state(adam:state_dict(), again:state_dict(), "two more steps of the optimizer")
raises("load_state_dict: expected the state of SGD, got that of Adam", function()
  optim.SGD(resumed:parameters(), { lr = 1 }):load_state_dict((tensor.load(optimizer_path)))
end)

-- A run keeps scores and checkpoints.
local outcome = testing.script(([[
  local jets, models, optim, tensor = require "jets", require "models", require "optim", require "tensor"
  local images = jets.sample():take(50):images()
  local model = models.DirichletVAE { hidden = { 5 } }
  local adam = optim.Adam(model:parameters())
  local r = require("run").start("files")
  model:loss(images.x).total:backward()
  adam:step()
  print(r:checkpoint(model, adam))
  print(require("jetlua.core.system").exists(r.path .. "/checkpoints/best.safetensors"))
  print(r:checkpoint(model, adam, { best = true }))
  local scores = model:scores(images.x)
  scores.label = images.label
  print(r:scores(scores))
  local back = models.load(r.path .. "/checkpoints/best.safetensors")
  print(back:weights(images.x):ne(model:weights(images.x)):any():item(), back.recipe.size, back.decoder == nil)
  adam:load_state_dict((tensor.load(r.path .. "/checkpoints/last_optimizer.safetensors")))
  local kept = tensor.load(r.path .. "/scores.npz")
  print(kept.cross_entropy:ne(scores.cross_entropy):any():item(), kept.label.dtype, #kept.latent.shape)
  print(pcall(r.checkpoint, r, {}))
  print(pcall(r.scores, r, { a = {} }))
]]):format(), {}, { environment = { JETLUA_RUNS = scratch .. "runs" } })
equal(outcome.stderr, "")
local lines = {}
for line in outcome.stdout:gmatch("[^\n]+") do lines[#lines + 1] = line end
check(lines[1] and lines[1]:find("checkpoints/last.safetensors", 1, true), outcome.stdout)
equal({ lines[2], lines[5], lines[6] }, { "false", "false\t40\ttrue", "false\tint64\t2" })
check(lines[4] and lines[4]:find("scores.npz", 1, true), "the scores' path")
check(lines[7]:find("run:checkpoint: model: expected a model with :save(path), got an empty table", 1, true), lines[7])
check(lines[8]:find("save: tensors.a: expected a tensor, got a table", 1, true), lines[8])

-- A writer that is killed leaves the old file or the new one, whole, and its temporary file goes with the next write.
local rounds = os.getenv("JETLUA_SLOW_TESTS") == "1" and 200 or 8
local writer = scratch .. "writer.lua"
system.write_file(writer, [[
  local tensor = require "tensor"
  local path = arg[1]
  for turn = 1, math.huge do
    tensor.save(path, { a = tensor.full({ 400, 500 }, turn), b = tensor.full({ 400, 500 }, turn) })
    tensor.save(path .. ".h5", { epoch = tensor.full({ 400, 500 }, turn) })
  end
]])
local first = 0
while arg[first - 1] do first = first - 1 end
local target = testing.scratch() .. "/state.npz"
local seen, strays, round = {}, 0, 0
-- More rounds and longer ones where a slow machine needs them until a writer was met while it wrote; `--foreground` has
-- timeout wait until the killed process has ended, which a sync in progress can delay.
repeat
  round = round + 1
  local pause = ("%.3f"):format(0.15 + 0.1 * (round * 0.618 % 1) + 0.1 * (round // rounds))
  local ended = system.run { "timeout", "--foreground", "--signal=KILL", pause, arg[first], writer, target }
  check(ended.signal == 9 or ended.status == 137, "killed: " .. (ended.stderr or ""))
  strays = strays + (#system.list_directory(target:match("^(.*)/")) > 2 and 1 or 0)
  if system.exists(target) and system.exists(target .. ".h5") then
    local state, h5 = tensor.load(target), tensor.load(target .. ".h5")
    local turn = state.a[1][1]
    seen[turn] = true
    check(not state.a:ne(turn):any():item() and not state.b:ne(turn):any():item(), "npz: whole and of one time")
    check(not h5.epoch:ne(h5.epoch[1][1]):any():item() and h5.epoch[1][1] >= turn - 1 and h5.epoch[1][1] <= turn, "HDF5: whole and of one time")
  end
until round >= rounds and next(seen) and strays > 0 or round >= 12 * rounds
check(next(seen) ~= nil and strays > 0, "some were killed while they wrote")
tensor.save(target, { a = 1 })
tensor.save(target .. ".h5", { a = 1 })
equal(system.list_directory(target:match("^(.*)/")), { "state.npz", "state.npz.h5" }, "no temporary file stays")

-- A full disk leaves the old file and no other.
if system.run({ "unshare", "-rm", "true" }).status == 0 then
  local disk = testing.scratch()
  system.write_file(scratch .. "full.lua", [[
    local tensor, system = require "tensor", require "jetlua.core.system"
    for _, name in ipairs { "a.npy", "b.npz", "c.safetensors", "d.h5", "e.csv" } do
      local path, one = arg[1] .. "/" .. name, name == "a.npy"
      local function save(t) tensor.save(path, one and t or { x = t }, (name == "b.npz" or name == "d.h5") and { compress = true } or nil) end
      save(tensor.ones(2))
      local well, problem
      -- Again and again: the HDF5 library may crash when it closes what it could not write.
      for _ = 1, 10 do well, problem = pcall(save, tensor.rand(1000, 1000)) end
      local kept = tensor.load(path)
      print(name, well, problem:find("free some space or choose another disk", 1, true) ~= nil, (one and kept or kept.x)[2])
    end
    print(table.concat(system.list_directory(arg[1]), " "))
  ]])
  local mounted = system.run { "unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1"', "sh", disk, arg[first], scratch .. "full.lua" }
  local expected = {}
  for i, name in ipairs { "a.npy", "b.npz", "c.safetensors", "d.h5", "e.csv" } do expected[i] = name .. "\tfalse\ttrue\t1.0\n" end
  equal(mounted.stdout, table.concat(expected) .. "a.npy b.npz c.safetensors d.h5 e.csv\n", mounted.stderr)
else
  testing.skip("a full disk: needs unshare to mount a small one")
end

-- A class of one's own: its files, its errors, and that its name is its own.
do
  local function define(width)
    local Own = models.class "OwnForThisTest"
    function Own:init(options)
      self:settle { input = options.input or 4, width = options.width or width }
      self.latent = 1
      self.encoder, self.decoder = nn.Linear(self.input, 1), nn.Linear(1, self.input)
    end
    function Own:posterior(x) return self.encoder(x) end
    function Own:loss(x, options)
      local given = self:loss_options(options)
      x = self:rows("OwnForThisTest: loss", x)
      return self:reduced({ { "reconstruction", (self.decoder(self:posterior(x)) - x):square():sum(2), 1 } }, given)
    end
    return Own
  end
  local Own = define(7)
  local model, path = Own {}, testing.scratch() .. "/own.safetensors"
  local x = tensor.rand(1300, 4)
  testing.equal(model:options(), { input = 4, width = 7, dtype = "float32" })
  testing.equal({ model:encode(x).shape, model:loss(x, { reduction = "none" }).total.shape }, { { 1300, 1 }, { 1300 } })
  model:save(path)
  define(8)
  local again = models.load(path)
  testing.equal({ again:options().width, again:encode(x):eq(model:encode(x)):all():item(), again.training }, { 7, true, false })
  testing.raises("OwnForThisTest: loss: x: expected jets [N, 4], got shape [2, 3]", model.loss, model, tensor.ones(2, 3))
  testing.raises('OwnForThisTest: loss: unknown option "wieght"; did you mean "weight"?', model.loss, model, x, { wieght = x })
  testing.raises("models.class: name: VAE is taken by jetlua; choose another one", models.class, "VAE")
  testing.raises("models.class: name: expected a name such as MyVAE, got \"my VAE\"", models.class, "my VAE")
  testing.raises("models.class: name: expected a string, got nil", models.class)
  local Bare = models.class "BareForThisTest"
  function Bare:init() self:settle {} end
  testing.raises("BareForThisTest: settle: input: expected an integer of at least 1, got nil", Bare)
end

testing.finish()
