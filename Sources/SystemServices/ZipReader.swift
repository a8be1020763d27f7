/// The files within a ZIP file, stored or deflated, of any size (ZIP64), read from the directory at its end.
///
/// Nothing is taken on trust: each entry lies within the file and overlaps no other, no name occurs twice, and its bytes have
/// the size and the CRC-32 that the directory says. Nothing is written to disk, so a name such as `../x` is only a name.
/// All functions throw `SystemError`.
public final class ZipReader {
  /// One file within a ZIP file.
  public struct Entry: Sendable {
    /// Its name, with `/` between folders.
    public let name: String
    /// Number of its bytes.
    public let size: Int
    /// Whether it is deflated.
    public let isDeflated: Bool
    /// Number of bytes it takes in the ZIP file.
    public let storedSize: Int
    let checksum: UInt32
    let offset: Int
    /// Whether it is a plain file, not a link or a device.
    public let isRegular: Bool
  }

  /// The files in the order of the directory.
  public let entries: [Entry]
  private let source: ByteSource

  /// Reads the directory.
  public init(_ source: ByteSource) throws {
    self.source = source
    entries = try ZipDirectory(source).entries()
  }

  /// Starts to read an entry.
  public func open(_ entry: Entry) throws -> ZipEntryStream { try ZipEntryStream(source, entry) }
}

/// The bytes of one entry of a ZIP file, from its beginning to its end.
public final class ZipEntryStream {
  private let source: ByteSource
  private let entry: ZipReader.Entry
  private let inflation: Deflate.Stream?
  private var position: Int
  private var left: Int
  private var sum: UInt32 = 0
  private var input: [UInt8] = []
  private var inputStart = 0

  init(_ source: ByteSource, _ entry: ZipReader.Entry) throws {
    self.source = source
    self.entry = entry
    position = entry.offset
    left = entry.size
    inflation = entry.isDeflated ? try Deflate.Stream(level: 0) : nil
  }

  /// Fills `buffer` with the next bytes; throws where fewer are left or the compressed bytes are damaged.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws {
    guard buffer.count <= left else { throw damaged("holds \(entry.size) bytes, fewer than expected") }
    if let inflation {
      try inflate(inflation, buffer)
    } else {
      try source.read(at: position, into: buffer)
      position += buffer.count
    }
    left -= buffer.count
    sum = try Deflate.checksum(UnsafeRawBufferPointer(buffer), after: sum)
  }

  /// Throws unless all bytes were read and have the CRC-32 of the directory.
  public func finish() throws {
    guard left == 0 else { throw damaged("holds \(left) bytes more than expected") }
    if let inflation {
      // An end without any bytes is still to be read; a byte that comes instead is one too many.
      var extra: UInt8 = 0
      while !inflation.isAtEnd {
        let wrote = try withUnsafeMutableBytes(of: &extra) { room in
          var output = room
          try step(inflation, &output)
          return output.isEmpty
        }
        if wrote { throw damaged("holds more than the \(entry.size) bytes it is said to") }
      }
    }
    guard sum == entry.checksum else { throw damaged("does not have the checksum that the file says") }
  }

  private func inflate(_ inflation: Deflate.Stream, _ buffer: UnsafeMutableRawBufferPointer) throws {
    var output = buffer
    while !output.isEmpty {
      if inflation.isAtEnd { throw damaged("holds fewer than the \(entry.size) bytes it is said to") }
      try step(inflation, &output)
    }
  }

  private func step(_ inflation: Deflate.Stream, _ output: inout UnsafeMutableRawBufferPointer) throws {
    if inputStart == input.count {
      let count = min(1 << 16, entry.offset + entry.storedSize - position)
      if count == 0 { throw damaged("has compressed bytes that are cut short") }
      input = try source.bytes(at: position, count: count)
      inputStart = 0
      position += count
    }
    let isWell = input.withUnsafeBytes { bytes in
      var rest = UnsafeRawBufferPointer(rebasing: bytes[inputStart...])
      let isWell = inflation.step(&rest, &output)
      inputStart = bytes.count - rest.count
      return isWell
    }
    if !isWell { throw damaged("has compressed bytes that are damaged") }
  }

  private func damaged(_ what: String) -> SystemError {
    SystemError("\(source.name): \(SystemError.printable(entry.name)) \(what); copy or download the file again")
  }
}
