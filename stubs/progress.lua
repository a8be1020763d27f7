---@meta progress

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- `for batch in progress(images:batches(256), {desc = "epoch 3"}) do` shows on stderr how far a loop is.
---@class jetlua.progress
---@overload fun(iterator: any, ...: any): function
local progress = {}

--- Turns all output of `progress` off or on again; returns what it was before.
---
--- ```lua
--- before = progress.quiet(true)
--- progress.quiet(before) --> true
--- ```
---@param off boolean
---@return boolean
function progress.quiet(off) end

return progress
