local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises
local json, nn, optim, tensor = require "json", require "nn", require "optim", require "tensor"

local function fixture(name)
  local file = assert(io.open(testing.folder .. "../Fixtures/" .. name .. ".json"))
  local text = file:read("a")
  file:close()
  return json.decode(text)
end

local function parameter(values) return nn.Parameter(tensor(values, { dtype = "float64" })) end

-- Optimizers, as in ModelsTests but through a script's eyes.
local p = parameter { 1, -2 }
local function loss() return (p * p):sum() end
local sgd = optim.SGD({ p }, { lr = 0.25 })
loss():backward()
sgd:step()
equal(p:totable(), { 0.5, -1.0 })
sgd:zero_grad()
equal(p.grad, nil)
sgd:step()
equal(p:totable(), { 0.5, -1.0 }, "without a gradient nothing moves")
equal(sgd.lr, 0.25)
sgd.lr = 0.5
equal({ sgd.lr, sgd.momentum, sgd.nesterov, sgd.nothing, sgd.name }, { 0.5, 0.0, false, nil, "SGD" })
equal(optim.Adam({ p }).betas, { 0.9, 0.999 })
equal(tostring(optim.AdamW({ p }, { lr = 0.5 })),
  "optim.AdamW(1 parameter, 2 numbers, lr = 0.5, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0.01)")
equal(tostring(optim.RMSprop { p }),
  "optim.RMSprop(1 parameter, 2 numbers, lr = 0.01, alpha = 0.99, eps = 1e-08, weight_decay = 0, momentum = 0, centered = false)")
equal(#optim.Adam(nn.Linear(2, 2):named_parameters()):parameters(), 2)

raises("Adam: parameters: expected at least one parameter, got an empty list; pass model:parameters()", optim.Adam, {})
raises("Adam: parameters: expected a list of parameters, as model:parameters() gives it, got nil", optim.Adam)
raises("Adam: parameters[2]: expected a tensor, got 3", optim.Adam, { p, 3 })
raises("Adam: parameters[1]: expected a parameter, got a tensor of shape [2] that requires no gradient; make it one with nn.Parameter",
  optim.Adam, { tensor.zeros(2) })
raises("SGD: parameters[1]: expected a parameter, got the result of an op of shape [2]", optim.SGD, { p * 2 })
raises('Adam: unknown option "beta"; did you mean "betas"?', optim.Adam, { p }, { beta = 1 })
raises("Adam: lr: expected a number of at least 0, got -1", optim.Adam, { p }, { lr = -1 })
raises('Adam: lr: expected a number of at least 0, got "fast"', optim.Adam, { p }, { lr = "fast" })
raises("Adam: betas: expected two numbers of at least 0 and below 1, got {0.9, 1.5}", optim.Adam, { p }, { betas = { 0.9, 1.5 } })
raises("Adam: betas: expected two numbers of at least 0 and below 1, got a table", optim.Adam, { p }, { betas = { 0.9 } })
raises("SGD: lr: expected a number of at least 0, got NaN", function() sgd.lr = 0 / 0 end)
raises("SGD: lr: expected a number of at least 0, got nil", function() sgd.lr = nil end)
raises("SGD: beta: no such option; known: lr, momentum, dampening, weight_decay, nesterov", function() sgd.beta = 1 end)
equal(sgd.lr, 0.5)

-- A linear fit learns, with a Swift layer and sparse rows.
tensor.manual_seed(5)
local layer = nn.Linear(6, 2)
local adam = optim.Adam(layer:parameters(), { lr = 0.05 })
local x = tensor.rand(64, 6)
local target = x:narrow(2, 1, 2) * 2 - 1
local function fit(input)
  local l = (layer(input) - target):square():mean()
  adam:zero_grad()
  l:backward()
  adam:step()
  return l:item()
end
local start = fit(x)
for _ = 1, 300 do fit(tensor.sparse_rows(x)) end
check(fit(x) < 1e-3 * start, "Adam fits a line")

-- A state goes on as if nothing had happened.
local function train(steps, from, state)
  local q = parameter(from)
  local optimizer = optim.Adam({ q }, { lr = 0.1, betas = { 0.8, 0.9 } })
  if state then equal(optimizer:load_state_dict(state), optimizer) end
  for _ = 1, steps do
    optimizer:zero_grad();
    (q * q * q):sum():backward()
    optimizer:step()
  end
  return q:totable(), optimizer:state_dict()
end
local whole = train(7, { 1, 2 })
local half, state = train(3, { 1, 2 })
equal(train(4, half, state), whole)
equal(state["Adam.lr"]:item(), 0.1)
equal(state["Adam.betas"]:totable(), { 0.8, 0.9 })
equal({ state["1.step"]:item(), state["1.exp_avg"].shape }, { 3, { 2 } })
equal(optim.SGD({ p }, { nesterov = true, momentum = 0.5 }):state_dict()["SGD.nesterov"].dtype, "bool")
local refuse = optim.Adam { p }
raises("load_state_dict: expected the state of SGD, got that of Adam", sgd.load_state_dict, sgd, state)
state["1.exp_avg"] = tensor.zeros(3)
raises("load_state_dict: 1.exp_avg: expected a floating-point tensor of shape [2], got float32 [3]", refuse.load_state_dict, refuse, state)
raises("load_state_dict: state: expected a table, got nothing", function() sgd:load_state_dict() end)
raises("load_state_dict: state.lr: expected a tensor, got 1", function() sgd:load_state_dict { lr = 1 } end)

-- Clipping.
local q = parameter { 3, 4 };
(q * q):sum():backward()
near(optim.clip_grad_norm({ q }, 1), 10, 1e-12)
near(q.grad:square():sum():item(), 1, 1e-6)
near(optim.clip_grad_norm({ q }, 1, { norm_type = math.huge }), 0.8, 1e-6)
raises("clip_grad_norm: max_norm: expected a number, got nil", optim.clip_grad_norm, { q })
raises('clip_grad_norm: unknown option "nrm_type"; did you mean "norm_type"?', optim.clip_grad_norm, { q }, 1, { nrm_type = 2 })

-- Schedules, against PyTorch's.
local reference = fixture("optimizer_trajectories")
equal(#reference.schedules, 9)
for _, case in ipairs(reference.schedules) do
  local optimizer, schedules = optim.SGD({ p }, { lr = case.lr }), {}
  for i, entry in ipairs(case.schedules) do
    local options = next(entry.options) and entry.options or nil
    schedules[i] = optim[entry.name](optimizer, options)
  end
  for epoch, rate in ipairs(case.rates) do
    near(optimizer.lr, rate, 1e-12, tostring(schedules[1]) .. " epoch " .. epoch)
    for _, schedule in ipairs(schedules) do schedule:step() end
  end
end

local function fresh() return optim.SGD({ p }, { lr = 1 }) end
local optimizer = fresh()
local schedule = optim.StepLR(optimizer, 2, 0.5)
equal(tostring(schedule), "optim.StepLR(step_size = 2, gamma = 0.5)")
equal(tostring(optim.MultiStepLR(fresh(), { 3, 5 })), "optim.MultiStepLR(milestones = {3, 5}, gamma = 0.1)")
equal(tostring(optim.MultiStepLR(fresh(), { milestones = { 3 }, gamma = 0.5 })), "optim.MultiStepLR(milestones = {3}, gamma = 0.5)")
schedule:step()
schedule:step()
equal(schedule:last_lr(), 0.5)
optimizer.lr = 0.2
schedule:step()
near(optimizer.lr, 0.2, 1e-15, "a rate set by hand stays")
schedule:step()
near(optimizer.lr, 0.1, 1e-15, "and is what the next factor acts on")
schedule:step(0)
near(optimizer.lr, 0.4, 1e-15)

-- A schedule goes on from its state.
local saved
do
  local o = fresh()
  local s = optim.CosineLR(o, { T_max = 10, eta_min = 0.1 })
  for _ = 1, 4 do s:step() end
  saved = { optimizer = o:state_dict(), schedule = s:state_dict(), lr = o.lr }
  s:step()
  saved.next = o.lr
end
do
  local o = fresh()
  local s = optim.CosineLR(o, { T_max = 10, eta_min = 0.1 })
  o:load_state_dict(saved.optimizer)
  s:load_state_dict(saved.schedule)
  near(o.lr, saved.lr, 1e-15)
  s:step()
  near(o.lr, saved.next, 1e-15)
  raises("StepLR:load_state_dict: expected the state of a StepLR, got that of a CosineLR", schedule.load_state_dict, schedule, saved.schedule)
end
raises("optim.StepLR: option step_size is missing", optim.StepLR, fresh())
raises('optim.StepLR: unknown option "gama"; did you mean "gamma"?', optim.StepLR, fresh(), { step_size = 1, gama = 1 })
raises("optim.StepLR: step_size: expected an integer of at least 1, got 0", optim.StepLR, fresh(), { step_size = 0 })
raises("optim.StepLR: expected at most 2 arguments after the optimizer, got 3", optim.StepLR, fresh(), 1, 2, 3)
raises("optim.StepLR: optimizer: expected an optimizer, got nil", optim.StepLR, nil, 1)
raises("optim.MultiStepLR: milestones[2]: expected an integer of at least 0, got 1.5", optim.MultiStepLR, fresh(), { milestones = { 1, 1.5 } })
raises("StepLR:step: epoch: expected an integer of at least 0, got -1", schedule.step, schedule, -1)

-- Annealing, against the schedules of the papers' codes (epochs there count from 0).
local vectors = fixture("vectors").annealing
for name, options in pairs {
  vae_tf2 = { kind = "cyclic", stop = 31, cycles = 3, ratio = 0.4 },
  disco_2step = { kind = "cyclic", start = 11, stop = 51, cycles = 2, ratio = 0.45 },
  oe_v2 = { kind = "cyclic", start = 11, stop = 41, cycles = 3, ratio = 0.4 },
} do
  local weight = optim.anneal(options)
  for i, expected in ipairs(vectors[name]) do near(weight(i), expected, 1e-12, name .. " epoch " .. i) end
end
local function values(options, first, last)
  local f, list = optim.anneal(options), {}
  for epoch = first, last do list[#list + 1] = f(epoch) end
  return list
end
equal(values({ from = 2, to = 0, start = 2, stop = 6 }, 1, 7), { 2, 2, 1.5, 1.0, 0.5, 0, 0 })
equal(values({ kind = "steps", stop = 9, steps = 2 }, 1, 10), { 0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 1, 1 })
near(optim.anneal { kind = "cosine", stop = 5 }(3), 0.5, 1e-15)
near(optim.anneal { kind = "cosine", stop = 5 }(2), (1 - math.cos(math.pi / 4)) / 2, 1e-15)
equal(values({ stop = 1 }, 0, 2), { 0, 0, 1 })
equal(tostring(optim.anneal { stop = 10, to = 0.1 }), "optim.anneal(linear, 0 -> 0.1, epochs 1 to 10)")
equal(tostring(optim.anneal { kind = "cyclic", stop = 41 }), "optim.anneal(cyclic, 0 -> 1, epochs 1 to 41, cycles = 4, ratio = 0.5)")
equal(tostring(optim.anneal { kind = "steps", stop = 41 }), "optim.anneal(steps, 0 -> 1, epochs 1 to 41, steps = 4)")
equal(values({ kind = "cyclic", stop = 5, cycles = 2, ratio = 0 }, 1, 6), { 0, 1, 1, 1, 1, 1 })
raises("anneal: stop: expected a number, got nil", optim.anneal, {})
raises('anneal: unknown kind "lineer"; did you mean "linear"?', optim.anneal, { kind = "lineer", stop = 3 })
raises('anneal: unknown option "form"; did you mean "from"?', optim.anneal, { form = 0, stop = 3 })
raises("anneal: stop: expected an epoch after start = 5, got 3", optim.anneal, { start = 5, stop = 3 })
raises("anneal: epoch: expected a number, got nil", optim.anneal { stop = 3 })

-- Early stopping.
local early = optim.EarlyStopping { patience = 2, min_delta = 0.1 }
equal(tostring(early), "optim.EarlyStopping(patience = 2, min_delta = 0.1, mode = min)")
local function steps(list, options)
  local e, out = optim.EarlyStopping(options), {}
  for i, v in ipairs(list) do
    local stop, is_best = e:step(v)
    out[i] = (stop and "stop" or "go") .. (is_best and "*" or "")
  end
  return table.concat(out, " ")
end
equal(steps({ 5, 4, 4.5, 3, 3.5, 3.2, 3.1 }, { patience = 2 }), "go* go* go go* go stop stop")
equal(steps({ 5, 4.95, 4.85, 4.8, 4.7, 4.65 }, { patience = 2, min_delta = 0.1 }), "go* go go* go go* go")
equal(steps({ 0.5, 0.6, 0.6, 0.6 }, { patience = 2, mode = "max" }), "go* go* go stop")
equal(steps({ 5, 0 / 0 }, { patience = 9 }), "go* stop")
equal(steps({ tensor { 5 }, tensor { 4 } }, { patience = 9 }), "go* go*")
early:step(3)
early:step(3)
local resumed = optim.EarlyStopping { patience = 2, min_delta = 0.1 }
resumed:load_state_dict(early:state_dict())
equal({ resumed:step(3) }, { true, false })
equal({ early:step(2) }, { false, true })
raises("EarlyStopping: patience: expected an integer of at least 1, got nil", optim.EarlyStopping, {})
raises('EarlyStopping: mode: expected "min" or "max", got "low"', optim.EarlyStopping, { patience = 1, mode = "low" })
raises("EarlyStopping:step: value: expected a number or a tensor of one element, got a tensor [2]", early.step, early, tensor.zeros(2))
raises('EarlyStopping: unknown option "pateince"; did you mean "patience"?', optim.EarlyStopping, { pateince = 1 })

testing.finish()
