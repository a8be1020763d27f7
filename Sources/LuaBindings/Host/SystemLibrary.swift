import SystemServices
import TensorCore

extension LuaHost {
  /// Makes `jetlua.core.system`: files that are whole or absent, folders, checksums, programs, the terminal and the machine.
  func openSystemLibrary() throws {
    let library = try library("system")
    try addFiles(to: library)
    try addFolders(to: library)
    try addPrograms(to: library)
    try addMachine(to: library)
  }

  private func addFiles(to library: LuaLibrary) throws {
    try library.function("write_file") { call in  // write_file(path, text): whole or not at all
      let path = try call.path(at: 1)
      let text = try call.argument(at: 2, "text").bytes()
      try call.system { try AtomicFile.write(text, to: path) }
      return call.returns()
    }
    try library.function("append_file") { call in  // append_file(path, text): in one write
      let path = try call.path(at: 1)
      let text = try call.argument(at: 2, "text").bytes()
      try call.system { try FileSystem.append(text, to: path) }
      return call.returns()
    }
    try library.function("read_file") { call in
      let path = try call.path(at: 1)
      return try call.returns(.bytes(try call.system { try FileSystem.read(path) }))
    }
    try library.function("remove") { call in  // true, or false where there was nothing
      let path = try call.path(at: 1)
      return call.returns(try call.system { try FileSystem.remove(path) })
    }
    try library.function("rename") { call in
      let path = try call.path(at: 1, "from")
      let target = try call.path(at: 2, "to")
      try call.system { try FileSystem.rename(path, to: target) }
      return call.returns()
    }
    try library.function("link") { call in  // link(path, name): name is another name of the file then, or of a copy where there are no links
      let path = try call.path(at: 1, "path")
      let name = try call.path(at: 2, "name")
      try call.system { try AtomicReplacement.link(path, as: name) }
      return call.returns()
    }
    try library.function("temporary_name") { call in  // a name beside path, for a program that writes by itself; rename it then
      let path = try call.path(at: 1)
      return try call.returns(try call.system { try AtomicReplacement(path: path).temporaryPath })
    }
    try library.function("sha256_file") { call in
      let path = try call.path(at: 1)
      return try call.returns(try call.system { try Checksum.sha256(file: path) { Interrupted.isRequested } })
    }
    try library.function("sha256") { call in
      let text = try call.argument(at: 1, "text").bytes()
      return try call.returns(try call.system { try Checksum.sha256(text) })
    }
  }

  private func addFolders(to library: LuaLibrary) throws {
    try library.function("make_directory") { call in
      let path = try call.path(at: 1)
      try call.system { try FileSystem.makeFolder(path) }
      return call.returns()
    }
    try library.function("make_new_directory") { call in  // false where it is there already
      let path = try call.path(at: 1)
      return call.returns(try call.system { try FileSystem.makeNewFolder(path) })
    }
    try library.function("list_directory") { call in
      let path = try call.path(at: 1)
      return try call.returns(.strings(try call.system { try FileSystem.list(path) }))
    }
    try library.function("exists") { call in call.returns(FileSystem.exists(try call.path(at: 1))) }
    try library.function("is_directory") { call in call.returns(FileSystem.isFolder(try call.path(at: 1))) }
    try library.function("resolve") { call in  // without links and `..`; nil where there is nothing
      guard let path = FileSystem.resolved(try call.path(at: 1)) else { return call.returnsNil() }
      return try call.returns(path)
    }
    try library.function("file_size") { call in
      let path = try call.path(at: 1)
      return call.returns(try call.system { try FileSystem.size(path) })
    }
    try library.function("file_stamp") { call in  // a text that is another one once the file was written to or replaced
      let path = try call.path(at: 1)
      return try call.returns(try call.system { try FileSystem.stamp(path) })
    }
    try library.function("executable") { call in  // jetlua's own path
      guard let path = Installation.executable else { throw call.mistake("the system does not tell where the program is") }
      return try call.returns(path)
    }
    try library.function("home") { call in  // the folder that holds stdlib/
      guard let home = Installation.home else {
        throw call.mistake("no folder stdlib/ is found above the program; set JETLUA_HOME to the folder that holds it")
      }
      return try call.returns(home)
    }
  }

  private func addPrograms(to library: LuaLibrary) throws {
    try library.function("run") { call in  // run({program, …}, {input =, directory =, timeout =, environment =})
      let arguments = try call.argument(at: 1, "command").strings()
      let options = try call.options(at: 2, keys: ["input", "directory", "timeout", "environment"])
      let input = try options.optional("input")?.bytes() ?? []
      let directory = try options.optional("directory")?.path()
      let timeout = try options.optional("timeout")?.number(in: 0...1e9)
      var environment: [String: String] = [:]
      try options.optional("environment")?.forEachField { environment[$0] = try $1.string() }
      let result = try call.system {
        try ChildProcess.run(
          arguments, input: input, directory: directory, environment: environment, timeout: timeout,
          interrupted: { Interrupted.isRequested })
      }
      var fields: [(String, LuaValue)] = [("stdout", .bytes(result.output)), ("stderr", .bytes(result.errors))]
      switch result.ending {
      case .exited(let status): fields.append(("status", .integer(Int(status))))
      case .signalled(let signal): fields.append(("signal", .integer(Int(signal))))
      case .timedOut: fields.append(("timed_out", .boolean(true)))
      case .interrupted: throw Interrupted()
      }
      return try call.returns(.record(fields))
    }
    // execute({program, …}, {directory =, environment =}): this process becomes that program.
    try library.function("execute") { call in
      let arguments = try call.argument(at: 1, "command").strings()
      let options = try call.options(at: 2, keys: ["directory", "environment"])
      let directory = try options.optional("directory")?.path()
      var environment: [String: String] = [:]
      try options.optional("environment")?.forEachField { environment[$0] = try $1.string() }
      try call.system { try ChildProcess.replace(with: arguments, directory: directory, environment: environment) }
    }
    // run_to_end({path, …}, {directory =, environment =}): its status, or minus the signal that ended it; signals are passed on to it
    try library.function("run_to_end") { call in
      let arguments = try call.argument(at: 1, "command").strings()
      let options = try call.options(at: 2, keys: ["directory", "environment"])
      let directory = try options.optional("directory")?.path()
      var environment = Environment.variables
      try options.optional("environment")?.forEachField { environment[$0] = try $1.string() }
      guard let program = arguments.first else { throw call.mistake("run_to_end: expected a program, got nothing") }
      let ending = try call.system {
        if let directory, !FileSystem.isFolder(directory) { throw SystemError("cannot run \(program): there is no folder \(directory)") }
        return try Sandbox.run(program, Array(arguments.dropFirst()), environment: environment, directory: directory)
      }
      return call.returns(Int(ending))
    }
    try library.function("find_program") { call in
      guard let path = Environment.findProgram(try call.path(at: 1, "name")) else { return call.returnsNil() }
      return try call.returns(path)
    }
    try library.function("getenv_table") { call in
      try call.returns(.record(Environment.variables.map { ($0.key, .string($0.value)) }))
    }
  }

  private func addMachine(to library: LuaLibrary) throws {
    try library.function("is_terminal") { call in
      call.returns(Terminal.isTerminal(Int32(try call.integer(at: 1, "descriptor", in: 0...65535))))
    }
    try library.function("terminal_columns") { call in call.returns(Terminal.columns) }
    try library.function("write_error") { call in  // past every buffer
      Terminal.write(try call.argument(at: 1, "text").bytes(), to: 2)
      return call.returns()
    }
    try library.function("now") { call in call.returns(Machine.unixTime) }
    try library.function("monotonic") { call in call.returns(Machine.monotonicTime) }
    try library.function("process_id") { call in call.returns(Machine.processID) }
    try library.function("hostname") { call in try call.returns(Machine.hostName) }
    try library.function("cpu") { call in
      try call.returns(.record([("model", .string(Machine.processorName)), ("cores", .integer(Machine.processorCount))]))
    }
    try library.function("operating_system") { call in try call.returns(Machine.operatingSystem) }
    try library.function("memory") { call in  // bytes
      let memory = Machine.memory
      return try call.returns(
        .record([
          ("resident", .integer(memory.resident)), ("anonymous", .integer(memory.anonymous)), ("peak", .integer(memory.peak)),
        ]))
    }
  }
}

extension Argument {
  /// A path; one that is no UTF-8 would lead to another file than the script meant.
  func path() throws -> String {
    guard let path = String(validating: try bytes(), as: UTF8.self) else { throw mistake(expected: "a path in UTF-8") }
    return path
  }
}

extension Call {
  func path(at position: Int, _ name: String = "path") throws -> String { try argument(at: position, name).path() }

  /// Runs `body` and gives its errors this function's name.
  func system<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as SystemError {
      if error.code == SystemError.interrupted.code, Interrupted.isRequested { throw Interrupted() }
      throw mistake(error.description)
    }
  }
}
