import Glibc
import Synchronization

/// The temporary file behind an atomic write, for a library that insists on opening its output by name.
///
/// Its name is `.NAME.HOST-PID-N.tmp` in the folder of the file to be written. Names left by a process of this machine that no
/// longer runs are removed when the same file is written again, so a killed run leaves nothing behind for good.
public struct AtomicReplacement: Sendable {
  /// The path that the file will have, as the caller gave it.
  public let path: String
  /// The path to write to until `publish` is called.
  public let temporaryPath: String

  private let target: String
  private static let counter = Atomic<Int>(0)

  /// Chooses a temporary name for the file at `path` and removes those that dead processes left; makes no file yet.
  ///
  /// Throws `SystemError` where `path` is something other than a regular file or the folder is missing.
  public init(path: String) throws {
    try checkPath("write", path)
    self.path = path
    // Through a link the file behind it is replaced, not the link.
    target = FileSystem.resolved(path) ?? path
    var status = stat()
    if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw SystemError("cannot write \(SystemError.printable(path)): it is no regular file; give the name of a file")
    }
    let (folder, name) = AtomicReplacement.split(target)
    if name.isEmpty { throw SystemError("write", path, code: EISDIR) }
    // 255 bytes is the longest name; host, process and number need room beside this one.
    let stem = "." + (name.utf8.count > 150 ? String(decoding: name.utf8.prefix(150), as: UTF8.self) : name) + "."
    let host = Machine.hostName.utf8.prefix(40).filter { $0 != UInt8(ascii: "/") }
    let mark = stem + String(decoding: host, as: UTF8.self) + "-"
    AtomicReplacement.removeAbandoned(folder: folder, mark: mark)
    let number = AtomicReplacement.counter.wrappingAdd(1, ordering: .relaxed).newValue
    temporaryPath = folder + "/" + mark + "\(getpid())-\(number).tmp"
  }

  /// Makes the temporary file, which must not exist, and returns a descriptor to write to it.
  func create() throws -> Int32 {
    do {
      return try checked("write", path) { open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    } catch let error as SystemError where error.code == ENOENT {
      throw SystemError(
        "cannot write \(SystemError.printable(path)): there is no folder \(AtomicReplacement.split(target).folder); make it first")
    }
  }

  /// Syncs the temporary file and gives it its name. It must be closed by the library that wrote it.
  public func publish() throws {
    let descriptor = try checked("write", path) { open(temporaryPath, O_RDWR | O_CLOEXEC) }
    defer { close(descriptor) }
    try publish(descriptor)
  }

  /// Removes the temporary file.
  public func discard() { unlink(temporaryPath) }

  func publish(_ descriptor: Int32) throws {
    var old = stat()
    if stat(target, &old) == 0 {
      // Only root may give the file back to its owner; for everyone else the attempt fails and the file is theirs.
      _ = fchown(descriptor, old.st_uid, old.st_gid)
      try checked("write", path) { fchmod(descriptor, old.st_mode & 0o7777) }
    }
    try checked("write", path) { fsync(descriptor) }
    if Glibc.rename(temporaryPath, target) != 0 { throw SystemError("write", path, code: errno) }
    let folder = open(AtomicReplacement.split(target).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      // Some file systems cannot sync a folder; the rename itself stays atomic there.
      _ = fsync(folder)
      close(folder)
    }
  }

  /// Makes `name` another name of the file at `path`, in place of a file that had it; on a file system without links it becomes a copy.
  ///
  /// Throws `SystemError` where there is no file at `path` or `name` cannot be written.
  public static func link(_ path: String, as name: String) throws {
    try checkPath("link", path)
    let replacement = try AtomicReplacement(path: name)
    if Glibc.link(path, replacement.temporaryPath) == 0 {
      // Between two names of one file rename does nothing, and the temporary one stays.
      defer { unlink(replacement.temporaryPath) }
      try checked("write", name) { Glibc.rename(replacement.temporaryPath, replacement.target) }
    } else if [EPERM, EACCES, EOPNOTSUPP, ENOSYS, EMLINK, EXDEV].contains(errno) {
      try AtomicFile.write(try FileSystem.read(path), to: name)
    } else {
      throw SystemError("link", path, code: errno)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    let bytes = Array(path.utf8)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = slash == 0 ? "/." : String(decoding: bytes[..<slash], as: UTF8.self)
    return (folder, String(decoding: bytes[(slash + 1)...], as: UTF8.self))
  }

  private static func removeAbandoned(folder: String, mark: String) {
    guard let names = try? FileSystem.list(folder) else { return }
    for name in names where name.hasSuffix(".tmp") {
      // A temporary file that was itself being written has the mark twice, one behind the other.
      let inner = name.hasPrefix("." + mark) ? name.dropFirst() : name[...]
      guard inner.hasPrefix(mark) else { continue }
      let numbers = inner.dropFirst(mark.count).dropLast(4).split(separator: "-")
      guard numbers.count == 2 || name.hasPrefix("." + mark) && numbers.count > 2, let process = pid_t(numbers[0]), process > 0, process != getpid()
      else { continue }
      if !isRunning(process) { unlink(folder + "/" + name) }
    }
  }

  /// Whether a process may still write; one that has ended counts as such although its parent has not asked for its status yet.
  private static func isRunning(_ process: pid_t) -> Bool {
    if kill(process, 0) != 0, errno == ESRCH { return false }
    // "PID (NAME) STATE …", where the name may hold anything.
    guard let text = try? FileSystem.readText("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return true }
    return !text[end...].hasPrefix(") Z") && !text[end...].hasPrefix(") X")
  }
}
