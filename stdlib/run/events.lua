-- Event files of TensorBoard: records of TFRecord (length and bytes, each with a masked CRC-32C), each an Event of one scalar.

local events = {}

local crc_table
local function crc32c(s)
  if not crc_table then
    crc_table = {}
    for i = 0, 255 do
      local c = i
      for _ = 1, 8 do c = c & 1 == 1 and (c >> 1) ~ 0x82f63b78 or c >> 1 end
      crc_table[i] = c
    end
  end
  local c = 0xffffffff
  for i = 1, #s do c = (c >> 8) ~ crc_table[(c ~ s:byte(i)) & 255] end
  return c ~ 0xffffffff
end

local function masked(s)
  local c = crc32c(s)
  return ((c >> 15 | c << 17) + 0xa282ead8) & 0xffffffff
end

local function record(bytes)
  local length = string.pack("<I8", #bytes)
  return length .. string.pack("<I4", masked(length)) .. bytes .. string.pack("<I4", masked(bytes))
end

local function varint(n)
  local parts = {}
  repeat
    local low = n & 0x7f
    n = n >> 7
    parts[#parts + 1] = string.char(n ~= 0 and low | 0x80 or low)
  until n == 0
  return table.concat(parts)
end
local function bytes(field, s) return varint(field << 3 | 2) .. varint(#s) .. s end

--- The bytes of an event file of `scalars` = { { step, wall time, name, value }, … }.
---@param began number
---@param scalars any[][]
---@return string
function events.file(began, scalars)
  local parts = { record("\x09" .. string.pack("<d", began) .. bytes(3, "brain.Event:2")) }
  for _, scalar in ipairs(scalars) do
    local value = bytes(1, scalar[3]) .. "\x15" .. string.pack("<f", scalar[4])
    parts[#parts + 1] = record("\x09" .. string.pack("<d", scalar[2]) .. "\x10" .. varint(scalar[1]) .. bytes(5, bytes(1, value)))
  end
  return table.concat(parts)
end

return events
