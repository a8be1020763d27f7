import Glibc
import LuaBindings
import Parallel
import SystemServices
import TensorCore

/// One run of the executable.
struct Program {
  private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init() {
    let given = Environment.commandLine
    arguments = given?.words ?? CommandLine.unsafeArgv
    count = given?.count ?? Int(CommandLine.argc)
  }

  /// Does what the command line says and returns the exit status.
  func run() -> Int32 {
    // A parent may have started us from a thread that blocks signals, and the mask is inherited.
    var interrupts = sigset_t()
    sigemptyset(&interrupts)
    sigaddset(&interrupts, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)

    var invocation = Invocation(arguments, count: count)
    let program = arguments[0].flatMap { $0[0] == 0 ? nil : UnsafePointer($0) }
    if case .badOption(let position)? = invocation.failure {
      let word = arguments[position].map { String(cString: $0) } ?? ""
      if word == "--version" || word == "--help" {
        write(word == "--version" ? Texts.version() : Texts.help(name(program)), to: STDOUT_FILENO)
        return EXIT_SUCCESS
      }
      write(Texts.usage(name(program), badOption: word), to: STDERR_FILENO)
      return EXIT_FAILURE
    }
    if case .badValue(let message)? = invocation.failure {
      write("\(name(program)): \(message)\n", to: STDERR_FILENO)
      return EXIT_FAILURE
    }
    let level = invocation.settings.level
    if level != .trusted {
      guard invocation.script < count, let path = scriptPath(invocation), !invocation.interactive, invocation.actions.isEmpty else {
        write("\(name(program)): --restricted and --isolated: expected a script file, without -e, -l and -i\n", to: STDERR_FILENO)
        return EXIT_FAILURE
      }
      let strangers = Strangers(settings: invocation.settings, script: String(cString: path))
      do {
        if level == .isolated { return try strangers.runChild((1..<count).compactMap { arguments[$0].map { String(cString: $0) } }) }
        try strangers.enter()
      } catch {
        write("\(name(program)): \(error)\n", to: STDERR_FILENO)
        return EXIT_FAILURE
      }
    }
    if Ranks.launchedCount > 1, let status = joinRanks(&invocation, program) { return status }
    if let threads = invocation.settings.threads { ThreadPool.threadCount = threads }
    if invocation.showVersion { write(Texts.luaVersion, to: STDOUT_FILENO) }
    do {
      let host = try LuaHost(ignoringEnvironment: invocation.ignoreEnvironment || level != .trusted)
      if level != .trusted { host.onExhaustion(Sandbox.endForMemory) }
      try host.openLibraries()
      let modules = try StandardLibrary().install(in: host, script: scriptFolder(invocation))
      let fine = run(invocation, host, program, modules)
      let finished = host.finishRuns(program: program) && fine
      if SharedGradients.areUnused, Ranks.own == 0 {
        write(
          "\(name(program)): \(Ranks.count) ranks each did all of the work: no batches were shared; train with models.fit, training:batches or "
            + "parallel.batches (docs/parallel.md)\n", to: STDERR_FILENO)
      }
      // What batch systems take as "start me again" (EX_TEMPFAIL of sysexits.h).
      return LuaHost.wasStopped ? 75 : finished ? EXIT_SUCCESS : EXIT_FAILURE
    } catch {
      write("\(name(program)): cannot create state: \(error)\n", to: STDERR_FILENO)
      return EXIT_FAILURE
    }
  }

  /// Joins the processes that mpirun or srun started with this one; the status where that ends the program. What is wrong one of them says.
  private func joinRanks(_ invocation: inout Invocation, _ program: UnsafePointer<CChar>?) -> Int32? {
    let isFirst = Ranks.launchedNumber == 0
    func refuse(_ message: String) -> Int32 {
      // mpirun ends all where one fails, and this line is to be read.
      guard isFirst else { return EXIT_SUCCESS }
      write("\(name(program)): \(message)\n", to: STDERR_FILENO)
      return EXIT_FAILURE
    }
    guard invocation.settings.level == .trusted else {
      return refuse("--restricted and --isolated: expected one process, got \(Ranks.launchedCount); start it without mpirun")
    }
    if invocation.script < count, let file = command(invocation) {
      guard Ranks.isBuiltIn, file.hasSuffix("/resume.lua") else {
        let word = arguments[invocation.script].map { String(cString: $0) } ?? "this command"
        return refuse("\(word): expected to be started once, got \(Ranks.launchedCount) processes; mpirun is for scripts and resume")
      }
      // It becomes the script, whose ranks meet; until then one of them speaks.
      if !isFirst { silence() }
      return nil
    }
    do {
      try Ranks.start(threadsAreGiven: invocation.settings.threads != nil || getenv("JETLUA_THREADS") != nil)
    } catch {
      return refuse("\(error)")
    }
    if !isFirst { invocation.fallSilent() }
    return nil
  }

  private func silence() {
    let nothing = open("/dev/null", O_WRONLY)
    guard nothing >= 0 else { return }
    dup2(nothing, STDOUT_FILENO)
    dup2(nothing, STDERR_FILENO)
    close(nothing)
  }

  private func run(
    _ invocation: Invocation, _ host: LuaHost, _ program: UnsafePointer<CChar>?, _ modules: [String]
  ) -> Bool {
    let hasScript = invocation.script < count
    guard
      host.setArguments(
        arguments, count: Int32(count), script: Int32(hasScript ? invocation.script : 0), program: program),
      invocation.ignoreEnvironment || invocation.settings.level != .trusted || runInitialText(host, program)
    else { return false }
    if let chunk = invocation.settings.chunk, !host.runText(chunk, name: "=(command line)", program: program) { return false }
    for action in invocation.actions {
      switch action {
      case .text(let text):
        guard host.runText(text, name: "=(command line)", program: program) else { return false }
      case .library(let spec):
        guard host.requireLibrary(spec, program: program) else { return false }
      case .warnings: host.turnWarningsOn()
      }
    }
    if hasScript, invocation.settings.level != .trusted {
      return host.runText("require('jetlua.internal.restricted').run()", name: "=(restricted)", program: program)
    }
    if hasScript {
      let ran =
        command(invocation).map { host.runFile($0, withArguments: true, program: program) }
        ?? host.runFile(scriptPath(invocation), withArguments: true, program: program)
      if !ran { return false }
    }
    if invocation.interactive {
      Prompt(host: host, modules: modules).run()
    } else if !hasScript, !invocation.hasText, !invocation.showVersion {
      if isatty(STDIN_FILENO) != 0 {
        write(Texts.luaVersion, to: STDOUT_FILENO)
        Prompt(host: host, modules: modules).run()
      } else {
        // As in the standalone interpreter, an error on stdin is shown but does not change the exit status.
        _ = host.runFile(nil, withArguments: false, program: program)
      }
    }
    return true
  }

  /// LUA_INIT_5_4, else LUA_INIT: a text, or "@file".
  private func runInitialText(_ host: LuaHost, _ program: UnsafePointer<CChar>?) -> Bool {
    for name in ["LUA_INIT_5_4", "LUA_INIT"] {
      guard let text = getenv(name) else { continue }
      if text[0] == CChar(UInt8(ascii: "@")) { return host.runFile(text + 1, withArguments: false, program: program) }
      return host.runText(text, name: "=\(name)", program: program)
    }
    return true
  }

  /// The script's path; nil for stdin, which "-" means unless "--" came before it.
  private func scriptPath(_ invocation: Invocation) -> UnsafePointer<CChar>? {
    guard let path = arguments[invocation.script] else { return nil }
    let isDash = strcmp(path, "-") == 0
    if isDash, let before = arguments[invocation.script - 1], strcmp(before, "--") != 0 { return nil }
    return UnsafePointer(path)
  }

  /// The file of the command that the first word names; nil where the word is a file (a folder is none: a run leaves one called
  /// runs), ends in ".lua" or names no command.
  private func command(_ invocation: Invocation) -> String? {
    guard let path = scriptPath(invocation), let home = Installation.home else { return nil }
    let word = String(cString: path)
    let isWord = word.utf8.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
    let file = "\(home)/commands/\(word).lua"
    let isFile = FileSystem.exists(word) && !FileSystem.isFolder(word)
    return isWord && !isFile && FileSystem.exists(file) ? file : nil
  }

  private func scriptFolder(_ invocation: Invocation) -> String? {
    guard invocation.script < count, let path = scriptPath(invocation) else { return nil }
    let text = String(cString: path)
    return text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "."
  }

  private func name(_ program: UnsafePointer<CChar>?) -> String {
    program.map { String(cString: $0) } ?? "jetlua"
  }
}

/// Writes a whole text, past stdio, so that it cannot mix with a script's buffered output of later.
func write(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return }
    rest = rest.dropFirst(written)
  }
}
