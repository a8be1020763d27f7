import Foundation

/// What a program printed and how it ended.
struct Outcome: Equatable {
  var output: String
  var errors: String
  var status: Int32
  /// The number of the signal that ended it, 0 if it ended by itself.
  var signal: Int32 = 0
}

/// A folder with the scripts of the tests, and a way to run programs in it.
struct Shell {
  /// jetlua as the tests' own build made it, beside the test bundle.
  static let jetlua: String = {
    if let path = ProcessInfo.processInfo.environment["JETLUA_EXECUTABLE"] { return path }
    let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("jetlua").path
  }()

  let folder: String

  init(files: [String: String] = [:]) throws {
    folder = NSTemporaryDirectory() + "/jetlua-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      let path = folder + "/" + name
      let parent = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Starts a program that reads a text; the tests' own settings of Lua and jetlua are not passed on.
  func start(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LUA_") && !$0.key.hasPrefix("JETLUA_") }
    variables["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = variables.merging(environment) { $1 }
    let running = Running(process: process)
    // A file, because a pipe whose reader has ended would end the tests by a signal.
    let inputPath = folder + "/.input-" + UUID().uuidString
    try Data(input.utf8).write(to: URL(fileURLWithPath: inputPath))
    process.standardInput = FileHandle(forReadingAtPath: inputPath)
    process.standardOutput = running.output
    process.standardError = running.errors
    try process.run()
    return running
  }

  /// Runs a program to its end.
  func run(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:], seconds: Int = 60
  ) throws -> Outcome {
    try start(program, arguments, input: input, environment: environment).finish(within: seconds)
  }
}

/// A program that was started.
struct Running {
  let process: Process
  let output = Pipe(), errors = Pipe()

  init(process: Process) { self.process = process }

  /// Reads all it prints and waits for its end; a program that does not end in time is killed.
  func finish(within seconds: Int = 60) -> Outcome {
    let identifier = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: watchdog)
    defer { watchdog.cancel() }
    let reader = errors.fileHandleForReading
    let box = Box()
    let thread = Thread { box.set(reader.readDataToEndOfFile()) }
    thread.start()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complained = box.wait()
    process.waitUntilExit()
    let killed = process.terminationReason == .uncaughtSignal
    return Outcome(
      output: String(decoding: printed, as: UTF8.self), errors: String(decoding: complained, as: UTF8.self),
      status: killed ? 128 + process.terminationStatus : process.terminationStatus,
      signal: killed ? process.terminationStatus : 0)
  }

  /// Reads what it prints until the text has come.
  func waitForOutput(_ text: String) {
    var seen = ""
    while !seen.contains(text) {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { return }
      seen += String(decoding: data, as: UTF8.self)
    }
  }

  func interrupt() { kill(process.processIdentifier, SIGINT) }
}

/// Hands bytes from one thread to another.
private final class Box: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  func set(_ data: Data) {
    self.data = data
    done.signal()
  }

  func wait() -> Data {
    done.wait()
    return data
  }
}
