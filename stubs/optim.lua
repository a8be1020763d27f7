---@meta optim

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

---@alias optim.Parameters tensor[]|named_tensors|{ params: tensor[], lr: number }[]

do
--- Says when a value stops improving.
---@class optim.EarlyStopping
---@field best number? the best value so far
---@field waited integer epochs since
local class = {}

--- Goes on where `state_dict` was taken.
---
--- ```lua
--- early = optim.EarlyStopping{patience = 2}
--- early:load_state_dict({best = 0.5, waited = 1})
--- early:step(0.6) --> true false
--- ```
---@param state table
function class:load_state_dict(state) end

--- What a checkpoint keeps.
---
--- ```lua
--- optim.EarlyStopping{patience = 2}:state_dict() --> {waited = 0}
--- ```
---@return { best: number|nil, waited: integer }
function class:state_dict() end

--- Takes the value of one more epoch. `stop` says that it has not improved by more than `min_delta` for `patience` epochs, or is NaN; `is_best` that it is the best so far.
---
--- ```lua
--- optim.EarlyStopping{patience = 2, mode = "max"}:step(0.9) --> false true
--- ```
---@param value number|tensor
---@return boolean stop, boolean is_best
function class:step(value) end

end

do
--- A group of an optimizer's parameters. Its options are fields that may be read and set.
---
--- ```lua
--- optim.SGD({{params = {tensor{1}:requires_grad(true)}, lr = 0.5}}).param_groups[1].lr --> 0.5
--- ```
---@class optim.Group
---@field params tensor[] The parameters of the group.
local class = {}

end

do
--- An optimizer that `optim` makes. Its options are fields that may be read and set: `adam.lr = 1e-4`.
---
--- ```lua
--- optim.Adam({tensor{1}:requires_grad(true)}) --> optim.Adam(1 parameter, 1 numbers, lr = 0.001, betas = {0.9, 0.999}, eps = 1e-08, weight_decay = 0, amsgrad = false, maximize = false)
--- ```
---@class optim.Optimizer
---@field name string What it is: "Adam", "SGD".
---@field param_groups optim.Group[] The groups of parameters, whose options can be read and set: `adam.param_groups[2].lr = 1e-4`.
local class = {}

--- Adds a group of parameters, with options of its own and else those that the optimizer was made with: for layers that are thawed later. A schedule acts on it from its next step on.
---
--- ```lua
--- head, body = nn.Linear(2, 1), nn.Linear(4, 2)
--- adam = optim.Adam(head:parameters(), {lr = 0.1})
--- adam:add_param_group({params = body:parameters(), lr = 0.01})
--- #adam:parameters(), adam.param_groups[2].lr --> 4 0.01
--- ```
---@param group { params: tensor[], lr?: number }
---@return optim.Optimizer self
function class:add_param_group(group) end

--- Goes on where `state_dict` was taken; the parameters must have the same shapes.
---
--- ```lua
--- x = tensor{1}:requires_grad(true)
--- optim.Adam({x}):load_state_dict(optim.Adam({x}):state_dict()).lr --> 0.001
--- ```
---@param state table<string, tensor>
---@return optim.Optimizer self
function class:load_state_dict(state) end

--- The parameters it moves.
---
--- ```lua
--- #optim.SGD(nn.Linear(4, 2):parameters()):parameters() --> 2
--- ```
---@return tensor[]
function class:parameters() end

--- Copies of its averages and of the number of steps, by name, as a checkpoint keeps them.
---
--- ```lua
--- #optim.SGD({tensor{1}:requires_grad(true)}, {momentum = 0.9}):state_dict() --> 0
--- ```
---@return table<string, tensor>
function class:state_dict() end

--- Moves every parameter that has a gradient.
---
--- ```lua
--- x = tensor{1}:requires_grad(true)
--- sgd = optim.SGD({x}, {lr = 0.1})
--- loss = (x * x):sum()
--- loss:backward()
--- sgd:step()
--- x:detach() --> [0.8]
--- ```
function class:step() end

--- Forgets the gradients of all parameters.
---
--- ```lua
--- x = tensor{1}:requires_grad(true)
--- loss = (x * x):sum()
--- loss:backward()
--- optim.SGD({x}):zero_grad()
--- x.grad --> nil
--- ```
function class:zero_grad() end

end

do
--- A learning-rate schedule: `schedule:step()` once per epoch.
---@class optim.Schedule
---@field epoch integer epochs gone
local class = {}

--- The learning rate in use, of each group of parameters.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- optim.WarmupLR(adam, {start_factor = 0.5}):last_lr() --> 0.05
--- ```
---@return number ...
function class:last_lr() end

--- Goes on where `state_dict` was taken.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.ExponentialLR(adam, {gamma = 0.5})
--- schedule:load_state_dict({name = "ExponentialLR", epoch = 2, base = {0.1}})
--- adam.lr --> 0.025
--- ```
---@param state table
function class:load_state_dict(state) end

--- What a checkpoint keeps: the epoch, and the starting rate of each group of parameters.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- optim.ExponentialLR(adam, {gamma = 0.5}):state_dict() --> {base = {0.1}, epoch = 0, name = "ExponentialLR"}
--- ```
---@return { name: string, epoch: integer, base: number[] }
function class:state_dict() end

--- Goes to the next epoch (or to `epoch`) and sets the learning rates of the optimizer. Call it once per epoch, after the steps.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.ExponentialLR(adam, {gamma = 0.5})
--- schedule:step()
--- adam.lr --> 0.05
--- ```
---@param epoch? integer from 0
function class:step(epoch) end

end

--- Optimizers, learning-rate schedules, annealing and early stopping, with PyTorch's names, meanings and defaults.
---@class jetlua.optim
local optim = {}

--- Adam (arXiv:1412.6980): lr 1e-3, betas {0.9, 0.999}, eps 1e-8, weight_decay 0 by default; `amsgrad` divides by the largest average square so far (arXiv:1904.09237).
---
--- ```lua
--- optim.Adam(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.Adam(2 parameters, 10 numbers, lr = 0.01, …)
--- ```
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.Adam(parameters, options) end

--- Adam with decoupled weight decay (arXiv:1711.05101): as Adam, but weight_decay 0.01 by default.
---
--- ```lua
--- optim.AdamW(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.AdamW(2 parameters, 10 numbers, lr = 0.01, …)
--- ```
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.AdamW(parameters, options) end

--- Takes the learning rate along half a cosine to `eta_min` in `T_max` epochs, and back up after them: eta_min + (lr − eta_min)(1 + cos(π epoch/T_max))/2 (arXiv:1608.03983, eq. 5 without restarts).
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.CosineLR(adam, {T_max = 4})
--- for epoch = 1, 2 do schedule:step() end
--- adam.lr --> 0.05
--- ```
---@param optimizer optim.Optimizer
---@param options { T_max: integer, eta_min: number } eta_min 0 by default
---@return optim.Schedule
function optim.CosineLR(optimizer, options) end

--- Says when a value stops improving: `local early = optim.EarlyStopping{patience = 5}`, then each epoch `local stop, is_best = early:step(loss)`.
---
--- ```lua
--- early = optim.EarlyStopping{patience = 1}
--- early:step(0.5) --> false true
--- early:step(0.6) --> true false
--- ```
---@param options { patience: integer, min_delta: number, mode: "min"|"max" } min_delta 0 and mode "min" by default
---@return optim.EarlyStopping
function optim.EarlyStopping(options) end

--- Multiplies the learning rate by `gamma` every epoch: `optim.ExponentialLR(adam, {gamma = 0.95})`.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.ExponentialLR(adam, {gamma = 0.5})
--- for epoch = 1, 2 do schedule:step() end
--- adam.lr --> 0.025
--- ```
---@param optimizer optim.Optimizer
---@param options { gamma: number }
---@return optim.Schedule
function optim.ExponentialLR(optimizer, options) end

--- Multiplies the learning rate by `gamma` at each epoch of a list: `optim.MultiStepLR(adam, {milestones = {30, 60}})`.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.MultiStepLR(adam, {milestones = {1, 3}})
--- for epoch = 1, 3 do schedule:step() end
--- adam.lr --> 0.001
--- ```
---@param optimizer optim.Optimizer
---@param options { milestones: integer[], gamma: number } gamma 0.1 by default
---@return optim.Schedule
function optim.MultiStepLR(optimizer, options) end

--- RMSprop: lr 0.01, alpha 0.99, eps 1e-8, all others 0 or false by default.
---
--- ```lua
--- optim.RMSprop(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.RMSprop(2 parameters, 10 numbers, lr = 0.01, …)
--- ```
---@param parameters optim.Parameters
---@param options? { lr: number, alpha: number, eps: number, weight_decay: number, momentum: number, centered: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.RMSprop(parameters, options) end

--- Stochastic gradient descent with momentum: lr 1e-3, all others 0 or false by default.
---
--- ```lua
--- optim.SGD(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.SGD(2 parameters, 10 numbers, lr = 0.01, …)
--- ```
---@param parameters optim.Parameters
---@param options? { lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.SGD(parameters, options) end

--- Multiplies the learning rate by `gamma` every `step_size` epochs: `optim.StepLR(adam, {step_size = 30, gamma = 0.1})`.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.StepLR(adam, {step_size = 2})
--- for epoch = 1, 2 do schedule:step() end
--- adam.lr --> 0.01
--- ```
---@param optimizer optim.Optimizer
---@param options { step_size: integer, gamma: number } gamma 0.1 by default
---@return optim.Schedule
function optim.StepLR(optimizer, options) end

--- Starts at `start_factor` times the learning rate and grows linearly to all of it in `total_iters` epochs, as PyTorch's LinearLR: `optim.WarmupLR(adam, {start_factor = 0.1, total_iters = 5})`.
---
--- ```lua
--- adam = optim.Adam(nn.Linear(2, 1):parameters(), {lr = 0.1})
--- schedule = optim.WarmupLR(adam, {start_factor = 0.1, total_iters = 3})
--- for epoch = 1, 3 do schedule:step() end
--- adam.lr --> 0.1
--- ```
---@param optimizer optim.Optimizer
---@param options { start_factor: number, total_iters: integer } 1/3 and 5 by default
---@return optim.Schedule
function optim.WarmupLR(optimizer, options) end

--- A number that changes with the epoch: `local beta = optim.anneal{kind = "linear", from = 0, to = 0.1, stop = 10}`, then `beta(epoch)`. It is `from` until epoch `start`, `to` from epoch `stop` on, and between them goes as `kind` says: "linear"; "cosine" along half a cosine; "cyclic" from `from` to `to` again and again, `cycles` times, up for `ratio` of each cycle; "steps" in `steps` equal stairs.
---
--- ```lua
--- beta = optim.anneal{from = 0, to = 0.1, stop = 11}
--- beta(1), beta(6), beta(20) --> 0 0.05 0.1
--- ```
---@param options { kind: "linear"|"cosine"|"cyclic"|"steps", from: number, to: number, start: number, stop: number, cycles: integer, ratio: number, steps: integer } defaults: "linear", 0, 1, 1, none, 4, 0.5, 4
---@return fun(epoch: number): number
function optim.anneal(options) end

--- Scales all gradients in place so that their norm together is at most `max_norm`; gives the norm from before.
---
--- ```lua
--- x = tensor{3, 4}:requires_grad(true)
--- loss = (x * x):sum() / 2
--- loss:backward()
--- optim.clip_grad_norm({x}, 1) --> 5.0
--- x.grad --> [0.6, 0.8]
--- ```
---@param parameters tensor[]|named_tensors
---@param max_norm number
---@param options? { norm_type: number, error_if_nonfinite: boolean } order of the norm (default 2, math.huge for the largest element)
---@return number
function optim.clip_grad_norm(parameters, max_norm, options) end

--- Brings every element of all gradients into [−clip_value, clip_value], in place.
---
--- ```lua
--- x = tensor{1, 2}:requires_grad(true)
--- loss = (x * x):sum()
--- loss:backward()
--- optim.clip_grad_value({x}, 3)
--- x.grad --> [2., 3.]
--- ```
---@param parameters tensor[]|named_tensors
---@param clip_value number
function optim.clip_grad_value(parameters, clip_value) end

return optim
