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

--- Stochastic gradient descent with momentum.
---@param parameters userdata[] as `model:parameters()` gives them
---@param options? { lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean }
---@return userdata
function optim.SGD(parameters, options) return core.SGD(parameters, options) end

--- Adam (arXiv:1412.6980).
---@param parameters userdata[]
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number }
---@return userdata
function optim.Adam(parameters, options) return core.Adam(parameters, options) end

--- Adam with decoupled weight decay (arXiv:1711.05101), 0.01 by default.
---@param parameters userdata[]
---@param options? { lr: number, betas: number[], eps: number, weight_decay: number }
---@return userdata
function optim.AdamW(parameters, options) return core.AdamW(parameters, options) end

--- RMSprop.
---@param parameters userdata[]
---@param options? { lr: number, alpha: number, eps: number, weight_decay: number, momentum: number, centered: boolean }
---@return userdata
function optim.RMSprop(parameters, options) return core.RMSprop(parameters, options) end

--- Scales all gradients in place so that their norm together is at most `max_norm`; gives the norm from before.
---@param parameters userdata[]
---@param max_norm number
---@param options? { norm_type: number, error_if_nonfinite: boolean } order of the norm (default 2, math.huge for the largest element)
---@return number
function optim.clip_grad_norm(parameters, max_norm, options) return core.clip_grad_norm(parameters, max_norm, options) end

return optim
