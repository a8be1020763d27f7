---@meta json

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

--- JSON (RFC 8259): what goes out comes back equal, and equal values give equal bytes.
---@class jetlua.json
local json = {}

--- The value of one JSON text; lists and objects become tables, null becomes `json.null`, whole numbers integers.
---
--- ```lua
--- json.decode('{"a": [1, 2.5, null]}').a[2] --> 2.5
--- ```
---@param source string
---@return any
function json.decode(source) end

--- `value` as JSON: keys sorted, floats with the digits that read back equal, strings as valid UTF-8. NaN and ±inf have no JSON form; they become null and are listed in the second result ("loss.kl: nan").
---
--- ```lua
--- (json.encode({b = {1, 2}, a = "x"})) --> {"a": "x", "b": [1, 2]}
--- ```
---@param value any
---@param options? { indent: integer|nil } blanks per level; without it all is on one line
---@return string json
---@return string[] notes
function json.encode(value, options) end

--- Marks a table as a list, so that an empty one is written `[]` and not `{}`.
---
--- ```lua
--- (json.encode(json.list())) --> []
--- ```
---@param t? table
---@return table
function json.list(t) end

return json
