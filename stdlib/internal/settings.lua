-- What the command line of jetlua itself says: `seed` (--seed) and `quiet` (--quiet), nil where it says nothing.

---@class internal.settings
---@field seed integer?
---@field quiet boolean?
local settings = {}

return settings
