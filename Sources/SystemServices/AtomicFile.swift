import Glibc

/// A file that appears under its name whole or not at all, whatever kills the process on the way.
///
/// The bytes go to a hidden temporary file in the same folder; `commit` syncs it, gives it the permissions of the file it
/// replaces, renames it and syncs the folder. A writer that is dropped without `commit` leaves the old file as it was. A path
/// that leads to a device or a pipe is written directly; one that is a link keeps being a link. All functions throw `SystemError`.
public final class AtomicFile {
  /// The path that the file will have, as the caller gave it.
  public let path: String

  private let place: Place
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 16

  /// Starts to write the file at `path`.
  public init(path: String) throws {
    self.path = path
    place = try Place(path)
    switch place {
    case .replaced(let target): descriptor = try target.create()
    case .direct: descriptor = try checked("write", path) { open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
    }
  }

  deinit { cancel() }

  /// Writes the whole file at `path`.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try bytes.withUnsafeBytes { try write($0, to: path) }
  }

  /// Writes the whole file at `path`.
  public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    let file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes the whole file at `path` in UTF-8.
  public static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  /// Adds bytes at the end.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    _ = try openDescriptor()
    if buffer.count + bytes.count <= AtomicFile.bufferSize {
      buffer.append(contentsOf: bytes)
      return
    }
    try flush()
    if bytes.count < AtomicFile.bufferSize { buffer.append(contentsOf: bytes) } else { try put(bytes) }
  }

  /// Adds bytes at the end.
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Adds text at the end, in UTF-8.
  public func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// Makes the file appear under its name; nothing can be written after it.
  public func commit() throws {
    do {
      try flush()
      let open = try openDescriptor()
      if case .replaced(let target) = place {
        try target.publish(open)
      }
      descriptor = -1
      try checked("write", path) { close(open) == 0 || errno == EINTR ? 0 : -1 }
    } catch {
      cancel()
      throw error
    }
  }

  /// Drops what was written and leaves the old file, if there is one, as it was.
  public func cancel() {
    buffer = []
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    if case .replaced(let target) = place { target.discard() }
  }

  private func openDescriptor() throws -> Int32 {
    guard descriptor >= 0 else { throw SystemError("cannot write \(SystemError.printable(path)): the file is finished already") }
    return descriptor
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try put($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    let open = try openDescriptor()
    var rest = bytes
    while !rest.isEmpty {
      let written = try checked("write", path) { Glibc.write(open, rest.baseAddress, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  private enum Place {
    case replaced(AtomicReplacement)
    case direct

    init(_ path: String) throws {
      try checkPath("write", path)
      var status = stat()
      if stat(path, &status) == 0 {
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR { throw SystemError("write", path, code: EISDIR) }
        if kind != S_IFREG {
          self = .direct
          return
        }
      }
      self = .replaced(try AtomicReplacement(path: path))
    }
  }
}
