import ArrayFiles
import TensorCore

/// The jets of a file in the layout of the community top-tagging set (Kasieczka et al., *The Machine Learning landscape of top
/// taggers*, arXiv:1902.09914; data at Zenodo 2603256): a pandas table `/table/table`, uncompressed or with zlib or Blosc.
///
/// Rows are read when they are asked for. The stored blocks of some thousand rows stay decompressed, so constituents and then
/// labels of the same rows cost one decompression.
final class TopTaggingJets: JetSource {
  let path: String
  let count: Int
  let constituentsPerJet: Int
  let formatName = "top tagging"
  let classNames: [Int: String]
  let canBeSharedByThreads = true
  var hasLabels: Bool { layout.label != nil }
  var rowsPerBlock: Int { table.chunkRows ?? 1 }

  let table: HDF5Dataset
  let layout: TopTaggingLayout
  /// Where a stored row holds the momenta, where some have fields of their own; `nil` where they lie in order, or must be converted.
  private var places: [Int]?

  init(file: HDF5File, maximumConstituents: Int?) throws {
    path = file.path
    classNames = TopTaggingExtras.classes(file)
    table = try TopTaggingJets.findTable(file)
    guard case .compound(let fields) = table.element, table.shape.count == 1 else {
      throw CallerError("\(path): \(table.summary); a top-tagging table has one axis and named fields: give a table of that layout")
    }
    // Consumers ask for memory by the number of jets, which a damaged file can claim at will.
    guard table.shape[0] < 1 << 31 else {
      throw CallerError("\(path): \(table.name) claims \(table.shape[0]) rows; the file is damaged: copy or download it again")
    }
    layout = try TopTaggingLayout(fields: fields, place: "\(path): \(table.name)")
    count = table.shape[0]
    constituentsPerJet = min(maximumConstituents ?? TopTaggingLayout.constituentsPerJet, TopTaggingLayout.constituentsPerJet)
    if wholeBlock(constituentsPerJet * 4) == nil { places = try storedPlaces() }
    try checkOrder()
  }

  private func storedPlaces() throws -> [Int]? {
    let found = try layout.constituents.prefix(constituentsPerJet * 4).map { place in
      switch place {
      case .column(let field, let column): try table.place(of: field, column: column)
      case .field(let field): try table.place(of: field)
      }
    }
    let places = found.compactMap { $0 }
    return places.count == found.count ? places : nil
  }

  /// Throws where the columns cannot be what their order says: most of the first jets' hardest constituents have E < |p|.
  private func checkOrder() throws {
    let rows = 0..<min(count, 64)
    let width = constituentsPerJet * 4
    var values = [Float](repeating: 0, count: rows.count * width)
    try readConstituents(rows: rows, into: &values)
    var possible = 0
    var impossible = 0
    for row in rows {
      let p = (0..<4).map { Double(values[row * width + $0]) }
      guard p.allSatisfy(\.isFinite), p != [0, 0, 0, 0] else { continue }
      // A thousandth is more than rounding to single precision makes of a massless constituent.
      let isPossible = p[0] >= 0.999 * (p[1] * p[1] + p[2] * p[2] + p[3] * p[3]).squareRoot()
      if isPossible { possible += 1 } else { impossible += 1 }
    }
    if impossible > possible {
      throw CallerError(
        "\(path): \(table.name): \(impossible) of the first \(rows.count) jets have E < |p| for their first constituent; "
          + "the columns are not in the order E, px, py, pz: write the table in that order")
    }
  }

  func readConstituents(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    if let places { return try table.read(rows: rows, floatsAt: places, into: destination) }
    let width = constituentsPerJet * 4
    if let block = wholeBlock(width) {
      try table.read(rows: rows, field: block, columns: 0..<width, into: destination, capacity: rows.count * width)
      return
    }
    // In pieces that stay decompressed between the passes over the fields.
    var start = rows.lowerBound
    while start < rows.upperBound {
      let piece = start..<min(start + 256, rows.upperBound)
      try gather(piece, into: destination + (start - rows.lowerBound) * width, width: width)
      start = piece.upperBound
    }
  }

  func readLabels(rows: Range<Int>, into destination: UnsafeMutablePointer<UInt8>) throws {
    try check(rows: rows)
    guard let label = layout.label else {
      throw CallerError("\(path): \(table.name) has no labels; a column is_signal_new is needed")
    }
    func store<T: HDF5Scalar>(_: T.Type, _ convert: (T) -> UInt8?) throws {
      var values = [T](repeating: T(0), count: rows.count)
      try values.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        switch label {
        case .field(let name): try table.read(rows: rows, field: name, into: base, capacity: rows.count)
        case .column(let name, let column):
          try table.read(rows: rows, field: name, columns: column..<column + 1, into: base, capacity: rows.count)
        }
      }
      for (i, value) in values.enumerated() {
        guard let byte = convert(value) else {
          throw CallerError(
            "\(path): the label of row \(rows.lowerBound + i) is \(value); whole numbers from 0 to 255 expected: correct the file")
        }
        destination[i] = byte
      }
    }
    if layout.labelIsInteger { try store(Int64.self) { UInt8(exactly: $0) } } else { try store(Double.self) { UInt8(exactly: $0) } }
  }

  /// The field whose first `width` columns are the constituents' momenta in order; `nil` where some were moved out of it.
  private func wholeBlock(_ width: Int) -> String? {
    guard case .column(let block, 0) = layout.constituents.first else { return nil }
    for (i, place) in layout.constituents.prefix(width).enumerated() where place != .column(block, i) { return nil }
    return block
  }

  private func gather(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>, width: Int) throws {
    var columns: [(slot: Int, column: Int)] = []
    var block = ""
    for (slot, place) in layout.constituents.prefix(width).enumerated() {
      switch place {
      case .column(let name, let column):
        block = name
        columns.append((slot, column))
      case .field(let name):
        var values = [Float](repeating: 0, count: rows.count)
        try table.read(rows: rows, field: name, into: &values, capacity: rows.count)
        for (row, value) in values.enumerated() { destination[row * width + slot] = value }
      }
    }
    guard let last = columns.map(\.column).max() else { return }
    let used = last + 1
    var values = [Float](repeating: 0, count: rows.count * used)
    try table.read(rows: rows, field: block, columns: 0..<used, into: &values, capacity: values.count)
    for row in 0..<rows.count {
      for (slot, column) in columns { destination[row * width + slot] = values[row * used + column] }
    }
  }

  /// The data set `/table/table`, or the only one of that name in another group of the file.
  private static func findTable(_ file: HDF5File) throws -> HDF5Dataset {
    let top = try file.children(of: "/")
    // What is there and cannot be opened, an external link say, is reported as such.
    if top.contains("table"), (try? file.children(of: "/table"))?.contains("table") != false {
      return try file.dataset("/table/table")
    }
    let others = top.map { "/\($0)/table" }.filter { file.exists($0) }
    if others.count == 1 { return try file.dataset(others[0]) }
    let found = others.isEmpty ? (top.isEmpty ? "nothing" : top.prefix(8).joined(separator: ", ")) : others.joined(separator: ", ")
    throw CallerError("\(file.path): no table of jets found among \(found); a top-tagging file holds one at /table/table")
  }
}
