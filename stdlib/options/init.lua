-- A script declares its options once, with defaults; the command line, a file and `--help` follow from that.
--   local o = options { seed = 1, beta = {1e-3, "KL weight"}, alpha = {{1, .25, .1}, "prior"}, quick = {false, "small and fast"} }

local command_line = require "jetlua.options.command_line"
local declaration = require "jetlua.options.declaration"
local expect = require "jetlua.internal.expect"
local mistake = require "jetlua.options.mistake"

-- Results keep what they were declared with for as long as they live, so that a run can record it.
local declared = setmetatable({}, { __mode = "k" })

local options = {}

--- Resolves the declared options from the script's command line (the global `arg`) and returns their values by name.
---
--- A declaration is a map `name = default` or `name = {default, "text", choices = {…}, min =, max =, type = "string"}`,
--- or a list of `{name, default, "text", …}`, which `--help` shows in that order. The type follows from the default:
--- an integer default takes integers, a list default takes `--alpha 1,.25,.1`, false takes `--quick` and `--no-quick`.
--- With `presets = {published = {lr = 5e-3}, paper = {lr = 1e-3}}` each choice gives defaults to other options.
--- `--config f.lua` reads values from a file that returns a table; the command line goes before it.
--- `--help` prints the options and ends the script with status 0; a wrong option prints one line and ends it with 1.
---
---     o = options{seed = 1, beta = {1e-3, "KL weight", min = 0}, alpha = {{1, 0.25}, "prior"}}
---     o.seed, o.beta, o.alpha --> 1 0.001 {1, 0.25}
---@param declarations table
---@return table<string, any>
local function resolve(_, declarations)
  local specification = declaration.read(declarations)
  local values = command_line.resolve(specification, rawget(_G, "arg"))
  declared[values] = specification
  return values
end

--- How the options in `values` were declared: a list of `{name, default, text, kind, choices, min, max}`; nil if
--- `values` does not come from `options`.
---
---     options.describe({}) --> nil
---@param values table
---@return table[]|nil
function options.describe(values)
  local specification = declared[values]
  if not specification then return nil end
  local list = {}
  for i, entry in ipairs(specification) do
    local copy = {}
    for key, value in pairs(entry) do copy[key] = value end
    list[i] = copy
  end
  return list
end

--- Calls `fn(...)` and returns its results; an error that it raises becomes one line on stderr, "script.lua: message", and
--- ends the script with status 1, its open runs recorded as failed.
---
--- Put into it what a user's options and files can make fail: opening, selecting, making a model. An interrupt and Lua's own
--- "attempt to …" are no mistakes of a user and pass with their traceback.
---
---     options.attempt(math.max, 1, 3) --> 3
---@param fn function
---@param ... any
---@return any ...
function options.attempt(fn, ...)
  local metatable = getmetatable(fn)
  local callable = type(fn) == "function" or type(metatable) == "table" and metatable.__call
  if not callable then expect.wrong("options.attempt", "fn", "a function", fn) end
  return mistake.attempt(fn, ...)
end

--- Ends the script for a mistake of its user: one line on stderr, "script.lua: message", and status 1.
---@param message string
---@param ... any arguments for string.format
function options.fail(message, ...)
  expect.string("options.fail", "message", message)
  mistake.fail(select("#", ...) > 0 and message:format(...) or message)
end

return setmetatable(options, { __call = resolve })
