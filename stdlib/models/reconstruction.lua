-- How far a reconstruction is from its jet.

local raise = require "jetlua.internal.raise"
local squared_error = require("jetlua.core.losses").squared_error
local text = require "jetlua.internal.text"

local reconstruction = {}

--- The option `mse` of a model: "sum" over the numbers of a jet, or "mean".
---@param where string
---@param given any
---@return "sum"|"mean"
function reconstruction.choice(where, given)
  if given == nil then return "sum" end
  if given ~= "sum" and given ~= "mean" then raise('%s: mse: expected "sum" or "mean" over the numbers of a jet, got %s', where, text.describe(given)) end
  return given
end

--- The squared error of each jet `[N]`.
---@param y tensor reconstructions `[N, D]`
---@param x tensor|sparse_rows jets `[N, D]`
---@param over "sum"|"mean"
---@return tensor
function reconstruction.error(y, x, over) return squared_error(y, x, { over = over, reduction = "none" }) end

return reconstruction
