import ArrayFiles
import Glibc
import TensorCore

/// What a file in the community layout may hold besides jets and labels: the names of its classes, and the momentum that a jet comes from.
enum TopTaggingExtras {
  /// Class names of files that name none.
  static let usualClasses = [0: "qcd", 1: "top"]

  /// The names in `/classes`, a row of zero padded bytes for each label from 0; the usual ones where there is no such array.
  ///
  /// pandas and PyTables know nothing of it and leave it alone. Anything else of that name is none of ours and ignored.
  static func classes(_ file: HDF5File) -> [Int: String] {
    guard file.exists("/classes"), let array = try? file.dataset("/classes"), array.element == .integer(bytes: 1, signed: false),
      array.shape.count == 2, (1...256).contains(array.shape[0]), (1...64).contains(array.shape[1]), let bytes = try? array.readAll(UInt8.self)
    else { return usualClasses }
    let width = array.shape[1]
    var names: [Int: String] = [:]
    for label in 0..<array.shape[0] {
      let name = bytes[label * width..<(label + 1) * width].prefix { $0 != 0 }
      guard name.allSatisfy({ (0x21...0x7e).contains($0) }) else { return usualClasses }
      if !name.isEmpty { names[label] = String(decoding: name, as: UTF8.self) }
    }
    return names
  }

  /// The array that `classes` reads, for labels 0 to the last one with a name; `nil` for names that it cannot hold, and for none.
  static func stored(_ names: [Int: String]) -> (bytes: [UInt8], shape: [Int])? {
    let width = names.values.map(\.utf8.count).max() ?? 0
    guard let last = names.keys.max(), last < 256, names.keys.allSatisfy({ $0 >= 0 }), (1...64).contains(width),
      names.values.allSatisfy({ $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } })
    else { return nil }
    let bytes = (0...last).flatMap { label in
      let name = Array((names[label] ?? "").utf8)
      return name + [UInt8](repeating: 0, count: width - name.count)
    }
    return (bytes, [last + 1, width])
  }

  /// The columns made of truthE … truthPZ.
  static let truthColumns: [(name: String, value: @Sendable (FourVector) -> Double)] = [
    ("truth_pt", { $0.pt }), ("truth_eta", { $0.eta }), ("truth_phi", { $0.phi }), ("truth_mass", { $0.mass }),
  ]
}

extension TopTaggingJets {
  var extraColumns: [String] { layout.truth == nil ? [] : TopTaggingExtras.truthColumns.map(\.name) }

  func readColumn(_ name: String, rows: Range<Int>, into destination: UnsafeMutablePointer<Double>) throws {
    try check(rows: rows)
    guard let truth = layout.truth, let column = TopTaggingExtras.truthColumns.first(where: { $0.name == name }) else { throw noColumn(name) }
    let components = try truth.map { try read($0, rows) }
    for row in 0..<rows.count {
      destination[row] = column.value(
        FourVector(energy: components[0][row], px: components[1][row], py: components[2][row], pz: components[3][row]))
    }
  }

  var hasTruth: Bool { layout.truth != nil }

  func readTruth(rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
    try check(rows: rows)
    guard let truth = layout.truth else { throw CallerError("\(path): \(table.name) has no columns truthE … truthPZ") }
    for (number, place) in truth.enumerated() {
      for (row, value) in try read(place, rows).enumerated() { destination[row * 4 + number] = Float(value) }
    }
  }

  private func read(_ place: TopTaggingLayout.Place, _ rows: Range<Int>) throws -> [Double] {
    var values = [Double](repeating: 0, count: rows.count)
    switch place {
    case .field(let field): try table.read(rows: rows, field: field, into: &values, capacity: rows.count)
    case .column(let field, let number): try table.read(rows: rows, field: field, columns: number..<number + 1, into: &values, capacity: rows.count)
    }
    return values
  }
}
