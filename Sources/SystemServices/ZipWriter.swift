/// Writes a ZIP file, its entries stored or deflated and of any size (ZIP64), that appears under its name whole, on `commit`.
///
/// Every entry has the date 1980-01-01, so that the same entries give the same bytes. All functions throw `SystemError`.
public final class ZipWriter {
  private struct Record {
    let name: [UInt8]
    let method: Int
    let checksum: UInt32
    let size: Int
    let storedSize: Int
    let offset: Int
  }

  private let file: AtomicFile
  private var records: [Record] = []
  private var names: Set<String> = []
  private var position = 0
  private static let limit = 0xffff_ffff

  /// Starts to write the file at `path`.
  public init(path: String) throws { file = try AtomicFile(path: path) }

  /// Adds an entry whose bytes are those of `parts`; `level` from 1 to 9 deflates it, 0 stores it.
  ///
  /// `interrupted` is asked now and then; where it says yes, `SystemError.interrupted` is thrown.
  public func add(_ name: String, _ parts: [UnsafeRawBufferPointer], level: Int = 0, interrupted: () -> Bool = { false }) throws {
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty, bytes.count <= 65535, !bytes.contains(0), names.insert(name).inserted else {
      throw SystemError("cannot write \(file.path): \(SystemError.printable(name)) is no name for an entry, or it is taken")
    }
    let size = parts.reduce(0) { $0 + $1.count }
    let method = level > 0 ? 8 : 0, offset = position
    // What is deflated has its sizes behind it, because the stored one is known only then; they are of 64 bits where the
    // header says so. Deflating makes bytes that cannot be compressed longer by less than a thousandth.
    let isWide = size + size / 1000 + 1000 >= ZipWriter.limit
    let sum = method == 0 ? try checksum(parts) : 0
    var header: [UInt8] = []
    header.append(0x0403_4b50, bytes: 4)
    ZipWriter.common(&header, isWide: isWide, method: method)
    header.append(Int(sum), bytes: 4)
    for _ in 0..<2 { header.append(isWide ? ZipWriter.limit : method == 0 ? size : 0, bytes: 4) }
    header.append(bytes.count, bytes: 2)
    header.append(isWide ? 20 : 0, bytes: 2)
    header += bytes
    if isWide {
      header.append(1, bytes: 2)
      header.append(16, bytes: 2)
      for _ in 0..<2 { header.append(method == 0 ? size : 0, bytes: 8) }
    }
    try put(header)
    if method == 0 {
      for part in parts { try inPieces(part, interrupted) { try file.write($0) } }
      position += size
      records.append(Record(name: bytes, method: 0, checksum: sum, size: size, storedSize: size, offset: offset))
      return
    }
    let start = position
    let deflated = try checksum(parts, deflating: Int32(clamping: min(level, 9)), interrupted)
    let storedSize = position - start
    var descriptor: [UInt8] = []
    descriptor.append(0x0807_4b50, bytes: 4)
    descriptor.append(Int(deflated), bytes: 4)
    for number in [storedSize, size] { descriptor.append(number, bytes: isWide ? 8 : 4) }
    try put(descriptor)
    records.append(Record(name: bytes, method: 8, checksum: deflated, size: size, storedSize: storedSize, offset: offset))
  }

  /// Makes the file appear under its name; nothing can be added after it.
  public func commit() throws {
    let start = position
    for record in records { try put(entry(record)) }
    let size = position - start
    var end: [UInt8] = []
    if start >= ZipWriter.limit || records.count >= 0xffff {
      end.append(0x0606_4b50, bytes: 4)
      end.append(44, bytes: 8)
      for _ in 0..<2 { end.append(45, bytes: 2) }
      for _ in 0..<2 { end.append(0, bytes: 4) }
      for number in [records.count, records.count, size, start] { end.append(number, bytes: 8) }
      end.append(0x0706_4b50, bytes: 4)
      end.append(0, bytes: 4)
      end.append(start + size, bytes: 8)
      end.append(1, bytes: 4)
    }
    end.append(0x0605_4b50, bytes: 4)
    end.append(0, bytes: 4)
    for _ in 0..<2 { end.append(min(records.count, 0xffff), bytes: 2) }
    for number in [size, start] { end.append(min(number, ZipWriter.limit), bytes: 4) }
    end.append(0, bytes: 2)
    try put(end)
    try file.commit()
  }

  /// What the headers in front of the bytes and in the directory share: version, flags, method and date.
  private static func common(_ header: inout [UInt8], isWide: Bool, method: Int) {
    header.append(isWide ? 45 : 20, bytes: 2)
    // Names in UTF-8; sizes behind the bytes where they are deflated.
    header.append(0x800 | (method == 0 ? 0 : 8), bytes: 2)
    header.append(method, bytes: 2)
    header.append(0, bytes: 2)
    header.append(0x21, bytes: 2)
  }

  private func entry(_ record: Record) -> [UInt8] {
    let numbers = [record.size, record.storedSize, record.offset]
    let wide = numbers.filter { $0 >= ZipWriter.limit }
    var entry: [UInt8] = []
    entry.append(0x0201_4b50, bytes: 4)
    // Made by version 4.5 on Unix, so that the permissions below count.
    entry.append(3 << 8 | 45, bytes: 2)
    ZipWriter.common(&entry, isWide: !wide.isEmpty, method: record.method)
    entry.append(Int(record.checksum), bytes: 4)
    for number in [record.storedSize, record.size] { entry.append(min(number, ZipWriter.limit), bytes: 4) }
    entry.append(record.name.count, bytes: 2)
    entry.append(wide.isEmpty ? 0 : 4 + 8 * wide.count, bytes: 2)
    for _ in 0..<3 { entry.append(0, bytes: 2) }
    entry.append(0o100644 << 16, bytes: 4)
    entry.append(min(record.offset, ZipWriter.limit), bytes: 4)
    entry += record.name
    if !wide.isEmpty {
      entry.append(1, bytes: 2)
      entry.append(8 * wide.count, bytes: 2)
      for number in wide { entry.append(number, bytes: 8) }
    }
    return entry
  }

  private func put(_ bytes: [UInt8]) throws {
    try file.write(bytes)
    position += bytes.count
  }

  private func checksum(_ parts: [UnsafeRawBufferPointer]) throws -> UInt32 {
    var sum: UInt32 = 0
    for part in parts { sum = try Deflate.checksum(part, after: sum) }
    return sum
  }

  private func checksum(_ parts: [UnsafeRawBufferPointer], deflating level: Int32, _ interrupted: () -> Bool) throws -> UInt32 {
    let stream = try Deflate.Stream(level: level)
    var room = [UInt8](repeating: 0, count: 1 << 16)
    var sum: UInt32 = 0
    func step(_ input: UnsafeRawBufferPointer, last: Bool) throws {
      var rest = input
      var isFull = true
      while !rest.isEmpty || isFull || (last && !stream.isAtEnd) {
        try room.withUnsafeMutableBytes { bytes in
          var output = bytes
          _ = stream.step(&rest, &output, last: last)
          isFull = output.isEmpty
          let count = bytes.count - output.count
          try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
          position += count
        }
      }
    }
    for part in parts {
      try inPieces(part, interrupted) {
        sum = try Deflate.checksum($0, after: sum)
        try step($0, last: false)
      }
    }
    try step(UnsafeRawBufferPointer(start: nil, count: 0), last: true)
    return sum
  }

  private func inPieces(_ part: UnsafeRawBufferPointer, _ interrupted: () -> Bool, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var start = 0
    while start < part.count {
      if interrupted() { throw SystemError.interrupted }
      let end = min(start + (1 << 20), part.count)
      try body(UnsafeRawBufferPointer(rebasing: part[start..<end]))
      start = end
    }
  }
}

extension [UInt8] {
  /// Adds the lowest `count` bytes of `number`, the lowest first.
  fileprivate mutating func append(_ number: Int, bytes count: Int) {
    for i in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * i))) }
  }
}
