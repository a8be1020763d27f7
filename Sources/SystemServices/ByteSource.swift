import Glibc

/// Bytes that can be read from any place: those of a regular file, or of memory.
///
/// All functions throw `SystemError`.
public final class ByteSource {
  /// What messages call it: the path of the file.
  public let name: String
  /// Number of bytes.
  public let count: Int

  private let descriptor: Int32
  private let memory: [UInt8]

  /// The bytes of the regular file at `path`, which stays open.
  public init(path: String) throws {
    let descriptor = try FileSystem.openToRead(path)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SystemError("cannot read \(SystemError.printable(path)): it is no regular file; save it to one first")
    }
    self.descriptor = descriptor
    name = SystemError.printable(path)
    count = Int(status.st_size)
    memory = []
  }

  /// Bytes in memory.
  public init(_ bytes: [UInt8], name: String) {
    self.name = name
    count = bytes.count
    memory = bytes
    descriptor = -1
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills `buffer` with the bytes from `offset` on; throws where there are fewer.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    if buffer.isEmpty { return }
    guard offset >= 0, offset <= count, buffer.count <= count - offset else { throw cutShort() }
    if descriptor < 0 {
      memory.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)])) }
      return
    }
    var filled = 0
    while filled < buffer.count {
      let got = try checked("read", name) {
        pread(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(offset + filled))
      }
      // Another program cut the file meanwhile.
      if got == 0 { throw cutShort() }
      filled += got
    }
  }

  /// `count` bytes from `offset` on; throws where there are fewer.
  public func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard count >= 0, offset >= 0, offset <= self.count, count <= self.count - offset else { throw cutShort() }
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(at: offset, into: $0) }
    return bytes
  }

  private func cutShort() -> SystemError {
    SystemError("cannot read \(name): it is cut short at \(count) bytes; copy or download it again")
  }
}
