---@meta options

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- A script declares its options once, with defaults; the command line, a file and `--help` follow from that.   local o = options { seed = 1, beta = {1e-3, "KL weight"}, alpha = {{1, .25, .1}, "prior"}, quick = {false, "small and fast"} }
---@class jetlua.options
---@overload fun(declarations: table): table<string, any>
local options = {}

--- Calls `fn(...)` and returns its results; an error that it raises becomes one line on stderr, "script.lua: message", and ends the script with status 1, its open runs recorded as failed.
---
--- Put into it what a user's options and files can make fail: opening, selecting, making a model. An interrupt and Lua's own "attempt to …" are no mistakes of a user and pass with their traceback.
---
--- ```lua
--- options.attempt(math.max, 1, 3) --> 3
--- ```
---@param fn function
---@param ... any
---@return any ...
function options.attempt(fn, ...) end

--- How the options in `values` were declared: a list of `{name, default, text, kind, choices, min, max}`; nil if `values` does not come from `options`.
---
--- ```lua
--- options.describe({}) --> nil
--- ```
---@param values table
---@return table[]|nil
function options.describe(values) end

--- Ends the script for a mistake of its user: one line on stderr, "script.lua: message", and status 1.
---@param message string
---@param ... any arguments for string.format
function options.fail(message, ...) end

return options
