-- Results that are kept: one JSON of numbers, one npz of tensors for each training, named by everything that made them.

local json = require "json"
local system = require "jetlua.core.system"
local tensor = require "tensor"

local Store = {}
Store.__index = Store

--- A store in `folder`, which is made. What is kept is found again by part, settings, seed and the checksums of the data; a changed one
--- gives another name, so that an old result is never taken for a new one.
---@param folder string
---@param identity string[] checksums of the data
function Store.open(folder, identity)
  system.make_directory(folder)
  return setmetatable({ folder = folder, identity = identity }, Store)
end

--- The path without extension of the result of a task with a seed.
---@param task { name: string, version: integer, settings: table }
---@param seed integer
---@return string
function Store:stem(task, seed)
  local content = json.encode { task = task.name, version = task.version, settings = task.settings, seed = seed, data = self.identity }
  return ("%s/%s-seed%d-%s"):format(self.folder, (task.name:gsub("[^%w.]+", "_")), seed, system.sha256(content):sub(1, 16))
end

--- What was kept of a task and a seed: its numbers, with `arrays()` for its tensors; nil if there is nothing whole.
---@return table|nil
function Store:find(task, seed)
  local stem = self:stem(task, seed)
  if not system.exists(stem .. ".json") then return nil end
  local read, record = pcall(json.decode, system.read_file(stem .. ".json"))
  -- A file that was damaged counts as not there: the training is done again.
  if not read or type(record) ~= "table" or type(record.numbers) ~= "table" or not system.exists(stem .. ".npz") then return nil end
  record.arrays = function() return tensor.load(stem .. ".npz") end
  record.model_path = stem .. ".safetensors"
  return record
end

--- Keeps a result. The JSON comes last: where it is, the others are whole.
---@param task table
---@param seed integer
---@param numbers table
---@param arrays table<string, tensor>
---@param seconds number
---@param model? any saved too
function Store:keep(task, seed, numbers, arrays, seconds, model)
  local stem = self:stem(task, seed)
  tensor.save(stem .. ".npz", arrays)
  if model then model:save(stem .. ".safetensors") end
  system.write_file(stem .. ".json", (json.encode({
    task = task.name, settings = task.settings, seed = seed, numbers = numbers, seconds = seconds, host = system.hostname(),
  }, { indent = 1 })) .. "\n")
end

return Store
