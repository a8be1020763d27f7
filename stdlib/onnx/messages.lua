-- The messages of ONNX (onnx.proto3 of version 1.14) as far as the export needs them.

local fields = require "jetlua.internal.protobuf"
local integer, bytes, float = fields.integer, fields.bytes, fields.float

local messages = {}

local function each(list, write)
  local parts = {}
  for i, item in ipairs(list) do parts[i] = write(item) end
  return table.concat(parts)
end

--- A tensor of float32 (`data` little-endian) or, with `kind` "int64", of 64-bit integers.
function messages.tensor(name, shape, data, kind)
  return each(shape, function(n) return integer(1, n) end) .. integer(2, kind == "int64" and 7 or 1) .. bytes(8, name) .. bytes(9, data)
end

local function attribute(name, value)
  local head = bytes(1, name)
  if math.type(value) == "integer" then return head .. integer(3, value) .. integer(20, 2) end
  if type(value) == "number" then return head .. float(2, value) .. integer(20, 1) end
  if type(value) == "string" then return head .. bytes(4, value) .. integer(20, 3) end
  return head .. each(value, function(n) return integer(8, n) end) .. integer(20, 7)
end

--- A node: an operator with the names of its inputs and outputs, and attributes.
function messages.node(operator, inputs, outputs, attributes)
  local names = {}
  for name in pairs(attributes or {}) do names[#names + 1] = name end
  table.sort(names)
  return each(inputs, function(name) return bytes(1, name) end) .. each(outputs, function(name) return bytes(2, name) end) .. bytes(3, outputs[1] .. "_node")
    .. bytes(4, operator) .. each(names, function(name) return bytes(5, attribute(name, attributes[name])) end)
end

--- An input or output of float32 whose sizes are numbers or names.
function messages.value(name, shape)
  local dimensions = each(shape, function(n) return bytes(1, type(n) == "string" and bytes(2, n) or integer(1, n)) end)
  return bytes(1, name) .. bytes(2, bytes(1, integer(1, 1) .. bytes(2, dimensions)))
end

--- A whole file: { name =, nodes =, tensors =, inputs =, outputs =, opset =, metadata = {{name, text}, …}, version = }.
function messages.model(model)
  local graph = each(model.nodes, function(s) return bytes(1, s) end) .. bytes(2, model.name) .. each(model.tensors, function(s) return bytes(5, s) end)
    .. each(model.inputs, function(s) return bytes(11, s) end) .. each(model.outputs, function(s) return bytes(12, s) end)
  return integer(1, 8) .. bytes(2, "jetlua") .. bytes(3, model.version) .. bytes(7, graph) .. bytes(8, integer(2, model.opset))
    .. each(model.metadata, function(pair) return bytes(14, bytes(1, pair[1]) .. bytes(2, pair[2])) end)
end

return messages
