import Glibc

/// Where jetlua's own files are.
public enum Installation {
  /// The path of the running executable with links resolved; `nil` where the system does not tell.
  public static var executable: String? { FileSystem.resolved("/proc/self/exe") }

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
