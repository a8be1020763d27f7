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

--- Parameters are a list, as `model:parameters()` gives it, `model:named_parameters()`, or groups with options of their own:
--- `{ {params = model.encoder:parameters(), lr = 1e-4}, {params = model.head:parameters()} }`. `adam.lr` reads and sets an option
--- (of all groups), `adam.param_groups[2].lr` that of one group.
---@alias optim.Parameters userdata[]|userdata|{ params: userdata[], lr: number }[]

--- Stochastic gradient descent with momentum.
---@param parameters optim.Parameters
---@param options? { lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean, maximize: boolean }
---@return userdata
function optim.SGD(parameters, options) return core.SGD(parameters, options) end

--- Adam (arXiv:1412.6980); `amsgrad` divides by the largest average square so far (arXiv:1904.09237).
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return userdata
function optim.Adam(parameters, options) return core.Adam(parameters, options) end

--- Adam with decoupled weight decay (arXiv:1711.05101), 0.01 by default.
---@param parameters optim.Parameters
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number, amsgrad: boolean, maximize: boolean }
---@return userdata
function optim.AdamW(parameters, options) return core.AdamW(parameters, options) end

--- RMSprop.
---@param parameters optim.Parameters
---@param options? { lr: number, alpha: number, eps: number, weight_decay: number, momentum: number, centered: boolean, maximize: boolean }
---@return userdata
function optim.RMSprop(parameters, options) return core.RMSprop(parameters, options) end

--- Scales all gradients in place so that their norm together is at most `max_norm`; gives the norm from before.
---@param parameters userdata[]
---@param max_norm number
---@param options? { norm_type: number, error_if_nonfinite: boolean } order of the norm (default 2, math.huge for the largest element)
---@return number
function optim.clip_grad_norm(parameters, max_norm, options) return core.clip_grad_norm(parameters, max_norm, options) end

--- Brings every element of all gradients into [−clip_value, clip_value], in place.
---@param parameters userdata[]
---@param clip_value number
function optim.clip_grad_value(parameters, clip_value) core.clip_grad_value(parameters, clip_value) end

return optim
