-- The variables that typed statements see: those declared `local` at the prompt, which nothing else sees, and behind them
-- the globals. An assignment to a name that was not declared makes a global, as everywhere in Lua.

local _ENV = require "jetlua.internal.prompt.own"

local declared = {}
local environment = {}
local behind = { __index = _G }

--- A declared name without a value hides the global of that name.
local function look_up(_, name)
  if declared[name] then return nil end
  return _G[name]
end

function behind.__newindex(_, name, value)
  if declared[name] then rawset(environment, name, value) else _G[name] = value end
end

setmetatable(environment, behind)

-- What `local x = 1` is rewritten to stores through this.
rawset(environment, "_LOCAL", setmetatable({}, {
  __newindex = function(_, name, value)
    declared[name] = true
    rawset(environment, name, value)
    -- A table behind is quicker than a function, so it is a function only once a value can be missing in front of a global.
    if value == nil then behind.__index = look_up end
  end,
}))

rawset(environment, "_PASS", function(...) return ... end)

--- Keeps the last result as `_`.
local function remember(value)
  declared._ = true
  rawset(environment, "_", value)
end

return { variables = environment, remember = remember }
