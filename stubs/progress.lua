---@meta progress

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- `for batch in progress(images:batches(256), {desc = "epoch 3"}) do` shows on stderr how far a loop is.
---@class jetlua.progress
---@overload fun(iterator: any, ...: any): function
local progress = {}

--- Says what the innermost loop that runs shows behind its numbers, the losses for one: a text, a table of numbers and tensors of one element by name, or a function that gives one of these when a line is written. Outside a loop nothing happens.
---
--- ```lua
--- last = nil
--- for i in progress(3) do
---   last = 1 / i
---   progress.note{loss = last}
--- end
--- last <= 0.5 --> true
--- ```
---@param values string|table<string, any>|function|nil
function progress.note(values) end

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
