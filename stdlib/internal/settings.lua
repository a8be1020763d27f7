-- What the command line of jetlua itself says: `seed` (--seed), `quiet` (--quiet) and `profile` (--profile), nil where it says nothing.

---@class internal.settings
---@field seed integer?
---@field quiet boolean?
---@field profile boolean?
local settings = {}

return settings
