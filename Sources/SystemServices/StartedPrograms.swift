import CSystem
import Glibc

/// Programs that were started here and run beside this one, each the leader of a process group of its own.
///
/// Only what was started here can be waited for and signalled. One that outlives this program goes on running.
public final class StartedPrograms {
  /// What a program left when it ended.
  public struct End: Equatable, Sendable {
    /// How it ended: `.exited` or `.signalled`.
    public let ending: ChildProcess.Ending
    /// The most memory that it ever had, in bytes.
    public let peakMemory: Int
  }

  private var running: Set<pid_t> = []

  /// No program yet.
  public init() {}

  /// Starts the program `arguments[0]`, found on `PATH`, and returns the number of its process.
  ///
  /// It reads nothing, appends output and error output to the file `output`, starts in `directory` (this process's if `nil`), finds
  /// `environment` on top of this process's variables, and holds `lock` with this process until it ends. `memory` limits the bytes it
  /// may ask for. Throws `SystemError` for a program that cannot be started.
  public func start(
    _ arguments: [String], output: String, directory: String? = nil, environment: [String: String] = [:], lock: FileLock? = nil,
    memory: Int? = nil
  ) throws -> Int {
    guard let program = arguments.first, !program.isEmpty else { throw SystemError("cannot run a program without a name; give it first") }
    let settings = environment.map { "\($0.key)=\($0.value)" }
    for text in arguments + settings + [directory ?? "."] where text.utf8.contains(0) {
      throw SystemError("cannot run \(SystemError.printable(program)): an argument holds a zero byte; leave it out")
    }
    if let directory, !FileSystem.isFolder(directory) {
      throw SystemError("cannot run \(program): there is no folder \(SystemError.printable(directory)); make it first")
    }
    let kept = Environment.variables.filter { environment[$0.key] == nil }.map { "\($0.key)=\($0.value)" }
    let source = try Pipe.nothing()
    defer { source.close() }
    try checkPath("write", output)
    let opened = try checked("write", output) { open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o666) }
    defer { close(opened) }
    let sink = try checked("write", output) { fcntl(opened, F_DUPFD_CLOEXEC, 3) }
    defer { close(sink) }
    var pid: pid_t = 0
    let code = ChildProcess.withCStrings(arguments) { argv in
      ChildProcess.withCStrings(kept + settings) { variables in
        system_start(&pid, argv, variables, directory, source.reading, sink, lock?.descriptor ?? -1)
      }
    }
    if code == ENOENT { throw SystemError("cannot run \(program): there is no such program; install it or check PATH") }
    if code != 0 { throw SystemError("run", program, code: code) }
    running.insert(pid)
    if let memory { _ = system_limit_memory(pid, UInt64(max(memory, 0))) }
    return Int(pid)
  }

  /// Waits until a program has ended, a signal came to this process, or `seconds` went by.
  public func wait(seconds: Double) {
    let pids = Array(running)
    system_wait_for_any(pids, pids.count, Int32(min(max(seconds, 0), 1e6) * 1000))
  }

  /// How the program ended; `nil` while it runs. Once told, it is forgotten. Throws `SystemError` for what was not started here.
  public func end(of process: Int) throws -> End? {
    let pid = try known(process)
    var status: Int32 = 0
    var peak: Int64 = 0
    let found = system_reap(pid, &status, &peak)
    if found == 0 { return nil }
    running.remove(pid)
    // Without a status (somebody ignores SIGCHLD) nothing is known but that it is over.
    if found < 0 { return End(ending: .signalled(0), peakMemory: 0) }
    let signal = status & 0x7f
    return End(ending: signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal), peakMemory: Int(peak))
  }

  /// Sends a signal to the program and to all that it started. Throws `SystemError` for what was not started here.
  public func signal(_ signal: Int32, _ process: Int) throws {
    let pid = try known(process)
    _ = kill(-pid, signal)
  }

  private func known(_ process: Int) throws -> pid_t {
    guard let pid = pid_t(exactly: process), running.contains(pid) else {
      throw SystemError("process \(process) was not started here or has ended; start it first")
    }
    return pid
  }

  /// From now on SIGINT, SIGTERM and SIGUSR1 to this process are only noted, for `caughtStop`; the fourth SIGINT ends it all the same.
  public static func catchStops() { system_catch_stops() }

  /// What these signals did before `catchStops` is done again.
  public static func releaseStops() { system_release_stops() }

  /// The signal that was noted last and is forgotten now; `nil` if none came.
  public static func caughtStop() -> Int32? {
    let signal = system_caught_stop()
    return signal == 0 ? nil : signal
  }
}
