-- The files of `r:checkpoint`, which all trainings of a script write by the same names: a training's own checkpoint keeps them as
-- they were, so that a run that is gone on with has in each part of the script the files that it had there.

local system = require "jetlua.core.system"

local weights = {}

local kinds = { model = "checkpoints/%s.safetensors", optimizer = "checkpoints/%s_optimizer.safetensors" }

--- Where a run keeps the weights, or the state of the optimizer, called `name`.
---@param name "best"|"last"
---@param kind "model"|"optimizer"
---@return string path relative to the run's folder
function weights.file(name, kind) return kinds[kind]:format(name) end

--- All of them.
weights.files = {}
for _, name in ipairs { "best", "last" } do
  for _, kind in ipairs { "model", "optimizer" } do weights.files[#weights.files + 1] = weights.file(name, kind) end
end

-- A name in the same folder, so that one sync keeps it and the checkpoint that tells of it.
local function kept(folder, place, file) return folder .. "/" .. file:gsub("checkpoints/", ("checkpoints/training-%d."):format(place)) end

--- Gives the files of the run in `folder` second names for its training `place`, in place of those that it had for them before. What
--- they lead to is never written again: whoever writes weights makes a new file.
---@param folder string
---@param place integer
---@return string[] files that there were
function weights.keep(folder, place)
  local found = {}
  for _, file in ipairs(weights.files) do
    if system.exists(folder .. "/" .. file) then
      system.link(folder .. "/" .. file, kept(folder, place, file))
      found[#found + 1] = file
    end
  end
  return found
end

--- Gives the run in `folder` the files back that `weights.keep` found.
---@param folder string
---@param place integer
---@param files string[]
function weights.put_back(folder, place, files)
  for _, file in ipairs(files) do
    if system.exists(kept(folder, place, file)) then system.link(kept(folder, place, file), folder .. "/" .. file) end
  end
end

return weights
