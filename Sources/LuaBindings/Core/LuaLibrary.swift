import CLuaBridge

/// Adds functions and values to one module `jetlua.core.NAME`.
public struct LuaLibrary {
  let host: LuaHost
  let name: String

  /// Adds a function; its name also opens its error messages. `help` is what help and stubs say of it (MemberDocumentation).
  public func function(_ function: String, help: String = "", _ body: @escaping NativeFunction) throws {
    host.documentation.append(.init(owner: name, kind: .function, name: function, text: help))
    let index = host.register(function, body)
    try host.check(jl_add_function(host.state, name, function, index), "\(name).\(function)")
  }

  /// Adds a constant.
  public func value(_ member: String, _ value: LuaValue) throws {
    try value.push(host.state)
    try host.check(jl_add_value(host.state, name, member), "\(name).\(member)")
  }
}

/// Adds methods, properties and metamethods to one userdata class; in all of them the object is argument 1 (in binary
/// metamethods argument 1 or 2).
///
/// Every class has `free`, `<close>` and finalizers already.
public struct LuaClass<Object: LuaObject> {
  let host: LuaHost
  /// What messages and help call the class.
  let name: String

  /// Adds `object:name(…)`; `help` as of a library's function.
  public func method(_ name: String, help: String = "", _ body: @escaping NativeFunction) throws {
    host.documentation.append(.init(owner: self.name, kind: .method, name: name, text: help))
    try host.check(jl_add_method(host.state, Object.tag, name, host.register(name, body)), name)
  }

  /// Adds `object.name`, and with `set` also `object.name = value` (the value is argument 3); `help` begins with `@type`.
  public func property(_ name: String, help: String = "", get: @escaping NativeFunction, set: NativeFunction? = nil) throws {
    host.documentation.append(.init(owner: self.name, kind: .property, name: name, text: help))
    try host.check(jl_add_getter(host.state, Object.tag, name, host.register(name, get)), name)
    if let set { try host.check(jl_add_setter(host.state, Object.tag, name, host.register(name, set)), name) }
  }

  /// Adds a metamethod: `__add`, `__call`, `__len`, `__tostring`, `__eq`, `__lt`, `__concat` and so on.
  ///
  /// `called` names the function in messages, `__add` as "add" when it is left out.
  public func metamethod(_ event: String, called: String? = nil, _ body: @escaping NativeFunction) throws {
    let shown = called ?? (event.hasPrefix("__") ? String(event.dropFirst(2)) : event)
    let name = name
    // What was freed can still be printed.
    let body: NativeFunction =
      event != "__tostring"
      ? body
      : { call in
        let isClosed = jl_block(call.state, 1, Object.tag)?.pointee.object == nil
        return try isClosed && call.argument(at: 1, "self").kind == .object ? call.returns("\(name) (closed)") : body(call)
      }
    try host.check(jl_set_metamethod(host.state, Object.tag, event, host.register(shown, body)), event)
  }

  /// Answers `object[key]` for keys that are neither methods nor properties; without it they are nil.
  public func index(_ body: @escaping NativeFunction) throws {
    try host.check(jl_set_index_fallback(host.state, Object.tag, host.register("index", body)), "index")
  }

  /// Answers `object[key] = value` for keys that are no settable property; without it they raise.
  public func newIndex(_ body: @escaping NativeFunction) throws {
    try host.check(jl_set_newindex_fallback(host.state, Object.tag, host.register("index", body)), "index")
  }
}
