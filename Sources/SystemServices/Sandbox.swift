import CSystem
import Glibc

/// Walls around this process, for scripts that nobody has read: which files it may touch, how much memory and time it may take.
///
/// What is begun here holds to the end of the process and for all programs that it starts. Every function throws `SystemError`.
public enum Sandbox {
  /// What a process may do.
  public struct Allowance: Sendable {
    /// Files and folders that may be read.
    public var readable: [String] = []
    /// Folders that may be read and written.
    public var writable: [String] = []
    /// Programs that may be started.
    public var executable: [String] = []
    /// Bytes of memory of its own.
    public var memory = 0
    /// Seconds.
    public var seconds = 0.0

    /// Nothing.
    public init() {}
  }

  /// Puts the calling thread, and all threads and programs that it starts, under the rules: to be called before any other thread
  /// is there. Refused where the kernel has no Landlock.
  public static func enter(_ allowance: Allowance, refusingCalls: Bool) throws {
    guard system_landlock_version() > 0 else {
      throw SystemError("this kernel has no Landlock (Linux 5.13), without which a script's files cannot be restricted; run it on another system, or trust it")
    }
    try done("watch over memory and time") { system_watch(UInt64(clamping: allowance.memory), allowance.seconds) }
    try done("limit the process") { system_limit(UInt64(clamping: allowance.memory), 1 << 40) }
    var rules: Int32 = -1
    try done("restrict files") { system_landlock_begin(&rules) }
    for path in allowance.readable + allowance.writable + allowance.executable where FileSystem.exists(path) {
      let writes: Int32 = allowance.writable.contains(path) ? 1 : 0, executes: Int32 = allowance.executable.contains(path) ? 1 : 0
      try done("restrict files to \(path)") { system_landlock_allow(rules, path, writes, executes) }
    }
    try done("restrict files") { system_landlock_enforce(rules) }
    if refusingCalls { try done("refuse system calls") { system_refuse_calls() } }
  }

  /// Ends the process as for want of memory.
  public static let endForMemory: @convention(c) () -> Void = { system_end_for_memory() }

  /// Runs a program in a process of its own with these variables only, and waits for its end: its status, or minus the signal that ended it.
  ///
  /// It starts in `directory` (this process's if `nil`), has this process's input and outputs, gets the SIGTERM and SIGUSR1 that come to
  /// this process, and does not outlive it. Throws `SystemError` for a program that cannot be started.
  public static func run(_ path: String, _ arguments: [String], environment: [String: String], directory: String? = nil) throws -> Int32 {
    let variables = environment.map { "\($0.key)=\($0.value)" }
    for text in [path, directory ?? "."] + arguments + variables where text.utf8.contains(0) {
      throw SystemError("cannot run \(SystemError.printable(path)): an argument holds a zero byte; leave it out")
    }
    var ending: Int32 = 0
    try done("run \(path)") {
      ChildProcess.withCStrings([path] + arguments) { argv in
        ChildProcess.withCStrings(variables) { variables in system_run_to_end(path, argv, variables, directory, &ending) }
      }
    }
    return ending
  }

  private static func done(_ what: String, _ body: () -> Int32) throws {
    let code = body()
    if code != 0 { throw SystemError("cannot \(what): \(String(cString: system_error_text(code)))") }
  }
}
