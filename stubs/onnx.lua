---@meta onnx

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- Trained models as ONNX files, for programs that know nothing of jetlua: onnxruntime, and by it the triggers of experiments.
---@class jetlua.onnx
local onnx = {}

--- Writes an Autoencoder, VAE, ConstituentVAE or DirichletVAE as an ONNX file of float32: input `x` `[N, input]`, outputs `latent` or `mu`, `logvar` (and `weights` of the mixtures) and `reconstruction`, at the posterior's mean; nothing in it is drawn. Dense layers are MatMul and Add. With `example`, jets, it also writes beside it what jetlua computes for them, to test with: NAME.npz.
---
--- ```lua
--- onnx = require "onnx"
--- name = os.tmpname()
--- onnx.export(models.DirichletVAE{input = 16, hidden = {8}}, name) --> {"mu", "logvar", "weights", "reconstruction"}
--- os.remove(name) --> true
--- ```
---@param model any
---@param path string ends in .onnx where there is an example
---@param options? { example: tensor|sparse_rows|jets.Images|nil }
---@return string[] names of the outputs
function onnx.export(model, path, options) end

return onnx
