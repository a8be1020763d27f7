---@meta help

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- `help(tensor.matmul)`, `help "matmul"`, `help(model)`: what a function, module, class or object is for, with formula, shapes, arguments, errors and an example. At the prompt `?matmul` does the same, and `?` alone lists the modules.
---@class jetlua.help
---@overload fun(subject?: any)
local help = {}

--- The name under which help knows a value: "tensor.matmul"; nil for what it does not know.
---
--- ```lua
--- help.name(tensor.matmul) --> tensor.matmul
--- ```
---@param value any
---@return string?
function help.name(value) end

--- What `?words` at the prompt shows: of a global that the user made what it is, else the page of that name.
---
--- ```lua
--- help.prompt("relu") --> tensor.relu(x) …
--- ```
---@param words string
function help.prompt(words) end

--- The page that `help(subject)` prints.
---
--- ```lua
--- help.text("tensor.relu") --> tensor.relu(x) …max(x, 0)…
--- ```
---@param subject any
---@return string
function help.text(subject) end

return help
