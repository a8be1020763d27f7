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

--- Stochastic gradient descent with momentum: lr 1e-3, all others 0 or false by default.
---
---     optim.SGD(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.SGD(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters tensor[]|named_tensors as `model:parameters()` gives them
---@param options? { lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean }
---@return optim.Optimizer
function optim.SGD(parameters, options) return core.SGD(parameters, options) end

--- Adam (arXiv:1412.6980): lr 1e-3, betas {0.9, 0.999}, eps 1e-8, weight_decay 0 by default.
---
---     optim.Adam(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.Adam(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters tensor[]|named_tensors
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number }
---@return optim.Optimizer
function optim.Adam(parameters, options) return core.Adam(parameters, options) end

--- Adam with decoupled weight decay (arXiv:1711.05101): as Adam, but weight_decay 0.01 by default.
---
---     optim.AdamW(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.AdamW(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters tensor[]|named_tensors
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number }
---@return optim.Optimizer
function optim.AdamW(parameters, options) return core.AdamW(parameters, options) end

--- RMSprop: lr 0.01, alpha 0.99, eps 1e-8, all others 0 or false by default.
---
---     optim.RMSprop(nn.Linear(4, 2):parameters(), {lr = 0.01}) --> optim.RMSprop(2 parameters, 10 numbers, lr = 0.01, …)
---@param parameters tensor[]|named_tensors
---@param options? { lr: number, alpha: number, eps: number, weight_decay: number, momentum: number, centered: boolean }
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

return optim
