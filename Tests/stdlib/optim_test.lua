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
  "optim.AdamW(1 parameter, 2 numbers, lr = 0.5, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0.01, amsgrad = false, maximize = false)")
equal(tostring(optim.RMSprop { p }),
  "optim.RMSprop(1 parameter, 2 numbers, lr = 0.01, alpha = 0.99, eps = 1e-08, weight_decay = 0, momentum = 0, centered = false, maximize = false)")
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
raises("SGD: beta: no such option; known: lr, momentum, dampening, weight_decay, nesterov, maximize", function() sgd.beta = 1 end)
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
equal(#reference.schedules, 13)
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

-- Every optimizer and option as PyTorch, through a script's eyes; with groups too.
local function start_parameters()
  local list = {}
  for i, values in ipairs(reference.start) do
    list[i] = nn.Parameter(tensor(values, { dtype = "float64" }):reshape(reference.shapes[i]))
  end
  return list
end
local function follows(case, groups)
  local parameters = start_parameters()
  local options = next(case.options) and case.options or nil
  local given = parameters
  if groups then
    given = {}
    for i, group in ipairs(groups) do
      given[i] = { params = { parameters[i] } }
      for key, value in pairs(group) do given[i][key] = value end
    end
  end
  local optimizer, restored = optim[case.optimizer](given, options), nil
  local worst = 0
  for step, expected in ipairs(case.parameters) do
    optimizer:zero_grad()
    local loss = 0
    for i, p in ipairs(parameters) do
      local gradient = reference.gradients[step][i]
      -- The gradient of Σ p g by p is g.
      if type(gradient) == "table" and #gradient > 0 then loss = loss + (p * tensor(gradient, { dtype = "float64" }):reshape(p.shape)):sum() end
    end
    loss:backward()
    optimizer:step()
    for i, p in ipairs(parameters) do
      worst = math.max(worst, (p:detach():flatten() - tensor(expected[i], { dtype = "float64" })):abs():max():item())
    end
    -- A state taken in the middle goes on in another optimizer.
    if step == 4 then
      local state = optimizer:state_dict()
      optimizer = optim[case.optimizer](given, options)
      optimizer:load_state_dict(state)
    end
  end
  near(worst, 0, 1e-10, case.optimizer .. (groups and " with groups" or ""))
end
equal(#reference.optimizers, 21)
equal(#reference.grouped, 4)
for _, case in ipairs(reference.optimizers) do follows(case) end
for _, case in ipairs(reference.grouped) do follows(case, case.groups) end
for _, case in ipairs(reference.grouped_schedules) do
  local parameters = start_parameters()
  local optimizer = optim.SGD({ { params = { parameters[1] }, lr = case.lr[1] }, { params = { parameters[2] }, lr = case.lr[2] } })
  local schedule = optim[case.name](optimizer, case.options)
  for epoch, rates in ipairs(case.rates) do
    local first, second = schedule:last_lr()
    near(first, rates[1], 1e-12, case.name .. " epoch " .. epoch)
    near(second, rates[2], 1e-12, case.name .. " epoch " .. epoch)
    schedule:step()
  end
end
for _, case in ipairs(reference.value_clipping) do
  local parameters = start_parameters()
  for i, p in ipairs(parameters) do (p * tensor(reference.gradients[2][i], { dtype = "float64" }):reshape(p.shape)):sum():backward() end
  optim.clip_grad_value(parameters, case.clip_value)
  for i, p in ipairs(parameters) do equal(p.grad:flatten():totable(), tensor(case.gradients[i], { dtype = "float64" }):totable()) end
end

-- Groups as a script uses them.
local pair = start_parameters()
local grouped = optim.Adam({ { params = { pair[1] }, lr = 0.5 }, { params = pair[2] } }, { lr = 0.25 })
equal(tostring(grouped), [[
optim.Adam(2 groups)
  1: optim.Adam(1 parameter, 6 numbers, lr = 0.5, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0, amsgrad = false, maximize = false)
  2: optim.Adam(1 parameter, 3 numbers, lr = 0.25, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0, amsgrad = false, maximize = false)]])
equal({ #grouped.param_groups, grouped.lr, grouped.param_groups[2].lr, #grouped.param_groups[2].params, #grouped:parameters() }, { 2, 0.5, 0.25, 1, 2 })
grouped.param_groups[2].lr = 0.125
equal({ grouped.param_groups[1].lr, grouped.param_groups[2].lr }, { 0.5, 0.125 })
grouped.lr = 1
equal({ grouped.param_groups[1].lr, grouped.param_groups[2].lr }, { 1.0, 1.0 }, "an option of the optimizer is that of all groups")
check(tostring(grouped.param_groups[1]):find("^optim%.Adam%(1 parameter, 6 numbers, lr = 1,"), tostring(grouped.param_groups[1]))
local grouped_state = grouped:state_dict()
equal({ grouped_state["Adam.2.lr"]:item(), grouped_state["2.step"]:item(), grouped_state["Adam.lr"] }, { 1.0, 0 })
raises("load_state_dict: expected the state of 2 groups of parameters, got that of 1", grouped.load_state_dict, grouped, optim.Adam(pair):state_dict())
local single = optim.Adam(pair)
raises("load_state_dict: expected the state of 1 group of parameters, got that of 2", single.load_state_dict, single, grouped_state)
raises("load_state_dict: expected the state of SGD, got that of Adam", function() optim.SGD({ { params = pair } }):load_state_dict(single:state_dict()) end)
-- A group added later has the options of the others where it says nothing else; the others' averages stay, and schedules take it up.
local head, body = start_parameters()[1], start_parameters()[2]
local growing = optim.Adam({ head }, { lr = 0.5, betas = { 0.5, 0.75 } })
local halving = optim.ExponentialLR(growing, { gamma = 0.5 })
head.grad = tensor.ones_like(head)
growing:step()
halving:step()
equal(growing:add_param_group({ params = { body }, lr = 0.125 }) == growing, true)
equal({ #growing.param_groups, #growing:parameters(), growing.param_groups[1].lr, growing.param_groups[2].lr, growing.param_groups[2].betas },
  { 2, 2, 0.25, 0.125, { 0.5, 0.75 } })
equal({ halving:last_lr() }, { 0.25, 0.125 })
halving:step()
equal({ halving:last_lr() }, { 0.125, 0.0625 })
head.grad, body.grad = tensor.ones_like(head), tensor.ones_like(body)
local before = body:clone()
growing:step()
near((before - body):mean():item(), 0.0625, 1e-6, "the first step of Adam is lr")
local grown = growing:state_dict()
equal({ grown["Adam.2.lr"]:item(), grown["1.step"]:item(), grown["2.step"]:item() }, { 0.0625, 2, 1 })
local plain = optim.SGD({ head }, { momentum = 0.5 })
plain.momentum = 0.25
equal(plain:add_param_group({ params = body }).param_groups[2].momentum, 0.25, "an option of the optimizer is that of later groups too")
raises("Adam: params: a parameter of shape [3, 2] is in group 1 already; a parameter belongs to one group", growing.add_param_group, growing, { params = { head } })
raises('add_param_group: group: unknown option "rl"; did you mean "lr"?', growing.add_param_group, growing, { params = { head }, rl = 1 })
raises("add_param_group: group: expected a group {params =, …}, got nothing", growing.add_param_group, growing)
raises("add_param_group: group: option params is missing", growing.add_param_group, growing, { lr = 1 })
raises("Adam: lr: expected a number of at least 0, got -1", growing.add_param_group, growing, { params = { tensor.ones(2):requires_grad(true) }, lr = -1 })
equal(#growing.param_groups, 2)

raises('Adam: parameters[1]: unknown option "rl"; did you mean "lr"?', optim.Adam, { { params = pair, rl = 1 } })
raises("Adam: parameters[2]: option params is missing", optim.Adam, { { params = { pair[1] } }, { lr = 1 } })
raises("Adam: parameters[2].params: expected at least one parameter, got an empty list", optim.Adam, { { params = { pair[1] } }, { params = {} } })
raises("Adam: parameters[2]: expected a group {params =, …} as the first, got a tensor", optim.Adam, { { params = { pair[1] } }, pair[2] })
raises("SGD: parameters[2]: a parameter of shape [3, 2] is in group 1 already; a parameter belongs to one group",
  optim.SGD, { { params = { pair[1] } }, { params = pair } })
raises("Adam: lr: expected a number of at least 0, got -1", optim.Adam, { { params = pair, lr = -1 } })
raises('Adam: parameters[1].lr: expected a number of at least 0, got "fast"', optim.Adam, { { params = pair, lr = "fast" } })
raises("Adam: momentum: no such option; known: lr, betas, eps, weight_decay, amsgrad, maximize", function() grouped.param_groups[1].momentum = 1 end)
raises("Adam: amsgrad: expected true or false, got 1", optim.Adam, pair, { amsgrad = 1 })
raises("clip_grad_value: clip_value: expected a number of at least 0, got -1", optim.clip_grad_value, pair, -1)
raises("clip_grad_value: clip_value: expected a number, got nil", optim.clip_grad_value, pair)
raises("clip_grad_value: parameters: expected a list of parameters", optim.clip_grad_value, 3, 1)

-- Two parameters that share one gradient are scaled once each.
local a, b = parameter { 3, 4 }, parameter { 3, 4 }
;(a + b):sum():backward()
near(optim.clip_grad_norm({ a, b }, 1), 2, 1e-12)
near(a.grad:totable()[1], 0.5, 1e-6)
near(b.grad:totable()[2], 0.5, 1e-6)

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
