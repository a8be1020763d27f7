-- Writes what every framework trains a model on: FOLDER/MODEL.npz with the jets in order (`x`, dense, and `mass`), the weights that training
-- begins with and the noise of the steps whose losses are compared.
--   jetlua scripts/dev/performance/prepare.lua --model dvae --folder FOLDER

local json, options, tensor = require "json", require "options", require "tensor"
package.path = arg[0]:match("^(.-)[^/]*$") .. "?.lua;" .. package.path
local cases = require "cases"

local o = options {
  { "model", "dvae", "which", choices = { "dvae", "constituent", "convolutional", "disco" } }, { "folder", nil, "where to write", type = "string" },
  { "batch", 1024, "the largest batch", min = 1 },
}

tensor.manual_seed(1)
local case = cases[o.model]
local set, model = case.jets(), case.make()
local written = { mass = set.mass:to("float32"), noise = tensor.randn(case.check, o.batch, case.latent) }
local x = set.x
written.x = case.images and x:todense() or x
local active = case.images and written.x:gt(0):to("float32"):mean():item() * x:size(2) or nil
for name, value in pairs(model:state_dict()) do written["weights/" .. name] = value end
tensor.save(("%s/%s.npz"):format(o.folder, o.model), written)
print((json.encode {
  active = active, title = case.title, jets = #set, check = case.check, epochs = case.epochs, lr = case.adam.lr, betas = case.adam.betas or { 0.9, 0.999 },
}))
