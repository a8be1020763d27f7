-- Everything a user can print says what it is, on few lines and without an address.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal

if not pcall(require, "jetlua.core.tensor") then
  testing.skip("this interpreter has no native modules")
  testing.finish()
end

local jets, json, metrics, models = require "jets", require "json", require "metrics", require "models"
local nn, optim, plot, tensor = require "nn", require "optim", require "plot", require "tensor"
local shown = require "jetlua.internal.prompt.shown"

local function prints(value, expected) equal(tostring(value), expected) end
local function lines(s) return select(2, s:gsub("\n", "\n")) + 1 end

prints(tensor(3), "3.\ntensor [] float32")
prints(tensor(math.pi, { dtype = "float64" }), "3.14159\ntensor [] float64")
prints(tensor(true), "true\ntensor [] bool")
prints(tensor(2 ^ 53, { dtype = "int64" }), "9007199254740992\ntensor [] int64")
prints(tensor(0 / 0), "nan\ntensor [] float32")
prints(tensor.zeros(0), "[]\ntensor [0] float32")
prints(tensor.zeros(2, 0, 3), "[]\ntensor [2, 0, 3] float32")
prints(tensor { 5 }, "[5.]\ntensor [1] float32")
prints(tensor { -1.5, 2.25, 1000.123 }, "[-1.5, 2.25, 1000.1]\ntensor [3] float32  min -1.5  mean 333.6  max 1000.1")
prints(tensor { 1e30, 2e30, 2.5e-8 }, "[1e30, 2e30, 2.5e-8]\ntensor [3] float32  min 2.5e-8  mean 1e30  max 2e30")
prints(tensor({ 5e-324, 1.5e308 }, { dtype = "float64" }), "[4.941e-324, 1.5e308]\ntensor [2] float64  min 4.941e-324  mean 7.5e307  max 1.5e308")
prints(tensor { 0.99999994, 1 }, "[1.0, 1.]\ntensor [2] float32  min 1.0  mean 1.0  max 1.")
prints(tensor { 1 / 0, -1 / 0, 0 / 0, 1 }, "[inf, -inf, nan, 1.]\ntensor [4] float32  min -inf  mean nan  max inf  NaN 1")
prints(tensor { 1, 0 / 0, 3 }, "[1., nan, 3.]\ntensor [3] float32  min 1.  mean 2.  max 3.  NaN 1")
prints(tensor { 0 / 0, 0 / 0 }, "[nan, nan]\ntensor [2] float32  min nan  mean nan  max nan  NaN 2")
prints(tensor({ math.maxinteger, math.mininteger, 7 }, { dtype = "int64" }),
  "[9223372036854775807, -9223372036854775808, 7]\ntensor [3] int64  min -9223372036854775808  mean 2.  max 9223372036854775807")
prints(tensor.arange(1000), "[1, 2, 3, …, 998, 999, 1000]\ntensor [1000] int64  min 1  mean 500.5  max 1000")
prints(tensor { 1, 2, 3 }:gt(1), "[false, true, true]\ntensor [3] bool  true 2")
prints(tensor.arange(9):reshape(3, 3):t(), "[[1, 4, 7],\n [2, 5, 8],\n [3, 6, 9]]\ntensor [3, 3] int64  min 1  mean 5.  max 9")
prints(tensor { 1 }:expand(1000000, 1000000):slice(2, 1, 2), ("[%s]\ntensor [1000000, 2] float32  min 1.  mean 1.  max 1."):format(
  table.concat({ "[1., 1.]", "[1., 1.]", "[1., 1.]", "…", "[1., 1.]", "[1., 1.]", "[1., 1.]" }, ",\n ")))
prints(tensor { 1, 2 }:requires_grad(true), "[1., 2.]\ntensor [2] float32  min 1.  mean 1.5  max 2.  requires_grad")
prints(nn.Parameter(tensor { 1 }), "[1.]\ntensor [1] float32  parameter")
prints(nn.Parameter(tensor { 1 }, { requires_grad = false }), "[1.]\ntensor [1] float32  parameter, frozen")
local freed = tensor { 1 }
freed:free()
prints(freed, "tensor (closed)")
for _, shape in ipairs { { 1000, 1000 }, { 10, 10, 10 }, { 100, 1, 40, 40 }, { 6, 6, 6, 6 }, { 2, 2, 2, 2, 2, 2, 2, 2 }, { 50, 2, 2, 50, 2 } } do
  local text = tostring(tensor.zeros(shape))
  -- 24 rows, and an ellipsis where a dimension leaves some out.
  check(lines(text) <= 40 and #text < 3000, ("%s: %d lines"):format(table.concat(shape, " x "), lines(text)))
  check(text:find("…", 1, true) and text:find("tensor [" .. table.concat(shape, ", ") .. "]", 1, true), text)
end

prints(tensor.sparse_rows(tensor.eye(4)), "sparse rows [4, 4] float32  4 entries (25.0 %)")
prints(tensor.sparse_rows(tensor.zeros(0, 5)), "sparse rows [0, 5] float32  0 entries (0.0 %)")
prints(nn.Linear(64, 16), "nn.Linear(64 -> 16)")

-- Whatever the modules make.
local set = jets.sample()
local images = set:take(20):images()
local batch
for b in images:batches(20) do batch = b end
local parameter = nn.Parameter(tensor { 1 })
local adam = optim.Adam({ parameter })
local things = {
  set, set:where("pt > 600"), images, images:batches(10), batch, images.x, set.pt, images.recipe, set:cutflow(), adam,
  optim.StepLR(adam, { step_size = 3 }), optim.anneal { from = 0, to = 1, stop = 10 }, optim.EarlyStopping { patience = 3 },
  models.DirichletVAE { input = 16, hidden = { 8 } }, nn.Module, nn.Module:extend("Net"), nn.Module:extend("Net")(),
  nn.Sequential(nn.Linear(4, 2), nn.ReLU()), nn.Linear(4, 2):named_parameters(), nn.Linear(4, 2):state_dict(), plot.line { 1, 2 },
  plot.grid { plot.line { 1, 2 }, plot.line { 2, 1 } }, metrics.roc({ 1, 2 }, { 0, 1 }), json.null, json.list { 1 }, json.decode "[1, {}]",
  models.DirichletVAE { input = 16, hidden = { 8 } }:prior(), tensor, nn, jets, nn.functional, tensor.matmul, nn.Linear,
  images.batches, tensor { 1 }.matmul, require "run", require "options", require "progress", require "help",
}
for name, make in pairs(nn) do
  if type(make) == "function" and name:find("^%u") then
    local made, layer = pcall(make)
    if made then things[#things + 1] = layer end
  end
end
for i, thing in ipairs(things) do
  local text = shown(thing)
  if type(text) ~= "string" then text = tostring(text) end
  check(not text:find("0x", 1, true) and #text > 0 and lines(text) < 45, ("thing %d: %s"):format(i, text))
end

testing.finish()
