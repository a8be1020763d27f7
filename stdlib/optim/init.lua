--- Optimizers, learning-rate schedules, annealing and early stopping, with PyTorch's names, meanings and defaults.

local core = require "jetlua.core.optim"

local optim = {
  StepLR = require "jetlua.optim.StepLR",
  MultiStepLR = require "jetlua.optim.MultiStepLR",
  CosineLR = require "jetlua.optim.CosineLR",
  ExponentialLR = require "jetlua.optim.ExponentialLR",
  WarmupLR = require "jetlua.optim.WarmupLR",
  anneal = require "jetlua.optim.anneal",
  EarlyStopping = require "jetlua.optim.EarlyStopping",
}

-- Parameters are a list, as `model:parameters()` gives it, `model:named_parameters()`, or groups with options of their own:
-- `{ {params = model.encoder:parameters(), lr = 1e-4}, {params = model.head:parameters()} }`. `adam.lr` reads an option and sets it for
-- all groups, `adam.param_groups[2].lr` for one.
---@alias optim.Parameters tensor[]|named_tensors|{ params: tensor[], lr: number }[]

--- Stochastic gradient descent with momentum: lr 1e-3, all others 0 or false by default.
---
---     optim.SGD(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.SGD(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters optim.Parameters
---@param options? { lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.SGD(parameters, options) return core.SGD(parameters, options) end

--- Adam (arXiv:1412.6980): lr 1e-3, betas {0.9, 0.999}, eps 1e-8, weight_decay 0 by default; `amsgrad`
--- divides by the largest average square so far (arXiv:1904.09237).
---
---     optim.Adam(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.Adam(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.Adam(parameters, options) return core.Adam(parameters, options) end

--- Adam with decoupled weight decay (arXiv:1711.05101): as Adam, but weight_decay 0.01 by default.
---
---     optim.AdamW(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.AdamW(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.AdamW(parameters, options) return core.AdamW(parameters, options) end

--- RMSprop: lr 0.01, alpha 0.99, eps 1e-8, all others 0 or false by default.
---
---     optim.RMSprop(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.RMSprop(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters optim.Parameters
---@param options? { lr: number, alpha: number, eps: number, weight_decay: number, momentum: number, centered: boolean, maximize: boolean }
---@return optim.Optimizer
function optim.RMSprop(parameters, options) return core.RMSprop(parameters, options) end

--- Scales all gradients in place so that their norm together is at most `max_norm`; gives the norm from before.
---
---     x = tensor{3, 4}:requires_grad(true)
---     loss = (x * x):sum() / 2
---     loss:backward()
---     optim.clip_grad_norm({x}, 1) --> 5.0
---     x.grad --> [0.6, 0.8]
---@param parameters tensor[]|named_tensors
---@param max_norm number
---@param options? { norm_type: number, error_if_nonfinite: boolean } order of the norm (default 2, math.huge for the largest element)
---@return number
function optim.clip_grad_norm(parameters, max_norm, options) return core.clip_grad_norm(parameters, max_norm, options) end

--- Brings every element of all gradients into [−clip_value, clip_value], in place.
---
---     x = tensor{1, 2}:requires_grad(true)
---     loss = (x * x):sum()
---     loss:backward()
---     optim.clip_grad_value({x}, 3)
---     x.grad --> [2., 3.]
---@param parameters tensor[]|named_tensors
---@param clip_value number
function optim.clip_grad_value(parameters, clip_value) core.clip_grad_value(parameters, clip_value) end

return optim
