import CSystem
import Glibc

/// Where jetlua's own files are.
public enum Installation {
  /// The path of the program that starts jetlua, with links resolved; `nil` where the system does not tell.
  ///
  /// In a bundle, whose own loader runs the program, it is `bin/jetlua` beside the program's folder `libexec`.
  public static var executable: String? {
    let running = FileSystem.resolved("/proc/self/exe")
    guard let started = startedFile, started != running else { return running }
    return launcher(of: started) ?? running ?? started
  }

  /// The folder of locales that a bundle brings along; `nil` outside a bundle.
  public static var bundledLocales: String? {
    guard let executable, let folder = FileSystem.parent(of: executable), let started = startedFile, launcher(of: started) == executable
    else { return nil }
    return FileSystem.resolved(folder + "/../lib/locale")
  }

  // What the kernel, or the loader that was given a program, says it started.
  private static var startedFile: String? {
    system_started_file().flatMap { FileSystem.resolved(String(cString: $0)) }
  }

  private static func launcher(of program: String) -> String? {
    guard program.hasSuffix("/libexec/jetlua"), let folder = FileSystem.parent(of: program) else { return nil }
    return FileSystem.resolved(folder + "/../bin/jetlua")
  }

  /// The folder that holds `stdlib/`: `$JETLUA_HOME`, else `../share/jetlua` beside the executable, else the first folder above
  /// the executable that has one; `nil` where there is none.
  public static var home: String? {
    func holdsLibrary(_ folder: String) -> String? {
      FileSystem.isFolder(folder + "/stdlib") ? FileSystem.resolved(folder) : nil
    }
    if let given = Environment.value("JETLUA_HOME"), !given.isEmpty, let home = holdsLibrary(given) { return home }
    guard let executable, let folder = FileSystem.parent(of: executable) else { return nil }
    if let home = holdsLibrary(folder + "/../share/jetlua") { return home }
    var above: String? = folder
    while let folder = above {
      if let home = holdsLibrary(folder) { return home }
      above = FileSystem.parent(of: folder)
    }
    return nil
  }
}
