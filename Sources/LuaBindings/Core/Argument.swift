import CLuaBridge
import TensorCore

/// A value on the stack of the running call, with the name that messages give it.
public struct Argument {
  let call: Call
  /// Absolute stack position; 0 for an argument that was not given.
  let slot: Int32
  private let label: String
  // Which item of the list `label` it is, 0 for no item: the text is made when a message wants it, not for each item.
  private let item: Int32

  @inline(__always)
  init(call: Call, slot: Int32, name: String, item: Int32 = 0) {
    self.call = call
    self.slot = slot
    label = name
    self.item = item
  }

  /// What messages call the argument.
  public var name: String { item == 0 ? label : "\(label)[\(item)]" }

  /// What kind of Lua value it is; `absent` where the call has fewer arguments, `object` a userdata of jetlua.
  public enum Kind: Sendable { case absent, `nil`, boolean, number, string, table, function, object, other }

  var state: OpaquePointer { call.state }

  @inline(__always)
  var type: Int32 { slot == 0 ? LUA_TNONE : lua_type(state, slot) }

  /// What the value is; `object` is any userdata.
  public var kind: Kind {
    switch type {
    case LUA_TNONE: .absent
    case LUA_TNIL: .nil
    case LUA_TBOOLEAN: .boolean
    case LUA_TNUMBER: .number
    case LUA_TSTRING: .string
    case LUA_TTABLE: .table
    case LUA_TFUNCTION: .function
    case LUA_TUSERDATA: .object
    default: .other
    }
  }

  /// Absent or nil.
  @inline(__always)
  public var isNil: Bool { type <= LUA_TNIL }

  /// A number of Lua's integer subtype.
  public var isIntegerSubtype: Bool { slot != 0 && lua_isinteger(state, slot) != 0 }

  /// The error "FUNCTION: NAME: expected …, got …".
  public func mistake(expected: String) -> CallerError {
    call.mistake("\(name): expected \(expected), got \(shown)")
  }

  /// The value as messages show it: short, one line.
  public var shown: String {
    switch type {
    case LUA_TNONE: return "nothing"
    case LUA_TBOOLEAN: return lua_toboolean(state, slot) != 0 ? "true" : "false"
    case LUA_TNUMBER:
      if lua_isinteger(state, slot) != 0 { return "\(lua_tointegerx(state, slot, nil))" }
      let value = lua_tonumberx(state, slot, nil)
      return value.isNaN ? "NaN" : "\(value)"
    case LUA_TSTRING:
      let text = luaString(state, slot).prefix(40).map { $0.isNewline || $0 == "\0" ? "?" : $0 }
      return "\"\(String(text))\""
    case LUA_TUSERDATA:
      if let name = jl_object_class_name(state, slot) { return "a \(String(cString: name))" }
      return "a userdata"
    case let type: return type == LUA_TNIL ? "nil" : "a \(String(cString: lua_typename(state, type)))"
    }
  }

  /// A number; strings are not converted.
  @inline(__always)
  public func number() throws -> Double {
    guard type == LUA_TNUMBER else { throw mistake(expected: "a number") }
    return lua_tonumberx(state, slot, nil)
  }

  /// A number within a range; NaN is outside every range.
  public func number(in range: ClosedRange<Double>) throws -> Double {
    guard type == LUA_TNUMBER, range.contains(lua_tonumberx(state, slot, nil)) else {
      throw mistake(expected: "a number in \(range)")
    }
    return lua_tonumberx(state, slot, nil)
  }

  /// An integer; a float counts when its value is one below 2⁵³ in magnitude.
  public func integer() throws -> Int {
    guard let value = exactInteger else { throw mistake(expected: "an integer") }
    return value
  }

  /// An integer within a range.
  public func integer(in range: ClosedRange<Int>) throws -> Int {
    guard let value = exactInteger, range.contains(value) else {
      let expected = switch (range.lowerBound, range.upperBound) {
      case (Int.min, Int.max): "an integer"
      case (let low, Int.max): "an integer of at least \(low)"
      case (Int.min, let high): "an integer of at most \(high)"
      case (let low, let high): "an integer in \(low)...\(high)"
      }
      throw mistake(expected: expected)
    }
    return value
  }

  @inline(__always)
  var exactInteger: Int? {
    guard type == LUA_TNUMBER else { return nil }
    if lua_isinteger(state, slot) != 0 { return Int(lua_tointegerx(state, slot, nil)) }
    let value = lua_tonumberx(state, slot, nil)
    return abs(value) < 9_007_199_254_740_992 ? Int(exactly: value) : nil
  }

  /// `true` or `false`, nothing else.
  public func bool() throws -> Bool {
    guard type == LUA_TBOOLEAN else { throw mistake(expected: "true or false") }
    return lua_toboolean(state, slot) != 0
  }

  /// A string; bytes that are not UTF-8 become U+FFFD.
  public func string() throws -> String {
    guard type == LUA_TSTRING else { throw mistake(expected: "a string") }
    return luaString(state, slot)
  }

  /// The bytes of a string.
  public func bytes() throws -> [UInt8] {
    guard type == LUA_TSTRING else { throw mistake(expected: "a string") }
    var length = 0
    guard let text = lua_tolstring(state, slot, &length) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: text, count: length))
  }

  /// One of a few words; a wrong one raises and names the nearest.
  public func choice(_ choices: [String]) throws -> String {
    guard type == LUA_TSTRING else { throw mistake(expected: choices.map { "\"\($0)\"" }.joined(separator: " or ")) }
    let text = luaString(state, slot)
    if choices.contains(text) { return text }
    let known = choices.map { "\"\($0)\"" }.joined(separator: ", ")
    let hint = nearest(to: text, in: choices).map { "; did you mean \"\($0)\"?" } ?? ""
    throw call.mistake("\(name): expected one of \(known), got \(shown)\(hint)")
  }

  /// The object in a userdata of a class; one that was freed raises "NAME is closed".
  @inline(__always)
  public func object<T: LuaObject>(_ type: T.Type) throws -> T {
    if slot != 0, let block = jl_block(state, slot, T.tag) {
      if let object = block.pointee.object { return Unmanaged<T>.fromOpaque(object).takeUnretainedValue() }
      throw call.mistake("\(name): \(className(T.tag)) is closed")
    }
    throw mistake(expected: "a \(className(T.tag))")
  }

  /// The object if the value is an open userdata of the class, else nothing.
  @inline(__always)
  public func objectIfAny<T: LuaObject>(_ type: T.Type) -> T? {
    guard slot != 0, let object = jl_block(state, slot, T.tag)?.pointee.object else { return nil }
    return Unmanaged<T>.fromOpaque(object).takeUnretainedValue()
  }

  private func className(_ tag: UnsafeRawPointer?) -> String {
    jl_class_name(state, tag).map { String(cString: $0) } ?? "object"
  }
}

extension String {
  /// Its first characters as a message can hold them, for names that a script chose.
  var onOneLine: String { String(prefix(60).map { $0.isNewline || $0 == "\0" ? "?" : $0 }) }
}
