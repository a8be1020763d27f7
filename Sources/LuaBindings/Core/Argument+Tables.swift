import CLuaBridge
import TensorCore

extension Argument {
  /// Length of a table as Lua counts it, without metamethods.
  public func length() throws -> Int {
    guard type == LUA_TTABLE else { throw mistake(expected: "a table") }
    return Int(clamping: lua_rawlen(state, slot))
  }

  /// Calls the body with each element of a list from 1; the element is valid only inside the body.
  public func forEachItem(_ body: (Int, Argument) throws -> Void) throws {
    let length = try length()
    guard length > 0 else { return }
    guard lua_checkstack(state, 4) != 0 else { throw LuaHeapExhausted() }
    let top = lua_gettop(state), list = name
    for position in 1...length {
      lua_rawgeti(state, slot, lua_Integer(position))
      try body(position, Argument(call: call, slot: top + 1, name: list, item: Int32(clamping: position)))
      lua_settop(state, top)
    }
  }

  /// The object of a class at a place of a list, from 1, without metamethods; `nil` where something else is there or this is no table.
  public func item<T: LuaObject>(_ position: Int, _ class: T.Type) -> T? {
    guard type == LUA_TTABLE, lua_checkstack(state, 1) != 0 else { return nil }
    lua_rawgeti(state, slot, lua_Integer(position))
    defer { lua_settop(state, -2) }
    return Argument(call: call, slot: lua_gettop(state), name: name).objectIfAny(T.self)
  }

  /// Calls the body with each string key and its value, in no particular order; other keys raise. The body must not
  /// change the table, and the value is valid only inside it.
  public func forEachField(_ body: (String, Argument) throws -> Void) throws {
    guard type == LUA_TTABLE else { throw mistake(expected: "a table") }
    guard lua_checkstack(state, 6) != 0 else { throw LuaHeapExhausted() }
    let top = lua_gettop(state)
    lua_pushnil(state)
    while jl_next(state, slot) != 0 {
      guard lua_type(state, top + 1) == LUA_TSTRING else {
        let key = Argument(call: call, slot: top + 1, name: "key")
        throw call.mistake("\(name): expected names as keys, got \(key.shown)")
      }
      let key = luaString(state, top + 1)
      try body(key, Argument(call: call, slot: top + 2, name: "\(name).\(key)"))
      lua_settop(state, top + 1)
    }
  }

  /// A list of numbers.
  public func numbers() throws -> [Double] {
    var values: [Double] = []
    try fillList { values.append(try $0.number()) }
    return values
  }

  /// A list of integers within a range.
  public func integers(in range: ClosedRange<Int> = Int.min...Int.max) throws -> [Int] {
    var values: [Int] = []
    try fillList { values.append(try $0.integer(in: range)) }
    return values
  }

  /// A list of strings.
  public func strings() throws -> [String] {
    var values: [String] = []
    try fillList { values.append(try $0.string()) }
    return values
  }

  /// A list of objects of one class.
  public func objects<T: LuaObject>(_ type: T.Type) throws -> [T] {
    var values: [T] = []
    try fillList { values.append(try $0.object(type)) }
    return values
  }

  /// Sizes on the two axes of an image: one integer for both, or a list of two.
  public func pair() throws -> [Int] {
    guard kind == .table else {
      guard kind == .number else { throw mistake(expected: "an integer or a list of two") }
      let both = try integer()
      return [both, both]
    }
    let list = try integers()
    guard list.count == 2 else { throw call.mistake("\(name): expected an integer or a list of two, got a list of \(list.count)") }
    return list
  }

  /// Factors on the two axes of an image: one number for both, or a list of two.
  public func factors() throws -> [Double] {
    guard kind == .table else {
      guard kind == .number else { throw mistake(expected: "a number or a list of two") }
      let both = try number()
      return [both, both]
    }
    let list = try numbers()
    guard list.count == 2 else { throw call.mistake("\(name): expected a number or a list of two, got a list of \(list.count)") }
    return list
  }

  private func fillList(_ body: (Argument) throws -> Void) throws {
    guard type == LUA_TTABLE else { throw mistake(expected: "a list") }
    try forEachItem { try body($1) }
  }

  /// Nested tables of numbers (or of booleans) as a shape and a way to fill a buffer.
  public func nested() throws -> NestedNumbers { try NestedNumbers(self) }
}

/// A table of tables of numbers, like `{{1, 2}, {3, 4}}`: read the shape, make a buffer of `count` elements, fill it.
public struct NestedNumbers {
  private let argument: Argument
  private var nested: JLNested
  /// Lengths from the outermost table inwards, taken along the first elements; a plain number has rank 0.
  public let shape: [Int]
  /// Product of the shape.
  public let count: Int
  /// The leaves are booleans.
  public var isBoolean: Bool { nested.booleans }

  init(_ argument: Argument) throws {
    self.argument = argument
    nested = JLNested()
    guard argument.slot != 0, [LUA_TTABLE, LUA_TNUMBER, LUA_TBOOLEAN].contains(argument.type) else {
      throw argument.mistake(expected: "a number or nested tables of numbers")
    }
    jl_nested_shape(argument.state, argument.slot, &nested)
    let rank = Int(nested.rank)
    shape = withUnsafeBytes(of: nested.shape) { Array($0.bindMemory(to: Int64.self).prefix(rank)).map(Int.init) }
    var product = 1
    for length in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard !overflow else { throw argument.call.mistake("\(argument.name): too many elements") }
      product = next
    }
    count = product
    try check()
  }

  /// Fills row-major float64; the buffer must have exactly `count` elements.
  public mutating func fill(_ buffer: UnsafeMutableBufferPointer<Double>) throws {
    try fill(JL_FLOAT64, buffer.baseAddress, buffer.count)
  }

  /// Fills row-major float32.
  public mutating func fill(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    try fill(JL_FLOAT32, buffer.baseAddress, buffer.count)
  }

  /// Fills row-major int64; a leaf with a fraction raises.
  public mutating func fill(_ buffer: UnsafeMutableBufferPointer<Int64>) throws {
    try fill(JL_INT64, buffer.baseAddress, buffer.count)
  }

  /// Fills row-major bytes, 1 for true and for numbers other than 0.
  public mutating func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) throws {
    try fill(JL_BOOL, buffer.baseAddress, buffer.count)
  }

  private mutating func fill(_ element: JLElement, _ out: UnsafeMutableRawPointer?, _ capacity: Int) throws {
    guard capacity == count else { throw argument.call.mistake("\(argument.name): buffer of another size") }
    jl_nested_fill(argument.state, argument.slot, &nested, element, out)
    try check()
  }

  private func check() throws {
    let name = argument.name
    let call = argument.call
    let path = withUnsafeBytes(of: nested.path) {
      $0.bindMemory(to: Int64.self).prefix(Int(nested.depth)).map { "[\($0)]" }.joined()
    }
    let type = nested.found_type == LUA_TNONE ? "nothing" : String(cString: lua_typename(call.state, nested.found_type))
    switch nested.problem {
    case JL_NESTED_OK: return
    case JL_NESTED_TOO_DEEP:
      throw call.mistake("\(name): nested deeper than \(JL_MAX_RANK) levels, or a table that holds itself")
    case JL_NESTED_RAGGED where nested.found_type == LUA_TTABLE && nested.depth < nested.rank:
      throw call.mistake(
        "\(name)\(path): expected \(nested.expected_length) elements as in the first row, got \(nested.found_length)")
    case JL_NESTED_RAGGED:
      throw call.mistake("\(name)\(path): rows of different depth: got a \(type)")
    case JL_NESTED_NOT_INTEGER: throw call.mistake("\(name)\(path): expected an integer")
    case JL_NESTED_INTERRUPTED: throw Interrupted()
    case JL_NESTED_STACK: throw LuaHeapExhausted()
    default:
      throw call.mistake("\(name)\(path): expected a \(nested.booleans ? "boolean" : "number"), got \(type == "nil" ? "" : "a ")\(type)")
    }
  }
}
