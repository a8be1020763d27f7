import CLuaBridge
import TensorCore

extension Call {
  /// Calls a Lua function (or callable object) with values and gives its first `results` values, padded with nil.
  ///
  /// A Lua error inside passes through as it was raised: let the thrown `LuaError` leave your function. The results stay
  /// on the stack until your function returns; in a long loop use `invoke(_:_:body:)`.
  public func invoke(_ function: Argument, _ arguments: [LuaValue], results: Int = 1) throws -> [Argument] {
    let base = lua_gettop(state)
    let results = Int32(min(max(results, 0), 100))
    try push(function, arguments, room: results)
    guard jl_call(state, Int32(arguments.count), results) == JL_OK else { throw try failure() }
    return self.results(base, results, of: function)
  }

  /// Calls a Lua function and gives all its results as those of the running function.
  public func invokeForAll(_ function: Argument, _ arguments: [LuaValue]) throws -> Results {
    let base = lua_gettop(state)
    try push(function, arguments, room: 0)
    guard jl_call(state, Int32(arguments.count), -1) == JL_OK else { throw try failure() }
    return Results(count: lua_gettop(state) - base)
  }

  /// A member of a module, as `require` gives it.
  func member(_ name: String, of module: String) throws -> Argument {
    guard lua_checkstack(state, 4) != 0 else { throw LuaHeapExhausted() }
    try checked(jl_require_member(state, module, name))
    return Argument(call: self, slot: lua_gettop(state), name: name)
  }

  // In functions of their own, because a nested call keeps this function's frame, and 200 of them must fit on the stack.
  @inline(never)
  private func push(_ function: Argument, _ arguments: [LuaValue], room: Int32) throws {
    guard [LUA_TFUNCTION, LUA_TTABLE, LUA_TUSERDATA].contains(function.type) else {
      throw function.mistake(expected: "a function")
    }
    guard lua_checkstack(state, Int32(clamping: arguments.count) + room + 4) != 0 else { throw LuaHeapExhausted() }
    try LuaValue.stack(function).push(state)
    for argument in arguments { try argument.push(state) }
  }

  @inline(never)
  private func results(_ base: Int32, _ count: Int32, of function: Argument) -> [Argument] {
    (0..<count).map { Argument(call: self, slot: base + 1 + $0, name: "\(function.name)'s result") }
  }

  /// Calls a Lua function, hands its first result to the body and cleans the stack, for loops.
  public func invoke<T>(_ function: Argument, _ arguments: [LuaValue], body: (Argument) throws -> T) throws -> T {
    let base = lua_gettop(state)
    let result = try body(try invoke(function, arguments, results: 1)[0])
    lua_settop(state, base)
    return result
  }

  /// The error value on top of the stack as a Swift error. A yield across this call gets an explanation.
  private func failure() throws -> LuaError {
    let position = lua_gettop(state)
    let barrier = "attempt to yield across a C-call boundary"
    if lua_type(state, position) == LUA_TSTRING, luaString(state, position).hasSuffix(barrier) {
      try pushText(
        state,
        luaString(state, position) + " (a function called by \(functionName) cannot yield; see docs/lua.md#coroutines)")
      return LuaError(position: position + 1)
    }
    return LuaError(position: position)
  }

  /// Keeps a Lua value with the userdata at a position, in a slot from 1; it lives as long as the userdata.
  public func setUserValue(of object: Argument, slot: Int32, to value: Argument) throws {
    guard object.type == LUA_TUSERDATA else { throw object.mistake(expected: "an object") }
    try LuaValue.stack(value).push(state)
    if lua_setiuservalue(state, object.slot, slot) == 0 { throw mistake("\(object.name): has no user value \(slot)") }
  }

  /// The Lua value kept with a userdata, nil if none.
  public func userValue(of object: Argument, slot: Int32) throws -> Argument {
    guard object.type == LUA_TUSERDATA else { throw object.mistake(expected: "an object") }
    guard lua_checkstack(state, 2) != 0 else { throw LuaHeapExhausted() }
    lua_getiuservalue(state, object.slot, slot)
    return Argument(call: self, slot: lua_gettop(state), name: object.name)
  }

  /// Pushes an object and gives it as an argument, to set its user values before it is returned.
  public func pushed<T: LuaObject>(_ object: T) throws -> Argument {
    try pushObject(state, object)
    return Argument(call: self, slot: lua_gettop(state), name: "result")
  }

  /// Corrects the off-heap size of an object after it grew or shrank.
  public func setBytes(of object: Argument, to bytes: Int) {
    if object.slot != 0 { jl_set_bytes(state, object.slot, max(0, bytes)) }
  }
}
