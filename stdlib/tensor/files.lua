-- Tensors in files that other programs write and read.

local core = require "jetlua.core.files"

local files = {}

--- Writes one tensor or a table of tensors by name. The ending of the name tells the format: `.npy` (one tensor), `.npz`,
--- `.safetensors`, `.h5` (a name `group/x` makes the group) or `.csv` (columns [N] or [N, K]). The file appears whole or not at all.
---
--- Files hold what Python expects: C order, little-endian, the element types float32, float64, int64 and bool. Numbers in the
--- table become tensors of no dimensions. One tensor alone is called `arr_0` in a `.npz`, `tensor` in a `.safetensors` or `.h5`.
---
---     name = os.tmpname() .. ".npz"
---     tensor.save(name, {a = tensor.ones(2), n = 3}, {compress = true})
---     tensor.load(name, "a"), os.remove(name) --> [1., 1.] tensor [2] float32 min 1. mean 1. max 1. true
---@param path string
---@param tensors tensor|table<string, tensor|number|boolean>
---@param options? { compress: boolean|integer|nil, metadata: table<string, string>|nil, columns: string[]|nil }
--- compress: `.npz` and `.h5`, true or 1 to 9; metadata: texts by name in a `.safetensors`; columns: their order in a `.csv` (by name if left out)
function files.save(path, tensors, options) return core.save(path, tensors, options) end

--- Reads what `save` or another program wrote: a tensor from a `.npy` file or with a `name`, else a table of tensors by name,
--- and as a second value the metadata of a `.safetensors` file. In an `.h5` file `name` may also be a group.
---
--- Element types without a counterpart become the smallest that holds them: float16 and bfloat16 float32, whole numbers int64
--- (a uint64 of 2^63 or more raises). Text, objects and complex numbers raise, naming the array. Nothing in a file is run.
---
---     name = os.tmpname() .. ".safetensors"
---     tensor.save(name, {n = 3}, {metadata = {kind = "counts"}})
---     state, metadata = tensor.load(name)
---     state.n:item(), metadata.kind, os.remove(name) --> 3 counts true
---@param path string
---@param name? string
---@return tensor|table<string, tensor> tensors
---@return table<string, string>? metadata
function files.load(path, name) return core.load(path, name) end

return files
