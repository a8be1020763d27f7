import CSystem
import Glibc

/// The variables of the environment and the programs on `PATH`.
public enum Environment {
  /// The words that this program was started with, in memory that lives as long as it; `nil` where the C library does not tell.
  public static var commandLine: (words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int)? {
    var count: Int32 = 0
    guard let words = system_command_line(&count) else { return nil }
    return (words, Int(count))
  }

  /// Every variable of the environment.
  public static var variables: [String: String] {
    var variables: [String: String] = [:]
    for entry in entries {
      // A name may begin with "=" on some systems; the first sign belongs to it.
      guard let sign = entry.utf8.dropFirst().firstIndex(of: UInt8(ascii: "=")) else { continue }
      variables[String(entry[..<sign])] = String(entry[entry.index(after: sign)...])
    }
    return variables
  }

  /// The variable `name`, or `nil`.
  public static func value(_ name: String) -> String? {
    guard !name.utf8.contains(0), let text = getenv(name) else { return nil }
    return String(cString: text)
  }

  /// The path of the program that the shell would run for `name`; `nil` where there is none.
  public static func findProgram(_ name: String) -> String? {
    if name.utf8.contains(UInt8(ascii: "/")) { return isProgram(name) ? name : nil }
    guard !name.isEmpty else { return nil }
    for folder in (value("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false) {
      let path = (folder.isEmpty ? "." : String(folder)) + "/" + name
      if isProgram(path) { return path }
    }
    return nil
  }

  private static func isProgram(_ path: String) -> Bool {
    FileSystem.exists(path) && access(path, X_OK) == 0 && !FileSystem.isFolder(path)
  }

  private static var entries: [String] {
    guard var next = system_environment() else { return [] }
    var entries: [String] = []
    while let entry = next.pointee {
      entries.append(String(cString: entry))
      next += 1
    }
    return entries
  }
}
