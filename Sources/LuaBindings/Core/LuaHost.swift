import CLuaBridge
import TensorCore

/// A function given to Lua: reads its arguments from the call and says how many results it pushed.
public typealias NativeFunction = (Call) throws -> Results

/// How many values a native function gives back; made by `Call.returns`.
public struct Results {
  let count: Int32
}

/// A text that a host keeps in Lua's registry.
struct KeptText {
  let text: String
  let reference: Int32
}

/// Names of a table's fields that a host keeps in Lua's registry.
struct KeptNames {
  let references: [Int32]
}

/// Native functions by index. A class of its own, so that it outlives the state, whose finalizers may still call them.
final class FunctionTable {
  private(set) var names: [String] = []
  /// A function stored by itself would be wrapped once more for generic memory.
  struct Entry {
    let body: NativeFunction
  }

  /// Plain memory that C hands back at each call: an array here costs two reference counts and an access check per call.
  private(set) var bodies = UnsafeMutablePointer<Entry>.allocate(capacity: 64)
  private var capacity = 64

  deinit {
    bodies.deinitialize(count: names.count)
    bodies.deallocate()
  }

  func append(_ name: String, _ body: @escaping NativeFunction) -> Int32 {
    let index = names.count
    if index == capacity {
      let grown = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
      grown.moveInitialize(from: bodies, count: index)
      bodies.deallocate()
      bodies = grown
      capacity *= 2
    }
    (bodies + index).initialize(to: Entry(body: body))
    names.append(name)
    return Int32(truncatingIfNeeded: index)
  }
}

/// A Lua state with the standard library, and the native functions and classes registered in it.
///
/// Not Sendable: a host and its state stay on one thread, which needs a stack of at least 512 KB.
public final class LuaHost {
  /// The main `lua_State`. Only for calls that cannot raise, and for CLuaBridge.
  public let state: OpaquePointer
  private let table: FunctionTable
  /// What registrations say of themselves, in their order.
  var documentation: [MemberDocumentation] = []

  /// Opens a state; throws `OutOfMemory` when there is no room for one. `ignoringEnvironment` is the option -E.
  public init(ignoringEnvironment: Bool = false) throws {
    table = FunctionTable()
    let host = Unmanaged.passUnretained(table).toOpaque()
    guard
      let state = jl_open(
        host, dispatch, { if let object = $0 { Unmanaged<AnyObject>.fromOpaque(object).release() } }, ignoringEnvironment)
    else { throw OutOfMemory(bytes: nil) }
    self.state = state
  }

  deinit { jl_close(state) }

  /// Objects held by userdata that were neither collected nor freed.
  public var liveObjects: Int { jl_live_objects(state) }

  /// Bytes outside Lua's heap of those objects.
  public var liveBytes: Int { jl_live_bytes(state) }

  /// Bytes of Lua's own heap.
  public var heapBytes: Int { jl_heap_bytes(state) }

  /// Collects all garbage and runs its finalizers.
  public func collectGarbage() { jl_collect(state) }

  /// Frames of chunks below this folder are passed over when an error looks for the script's line.
  public func setLibraryFolder(_ path: String) {
    var prefix = "@" + path
    prefix.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { jl_set_library_prefix(state, $0.baseAddress, $0.count) }
    }
  }

  /// A builder for the module `jetlua.core.NAME`, made at its first use; several files may add to one module.
  public func library(_ name: String) throws -> LuaLibrary {
    try check(jl_new_module(state, name), "module \(name)")
    return LuaLibrary(host: self, name: name)
  }

  /// Makes a userdata class; `name` is what messages call it, `userValues` how many Lua values each object can hold. `help` begins
  /// with `@class` and the name that editors and help give it; `@field` lines stand for properties that `index` answers.
  public func declare<T: LuaObject>(_ type: T.Type, as name: String, userValues: Int32 = 0, help: String = "") throws -> LuaClass<T> {
    if jl_class_name(state, T.tag) != nil { throw CallerError("class \(name): declared twice") }
    try check(jl_new_class(state, T.tag, name, userValues), "class \(name)")
    documentation.append(.init(owner: name, kind: .class, name: name, text: help))
    return LuaClass(host: self, name: name)
  }

  /// The builder of a class that another file declared.
  public func declared<T: LuaObject>(_ type: T.Type) throws -> LuaClass<T> {
    guard let name = jl_class_name(state, T.tag) else { throw CallerError("class \(type): not declared yet") }
    return LuaClass(host: self, name: String(cString: name))
  }

  func register(_ name: String, _ body: @escaping NativeFunction) -> Int32 {
    let index = table.append(name, body)
    jl_set_functions(state, table.bodies, index + 1)
    return index
  }

  /// Keeps a text in Lua, for functions that return the same few again and again: to push one costs no look-up.
  func keep(_ text: String) throws -> KeptText {
    var bytes = text, reference: Int32 = 0
    let status = bytes.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { jl_keep_string(state, $0.baseAddress, $0.count, &reference) }
    }
    try check(status, text)
    return KeptText(text: text, reference: reference)
  }

  /// Keeps the names of fields, for functions that return such a table again and again: to make one is one call into Lua.
  func keep(names: [String]) throws -> KeptNames { KeptNames(references: try names.map { try keep($0).reference }) }

  func check(_ status: Int32, _ what: String) throws {
    switch Int(status) {
    case JL_OK: return
    case JL_NO_MEMORY: throw LuaHeapExhausted()
    default: throw CallerError("\(what): cannot be registered")
    }
  }

  /// Runs the text as a chunk and returns its results; throws `ScriptError` with a traceback.
  ///
  /// `name` is the chunk's name as Lua takes it: "@file", "=label" or the text itself.
  @discardableResult
  public func run(_ text: String, name: String = "=run") throws -> [LuaValue] {
    let top = lua_gettop(state)
    defer { lua_settop(state, top) }
    var text = text
    let loaded = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { jl_load(state, $0.baseAddress, $0.count, name) }
    }
    guard loaded == JL_OK else { throw scriptError(loaded) }
    let status = jl_call_traced(state, 0, -1)
    guard status == JL_OK else { throw scriptError(status) }
    let last = lua_gettop(state)
    return last > top ? (top + 1...last).map { LuaValue(state, at: $0) } : []
  }

  private func scriptError(_ status: Int32) -> ScriptError {
    if status == JL_NO_MEMORY { return ScriptError("not enough memory") }
    if case .string(let text) = LuaValue(state, at: lua_gettop(state)) { return ScriptError(text) }
    return ScriptError("(error object is a \(String(cString: lua_typename(state, lua_type(state, -1)))) value)")
  }
}

/// A script ended with an error; the text is what the standalone interpreter would print.
public struct ScriptError: Error, CustomStringConvertible {
  /// The message, with the script's line and a traceback.
  public let description: String
  init(_ description: String) { self.description = description }
}

/// An error value of Lua on its way through Swift; the value itself waits on the stack and keeps its identity.
///
/// Let it pass. Who catches it to clean up must throw it again.
public struct LuaError: Error {
  let position: Int32
}

/// Lua's own heap could not grow.
struct LuaHeapExhausted: Error, CustomStringConvertible {
  var description: String { "not enough memory" }
}

/// The one entrance from Lua: C calls it with the function's index, and raises after it has returned.
private func dispatch(
  state: OpaquePointer?, host: UnsafeMutableRawPointer?, functions: UnsafeMutableRawPointer?, index: Int32,
  count: Int32, lastAttempt: Bool
) -> Int32 {
  guard let state, let host, let functions else { return Int32(JL_MESSAGE) }
  let call = Call(state: state, table: Unmanaged.fromOpaque(host), index: index, count: count)
  if Profile.isOn { enterProfile(call) }
  defer { if Profile.isOn { Profile.leave() } }
  do {
    return try functions.assumingMemoryBound(to: FunctionTable.Entry.self)[Int(index)].body(call).count
  } catch {
    return report(error, call)
  }
}

private func report(_ error: any Error, _ call: Call) -> Int32 {
  var text: String
  var code = JL_MESSAGE
  switch error {
  case let error as LuaError:
    guard lua_checkstack(call.state, 1) != 0 else { return report(LuaHeapExhausted(), call) }
    lua_pushvalue(call.state, error.position)
    return Int32(JL_VALUE)
  case is Interrupted:
    return Int32(JL_INTERRUPTED)
  case let error as OutOfMemory:
    code = JL_OUT_OF_MEMORY
    text = "\(call.functionName): \(error)"
  default:
    text = "\(error)"
  }
  // Names out of damaged files may hold line ends and what moves a terminal's cursor; a message is one line.
  if text.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
    text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
  }
  text.withUTF8 { bytes in
    bytes.withMemoryRebound(to: CChar.self) { jl_set_message(call.state, $0.baseAddress, $0.count) }
  }
  return Int32(code)
}
