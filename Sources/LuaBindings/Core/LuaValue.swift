import CLuaBridge
import TensorCore

/// A value on its way to Lua, or a simple one that came from there.
public enum LuaValue {
  case `nil`
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  /// A string of any bytes.
  case bytes([UInt8])
  case object(any LuaObject)
  /// A list from 1.
  case array([LuaValue])
  case numbers([Double])
  case integers([Int])
  case strings([String])
  /// A table with these keys; a nil leaves its key out.
  case record([(String, LuaValue)])
  /// Nested tables of row-major values; rank 0 is one number.
  case nested([Double], shape: [Int])
  /// An argument of the running call, or one of its pushed values, as it is.
  case stack(Argument)
  /// A function, table or foreign userdata that was read; it cannot be pushed.
  case other(String)
}

extension LuaValue {
  /// Reads the value at an absolute position of the stack.
  init(_ state: OpaquePointer, at position: Int32) {
    switch lua_type(state, position) {
    case LUA_TNIL, LUA_TNONE: self = .nil
    case LUA_TBOOLEAN: self = .boolean(lua_toboolean(state, position) != 0)
    case LUA_TNUMBER:
      if lua_isinteger(state, position) != 0 {
        self = .integer(Int(lua_tointegerx(state, position, nil)))
      } else {
        self = .number(lua_tonumberx(state, position, nil))
      }
    case LUA_TSTRING: self = .string(luaString(state, position))
    case let type: self = .other(String(cString: lua_typename(state, type)))
    }
  }

  func push(_ state: OpaquePointer) throws {
    guard lua_checkstack(state, 4) != 0 else { throw LuaHeapExhausted() }
    switch self {
    case .nil: lua_pushnil(state)
    case .boolean(let value): lua_pushboolean(state, value ? 1 : 0)
    case .integer(let value): lua_pushinteger(state, lua_Integer(value))
    case .number(let value): lua_pushnumber(state, value)
    case .string(let text): try pushText(state, text)
    case .bytes(let bytes):
      try checked(bytes.withUnsafeBytes { jl_push_string(state, $0.bindMemory(to: CChar.self).baseAddress, $0.count) })
    case .object(let object): try pushObject(state, object)
    case .array(let values):
      try pushList(state, values) { $0 }
    case .numbers(let values):
      try pushNested(state, values, shape: [values.count])
    case .integers(let values):
      try pushList(state, values) { .integer($0) }
    case .strings(let values):
      try pushList(state, values) { .string($0) }
    case .nested(let values, let shape):
      try pushNested(state, values, shape: shape)
    case .record(let fields):
      try checked(jl_push_table(state, 0, Int32(clamping: fields.count)))
      for (key, value) in fields {
        try value.push(state)
        var key = key
        try checked(key.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) { jl_set_field(state, -2, $0.baseAddress, $0.count) }
        })
      }
    case .stack(let argument):
      if argument.slot == 0 { lua_pushnil(state) } else { lua_pushvalue(state, argument.slot) }
    case .other(let type): throw CallerError("a \(type) cannot be returned")
    }
  }
}

private func pushList<T>(_ state: OpaquePointer, _ values: [T], _ wrap: (T) -> LuaValue) throws {
  try checked(jl_push_table(state, Int32(clamping: values.count), 0))
  for (index, value) in values.enumerated() {
    try wrap(value).push(state)
    try checked(jl_set_item(state, -2, lua_Integer(index + 1)))
  }
}

private func pushNested(_ state: OpaquePointer, _ values: [Double], shape: [Int]) throws {
  var size = 1
  for length in shape {
    let (product, overflow) = size.multipliedReportingOverflow(by: length)
    guard length >= 0, !overflow else { throw CallerError("shape \(shape) does not describe \(values.count) values") }
    size = product
  }
  guard size == values.count, shape.count <= Int(JL_MAX_RANK) else {
    throw CallerError("shape \(shape) does not describe \(values.count) values")
  }
  let lengths = shape.map(Int64.init)
  try checked(jl_push_nested(state, JL_FLOAT64, values, lengths, Int32(lengths.count)))
}

func pushText(_ state: OpaquePointer, _ text: String) throws {
  var text = text
  try checked(text.withUTF8 { bytes in
    bytes.withMemoryRebound(to: CChar.self) { jl_push_string(state, $0.baseAddress, $0.count) }
  })
}

@inline(__always)
func pushObject<T: LuaObject>(_ state: OpaquePointer, _ object: T) throws {
  if object.needsLinks { jl_request_links(state, T.tag, false) }
  let reference = Unmanaged.passRetained(object)
  let status = jl_push_object(state, T.tag, reference.toOpaque(), max(0, object.offHeapBytes))
  if status == JL_OK { return }
  reference.release()
  if status == JL_NO_CLASS { throw CallerError("a value of this kind is not known to Lua") }
  try checked(status)
}

/// Turns the status of a protected push into an error. It can fail for want of memory, or because the hook that stands for
/// Ctrl-C struck inside.
func checked(_ status: Int32) throws {
  if status == JL_OK { return }
  if status == JL_ERROR, Interrupted.isRequested { throw Interrupted() }
  throw LuaHeapExhausted()
}

/// The text of a string on the stack; bytes that are not UTF-8 become U+FFFD.
func luaString(_ state: OpaquePointer, _ position: Int32) -> String {
  var length = 0
  guard let text = lua_tolstring(state, position, &length) else { return "" }
  return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
}
