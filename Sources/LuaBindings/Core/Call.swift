import CLuaBridge
import TensorCore

/// One call of a native function: its arguments, and the stack its results go to.
///
/// Valid only until the function returns.
public struct Call {
  let state: OpaquePointer
  let table: Unmanaged<FunctionTable>
  let index: Int32
  let count: Int32

  /// How many arguments were given.
  public var argumentCount: Int { Int(count) }

  /// The function's name as messages show it.
  public var functionName: String { table._withUnsafeGuaranteedRef { $0.names[Int(index)] } }

  /// The error "FUNCTION: message".
  public func mistake(_ message: String) -> CallerError { CallerError("\(functionName): \(message)") }

  /// The argument at a position from 1, given or not; `name` is what messages call it.
  @inline(__always)
  public func argument(at position: Int, _ name: String) -> Argument {
    Argument(call: self, slot: position >= 1 && position <= Int(count) ? Int32(position) : 0, name: name)
  }

  /// The argument, or nothing where it is absent or nil: `try call.optional(at: 2, "step")?.number() ?? 1`.
  @inline(__always)
  public func optional(at position: Int, _ name: String) -> Argument? {
    let argument = argument(at: position, name)
    return argument.isNil ? nil : argument
  }

  /// A number; strings are not converted.
  public func number(at position: Int, _ name: String) throws -> Double {
    try argument(at: position, name).number()
  }

  /// An integer; a float counts when its value is one below 2⁵³ in magnitude.
  public func integer(at position: Int, _ name: String) throws -> Int {
    try argument(at: position, name).integer()
  }

  /// An integer within a range.
  public func integer(at position: Int, _ name: String, in range: ClosedRange<Int>) throws -> Int {
    try argument(at: position, name).integer(in: range)
  }

  /// `true` or `false`, nothing else.
  public func bool(at position: Int, _ name: String) throws -> Bool {
    try argument(at: position, name).bool()
  }

  /// A string.
  public func string(at position: Int, _ name: String) throws -> String {
    try argument(at: position, name).string()
  }

  /// The object in a userdata of a class; one that was freed raises "NAME is closed".
  @inline(__always)
  public func object<T: LuaObject>(at position: Int, _ name: String, _ type: T.Type) throws -> T {
    if position >= 1, position <= Int(count), let block = jl_block(state, Int32(position), T.tag),
      let object = block.pointee.object
    {
      return Unmanaged<T>.fromOpaque(object).takeUnretainedValue()
    }
    return try argument(at: position, name).object(type)
  }

  /// The options table at a position; absent and nil mean no options, an unknown key raises and names the nearest known one.
  public func options(at position: Int, keys: [String]) throws -> Options {
    try Options(argument(at: position, "options"), keys: keys)
  }

  /// Raises when more arguments than this were given.
  public func expectAtMost(_ limit: Int) throws {
    if argumentCount > limit {
      throw mistake("expected at most \(limit) argument\(limit == 1 ? "" : "s"), got \(argumentCount)")
    }
  }
}

extension Call {
  /// No result.
  public func returns() -> Results { Results(count: 0) }

  /// Gives back nil.
  public func returnsNil() -> Results {
    lua_pushnil(state)
    return Results(count: 1)
  }

  /// Gives back a float.
  public func returns(_ value: Double) -> Results {
    lua_pushnumber(state, value)
    return Results(count: 1)
  }

  /// Gives back an integer.
  public func returns(_ value: Int) -> Results {
    lua_pushinteger(state, lua_Integer(value))
    return Results(count: 1)
  }

  /// Gives back a boolean.
  public func returns(_ value: Bool) -> Results {
    lua_pushboolean(state, value ? 1 : 0)
    return Results(count: 1)
  }

  /// Gives back a string.
  public func returns(_ text: String) throws -> Results {
    try pushText(state, text)
    return Results(count: 1)
  }

  /// A string that the host keeps.
  func returns(_ text: KeptText) throws -> Results {
    jl_push_kept_string(state, text.reference) ? Results(count: 1) : try returns(text.text)
  }

  /// The object as a new userdata.
  @inline(__always)
  public func returns<T: LuaObject>(_ object: T) throws -> Results {
    try pushObject(state, object)
    return Results(count: 1)
  }

  /// A table with one object under each of the names.
  func returns<T: LuaObject>(_ names: KeptNames, _ objects: [T]) throws -> Results {
    guard objects.count == names.references.count, lua_checkstack(state, Int32(clamping: objects.count) + 4) != 0 else { throw LuaHeapExhausted() }
    for object in objects { try pushObject(state, object) }
    try checked(jl_push_record(state, names.references, Int32(clamping: objects.count)))
    return Results(count: 1)
  }

  /// An argument of this call, or a value a called function gave, as it is.
  public func returns(_ argument: Argument) throws -> Results {
    try returns(.stack(argument))
  }

  /// Any number of values.
  public func returns(_ values: LuaValue...) throws -> Results { try returns(list: values) }

  /// The elements of a list as separate results.
  public func returns(list values: [LuaValue]) throws -> Results {
    guard values.count <= 200 || lua_checkstack(state, Int32(clamping: values.count)) != 0 else {
      throw mistake("too many results: \(values.count)")
    }
    for value in values { try value.push(state) }
    return Results(count: Int32(values.count))
  }
}
