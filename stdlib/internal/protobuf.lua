-- Fields of a message in the encoding of Protocol Buffers, as ONNX and TensorBoard files are written.

local protobuf = {}

--- A whole number, seven bits a byte, the lowest first.
function protobuf.varint(n)
  local parts = {}
  repeat
    local low = n & 0x7f
    n = n >> 7
    parts[#parts + 1] = string.char(n ~= 0 and low | 0x80 or low)
  until n == 0
  return table.concat(parts)
end

--- A field of wire type 0.
function protobuf.integer(field, n) return protobuf.varint(field << 3) .. protobuf.varint(n) end

--- A field of wire type 1.
function protobuf.double(field, x) return protobuf.varint(field << 3 | 1) .. string.pack("<d", x) end

--- A field of wire type 2: a text, bytes or a message within the message.
function protobuf.bytes(field, s) return protobuf.varint(field << 3 | 2) .. protobuf.varint(#s) .. s end

--- A field of wire type 5.
function protobuf.float(field, x) return protobuf.varint(field << 3 | 5) .. string.pack("<f", x) end

return protobuf
