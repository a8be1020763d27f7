import Glibc
import LuaBindings
import SystemServices
import TensorCore

/// Scripts that are not trusted: `--restricted` puts this process behind walls, `--isolated` a process of its own.
struct Strangers {
  let settings: Settings
  /// The script's path as it was given.
  let script: String

  /// Variables that the process of an isolated script keeps.
  private static let keptVariables: Set<String> = [
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "COLUMNS", "NO_COLOR", "JETLUA_HOME", "JETLUA_RUNS", "JETLUA_STOP_SECONDS",
    "JETLUA_CHECKPOINT_SECONDS", "JETLUA_RUN_LIST", "JETLUA_RESUME", "OPENBLAS_CORETYPE", "SWIFT_BACKTRACE",
  ]
  private static let folderVariable = "JETLUA_RUN_FOLDER"

  /// Runs the command line again in a child, with `--isolated-child` in the place of `--isolated`, and returns its exit status.
  func runChild(_ words: [String]) throws -> Int32 {
    guard let program = Installation.executable else { throw SystemError("cannot isolate the script: the system does not tell where jetlua is") }
    let folder = try makeFolder()
    var variables = Environment.variables.filter { Strangers.keptVariables.contains($0.key) }
    variables[Strangers.folderVariable] = folder
    variables["HOME"] = folder
    // A child that crashes says so by its signal; the trace would take seconds.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let ending = try Sandbox.run(program, words.map { $0 == "--isolated" ? "--isolated-child" : $0 }, environment: variables)
    _ = try? FileSystem.remove(folder + "/cache")
    _ = rmdir(folder)
    if ending >= 0 { return ending }
    write("jetlua: the script's process was ended by signal \(-ending); nothing outside it was touched\n", to: STDERR_FILENO)
    return 128 - ending
  }

  /// Raises the walls around this process; before its first thread.
  func enter() throws {
    let folder: String
    if settings.level == .isolatedChild, let given = Environment.value(Strangers.folderVariable), !given.isEmpty {
      folder = given
    } else {
      folder = try makeFolder()
    }
    setenv(Strangers.folderVariable, folder, 1)
    setenv("JETLUA_CACHE", folder + "/cache", 1)
    var allowance = Sandbox.Allowance()
    allowance.memory = settings.memory ?? min(8 << 30, Machine.physicalMemory / 4 * 3)
    // What waits for reuse counts, too.
    MemoryPool.keptCeiling = min(MemoryPool.keptCeiling, allowance.memory / 4)
    allowance.seconds = settings.time ?? 86_400
    allowance.writable = [folder]
    let parent = FileSystem.parent(of: script) ?? "."
    allowance.readable = [parent] + settings.data + [
      "/usr/lib", "/usr/share", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/os-release", "/usr/bin/gnuplot",
      "/var/cache/fontconfig", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/kernel", "/sys/devices/system/cpu", "/dev/null",
      "/dev/zero", "/dev/urandom",
    ]
    if let home = Installation.home { allowance.readable += [home + "/stdlib", home + "/scripts", home + "/commands"] }
    if let program = Installation.executable { allowance.readable.append(program) }
    // gnuplot draws the figures; it inherits the walls.
    if let gnuplot = Environment.findProgram("gnuplot").flatMap(FileSystem.resolved) {
      allowance.executable = [gnuplot, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].compactMap(FileSystem.resolved)
    }
    for path in settings.data where !FileSystem.exists(path) {
      throw SystemError("--data: \(path): expected a file or folder that the script may read, found none")
    }
    try Sandbox.enter(allowance, refusingCalls: settings.level == .isolatedChild)
  }

  /// A new folder for the script's run, the only one that it may write to.
  private func makeFolder() throws -> String {
    let given = Environment.value("JETLUA_RUNS") ?? ""
    let root = given.isEmpty ? "runs" : given
    try FileSystem.makeFolder(root)
    guard let absolute = FileSystem.resolved(root) else { throw SystemError("cannot find the folder \(root); make it") }
    var name = script.split(separator: "/").last.map(String.init) ?? "script"
    if name.hasSuffix(".lua") { name.removeLast(4) }
    name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" }.prefix(80))
    let stem = "\(absolute)/\(name)-\(Machine.timeStamp)"
    for i in 1...10_000 {
      let path = i == 1 ? stem : "\(stem)-\(i)"
      if try FileSystem.makeNewFolder(path) { return path }
    }
    throw SystemError("cannot make a folder for the run in \(root): 10000 of its name are there")
  }
}
