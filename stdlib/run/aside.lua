-- A run that is gone on with begins as the script does, with none of the files that its process writes. Those of before wait under
-- other names until a training is back where it was.

local system = require "jetlua.core.system"

local aside = {}

local function waiting(file) return (file:gsub("%.", ".before.", 1)) end

--- Where `file` of the run in `folder` waits.
---@return string path
function aside.path(folder, file) return folder .. "/" .. waiting(file) end

--- Puts `files` aside. Where one waits there already, an earlier attempt to continue ended too soon, and what it wrote is a repetition.
---@param folder string
---@param files string[] relative names
function aside.put(folder, files)
  for _, file in ipairs(files) do
    local path = folder .. "/" .. file
    if system.exists(aside.path(folder, file)) then
      system.remove(path)
    elseif system.exists(path) then
      system.rename(path, aside.path(folder, file))
    end
  end
end

--- Gives waiting files their names again; with `only_missing` no file that has been written since is replaced.
---@param folder string
---@param files string[]
---@param only_missing? boolean
function aside.take_back(folder, files, only_missing)
  for _, file in ipairs(files) do
    local path = folder .. "/" .. file
    if system.exists(aside.path(folder, file)) and not (only_missing and system.exists(path)) then system.rename(aside.path(folder, file), path) end
  end
end

--- Removes those that wait.
---@param folder string
---@param files string[]
function aside.drop(folder, files)
  for _, file in ipairs(files) do system.remove(aside.path(folder, file)) end
end

return aside
