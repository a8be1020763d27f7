import Glibc

/// Files and folders by path. Every function throws `SystemError`.
public enum FileSystem {
  /// The bytes of the file at `path`; a file of more than `limit` bytes is refused.
  public static func read(_ path: String, limit: Int = 1 << 31) throws -> [UInt8] {
    let descriptor = try openToRead(path)
    defer { close(descriptor) }
    var status = stat()
    try checked("read", path) { fstat(descriptor, &status) }
    // A file in /proc says it is empty: the size is only where to begin.
    let expected = Int(status.st_size)
    if expected > limit { throw tooLarge(path, limit) }
    var bytes = [UInt8](repeating: 0, count: max(expected, 0) + 1)
    var filled = 0
    while true {
      let got = try bytes.withUnsafeMutableBytes { buffer in
        try checked("read", path) { Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled) }
      }
      if got == 0 { break }
      filled += got
      if filled > limit { throw tooLarge(path, limit) }
      if filled == bytes.count { bytes.append(contentsOf: repeatElement(0, count: max(filled, 4096))) }
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// The text of the file at `path`; bytes that are no UTF-8 become U+FFFD.
  public static func readText(_ path: String, limit: Int = 1 << 31) throws -> String {
    String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// Appends `bytes` to the file at `path`, made if it is missing, in one write: lines of several processes do not mix.
  public static func append(_ bytes: [UInt8], to path: String) throws {
    try checkPath("append to", path)
    let descriptor = try checked("append to", path) { open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666) }
    defer { close(descriptor) }
    let written = try checked("append to", path) { Glibc.write(descriptor, bytes, bytes.count) }
    // What is missing is not tried again: the rest of the line could land behind another process's line.
    if written < bytes.count { throw SystemError("append to", path, code: ENOSPC) }
  }

  /// Appends `line` and a line break to the file at `path` in one write.
  public static func appendLine(_ line: String, to path: String) throws {
    try append(Array(line.utf8) + [UInt8(ascii: "\n")], to: path)
  }

  /// Makes the folder at `path` and those above it; a folder that is there already is no error.
  public static func makeFolder(_ path: String) throws {
    try checkPath("make the folder", path)
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    if code == EEXIST || code == EISDIR {
      if isFolder(path) { return }
      throw SystemError("make the folder", path, code: EEXIST)
    }
    guard code == ENOENT, let parent = parent(of: path) else { throw SystemError("make the folder", path, code: code) }
    try makeFolder(parent)
    if mkdir(path, 0o777) != 0, !isFolder(path) { throw SystemError("make the folder", path, code: errno) }
  }

  /// Makes the folder at `path`, and those above it, unless it is there: `true` for the one caller that made it.
  public static func makeNewFolder(_ path: String) throws -> Bool {
    try checkPath("make the folder", path)
    if let parent = parent(of: path) { try makeFolder(parent) }
    if mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
    throw SystemError("make the folder", path, code: errno)
  }

  /// Bytes of the file at `path`.
  public static func size(_ path: String) throws -> Int {
    try checkPath("read", path)
    var status = stat()
    try checked("read", path) { stat(path, &status) }
    return Int(status.st_size)
  }

  /// A text that changes when the file at `path` is written to or replaced: its device, number, size, and times of change.
  ///
  /// The time of the last change to the file's entry is the system's own, so that setting the clock of the file back does not hide a
  /// change. Throws `SystemError` where there is no file.
  public static func stamp(_ path: String) throws -> String {
    try checkPath("read", path)
    var status = stat()
    try checked("read", path) { stat(path, &status) }
    let written = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)", changed = "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    return "\(status.st_dev)-\(status.st_ino)-\(status.st_size)-\(written)-\(changed)"
  }

  /// Whether there is something at `path`; a link that leads nowhere is nothing.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 && !path.utf8.contains(0) }

  /// Whether there is a folder at `path`.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in the folder at `path`, sorted by their bytes, without `.` and `..`.
  public static func list(_ path: String) throws -> [String] {
    try checkPath("list the folder", path)
    guard let folder = opendir(path) else { throw SystemError("list the folder", path, code: errno) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes the file or the empty folder at `path`; `false` where there is none.
  @discardableResult
  public static func remove(_ path: String) throws -> Bool {
    try checkPath("remove", path)
    if Glibc.remove(path) == 0 { return true }
    if errno == ENOENT { return false }
    throw SystemError("remove", path, code: errno)
  }

  /// Gives the file at `path` the name `target`, replacing what is there, in one step.
  public static func rename(_ path: String, to target: String) throws {
    try checkPath("rename", path)
    try checkPath("rename", target)
    if Glibc.rename(path, target) != 0 { throw SystemError("rename", "\(path) to \(target)", code: errno) }
  }

  /// The path with links and `..` resolved; `nil` where there is nothing.
  public static func resolved(_ path: String) -> String? {
    guard !path.utf8.contains(0), let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// The path of the folder that holds `path`; `nil` for a plain name and for `/`.
  public static func parent(of path: String) -> String? {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), bytes.count > 1 else { return nil }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  /// Opens a file, not a folder, to be read.
  static func openToRead(_ path: String) throws -> Int32 {
    try checkPath("read", path)
    let descriptor = try checked("read", path) { open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw SystemError("read", path, code: EISDIR)
    }
    return descriptor
  }

  private static func tooLarge(_ path: String, _ limit: Int) -> SystemError {
    SystemError("cannot read \(SystemError.printable(path)): it has more than \(limit) bytes; read it in parts")
  }
}
