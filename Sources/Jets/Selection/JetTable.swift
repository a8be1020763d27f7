import TensorCore

/// What to do with jets that hold NaN, infinite values or negative energies.
public enum BrokenJets: String, CaseIterable, Sendable {
  /// Stop with an error that says how many there are and which is the first.
  case raise
  /// Leave them out; the cutflow says how many.
  case drop
}

/// The broken jets met while reading, for one message.
struct BrokenJetCount {
  private(set) var rows: [UInt32] = []
  private var first: JetKinematics?
  private var read = 0

  init() {}

  init(_ jets: [KinematicsSweep.BrokenJet], among read: Int) {
    rows = jets.map { UInt32($0.row) }
    (first, self.read) = (jets.first?.jet, read)
  }

  mutating func add(_ block: JetSweep.Block) {
    read += block.rows.count
    for (row, jet) in zip(block.rows, block.kinematics) where jet.defect != nil {
      if first == nil { first = jet }
      rows.append(UInt32(row))
    }
  }

  /// Throws where there was a broken jet.
  func check(path: String) throws {
    guard let first, let defect = first.defect, let row = rows.first else { return }
    throw CallerError(
      "jets: \(path): \(rows.count) of \(read) jets cannot be used: the one in row \(row) (counted from 0) has \(defect.text) in constituent "
        + "\(first.defectiveConstituent); open the file with { broken = \"drop\" } to leave such jets out")
  }
}

/// A source and the columns of all its jets, which every set derived from it shares.
final class JetTable {
  let source: any JetSource
  private var columns: JetColumns?
  private var extra: [String: [Double]] = [:]
  private(set) var brokenRows: [UInt32] = []
  private var substructure = SubstructureTable()

  init(source: any JetSource) throws {
    guard source.count <= Int(UInt32.max) else {
      throw CallerError("jets: \(source.path): \(source.count) jets are more than \(UInt32.max); split the file")
    }
    self.source = source
  }

  /// The columns, from one pass over the source the first time. Throws for a broken jet, or remembers it, as `broken` says.
  func loadColumns(broken: BrokenJets) throws -> JetColumns {
    if let columns { return columns }
    let (made, unusual) = try KinematicsSweep(source: source).run()
    let count = BrokenJetCount(unusual, among: source.count)
    if broken == .raise { try count.check(path: source.path) }
    keep(made, brokenRows: count.rows)
    return made
  }

  /// Keeps columns that a pass over the whole source made on its way.
  func keep(_ columns: JetColumns, brokenRows: [UInt32]) {
    self.columns = columns
    self.brokenRows = brokenRows
  }

  var hasColumns: Bool { columns != nil }

  /// Those of `rows` whose value of a computed column is not known.
  func rowsWithout(_ key: SubstructureKey, among rows: [UInt32]) -> [UInt32] { substructure.rowsWithout(key, among: rows) }

  /// Keeps what a block measured.
  func keep(_ block: JetSweep.Block, keys: [SubstructureKey]) {
    for (number, key) in keys.enumerated() {
      let values = block.rows.enumerated().map { (row: $1, value: block.measures[$0 * keys.count + number]) }
      substructure.set(key, values, count: source.count)
    }
  }

  /// The known values of a computed column.
  func values(_ key: SubstructureKey, at rows: [UInt32]) -> [Double] { substructure.values(key, at: rows) }

  /// Gives up a computed column.
  func forget(_ key: SubstructureKey) { substructure.forget(key) }

  /// A column of the source besides the kinematics, read at the first time in pieces between which Ctrl-C is heard.
  func extraColumn(_ name: String) throws -> [Double] {
    if let known = extra[name] { return known }
    var values = [Double](repeating: 0, count: source.count)
    try values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      while start < source.count {
        try Interrupted.check()
        let piece = start..<min(start + 65536, source.count)
        try source.readColumn(name, rows: piece, into: base + start)
        start = piece.upperBound
      }
    }
    extra[name] = values
    return values
  }
}
