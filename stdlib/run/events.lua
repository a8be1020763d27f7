-- Event files of TensorBoard: records of TFRecord (length and bytes, each with a masked CRC-32C), each an Event of one scalar.

local protobuf = require "jetlua.internal.protobuf"
local bytes, double, float, integer = protobuf.bytes, protobuf.double, protobuf.float, protobuf.integer

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

--- The bytes of an event file of `scalars` = { { step, wall time, name, value }, … }.
---@param began number
---@param scalars any[][]
---@return string
function events.file(began, scalars)
  local parts = { record(double(1, began) .. bytes(3, "brain.Event:2")) }
  for _, scalar in ipairs(scalars) do
    local value = bytes(1, scalar[3]) .. float(2, scalar[4])
    parts[#parts + 1] = record(double(1, scalar[2]) .. integer(2, scalar[1]) .. bytes(5, bytes(1, value)))
  end
  return table.concat(parts)
end

return events
