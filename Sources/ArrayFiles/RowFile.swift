import Glibc
import SystemServices
import TensorCore

/// Arrays of an HDF5, `.npz` or `.npy` file that are read row by row, in memory that does not grow with the file.
///
/// The kind of file is told by its first bytes. All functions throw `CallerError` or `SystemError`.
public final class RowFile {
  /// The path as it was given.
  public let path: String
  /// The HDF5 file, where it is one.
  public let hdf5: HDF5File?
  private let source: ByteSource?
  private let zip: ZipReader?

  /// What the first bytes of a file say.
  public enum Kind: Sendable {
    case hdf5, npz, npy, root, parquet, other
  }

  /// What the file at `path` is, by its first bytes.
  public static func kind(of path: String) throws -> Kind {
    let source = try ByteSource(path: path)
    let start = try source.bytes(at: 0, count: min(8, source.count))
    if start.starts(with: Array("root".utf8)) { return .root }
    if start.starts(with: Array("PAR1".utf8)) { return .parquet }
    if start.starts(with: [0x50, 0x4b, 3, 4]) || start.starts(with: [0x50, 0x4b, 5, 6]) { return .npz }
    if start.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    return start.starts(with: [0x89] + Array("HDF".utf8)) ? .hdf5 : .other
  }

  /// Opens the file at `path`; what is neither `.npz` nor `.npy` is taken for HDF5.
  public init(path: String) throws {
    self.path = path
    // HDF5 has messages of its own for files that are empty, missing or no regular file.
    let kind = (try? RowFile.kind(of: path)) ?? .other
    guard kind == .npz || kind == .npy else {
      hdf5 = try HDF5File(path: path)
      (source, zip) = (nil, nil)
      return
    }
    let source = try ByteSource(path: path)
    self.source = source
    zip = kind == .npz ? try ZipReader(source) : nil
    hdf5 = nil
  }

  /// The array called `name`: a data set or a field of one (`table/pt`), an entry of a `.npz`, or for any name the one of a `.npy`; `nil`
  /// where there is none.
  public func array(_ name: String) throws -> RowArray? {
    if let hdf5 {
      let path = "/" + name.split(separator: "/").joined(separator: "/")
      if let dataset = try dataset(hdf5, path) { return try RowArray(dataset, field: nil) }
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex,
        let table = try dataset(hdf5, String(path[..<slash])), case .compound(let fields) = table.element
      else { return nil }
      let field = String(path[path.index(after: slash)...])
      return fields.contains { $0.name == field } ? try RowArray(table, field: field) : nil
    }
    guard let source else { return nil }
    guard let zip else { return try RowArray(source, place: self.path) }
    guard let entry = zip.entries.first(where: { $0.name == name + ".npy" }) else { return nil }
    return try RowArray(zip, entry, place: "\(self.path): \(printable(name))")
  }

  /// The names of the arrays at the top of the file, the first few of many, for messages.
  public func summary() -> String {
    let names = (try? hdf5?.children(of: "/")) ?? zip?.entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name } ?? ["one array"]
    return names.isEmpty ? "nothing" : names.prefix(8).map(printable).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  private func dataset(_ file: HDF5File, _ path: String) throws -> HDF5Dataset? {
    guard file.exists(path) else {
      // A link out of the file is refused by name, not taken for missing.
      if let slash = path.lastIndex(of: "/"), let names = try? file.children(of: String(path[..<slash]) + "/"),
        names.contains(String(path[path.index(after: slash)...])) {
        return try file.dataset(path)
      }
      return nil
    }
    return (try? file.children(of: path)) == nil ? try file.dataset(path) : nil
  }
}

/// An array of numbers whose first axis is the row.
public final class RowArray {
  /// Its shape, the rows first.
  public let shape: [Int]
  /// The file and the array, as messages name them.
  public let place: String
  /// Number of rows.
  public let rowCount: Int
  /// Numbers in a row.
  public let width: Int
  /// Rows of one stored block, which is read as a whole; `nil` where the rows lie one behind the other.
  public var chunkRows: Int? { if case .dataset(let dataset, _) = storage { dataset.chunkRows } else { nil } }
  /// Whether several threads may read it at once; a compressed entry of a `.npz` is read from its beginning to its end.
  public var canBeSharedByThreads: Bool { if case .entry = storage { false } else { true } }

  private enum Storage {
    case dataset(HDF5Dataset, field: String?)
    case bytes(ByteSource, NPYHeader)
    case entry(ZipReader, ZipReader.Entry, NPYHeader)
  }
  private let storage: Storage
  /// Whether the numbers are stored in single precision.
  public let isSinglePrecision: Bool
  // A compressed entry is read from its beginning to its end: where that stands.
  private var stream: ZipEntryStream?
  private var streamRow = 0

  init(_ dataset: HDF5Dataset, field: String?) throws {
    var shape = dataset.shape
    var element = dataset.element
    if let field, case .compound(let fields) = dataset.element, let found = fields.first(where: { $0.name == field }) {
      shape += found.shape
      element = found.element
    }
    isSinglePrecision = element == .float(bytes: 4)
    place = "\(dataset.file.path): \(dataset.name)\(field.map { "/\($0)" } ?? "")"
    storage = .dataset(dataset, field: field)
    (self.shape, rowCount, width) = try RowArray.sizes(shape, place)
  }

  init(_ source: ByteSource, place: String) throws {
    var position = 0
    let header = try NPYHeader({ buffer in
      try source.read(at: position, into: buffer)
      position += buffer.count
    }, size: source.count, place: place)
    self.place = place
    isSinglePrecision = header.element == .float32 && !header.isBigEndian
    storage = .bytes(source, header)
    (shape, rowCount, width) = try RowArray.sizes(header, place)
  }

  init(_ zip: ZipReader, _ entry: ZipReader.Entry, place: String) throws {
    let stream = try zip.open(entry)
    let header = try NPYHeader({ try stream.read(into: $0) }, size: entry.size, place: place)
    self.place = place
    self.stream = stream
    isSinglePrecision = header.element == .float32 && !header.isBigEndian
    storage = .entry(zip, entry, header)
    (shape, rowCount, width) = try RowArray.sizes(header, place)
  }

  private static func sizes(_ header: NPYHeader, _ place: String) throws -> ([Int], Int, Int) {
    guard !header.isFortranOrder || header.shape.dimensions.count < 2 else {
      throw CallerError("\(place): its rows lie in Fortran order and cannot be read one by one; save numpy.ascontiguousarray of it")
    }
    return try sizes(Array(header.shape.dimensions), place)
  }

  private static func sizes(_ shape: [Int], _ place: String) throws -> ([Int], Int, Int) {
    guard let rows = shape.first else { throw CallerError("\(place): one number, where an array with one row per jet is expected; give another name") }
    var width = 1
    for size in shape.dropFirst() {
      let (next, overflow) = width.multipliedReportingOverflow(by: size)
      guard !overflow, next < 1 << 24 else { throw CallerError("\(place): rows of shape \(Array(shape.dropFirst())) are too large; the file may be damaged") }
      width = next
    }
    return (shape, rows, width)
  }

  /// Reads `rows` (0-based, half open): shape `[rows.count, width]`. Fastest where rows are asked for in their order.
  public func read(rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws {
    try check(rows)
    if rows.isEmpty || width == 0 { return }
    // The library takes several times as long to convert as to read.
    if isSinglePrecision { return try widen(rows.count, destination) { try read(rows: rows, into: $0) } }
    switch storage {
    case .dataset(let dataset, let field): try dataset.read(rows: rows, field: field, into: destination, capacity: rows.count * width)
    case .bytes(let source, let header):
      var position = header.length + rows.lowerBound * width * header.element.size
      try convert(rows.count, header, destination) { buffer in
        try source.read(at: position, into: buffer)
        position += buffer.count
      }
    case .entry(let zip, let entry, let header):
      try advance(zip, entry, header, rows) { stream in try convert(rows.count, header, destination) { try stream.read(into: $0) } }
    }
  }

  /// Reads `rows` likewise in single precision; numbers that are stored so are copied, others rounded.
  public func read(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows)
    let count = rows.count * width
    if count == 0 { return }
    if isSinglePrecision {
      let bytes = UnsafeMutableRawBufferPointer(start: destination, count: count * MemoryLayout<Float>.stride)
      switch storage {
      case .dataset(let dataset, let field): try dataset.read(rows: rows, field: field, into: destination, capacity: count)
      case .bytes(let source, let header): try source.read(at: header.length + rows.lowerBound * width * header.element.size, into: bytes)
      case .entry(let zip, let entry, let header): try advance(zip, entry, header, rows) { try $0.read(into: bytes) }
      }
      return
    }
    guard let memory = malloc(count * MemoryLayout<Double>.stride) else { throw OutOfMemory(bytes: count * MemoryLayout<Double>.stride) }
    defer { free(memory) }
    let values = memory.bindMemory(to: Double.self, capacity: count)
    try read(rows: rows, into: values)
    for i in 0..<count { destination[i] = Float(values[i]) }
  }

  private func check(_ rows: Range<Int>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw CallerError("\(place): rows \(rows.lowerBound) to \(rows.upperBound) asked for, but there are \(rowCount); ask for rows that are there")
    }
  }

  /// Reads `rows` of a compressed entry, whose bytes come one after the other.
  private func advance(
    _ zip: ZipReader, _ entry: ZipReader.Entry, _ header: NPYHeader, _ rows: Range<Int>, _ read: (ZipEntryStream) throws -> Void
  ) throws {
    let stream = try streamAt(rows.lowerBound, zip, entry, header)
    self.stream = nil
    try read(stream)
    (self.stream, streamRow) = (stream, rows.upperBound)
  }

  /// Reads `rows` rows in single precision and widens them.
  private func widen(_ rows: Int, _ destination: UnsafeMutablePointer<Double>, _ read: (UnsafeMutablePointer<Float>) throws -> Void) throws {
    let count = rows * width
    guard let memory = malloc(count * MemoryLayout<Float>.stride) else { throw OutOfMemory(bytes: count * MemoryLayout<Float>.stride) }
    defer { free(memory) }
    let values = memory.bindMemory(to: Float.self, capacity: count)
    try read(values)
    for i in 0..<count { destination[i] = Double(values[i]) }
  }

  private func convert(_ rows: Int, _ header: NPYHeader, _ destination: UnsafeMutablePointer<Double>, _ next: NextBytes) throws {
    if !header.isBigEndian, header.element == .float64 {
      return try next(UnsafeMutableRawBufferPointer(start: destination, count: rows * width * MemoryLayout<Double>.stride))
    }
    let shape = try StoredShape([rows, width], place: place)
    let values = try header.element.tensor(shape, isBigEndian: header.isBigEndian, place: place, next).converted(to: .float64)
    destination.update(from: values.pointer(as: Double.self), count: rows * width)
  }

  /// The entry's bytes from `row` on.
  private func streamAt(_ row: Int, _ zip: ZipReader, _ entry: ZipReader.Entry, _ header: NPYHeader) throws -> ZipEntryStream {
    let rowBytes = width * header.element.size
    var skipped = streamRow
    let opened: ZipEntryStream
    if let stream, streamRow <= row {
      opened = stream
    } else {
      opened = try zip.open(entry)
      skipped = 0
      var start = [UInt8](repeating: 0, count: header.length)
      try start.withUnsafeMutableBytes { try opened.read(into: $0) }
    }
    var left = (row - skipped) * rowBytes
    var waste = [UInt8](repeating: 0, count: min(left, 1 << 20))
    while left > 0 {
      try Interrupted.check()
      let part = min(left, waste.count)
      try waste.withUnsafeMutableBytes { try opened.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<part])) }
      left -= part
    }
    return opened
  }
}
