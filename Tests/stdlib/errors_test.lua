-- The wrong calls that docs/errors.md shows print what it says.

local folder = arg[0]:match("^(.-)[^/]*$")
local testing = dofile(folder .. "testing.lua")
local check, equal = testing.check, testing.equal

local file = assert(io.open(folder .. "../../docs/errors.md"))
local text = file:read("a")
file:close()

local shown = 0
for script, expected in text:gmatch("\n```lua\n(.-)\n```\n\n```text\n(.-)\n```") do
  shown = shown + 1
  local ok, message = pcall(assert(load(script, "=mine.lua")))
  check(not ok, script)
  equal(message, expected)
  check(message:find("^mine%.lua:%d+: ") and not message:find("\n"), message)
end
check(shown >= 10, "ten wrong calls at least, " .. shown .. " found")

testing.finish()
