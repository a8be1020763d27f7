-- A script declares its options once, with defaults; the command line, a file and `--help` follow from that.
--   local o = options { seed = 1, beta = {1e-3, "KL weight"}, alpha = {{1, .25, .1}, "prior"}, quick = {false, "small and fast"} }

local command_line = require "jetlua.options.command_line"
local declaration = require "jetlua.options.declaration"

-- Results keep what they were declared with for as long as they live, so that a run can record it.
local declared = setmetatable({}, { __mode = "k" })

local options = {}

--- Resolves the declared options from the script's command line (the global `arg`) and returns their values by name.
---
--- A declaration is a map `name = default` or `name = {default, "text", choices = {…}, min =, max =, type = "string"}`,
--- or a list of `{name, default, "text", …}`, which `--help` shows in that order. The type follows from the default:
--- an integer default takes integers, a list default takes `--alpha 1,.25,.1`, false takes `--quick` and `--no-quick`.
--- `--config f.lua` reads values from a file that returns a table; the command line goes before it.
--- `--help` prints the options and ends the script with status 0; a wrong option prints one line and ends it with 1.
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

return setmetatable(options, { __call = resolve })
