import CSystem
import Glibc

/// A program that is run to its end, with its output caught.
public enum ChildProcess {
  /// How a program ended.
  public enum Ending: Equatable, Sendable {
    /// It ended by itself with this status.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)
    /// It ran longer than allowed and was ended.
    case timedOut
    /// The caller's `interrupted` said yes and it was ended.
    case interrupted
  }

  /// What a program left.
  public struct Result: Equatable, Sendable {
    /// How it ended.
    public let ending: Ending
    /// What it wrote to its output.
    public let output: [UInt8]
    /// What it wrote to its error output.
    public let errors: [UInt8]
  }

  /// Runs the program `arguments[0]`, found on `PATH`, and waits for its end.
  ///
  /// It reads `input` (nothing if empty), starts in `directory` (this process's if `nil`), and finds `environment` on top of this
  /// process's variables. After `timeout` seconds, or as soon as `interrupted` says yes, it is asked to end and two seconds later
  /// made to. Output is read until the program ends; what its own children write later is not waited for. Throws `SystemError`
  /// for a program that cannot be started and for more than `outputLimit` bytes of output.
  public static func run(
    _ arguments: [String], input: [UInt8] = [], directory: String? = nil, environment: [String: String] = [:],
    timeout: Double? = nil, outputLimit: Int = 1 << 28, interrupted: () -> Bool = { false }
  ) throws -> Result {
    guard let program = arguments.first, !program.isEmpty else { throw SystemError("cannot run a program without a name; give it first") }
    let settings = environment.map { "\($0.key)=\($0.value)" }
    for text in arguments + settings + [directory ?? "."] where text.utf8.contains(0) {
      throw SystemError("cannot run \(program): an argument holds a zero byte; pass it as input")
    }
    for name in environment.keys where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
      throw SystemError("cannot run \(program): \"\(name)\" is no name of a variable; give one without =")
    }
    if let directory, !FileSystem.isFolder(directory) {
      throw SystemError("cannot run \(program): there is no folder \(SystemError.printable(directory)); make it first")
    }
    let kept = Environment.variables.filter { environment[$0.key] == nil }.map { "\($0.key)=\($0.value)" }

    let source = try input.isEmpty ? Pipe.nothing() : Pipe()
    let output = try Pipe()
    let errors = try Pipe()
    defer { for pipe in [source, output, errors] { pipe.close() } }
    var pid: pid_t = 0
    let code = withCStrings(arguments) { argv in
      withCStrings(kept + settings) { variables in
        system_spawn(&pid, argv, variables, directory, source.reading, output.writing, errors.writing)
      }
    }
    if code == ENOENT { throw SystemError("cannot run \(program): there is no such program; install it or check PATH") }
    if code != 0 { throw SystemError("run", program, code: code) }
    source.closeReading()
    output.closeWriting()
    errors.closeWriting()
    var conversation = Conversation(pid: pid, program: program, input: input, source: source, output: output, errors: errors)
    return try conversation.run(timeout: timeout, outputLimit: outputLimit, interrupted: interrupted)
  }

  /// Ends this program by starting another in its place: the same process, terminal and signals. Returns only by throwing.
  ///
  /// It starts in `directory` (this process's if `nil`) and finds `environment` on top of this process's variables.
  public static func replace(with arguments: [String], directory: String? = nil, environment: [String: String] = [:]) throws -> Never {
    guard let program = arguments.first, let path = Environment.findProgram(program) else {
      throw SystemError("cannot run \(arguments.first ?? "a program without a name"): there is no such program; install it or check PATH")
    }
    let kept = Environment.variables.filter { environment[$0.key] == nil }.map { "\($0.key)=\($0.value)" }
    let settings = environment.map { "\($0.key)=\($0.value)" }
    for text in arguments + settings + [directory ?? "."] where text.utf8.contains(0) {
      throw SystemError("cannot run \(program): an argument holds a zero byte; leave it out")
    }
    fflush(nil)
    let code = withCStrings(arguments) { argv in
      withCStrings(kept + settings) { variables in system_execute(path, argv, variables, directory) }
    }
    throw SystemError("run", directory.map { "\(program) in \($0)" } ?? program, code: code)
  }

  static func withCStrings<R>(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else {
        var end: UnsafeMutablePointer<CChar>?
        return body(&end)
      }
      return body(base)
    }
  }
}
