-- Tensors in files: what NumPy, h5py and safetensors wrote is read, what is written here they read (Tests/reference/array_files.py
-- made the fixtures and does the comparison where python3 has these packages).

local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, raises = testing.check, testing.equal, testing.raises
local system = require "jetlua.core.system"
local tensor = require "tensor"

local fixtures = testing.folder .. "../Fixtures/arrays/"
local scratch = testing.scratch() .. "/"

local function same(a, b)
  if a.dtype ~= b.dtype or #a.shape ~= #b.shape then return false end
  for d, size in ipairs(a.shape) do
    if size ~= b.shape[d] then return false end
  end
  if a:numel() == 0 then return true end
  -- Equal, or NaN both; the sign of a zero shows in its inverse.
  local x, y = a:to("float64"):reshape(-1):totable(), b:to("float64"):reshape(-1):totable()
  for i = 1, #x do
    if not (x[i] == y[i] and 1 / x[i] == 1 / y[i] or x[i] ~= x[i] and y[i] ~= y[i]) then return false end
  end
  return true
end

local grid = tensor { { 0, 1, 2 }, { 3, 4, 5 } }
local whole, fractions = grid:to("int64"), grid * 0.5 - 1
local expected = {
  float16 = fractions, float32 = fractions, float64 = fractions:to("float64"), bool = tensor { { true, false, true }, { false, true, false } },
  scalar = tensor(2.5, { dtype = "float64" }), whole_scalar = tensor(-7, { dtype = "int64" }), empty = tensor.zeros(0, 3),
  special = tensor({ -(0 / 0), 1 / 0, -1 / 0, -0.0, 5e-324, 1e-45 }, { dtype = "float64" }),
  large = tensor({ math.maxinteger, math.mininteger }, { dtype = "int64" }),
}
for _, name in ipairs { "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64" } do expected[name] = whole end

local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

-- What Python wrote.
for _, file in ipairs { "stored.npz", "deflated.npz", "types.safetensors", "types.h5" } do
  local found, metadata = tensor.load(fixtures .. file)
  for name, t in pairs(expected) do
    check(found[name] and same(found[name], t), ("%s: %s: %s"):format(file, name, tostring(found[name])))
    check(same(tensor.load(fixtures .. file, name), t), ("%s: %s by name"):format(file, name))
  end
  equal(metadata, file == "types.safetensors" and { format = "np" } or {})
end
equal(count(tensor.load(fixtures .. "stored.npz")), count(expected))
equal(tensor.load(fixtures .. "deflated.npz", "ramp"):sum():item(), 50000 * 99 // 2)
check(same(tensor.load(fixtures .. "zip64.npz").float32, fractions), "ZIP64")
for _, name in ipairs { "float32", "big_endian", "version2" } do check(same(tensor.load(fixtures .. name .. ".npy"), fractions), name) end
check(same(tensor.load(fixtures .. "fortran.npy"), fractions:to("float64")), "Fortran order")
check(same(tensor.load(fixtures .. "big_endian_fortran.npy"), whole), "big-endian in Fortran order")
check(same(tensor.load(fixtures .. "big_endian_int16.npy"), whole), "big-endian int16")
check(same(tensor.load(fixtures .. "scalar.npy"), expected.scalar), "a single value")
check(same(tensor.load(fixtures .. "bfloat16.safetensors").bfloat16, fractions), "bfloat16")

local h5 = tensor.load(fixtures .. "types.h5")
check(same(h5.big_endian, fractions) and same(h5["group/inner/float32"], fractions) and same(h5["group/packed"], whole), "HDF5 groups")
equal({ h5["table/x"]:totable(), h5["table/n"]:totable() }, { { 1.5, 2.5 }, { 2, 3 } })
equal(tensor.load(fixtures .. "types.h5", "table/n"):totable(), { 2, 3 })
local group = tensor.load(fixtures .. "types.h5", "/group")
check(count(group) == 2 and same(group["inner/float32"], fractions) and same(group.packed, whole), "a group by name")
equal(count(tensor.load(fixtures .. "types.h5", "table")), 2)

-- What no tensor can hold is refused by name.
local refused = {
  { "objects.npy", nil, "objects.npy holds Python objects (|O), which no tensor can; objects are code and are not run" },
  { "text.npy", nil, "text.npy holds text (<U1), which no tensor can" },
  { "complex.npy", nil, "holds complex numbers (<c16), which no tensor can" },
  { "times.npy", nil, "holds times (<M8[D])" },
  { "fields.npy", nil, "holds rows of named fields" },
  { "uint64.npy", nil, "uint64.npy holds 9223372036854775808, which int64 does not; save it as float64" },
  { "nine_axes.npy", nil, "has 9 dimensions; a tensor has at most 8" },
  { "float8.safetensors", nil, "tiny holds F8_E4M3, which no tensor can; save it as F32 or F64" },
  { "refused.h5", nil, "claims: the file holds far fewer bytes than the shape [1000000, 1000000] needs" },
  { "refused.h5", "text", "text holds text, which no tensor can" },
  { "refused.h5", "uint64", "uint64 holds 9223372036854775808, which int64 does not" },
  { "refused.h5", "good/x", "good has no field x; name one that it has" },
  { "cycle.h5", nil, "groups more than 32 deep, or that hold each other" },
  { "stored.npz", "weight", "stored.npz: there is no weight; it holds int8, int16" },
  { "types.safetensors", "weight", "types.safetensors: there is no weight; it holds" },
  { "types.h5", "weight", "there is no" },
  { "float32.npy", "x", "a .npy file holds one array without a name; leave out x" },
  { "missing.npz", nil, "No such file or directory; check the path" },
  { "", nil, "a name that ends in .npy, .npz, .safetensors, .h5 or .csv expected" },
  { "x.pt", nil, "a name that ends in .npy, .npz, .safetensors, .h5 or .csv expected" },
}
for _, case in ipairs(refused) do raises(case[3], tensor.load, fixtures .. case[1], case[2]) end
check(same(tensor.load(fixtures .. "refused.h5", "good"), fractions), "the others by name")
check(same(tensor.load(fixtures .. "cycle.h5", "group/again/again/x"), tensor(1, { dtype = "float64" })), "a name in groups that hold each other")

-- Bytes as Python's safetensors writes them.
local own = {}
for _, name in ipairs { "float32", "float64", "int64", "bool", "scalar", "empty" } do own[name] = expected[name] end
own['quote"\\é\n'] = grid
tensor.save(scratch .. "own.safetensors", own, { metadata = { format = "jetlua" } })
check(system.read_file(scratch .. "own.safetensors") == system.read_file(fixtures .. "own.safetensors"), "the same bytes as Python's safetensors")
tensor.save(scratch .. "own.npy", fractions)
check(system.read_file(scratch .. "own.npy") == system.read_file(fixtures .. "float32.npy"), "the same bytes as NumPy")

-- There and back, also for views that do not lie in order.
local written = {}
for _, name in ipairs { "float32", "float64", "int64", "bool", "scalar", "empty", "special", "large" } do written[name] = expected[name] end
written.transposed, written.part, written.repeated = grid:t(), grid:narrow(2, 2, 2), tensor.ones(1, 3):expand(4, 3)
for _, format in ipairs { "npz", "safetensors", "h5" } do
  for _, compress in ipairs(format == "safetensors" and { false } or { false, true, 1, 9 }) do
    local path = ("%sround.%s"):format(scratch, format)
    tensor.save(path, written, { compress = compress })
    local found = tensor.load(path)
    equal(count(found), count(written))
    for name, t in pairs(written) do check(same(found[name], t), ("%s, compress %s: %s"):format(format, tostring(compress), name)) end
  end
end
for name, t in pairs(written) do
  tensor.save(scratch .. "one.npy", t)
  check(same(tensor.load(scratch .. "one.npy"), t), "npy: " .. name)
end
local ramp = (tensor.arange(200000) * 7):reshape(400, 500)
tensor.save(scratch .. "ramp.npz", { ramp = ramp }, { compress = true })
check(#system.read_file(scratch .. "ramp.npz") < 800000 and same(tensor.load(scratch .. "ramp.npz").ramp, ramp), "more than one piece is compressed")
tensor.save(scratch .. "lone.npz", grid)
check(same(tensor.load(scratch .. "lone.npz").arr_0, grid), "one tensor in a npz has NumPy's name")
tensor.save(scratch .. "lone.hdf5", grid)
check(same(tensor.load(scratch .. "lone.hdf5", "tensor"), grid), "one tensor in an HDF5 file")
tensor.save(scratch .. "numbers.npz", { epoch = 3, loss = 0.5, done = true })
local numbers = tensor.load(scratch .. "numbers.npz")
equal({ numbers.epoch.dtype, numbers.epoch:item(), numbers.loss.dtype, numbers.loss:item(), numbers.done.dtype }, { "int64", 3, "float64", 0.5, "bool" })
tensor.save(scratch .. "nothing.npz", {})
tensor.save(scratch .. "nothing.safetensors", {})
equal({ tensor.load(scratch .. "nothing.npz"), (tensor.load(scratch .. "nothing.safetensors")) }, { {}, {} })

-- CSV.
local columns = { a = tensor({ 1, 2, -3 }, { dtype = "int64" }), b = tensor { 0.1, 1e-30, 3 }, truth = tensor { true, false, true } }
tensor.save(scratch .. "columns.csv", columns, { columns = { "b", "a", "truth" } })
equal(system.read_file(scratch .. "columns.csv"), "b,a,truth\n0.1,1,true\n1e-30,2,false\n3.0,-3,true\n")
local found = tensor.load(scratch .. "columns.csv")
check(same(found.a, columns.a) and same(found.truth, columns.truth) and same(found.b:to("float32"), columns.b), "csv there and back")
equal(found.b.dtype, "float64")
tensor.save(scratch .. "matrix.csv", { ["x,y"] = grid, z = tensor { 0 / 0, 1 / 0 } })
equal(system.read_file(scratch .. "matrix.csv"), '"x,y_1","x,y_2","x,y_3",z\n0.0,1.0,2.0,nan\n3.0,4.0,5.0,inf\n')
equal(tensor.load(scratch .. "matrix.csv", "x,y_2"):totable(), { 1.0, 4.0 })
tensor.save(scratch .. "pair.csv", grid, { columns = { "p", "q", "r" } })
equal(tensor.load(scratch .. "pair.csv").q:totable(), { 1.0, 4.0 })
for text, message in pairs {
  ["a,b\n1\n"] = "line 2 has 1 fields, the first line 2",
  ["a,b\n1,x\n"] = "line 2: b: a number expected, got x",
  ["1,2\n"] = "names of columns expected in the first line",
  ["a,a\n1,2\n"] = "the column a is there twice",
  ["\xff\n"] = "text in UTF-8 expected",
  [""] = "names of columns expected in the first line",
} do
  system.write_file(scratch .. "bad.csv", text)
  raises(message, tensor.load, scratch .. "bad.csv")
end
system.write_file(scratch .. "loose.csv", '\u{feff}a, "b ""c""" ,d\r\n1,,2\r\n\r\n3,4.5,9223372036854775808')
local loose = tensor.load(scratch .. "loose.csv")
equal({ loose.a:totable(), loose['b "c"'][2], loose.d[2] }, { { 1, 3 }, 4.5, 2.0 ^ 63 })
check(loose['b "c"'][1] ~= loose['b "c"'][1], "an empty field is NaN")

-- Mistakes.
raises("save: x.npy: one tensor expected, got a table", tensor.save, "x.npy", { a = grid })
raises("save: x.pt: a name that ends in", tensor.save, "x.pt", grid)
raises("save: tensors: expected a tensor or a table of tensors by name, got nil", tensor.save, "x.npz")
raises("save: tensors: expected names as keys, got 1", tensor.save, "x.npz", { grid })
raises("save: tensors.a: expected a tensor, got a table", tensor.save, "x.npz", { a = {} })
raises("save: tensors.a: expected a dense tensor (:todense() makes one)", tensor.save, "x.npz", { a = tensor.sparse_rows(grid) })
raises('unknown option "compres"; did you mean "compress"?', tensor.save, "x.npz", { a = grid }, { compres = true })
raises("compress: expected an integer in 0...9, got 10", tensor.save, "x.npz", { a = grid }, { compress = 10 })
raises("option compress: only .npz and .h5 files can be compressed", tensor.save, "x.safetensors", { a = grid }, { compress = true })
raises("option metadata: only .safetensors files keep it", tensor.save, "x.npz", { a = grid }, { metadata = { a = "b" } })
raises("option columns: only .csv files have an order", tensor.save, "x.npz", { a = grid }, { columns = { "a" } })
raises("expected each of the names a, b once, got a, c", tensor.save, "x.csv", { a = 1, b = 2 }, { columns = { "a", "c" } })
raises("a column [N] or columns [N, K] expected, got shape []", tensor.save, "x.csv", { a = 1 })
raises("b has 2 rows, a 3; columns have one length", tensor.save, "x.csv", { a = tensor.ones(3), b = tensor.ones(2) })
raises("is kept for what the file says besides tensors", tensor.save, scratch .. "x.safetensors", { __metadata__ = grid })
raises("expected names in UTF-8", tensor.save, scratch .. "x.npz", { ["\xff"] = grid })
raises("there is no folder " .. scratch .. "nowhere; make it first", tensor.save, scratch .. "nowhere/x.npz", { a = grid })
raises("there is no folder " .. scratch .. "nowhere; make it first", tensor.save, scratch .. "nowhere/x.h5", { a = grid })
system.make_directory(scratch .. "folder.npz")
raises("Is a directory; give the name of a file", tensor.load, scratch .. "folder.npz")
raises("Is a directory; give the name of a file", tensor.save, scratch .. "folder.npz", { a = grid })
for _, name in ipairs(system.list_directory(scratch)) do check(not name:find("%.tmp$"), "no temporary file stays: " .. name) end

-- A file that is replaced keeps its permissions.
tensor.save(scratch .. "kept.npz", { a = grid })
system.run { "chmod", "640", scratch .. "kept.npz" }
tensor.save(scratch .. "kept.npz", { a = grid + 1 })
equal(system.run({ "stat", "-c", "%a", scratch .. "kept.npz" }).stdout, "640\n")

-- Memory: reading takes the tensors and little else.
local big = tensor.rand(4000, 1000)
tensor.save(scratch .. "big.safetensors", { a = big, b = big })
tensor.save(scratch .. "big.npy", big)
big:free()
collectgarbage()
local many, empty = {}, tensor.zeros(0)
for i = 1, 8500 do many[("%d"):format(i)] = empty end
tensor.save(scratch .. "many.safetensors", many)
for name, bytes in pairs { ["big.safetensors"] = 32e6, ["big.npy"] = 16e6, ["many.safetensors"] = 0.5e6 } do
  local outcome = testing.script(([[
    local system, tensor = require "jetlua.core.system", require "tensor"
    local before = system.memory().peak
    local t = tensor.load(%q)
    print(system.memory().peak - before)
  ]]):format(scratch .. name))
  check((tonumber(outcome.stdout) or math.huge) < 2 * bytes + 10e6, ("%s: %s bytes more"):format(name, outcome.stdout .. outcome.stderr))
end

-- Python reads what was written here, bit by bit.
local out = testing.scratch() .. "/"
local for_python = { special = expected.special, large = expected.large }
for _, name in ipairs { "float32", "float64", "int64", "bool", "scalar", "empty" } do for_python[name] = expected[name] end
tensor.save(out .. "stored.npz", for_python)
tensor.save(out .. "deflated.npz", for_python, { compress = true })
tensor.save(out .. "types.safetensors", for_python)
-- A model of PyTorch's, read, tried, and written again for PyTorch.
local nn = require "nn"
local Net, Inner = nn.Module:extend("Net"), nn.Module:extend("Inner")
function Inner:init() self.last = nn.Linear(2, 3, { bias = false }) end
function Net:init() self.first, self.second, self.inner = nn.Linear(4, 8), nn.Linear(8, 2), Inner() end
function Net:forward(x) return self.inner.last(self.second(tensor.relu(self.first(x)))) end
local net = Net():to("float64"):load(fixtures .. "torch_model.safetensors")
local known = tensor.load(fixtures .. "torch_model_output.safetensors")
check((net(known.x) - known.y):abs():max():item() < 1e-14, "a model of PyTorch's gives the same")
net:save(out .. "model.safetensors")
check(system.read_file(out .. "model.safetensors") == system.read_file(fixtures .. "torch_model.safetensors"), "the same bytes as safetensors.torch")
local grouped = {}
for name, t in pairs(for_python) do
  grouped["group/" .. name] = t
  tensor.save(out .. name .. ".npy", t)
end
tensor.save(out .. "types.h5", grouped)
tensor.save(out .. "deflated.h5", grouped, { compress = true })
tensor.save(out .. "columns.csv", columns, { columns = { "b", "a", "truth" } })
local python = os.getenv("JETLUA_PYTHON") or "python3"
if system.find_program(python) and system.run({ python, "-c", "import numpy, h5py, safetensors" }).status == 0 then
  local outcome = system.run { python, testing.folder .. "../reference/array_files.py", "--check", out }
  check(outcome.stdout:find("^51 arrays agree\n"), outcome.stdout)
  print((outcome.stdout:gsub("\n$", "")))
  check(outcome.status == 0, outcome.stderr)
else
  testing.skip("no Python with numpy, h5py and safetensors to read what was written here (JETLUA_PYTHON names one)")
end

-- What the page about files shows runs.
local first = 0
while arg[first - 1] do first = first - 1 end
local interpreter = system.run({ "sh", "-c", 'readlink -f "$(command -v "$1")"', "sh", arg[first] }).stdout:match("[^\n]+")
local blocks = 0
for block in system.read_file(testing.folder .. "../../docs/files.md"):gmatch("\n```lua\n(.-)\n```") do
  blocks = blocks + 1
  local folder = testing.scratch()
  system.write_file(folder .. "/page.lua", block)
  local outcome = system.run({ interpreter, "page.lua" }, { directory = folder, input = "" })
  equal(outcome.status, 0, outcome.stderr)
end
equal(blocks, 2)

testing.finish()
