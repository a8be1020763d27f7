import TensorCore

/// A random order of the numbers 0..<n, from the caller's stream of random numbers.
public typealias RowPermutation = (_ count: Int) throws -> [Int]

/// The values of a column, one per jet.
public enum JetColumnValues: Equatable, Sendable {
  case numbers([Double])
  case integers([Int64])
}

/// Jets chosen from a source, in an order: nothing is read before a column or an image is asked for.
///
/// Columns: `pt`, `mass` (GeV), `eta`, `phi` in (−π, π], `n_constituents`, `label`, `weight` (1 where the source has none), `index` (row
/// of the source, from 0), and what the source has besides.
/// They come from one pass over the source that all sets derived from it share; a jet without constituents has the values 0. A set
/// belongs to one thread.
public final class JetSet {
  let table: JetTable
  let broken: BrokenJets
  /// Rows of the source in the set's order; `nil` for all of them.
  let rows: [UInt32]?
  let labelMap: LabelMap
  let history: [RecordedStep]

  /// All jets of `source`. With `.drop` the source is read at once and jets with NaN, infinite values or negative energies are left out;
  /// with `.raise` reading them throws `CallerError`.
  public convenience init(source: any JetSource, broken: BrokenJets = .raise) throws {
    let table = try JetTable(source: source)
    let read = RecordedStep(name: "read", rows: nil, count: source.count, undecided: 0, labels: LabelMap())
    guard broken == .drop else {
      self.init(table: table, broken: broken, rows: nil, labelMap: LabelMap(), history: [read])
      return
    }
    _ = try table.loadColumns(broken: .drop)
    guard !table.brokenRows.isEmpty else {
      self.init(table: table, broken: broken, rows: nil, labelMap: LabelMap(), history: [read])
      return
    }
    let dropped = Set(table.brokenRows)
    let rows = (0..<UInt32(source.count)).filter { !dropped.contains($0) }
    let sound = RecordedStep(name: "not broken", rows: rows, count: rows.count, undecided: 0, labels: LabelMap())
    self.init(table: table, broken: broken, rows: rows, labelMap: LabelMap(), history: [read, sound])
  }

  init(table: JetTable, broken: BrokenJets, rows: [UInt32]?, labelMap: LabelMap, history: [RecordedStep]) {
    self.table = table
    self.broken = broken
    self.rows = rows
    self.labelMap = labelMap
    self.history = history
  }

  /// Number of jets.
  public var count: Int { rows?.count ?? table.source.count }
  /// Where the jets come from, as the user wrote it.
  public var path: String { table.source.path }
  /// Name of the source's layout.
  public var formatName: String { table.source.formatName }
  /// Whether the jets have labels.
  public var hasLabels: Bool { table.source.hasLabels }

  /// Names of the labels, as far as the source's layout defines them; after `mixed` 1 is the signal.
  public var classNames: [Int: String] {
    let names = table.source.classNames
    guard let signal = labelMap.signal else { return names }
    var mixed: [Int: String] = [:]
    mixed[1] = names[Int(signal)]
    if names.count == 2 { mixed[0] = names.first { $0.key != Int(signal) }?.value }
    return mixed
  }

  /// The columns a cut may use.
  public var columnNames: [String] {
    ["pt", "eta", "phi", "mass", "n_constituents"] + (hasLabels ? ["label"] : []) + ["weight", "index"]
      + table.source.extraColumns.filter { $0 != "weight" }
  }

  /// The column called `name`, one value per jet in the set's order; `nil` for a column the set lacks.
  ///
  /// Throws `CallerError` where the source cannot be read or holds a broken jet.
  public func column(_ name: String) throws -> JetColumnValues? {
    guard columnNames.contains(name) else { return nil }
    if name == "weight" { return .numbers(try weights().map { pick($0) } ?? [Double](repeating: 1, count: count)) }
    if table.source.extraColumns.contains(name) { return .numbers(pick(try table.extraColumn(name))) }
    if name == "index" { return .integers((0..<count).map { Int64(row($0)) }) }
    let columns = try table.loadColumns(broken: broken)
    switch name {
    case "pt": return .numbers(pick(columns.pt))
    case "eta": return .numbers(pick(columns.eta))
    case "phi": return .numbers(pick(columns.phi))
    case "mass": return .numbers(pick(columns.mass))
    case "n_constituents": return .integers((0..<count).map { Int64(columns.constituentCount[row($0)]) })
    default: return .integers((0..<count).map { Int64(labelMap(columns.label[row($0)])) })
    }
  }

  /// A weight for each row of the source; `nil` where all are 1.
  func weights() throws -> [Double]? {
    table.source.extraColumns.contains("weight") ? try table.extraColumn("weight") : nil
  }

  /// Row of the source of the jet at `position`.
  func row(_ position: Int) -> Int { rows.map { Int($0[position]) } ?? position }

  private func pick(_ column: [Double]) -> [Double] {
    guard let rows else { return column }
    return rows.map { column[Int($0)] }
  }

  /// Throws an error that shows the last steps of the cutflow where no jets are left.
  func requireJets(_ function: String) throws {
    guard count == 0 else { return }
    throw CallerError("\(function): no jets are left (\(cutflowSummary)); loosen the selection")
  }
}
