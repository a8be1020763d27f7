import Glibc
import LuaBindings
import SystemServices

/// Finds jetlua's Lua modules and makes them known to require, without reading them.
///
/// The folder is `stdlib` in the installation's home. No bundle of the package manager: one that is missing ends the process.
struct StandardLibrary {
  /// The names of the top-level modules; `script` is the folder whose files of the same name are warned of.
  func install(in host: LuaHost, script: String?) throws -> [String] {
    guard let folder else { return [] }
    host.setLibraryFolder(folder + "/")
    var names: [String] = []
    for (name, path) in modules(in: folder, prefix: "") {
      let file = name.split(separator: ".").joined(separator: "/")
      let folders = Set([script ?? ".", "."]).sorted()
      let shadowed = folders.flatMap { ["\($0)/\(file).lua", "\($0)/\(file)/init.lua"] }
      try host.addModule(name, file: path, shadowed: shadowed)
      if !name.contains(".") { names.append(name) }
    }
    return names
  }

  private var folder: String? {
    if let home = Environment.value("JETLUA_HOME"), !home.isEmpty, !FileSystem.isFolder(home + "/stdlib") {
      write("jetlua: warning: JETLUA_HOME has no folder stdlib: \(home)\n", to: STDERR_FILENO)
    }
    return Installation.home.map { $0 + "/stdlib" }
  }

  /// Modules below a folder: NAME.lua, NAME/init.lua and, as NAME.X, what else NAME holds.
  private func modules(in folder: String, prefix: String) -> [(name: String, path: String)] {
    var found: [(String, String)] = []
    for entry in ((try? FileSystem.list(folder)) ?? []).sorted() where !entry.hasPrefix(".") {
      let path = folder + "/" + entry
      if entry.hasSuffix(".lua") {
        if entry != "init.lua" { found.append((prefix + entry.dropLast(4), path)) }
      } else if FileSystem.isFolder(path), !entry.contains(".") {
        let initial = path + "/init.lua"
        if FileSystem.exists(initial) { found.append((prefix + entry, initial)) }
        if prefix.filter({ $0 == "." }).count < 8 { found += modules(in: path, prefix: prefix + entry + ".") }
      }
    }
    return found
  }
}
