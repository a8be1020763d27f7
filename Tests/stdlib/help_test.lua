-- What jetlua says of itself: every op, function, method and module has documentation and an example that runs.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal = testing.check, testing.equal

if not pcall(require, "jetlua.core.documentation") then
  testing.skip("this interpreter has no native modules")
  testing.finish()
end

local documentation = require "jetlua.core.documentation"
local examples = require "jetlua.help.examples"
local show = require "jetlua.internal.show"

-- Values as the prompt shows them.
equal(show({}), "{}")
equal(show({ 1, 2.5, "x", true }), '{1, 2.5, "x", true}')
equal(show({ 1, a = { b = {} }, [10] = 2 }), "{1, [10] = 2, a = {b = {}}}")
equal(show({ { { { 1 } } } }), "{{{{…}}}}")
local ring = {}
ring.self = ring
equal(show(ring), "{self = {…}}")
local long = {}
for i = 1, 30 do long[i] = i end
equal(show(long), "{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, … (30 in all)}")
equal(show({ x = require("tensor").zeros(2, 3), f = print }), "{f = function, x = tensor [2, 3] float32}")
equal(show("plain"), "plain")
equal(show(setmetatable({}, { __tostring = function() return "mine" end })), "mine")

-- The checker of examples sees what is wrong.
check(examples.check("1 + 1 --> 2"))
check(examples.check("x = 3\nx * 2 --> 6\nx --> 3"))
check(examples.check("print('a', 1) --> a 1"))
check(examples.check("for i = 1, 2 do\n  print(i)\nend\nnil --> 1 2 nil"))
check(examples.check("error('no', 0) --> error: no"))
check(examples.check("{1, 2, 3} --> {1, …}"))
check(not examples.check("1 + 1 --> 3"))
check(not examples.check("1 + 1"))
check(not examples.check("error('no')"))
check(not examples.check("1 + --> 1"))
check(not examples.check("tensor{1, 2} --> [1., 3.]"))
check(not examples.check("tensor{1, 2} --> [1., 2.] tensor [3] float32 …"))

for _, op in ipairs(documentation.ops()) do
  check(op.summary:find("%S"), op.name .. ": has no summary")
  check(op.example:find("-->", 1, true), op.name .. ": has no example; write example: \"CODE --> RESULT\" in its entry")
end

-- Functions whose example would end the program, draw on the terminal or change what other examples see.
local without_example = {
  ["options.fail"] = "ends the script", ["plot.Figure:show"] = "draws on the terminal",
}

local all = require("jetlua.help.catalogue").read()
local with_examples = {}

local function names(list)
  local result = {}
  for name in (list .. ","):gmatch("%s*(.-)%s*,") do
    if name ~= "" then result[#result + 1] = name end
  end
  return result
end

local function visit(entry)
  local documentation = entry.documentation
  local callable = entry.kind == "function" or entry.kind == "method"
  check(#documentation.text > 0 or entry.constructor or entry.kind == "value", entry.path .. ": has no documentation")
  if callable then
    check(documentation.example ~= "" or without_example[entry.path], entry.path .. ": has no example; indent lines CODE --> RESULT by four blanks")
    -- What is said of arguments names those there are.
    if type(entry.value) == "function" and debug.getinfo(entry.value, "S").what == "Lua" then
      local declared = {}
      for _, name in ipairs(names(entry.parameters)) do declared[name] = true end
      for _, p in ipairs(documentation.parameters) do
        check(declared[p.name], ("%s: @param %s is no parameter of (%s)"):format(entry.path, p.name, entry.parameters))
      end
    end
    for _, p in ipairs(documentation.parameters) do check(p.type ~= "", ("%s: @param %s has no type"):format(entry.path, p.name)) end
  end
  if documentation.example ~= "" and not with_examples[documentation.example] then
    with_examples[documentation.example] = true
    with_examples[#with_examples + 1] = { entry.path, documentation.example }
  end
  without_example[entry.path] = documentation.example == "" and without_example[entry.path] or nil
  if entry.constructor then visit(entry.constructor) end
  for _, member in ipairs(entry.members or {}) do visit(member) end
end
for _, entry in ipairs(all.modules) do visit(entry) end
for _, entry in ipairs(all.classes) do visit(entry) end

-- The examples run in a folder of their own, where runs leave theirs.
local folder = testing.scratch()
local system = require "jetlua.core.system"
local runner = [[
local examples, json, system = require "jetlua.help.examples", require "json", require "jetlua.core.system"
local problems = json.list {}
for i, entry in ipairs(json.decode(system.read_file("examples.json"))) do
  local passed, problem = examples.check(entry[2])
  problems[i] = passed and "" or problem
end
system.write_file("problems.json", (json.encode(problems)))
]]
local json = require "json"
local list = json.list {}
for i, entry in ipairs(with_examples) do list[i] = json.list(entry) end
system.write_file(folder .. "/examples.json", (json.encode(list)))
system.write_file(folder .. "/runner.lua", runner)
local first = 0
while arg[first - 1] do first = first - 1 end
local interpreter = system.run({ "sh", "-c", 'readlink -f "$(command -v "$1")"', "sh", arg[first] }).stdout:match("[^\n]+")
local outcome = system.run({ interpreter, "runner.lua" }, { directory = folder, input = "", environment = { JETLUA_RUNS = "runs" } })
equal(outcome.status, 0, outcome.stderr)
local has_files = require("tensor").save ~= nil
for i, problem in ipairs(json.decode(system.read_file(folder .. "/problems.json"))) do
  if not has_files and problem:find("field 'save'", 1, true) then
    testing.skip(with_examples[i][1] .. ": writes a file, and tensor.save is not here")
  else
    check(problem == "", with_examples[i][1] .. ": example: " .. problem)
  end
end

-- Editor stubs and reference pages are those that these texts give, and the stubs are Lua.
local root = testing.folder .. "../../"
local made = testing.scratch()
local generated = system.run({ interpreter, root .. "scripts/dev/stubs.lua", made }, { input = "" })
equal(generated.status, 0, generated.stderr)
local function files(where)
  return system.run({ "sh", "-c", 'cd "$1" && find stubs docs/reference -type f | sort', "sh", where }).stdout
end
equal(files(made), files(root), "files of stubs and docs/reference; run scripts/dev/stubs")
for name in files(made):gmatch("[^\n]+") do
  local text = system.read_file(made .. "/" .. name)
  check(system.exists(root .. name) and system.read_file(root .. name) == text, name .. ": is not current; run scripts/dev/stubs")
  if name:find("%.lua$") then
    local chunk, problem = load(text, "=" .. name, "t")
    check(chunk, problem)
    check(chunk and type(chunk()) == "table", name .. ": gives no module")
  end
end

-- Pages.
local help, tensor, nn, optim = require "help", require "tensor", require "nn", require "optim"
local matmul = help.text(tensor.matmul)
for _, part in ipairs {
  "tensor.matmul(x, y)    x:matmul(y)", "Shapes: x [*A, M?, K], y [*B, K, N?] -> ", "matmul: inner sizes differ: [32, 7] x [8, 3]",
  "> tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 1})\n  [3., 7.]",
} do
  check(matmul:find(part, 1, true), part)
end
equal(help.text("matmul"), matmul)
equal(help.text("tensor.matmul"), matmul)
equal(help.text("jetlua.tensor.matmul"), matmul)
check(help.text(tensor.sum):find('keepdim? boolean keep the dimension with size 1; default false', 1, true))
check(help.text("mse_loss"):find('reduction? "mean"|"sum"|"none"', 1, true))
check(help.text(tensor { 1 }):find("^tensor\n"))
check(help.text(tensor { 1 }.matmul):find("x:matmul(y)", 1, true) or help.text(tensor { 1 }.matmul):find("tensor:matmul(y)", 1, true))
check(help.text("tensor:item"):find("^tensor:item%(%)"))
check(help.text(nn.Linear(2, 1)):find("^nn.Layer\n"))
check(help.text(nn.Linear):find("^nn.Linear%(in_features, out_features, options%)"))
check(help.text(nn.Sequential(nn.ReLU())):find("^nn.Sequential"))
check(help.text(nn.Module:extend("Mine")()):find("^nn.Module"))
check(help.text(optim.EarlyStopping { patience = 1 }):find("load_state_dict", 1, true))
check(help.text(optim.StepLR(optim.SGD({ nn.Parameter(tensor { 1 }) }), { step_size = 1 })):find("^optim.Schedule"))
check(help.text(require("jets").sample()):find("^jets.Set\n"))
check(help.text(require "jets"):find("module jets", 1, true))
check(help.text():find("tensor      Tensors: arrays", 1, true))
check(help.text("strict"):find("misspelt", 1, true) and pcall(function() return no_such_global end), "help leaves strict alone")
equal(help.name(tensor.matmul), "tensor.matmul")
equal(help.name({}), nil)
testing.raises('help: unknown name "matmull"; did you mean "matmul"?', help, "matmull")
testing.raises('help: unknown name "kl_"; these contain it: nn.kl_div', help, "kl_")
testing.raises('help: unknown name "tensor.nothing"', help, "tensor.nothing")
testing.raises("help: nothing is known of this function (", help, function() end)
testing.raises("help: subject: expected a function, module, class or object of jetlua, or a name, got 5", help, 5)
testing.raises("help: subject: expected a function, module, class or object of jetlua, or a name, got an empty table", help, {})
equal(rawget(_G, "help"), nil, "scripts stay free of new globals")

testing.finish()
