import Glibc
import LuaBindings

/// Finds jetlua's Lua modules and makes them known to require, without reading them.
///
/// The folder is `stdlib` in $JETLUA_HOME, else in `../share/jetlua` beside the executable, else in the first folder above
/// the executable that has one. No bundle of the package manager: one that is missing ends the process.
struct StandardLibrary {
  private let executable: String

  init(executable: String) { self.executable = executable }

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
    if let home = getenv("JETLUA_HOME"), home[0] != 0 {
      let folder = String(cString: home) + "/stdlib"
      if isFolder(folder) { return realPath(folder) }
      write("jetlua: warning: JETLUA_HOME has no folder stdlib: \(String(cString: home))\n", to: STDERR_FILENO)
    }
    guard var parent = realPath(executable).map(parentFolder) else { return nil }
    if let folder = realPath(parent + "/../share/jetlua/stdlib"), isFolder(folder) { return folder }
    while true {
      if isFolder(parent + "/stdlib") { return parent + "/stdlib" }
      if parent.isEmpty { return nil }
      parent = parentFolder(parent)
    }
  }

  /// Modules below a folder: NAME.lua, NAME/init.lua and, as NAME.X, what else NAME holds.
  private func modules(in folder: String, prefix: String) -> [(name: String, path: String)] {
    var found: [(String, String)] = []
    for entry in entries(of: folder) where !entry.hasPrefix(".") {
      let path = folder + "/" + entry
      if entry.hasSuffix(".lua") {
        if entry != "init.lua" { found.append((prefix + entry.dropLast(4), path)) }
      } else if isFolder(path), !entry.contains(".") {
        let initial = path + "/init.lua"
        if access(initial, F_OK) == 0 { found.append((prefix + entry, initial)) }
        if prefix.filter({ $0 == "." }).count < 8 { found += modules(in: path, prefix: prefix + entry + ".") }
      }
    }
    return found
  }

  private func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      })
    }
    return names.sorted()
  }

  private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func parentFolder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
