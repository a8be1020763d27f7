import Glibc
import SystemServices
import TensorCore

extension LuaHost {
  /// Makes `jetlua.core.processes`: programs that run beside the script, locks on files that they share, and signals.
  func openProcessesLibrary() throws {
    let library = try library("processes")
    let programs = StartedPrograms()
    let locks = HeldLocks()
    try library.function("lock") { call in  // a number that stands for the lock at path, nil where others hold it
      let path = try call.path(at: 1)
      guard let lock = try call.system({ try FileLock(path: path) }) else { return call.returnsNil() }
      return call.returns(locks.add(lock))
    }
    try library.function("unlock") { call in  // for this process and for those that it was handed to
      try locks.take(call).release()
      return call.returns()
    }
    // start({program, …}, {output =, directory =, environment =, lock =, memory =}): the number of its process
    try library.function("start") { call in
      let arguments = try call.argument(at: 1, "command").strings()
      let options = try call.options(at: 2, keys: ["output", "directory", "environment", "lock", "memory"])
      let output = try options.optional("output")?.path() ?? "/dev/null"
      let directory = try options.optional("directory")?.path()
      let lock = try options.optional("lock").map { try locks.find(call, try $0.integer()) }
      let memory = try options.optional("memory")?.integer(in: 1...Int.max)
      var environment: [String: String] = [:]
      try options.optional("environment")?.forEachField { environment[$0] = try $1.string() }
      return call.returns(
        try call.system {
          try programs.start(
            arguments, output: output, directory: directory, environment: environment, lock: lock, memory: memory)
        })
    }
    try library.function("wait") { call in  // until a program has ended, a signal came or so many seconds went by
      programs.wait(seconds: try call.argument(at: 1, "seconds").number(in: 0...1e6))
      if Interrupted.isRequested { throw Interrupted() }
      return call.returns()
    }
    try library.function("poll") { call in  // nil while it runs, else {status =} or {signal =}, and its peak of memory
      let process = try call.integer(at: 1, "process")
      guard let end = try call.system({ try programs.end(of: process) }) else { return call.returnsNil() }
      var fields: [(String, LuaValue)] = [("peak", .integer(end.peakMemory))]
      switch end.ending {
      case .exited(let status): fields.append(("status", .integer(Int(status))))
      case .signalled(let signal): fields.append(("signal", .integer(Int(signal))))
      case .timedOut, .interrupted: break
      }
      return try call.returns(.record(fields))
    }
    try library.function("signal") { call in  // signal(process, "TERM"): to the program and all that it started
      let process = try call.integer(at: 1, "process")
      let name = try call.string(at: 2, "signal")
      guard let signal = signals[name] else {
        throw call.mistake("signal: expected one of \(signals.keys.sorted().joined(separator: ", ")), got \(name)")
      }
      try call.system { try programs.signal(signal, process) }
      return call.returns()
    }
    try library.function("catch_stops") { call in  // Ctrl-C, SIGTERM and SIGUSR1 are only noted from now on
      StartedPrograms.catchStops()
      return call.returns()
    }
    try library.function("release_stops") { call in
      StartedPrograms.releaseStops()
      return call.returns()
    }
    try library.function("caught_stop") { call in  // "INT", "TERM", "USR1", or nil; told once
      let caught = StartedPrograms.caughtStop()
      guard let name = signals.first(where: { $0.value == caught })?.key else { return call.returnsNil() }
      return try call.returns(name)
    }
  }
}

private let signals: [String: Int32] = ["TERM": SIGTERM, "KILL": SIGKILL, "USR1": SIGUSR1, "INT": SIGINT]

/// The locks that a script holds, by number.
private final class HeldLocks {
  private var locks: [Int: FileLock] = [:]
  private var last = 0

  func add(_ lock: FileLock) -> Int {
    last += 1
    locks[last] = lock
    return last
  }

  func find(_ call: Call, _ number: Int) throws -> FileLock {
    guard let lock = locks[number] else { throw call.mistake("lock: expected a lock that is held, got \(number); take it with lock(path)") }
    return lock
  }

  func take(_ call: Call) throws -> FileLock {
    let number = try call.integer(at: 1, "lock")
    let lock = try find(call, number)
    locks[number] = nil
    return lock
  }
}
