import CLuaBridge
import Glibc
import TensorCore

/// The steps of the standalone interpreter. Each writes its own failure to stderr, after "PROGRAM: ", and returns
/// whether it went well. Texts are C strings, because file names and messages are bytes.
extension LuaHost {
  /// Bytes that end with a zero, as the command line has them.
  public typealias Text = UnsafePointer<CChar>

  /// Makes the global table `arg`, with position `script` of the command line at 0.
  public func setArguments(
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int32, script: Int32, program: Text?
  ) -> Bool {
    jl_program_arguments(state, program, arguments, count, script)
  }

  /// Runs a text; `name` is the chunk's name as Lua takes it.
  public func runText(_ text: Text, name: Text, program: Text?) -> Bool {
    jl_program_text(state, program, text, name)
  }

  /// Runs a file, or stdin for nil; `withArguments` hands it the elements of `arg`.
  public func runFile(_ path: Text?, withArguments: Bool, program: Text?) -> Bool {
    jl_program_file(state, program, path, withArguments)
  }

  /// Requires "mod" into the global mod, or "global=mod".
  public func requireLibrary(_ spec: Text, program: Text?) -> Bool {
    jl_program_library(state, program, spec)
  }

  /// Tells module `run`, if it is loaded, that the program is over and how, so that no run folder stays "running".
  public func finishRuns(program: Text?) -> Bool { jl_program_finish(state, program) }

  /// Has `body`, which must not return, called when memory for Lua runs out.
  public func onExhaustion(_ body: @escaping @convention(c) () -> Void) { jl_on_exhaustion(state, body) }

  /// Whether SIGTERM or SIGUSR1 came while a run was open: what stopped can be gone on with.
  public static var wasStopped: Bool { jl_stopped() }

  /// `wasStopped` for the line editor.
  public static let stopQuestion: @convention(c) () -> Bool = { jl_stopped() }

  /// Lets `warn` print, as the option -W does.
  public func turnWarningsOn() { jl_program_warnings_on(state) }

  /// Lets require load a Lua file as `name` and `jetlua.name`; a file of `shadowed` that exists is warned of then.
  public func addModule(_ name: String, file: String, shadowed: [String]) throws {
    let copies = shadowed.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    let list = copies.map { UnsafePointer($0) } + [nil]
    try check(jl_add_file_module(state, name, file, list), "module \(name)")
  }

  /// The prompt that a global names, or another one where it is nil. What no line used since the prompt before goes back to the system: who reads and thinks
  /// for an hour asks for nothing, and nothing else would look.
  public func prompt(_ global: String, otherwise: String) -> [CChar] {
    MemoryPool.releaseIdle()
    return [CChar](unsafeUninitializedCapacity: 512) { buffer, count in
      jl_repl_prompt(state, global, otherwise, buffer.baseAddress, 512)
      count = 512
    }
  }

  /// Runs what was typed so far and prints its values or its error; false when another line is needed and this is not the last.
  public func runTyped(_ text: [CChar], last: Bool) -> Bool {
    text.withUnsafeBufferPointer { jl_repl_run(state, $0.baseAddress, $0.count, last) } == JL_REPL_DONE
  }

  /// Has jetlua's Lua library serve the prompt of a terminal from now on; false where it cannot be loaded.
  public func assistPrompt(colours: Bool) -> Bool { jl_repl_assist(state, colours) }

  /// The state as a context for `promptCompleter`.
  public var promptContext: UnsafeMutableRawPointer { UnsafeMutableRawPointer(state) }

  /// Completes a word of a line for the line editor, which frees what it gets; the context is a `promptContext`.
  public static let promptCompleter:
    @convention(c) (UnsafeMutableRawPointer?, Text?, Int, Int) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = {
      context, line, first, last in
      context.flatMap { jl_repl_complete(OpaquePointer($0), line, first, last) }
    }

  /// Makes modules globals that are loaded at their first use, unless the script gave the globals a metatable.
  public func makeGlobalsOnDemand(_ modules: [String]) {
    let copies = modules.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    jl_repl_lazy_modules(state, copies.map { UnsafePointer($0) } + [nil])
  }
}
