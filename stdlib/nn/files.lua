-- Modules and layers in files: the state dictionary, in the format that the file's name tells.

local raise = require "jetlua.internal.raise"
local tensors = require "jetlua.tensor.files"

local files = {}

--- Gives `state`, read from the file at `path`, to a module; what does not fit is raised with the path.
function files.give(where, path, module, state)
  local well, problem = pcall(module.load_state_dict, module, state)
  if well then return module end
  local difference = type(problem) == "string" and problem:match("load_state_dict: (.*)")
  if difference then raise("%s: %s: %s", where, path, difference) end
  error(problem, 0)
end

--- Writes the state dictionary of a module to a file (`.safetensors`, `.npz` or `.h5`), which appears whole or not at all.
---@param module any what has `:state_dict()`
---@param path string
function files.save(module, path) tensors.save(path, module:state_dict()) end

--- Reads what `save` wrote; the module must have the same parts. What differs is raised by name, and then nothing has changed.
---@param module any what has `:load_state_dict(state)`
---@param path string
---@return any module
function files.load(module, path) return files.give("load", path, module, (tensors.load(path))) end

return files
