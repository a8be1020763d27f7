-- Read-only faces of tables: what is read comes from the original, what is written raises. Methods of an original that are called on its
-- face are given the original.

local shield = {}

local faces, originals = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "k" })

local function read_only(_, key) error(("a library is read-only here: %s cannot be set"):format(tostring(key)), 2) end

local function bare(value)
  local original = originals[value]
  if original == nil then return value end
  return original
end

-- A class is called with itself before the dot or the colon; plain functions get other faces never.
local function unwrapped(f, cache)
  local known = cache[f]
  if not known then
    known = function(first, ...) return f(bare(first), ...) end
    cache[f] = known
  end
  return known
end

--- The read-only face of a table; other values are themselves.
function shield.face(original)
  if type(original) ~= "table" or originals[original] then return original end
  if faces[original] then return faces[original] end
  local face, cache = {}, setmetatable({}, { __mode = "k" })
  local is_class = rawget(original, "__index") ~= nil or getmetatable(original) ~= nil
  local function read(_, key)
    local value = original[key]
    if type(value) == "table" then return shield.face(value) end
    if is_class and type(value) == "function" then return unwrapped(value, cache) end
    return value
  end
  local metatable = {
    __index = read, __newindex = read_only, __metatable = false,
    __len = function() return #original end,
    __pairs = function()
      local key
      return function()
        key = next(original, key)
        if key ~= nil then return key, read(nil, key) end
      end
    end,
    __tostring = function() return tostring(original) end,
    __name = (getmetatable(original) or {}).__name,
  }
  local calls = type(getmetatable(original)) == "table" and getmetatable(original).__call
  if calls then metatable.__call = function(_, ...) return original(...) end end
  faces[original], originals[face] = face, original
  return setmetatable(face, metatable)
end

--- Whether a table is a face, which nothing may write to.
function shield.is_face(value) return originals[value] ~= nil end

return shield
