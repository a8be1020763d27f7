import CHDF5
import Glibc
import TensorCore

extension HDF5Dataset {
  /// Reads `rows` (0-based, half open) of a numeric data set, or of one field of a compound one, converted to `T`.
  ///
  /// What is written to `destination` has the shape `[rows.count, *S]` with S the axes behind the first one; `columns` (0-based,
  /// half open) keeps a part of the first axis of S. A single value counts as one row. `capacity` is the number of elements that
  /// `destination` has room for. Throws `CallerError` for rows, columns or a field that are not there, for elements that are no
  /// numbers, for too little room and for a file that cannot be read.
  public func read<T: HDF5Scalar>(
    rows: Range<Int>, field: String? = nil, columns: Range<Int>? = nil, into destination: UnsafeMutablePointer<T>, capacity: Int
  ) throws {
    let plan = try plan(rows: rows, field: field, columns: columns)
    let (count, overflow) = rows.count.multipliedReportingOverflow(by: plan.selected)
    guard !overflow, count <= capacity else {
      throw CallerError(
        "\(place): \(rows.count) rows of \(plan.selected) values asked for, but there is room for \(capacity); ask for fewer rows")
    }
    if count == 0 { return }
    if let stored = try storedPlace(plan, T.hdf5Kind) {
      let width = plan.selected * MemoryLayout<T>.size
      // Whole rows that lie one behind the other need no copy.
      if width == stored.rowSize, let lying = self.stored, lying.read(rows, into: destination) { return }
      try withStoredRows(rows, size: stored.rowSize) { source, part in
        let target = UnsafeMutableRawPointer(destination + (part.lowerBound - rows.lowerBound) * plan.selected)
        for row in 0..<part.count {
          // Bytes, because nothing in a file keeps a field on a multiple of its size.
          memcpy(target + row * width, source + (row * stored.rowSize + stored.offset), width)
        }
      }
      return
    }
    // The library takes several times as long to convert as to read.
    if T.hdf5Kind == .double, try widen(rows, plan, .float, Float.self, into: destination, { Double($0) })
      || widen(rows, plan, .int64, Int64.self, into: destination, { Double($0) }) { return }
    try withHDF5 { hdf5 in
      _ = try file.openID()
      if plan.field == nil, rank == shape.count {
        try readNumbers(hdf5, rows: rows, columns: columns, count: count, into: destination)
      } else {
        try readFields(hdf5, rows: rows, plan: plan, into: destination)
      }
    }
  }

  /// Reads stored numbers `S` as double-precision ones, which `destination` is for; false where the values are none of that type.
  private func widen<S: BitwiseCopyable, T>(
    _ rows: Range<Int>, _ plan: Plan, _ kind: HDF5Kind, _: S.Type, into destination: UnsafeMutablePointer<T>, _ convert: (S) -> Double
  ) throws -> Bool {
    guard let stored = try storedPlace(plan, kind) else { return false }
    try withStoredRows(rows, size: stored.rowSize) { source, part in
      let target = UnsafeMutableRawPointer(destination + (part.lowerBound - rows.lowerBound) * plan.selected).assumingMemoryBound(to: Double.self)
      for row in 0..<part.count {
        let values = source + (row * stored.rowSize + stored.offset)
        for i in 0..<plan.selected {
          target[row * plan.selected + i] = convert(values.loadUnaligned(fromByteOffset: i * MemoryLayout<S>.size, as: S.self))
        }
      }
    }
    return true
  }

  /// Reads a whole numeric data set, or one field of a compound one, converted to `T`.
  public func readAll<T: HDF5Scalar>(_: T.Type = T.self, field: String? = nil) throws -> [T] {
    let rows = 0..<(shape.first ?? 1)
    let plan = try plan(rows: rows, field: field, columns: nil)
    let (count, overflow) = rows.count.multipliedReportingOverflow(by: plan.selected)
    // A file may claim any shape; what it cannot fill is not asked for at once.
    guard !overflow, count <= 1 << 33, let memory = malloc(max(count, 1) * MemoryLayout<T>.stride) else {
      throw CallerError("\(place): not enough memory for \(rows.count) rows of \(plan.selected) values; read it in parts")
    }
    defer { free(memory) }
    let values = memory.bindMemory(to: T.self, capacity: max(count, 1))
    try read(rows: rows, field: field, into: values, capacity: count)
    return Array(UnsafeBufferPointer(start: values, count: count))
  }

  private var place: String { "\(file.path): \(name)" }

  /// What to take from each row: the field, its number of values, and the part of them that is wanted.
  private struct Plan {
    var field: (index: UInt32, name: String)?
    var shape: [Int]
    var first: Int
    var selected: Int
    var whole: Int
  }

  private func plan(rows: Range<Int>, field: String?, columns: Range<Int>?) throws -> Plan {
    let count = shape.first ?? 1
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw CallerError(
        "\(place): rows \(rows.lowerBound) to \(rows.upperBound) asked for, but there are \(count); ask for rows that are there")
    }
    var inner = Array(shape.dropFirst())
    var stored = element
    var chosen: (UInt32, String)?
    if case .compound(let fields) = element {
      func known() -> String { fields.map(\.name).joined(separator: ", ") }
      guard let field else { throw CallerError("\(place) has the fields \(known()); name the one to read") }
      guard let index = fields.firstIndex(where: { $0.name == field }) else {
        throw CallerError("\(place): there is no field \"\(field)\" among \(known()); name one of them")
      }
      guard rank <= 1 else { throw CallerError("\(place): fields can be read from a table with one axis, not \(rank)") }
      inner = fields[index].shape
      stored = fields[index].element
      chosen = (UInt32(index), field)
    } else if let field {
      throw CallerError("\(place): there is no field \"\(field)\", the elements are \(element); ask without a field")
    }
    guard rank == shape.count || rank == 1 else {
      throw CallerError("\(place): elements that are arrays can be read from a data set with one axis, not \(rank)")
    }
    guard stored.isNumeric else { throw CallerError("\(place): numbers expected, got \(stored); choose another data set or field") }
    guard let whole = HDF5Dataset.product(inner), let behind = HDF5Dataset.product(Array(inner.dropFirst())) else {
      throw CallerError("\(place): a row of \(inner) values is too large to read; the file may be damaged")
    }
    guard let columns else { return Plan(field: chosen, shape: inner, first: 0, selected: whole, whole: whole) }
    guard let width = inner.first, columns.lowerBound >= 0, columns.upperBound <= width else {
      throw CallerError(
        "\(place): columns \(columns.lowerBound) to \(columns.upperBound) asked for, but there are \(inner.first ?? 0); "
          + "ask for columns that are there")
    }
    return Plan(field: chosen, shape: inner, first: columns.lowerBound * behind, selected: columns.count * behind, whole: whole)
  }

  private static func product(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow || next > 1 << 40 { return nil }
      product = next
    }
    return product
  }

  private func failure(_ hdf5: HDF5Functions, _ rows: Range<Int>) -> CallerError {
    CallerError(
      "\(place): rows \(rows.lowerBound) to \(rows.upperBound) cannot be read (\(lastHDF5Error(hdf5))); "
        + "the file may be damaged: copy or download it again")
  }

  /// Selects `rows`, and `columns` of the second axis, of the file, reads them and lets the library convert them.
  private func readNumbers<T: HDF5Scalar>(
    _ hdf5: HDF5Functions, rows: Range<Int>, columns: Range<Int>?, count: Int, into destination: UnsafeMutablePointer<T>
  ) throws {
    // The library converts no bit fields, PyTables' truth values; as bytes they are the numbers 0 and 1.
    if hdf5.pointee.H5Tget_class(type.id) == H5T_BITFIELD {
      try withBuffer(bytes: count) { bytes in
        try readSelection(hdf5, memory: hdf5.pointee.nativeBits8, rows: rows, columns: columns, into: bytes)
        for i in 0..<count { destination[i] = T(bytes.load(fromByteOffset: i, as: UInt8.self)) }
      }
      return
    }
    try readSelection(hdf5, memory: T.hdf5Kind.type(hdf5), rows: rows, columns: columns, into: destination)
  }

  private func readSelection(
    _ hdf5: HDF5Functions, memory type: hid_t, rows: Range<Int>, columns: Range<Int>?, into destination: UnsafeMutableRawPointer
  ) throws {
    var sizes = shape.prefix(rank).map { hsize_t($0) }
    var starts = [hsize_t](repeating: 0, count: rank)
    if rank > 0 {
      sizes[0] = hsize_t(rows.count)
      starts[0] = hsize_t(rows.lowerBound)
    }
    if rank > 1, let columns {
      sizes[1] = hsize_t(columns.count)
      starts[1] = hsize_t(columns.lowerBound)
    }
    guard let stored = HDF5Handle(hdf5.pointee.H5Dget_space(handle.id), hdf5.pointee.H5Sclose) else { throw failure(hdf5, rows) }
    if rank == 0 {
      guard hdf5.pointee.H5Dread(handle.id, type, 0, 0, 0, destination) >= 0 else { throw failure(hdf5, rows) }
      return
    }
    guard let memory = HDF5Handle(hdf5.pointee.H5Screate_simple(Int32(rank), sizes, nil), hdf5.pointee.H5Sclose),
      hdf5.pointee.H5Sselect_hyperslab(stored.id, H5S_SELECT_SET, starts, nil, sizes, nil) >= 0,
      hdf5.pointee.H5Dread(handle.id, type, memory.id, stored.id, 0, destination) >= 0
    else { throw failure(hdf5, rows) }
  }

  /// Reads one field of rows of fields, or elements that are arrays themselves.
  private func readFields<T: HDF5Scalar>(
    _ hdf5: HDF5Functions, rows: Range<Int>, plan: Plan, into destination: UnsafeMutablePointer<T>
  ) throws {
    let native = T.hdf5Kind.type(hdf5)
    let stored = try member(hdf5, plan).base
    let isBits = withExtendedLifetime(stored) { hdf5.pointee.H5Tget_class(stored.id) == H5T_BITFIELD }
    let memory = try converted(hdf5, plan, to: isBits ? hdf5.pointee.nativeBits8 : native)
    let width = isBits ? 1 : MemoryLayout<T>.size
    let stride = plan.whole * width
    let offset = plan.first * width
    let piece = max(1, min(rows.count, (1 << 20) / max(stride, 1)))
    let (bytes, overflow) = piece.multipliedReportingOverflow(by: stride)
    guard !overflow else { throw CallerError("\(place): a row of \(stride) bytes is too large to read; the file may be damaged") }
    try withBuffer(bytes: bytes) { buffer in
      var start = rows.lowerBound
      var target = destination
      while start < rows.upperBound {
        let part = start..<min(start + piece, rows.upperBound)
        try readSelection(hdf5, memory: memory?.id ?? type.id, rows: part, columns: nil, into: buffer)
        for row in 0..<part.count {
          let source = buffer + (row * stride + offset)
          if isBits {
            for i in 0..<plan.selected { target[i] = T(source.load(fromByteOffset: i, as: UInt8.self)) }
          } else {
            memcpy(target, source, plan.selected * width)
          }
          target += plan.selected
        }
        start = part.upperBound
      }
    }
  }

  /// Where the values of the plan begin in a stored row, and the bytes of such a row; `nil` where they are to be converted, or where the
  /// library copies them as fast.
  ///
  /// Where nothing is to be converted whole rows are copied and the field cut out: the library's own way to take one field of a row goes
  /// through its conversion machinery and is several times slower.
  private func storedPlace(_ plan: Plan, _ kind: HDF5Kind) throws -> (offset: Int, rowSize: Int)? {
    _ = try file.openID()
    let key = PlaceKey(field: plan.field?.index, kind: kind)
    if let known = places.withLock({ $0[key] }) { return known.map { ($0.offset + plan.first * $0.size, $0.rowSize) } }
    let found = try withHDF5 { hdf5 -> StoredPlace? in
      let isPlain = plan.field == nil && rank == shape.count
      if isPlain && blocks == nil && stored == nil || hasReferences(element) { return nil }
      let (base, offset) = try member(hdf5, plan)
      defer { withExtendedLifetime(base) {} }
      guard hdf5.pointee.H5Tequal(base.id, kind.type(hdf5)) > 0 else { return nil }
      let size = hdf5.pointee.H5Tget_size(base.id)
      return StoredPlace(offset: offset, size: size, rowSize: isPlain ? plan.whole * size : hdf5.pointee.H5Tget_size(type.id))
    }
    places.withLock { $0[key] = .some(found) }
    return found.map { ($0.offset + plan.first * $0.size, $0.rowSize) }
  }

  /// Hands the stored rows of `size` bytes to `body`, part by part, each with the place of its first row; on the pool's threads where the
  /// blocks are decoded here.
  private func withStoredRows(_ rows: Range<Int>, size: Int, _ body: (UnsafeRawPointer, Range<Int>) -> Void) throws {
    if let blocks, try blocks.forEach(rows, body) { return }
    // Where threads read by themselves, pieces that stay in a core's first caches.
    let piece = max(1, min(rows.count, (stored == nil ? 1 << 20 : 1 << 16) / max(size, 1)))
    let (bytes, overflow) = piece.multipliedReportingOverflow(by: size)
    guard !overflow else { throw CallerError("\(place): a row of \(size) bytes is too large to read; the file may be damaged") }
    try withBuffer(bytes: bytes) { buffer in
      var start = rows.lowerBound
      while start < rows.upperBound {
        let part = start..<min(start + piece, rows.upperBound)
        if stored?.read(part, into: buffer) != true {
          try withHDF5 { hdf5 in
            _ = try file.openID()
            try readSelection(hdf5, memory: type.id, rows: part, columns: nil, into: buffer)
          }
        }
        body(UnsafeRawPointer(buffer), part)
        start = part.upperBound
      }
    }
  }

  /// Where a stored row holds the number `column` (from 0) of `field`, in bytes; `nil` where that is no single-precision number as memory
  /// holds it.
  public func place(of field: String, column: Int = 0) throws -> Int? {
    let plan = try plan(rows: 0..<0, field: field, columns: nil)
    guard column >= 0, column < plan.whole, let stored = try storedPlace(plan, .float) else { return nil }
    return stored.offset + column * MemoryLayout<Float>.size
  }

  /// Reads of each of `rows` the single-precision numbers at `places`, which `place(of:column:)` gave: shape `[rows.count, places.count]`.
  public func read(rows: Range<Int>, floatsAt places: [Int], into destination: UnsafeMutablePointer<Float>) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= shape.first ?? 1 else { throw try withHDF5 { failure($0, rows) } }
    let size = try withHDF5 { $0.pointee.H5Tget_size(type.id) }
    guard places.allSatisfy({ $0 >= 0 && $0 <= size - MemoryLayout<Float>.size }) else {
      throw CallerError("\(place): a number outside the \(size) bytes of a row asked for")
    }
    try places.withUnsafeBufferPointer { places in
      try withStoredRows(rows, size: size) { source, part in
        var target = destination + (part.lowerBound - rows.lowerBound) * places.count
        for row in 0..<part.count {
          let stored = source + row * size
          for number in 0..<places.count { target[number] = stored.loadUnaligned(fromByteOffset: places[number], as: Float.self) }
          target += places.count
        }
      }
    }
  }

  /// The type of the values of the field (of the whole element where there is none), and where they begin in a stored row.
  private func member(_ hdf5: HDF5Functions, _ plan: Plan) throws -> (base: HDF5Handle, offset: Int) {
    var base = type
    var offset = 0
    if let field = plan.field {
      guard let found = HDF5Handle(hdf5.pointee.H5Tget_member_type(type.id, field.index), hdf5.pointee.H5Tclose) else {
        throw failure(hdf5, 0..<0)
      }
      base = found
      offset = hdf5.pointee.H5Tget_member_offset(type.id, field.index)
    }
    while hdf5.pointee.H5Tget_class(base.id) == H5T_ARRAY {
      guard let inner = HDF5Handle(hdf5.pointee.H5Tget_super(base.id), hdf5.pointee.H5Tclose) else { throw failure(hdf5, 0..<0) }
      base = inner
    }
    return (base, offset)
  }

  /// The type in memory of a row that holds the field alone, its values converted.
  private func converted(_ hdf5: HDF5Functions, _ plan: Plan, to native: hid_t) throws -> HDF5Handle? {
    var value = native
    var array: HDF5Handle?
    if !plan.shape.isEmpty {
      let sizes = plan.shape.map { hsize_t($0) }
      array = HDF5Handle(hdf5.pointee.H5Tarray_create2(native, UInt32(sizes.count), sizes), hdf5.pointee.H5Tclose)
      guard let array else { throw failure(hdf5, 0..<0) }
      value = array.id
    }
    guard let field = plan.field else { return array }
    guard let row = HDF5Handle(hdf5.pointee.H5Tcreate(H5T_COMPOUND, hdf5.pointee.H5Tget_size(value)), hdf5.pointee.H5Tclose),
      hdf5.pointee.H5Tinsert(row.id, field.name, 0, value) >= 0
    else { throw failure(hdf5, 0..<0) }
    return row
  }

  /// Whether rows read as they are stored would hold pointers to memory that nobody frees.
  private func hasReferences(_ element: HDF5Element) -> Bool {
    switch element {
    case .variableLength, .string(nil), .other: return true
    case .compound(let fields): return fields.contains { hasReferences($0.element) }
    default: return false
    }
  }

  private func withBuffer(bytes: Int, _ body: (UnsafeMutableRawPointer) throws -> Void) throws {
    guard let buffer = malloc(max(bytes, 1)) else { throw OutOfMemory(bytes: bytes) }
    defer { free(buffer) }
    try body(buffer)
  }
}
