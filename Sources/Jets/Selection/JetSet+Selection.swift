import TensorCore

extension JetSet {
  /// The jets that pass `cut` (see `Cut`) on the set's columns and the computed ones (`SubstructureColumn`); `name` stands in the cutflow instead of its text. Throws `CallerError` for a cut that makes no sense.
  public func filtered(by cut: String, name: String? = nil) throws -> JetSet {
    let plain = columnNames
    let names = plain + SubstructureColumn.allCases.map(\.rawValue).filter { !plain.contains($0) }
    let parsed = try Cut(cut, columns: names)
    let columns = try table.loadColumns(broken: broken)
    let computed = parsed.usedColumns.filter { $0 >= plain.count }.sorted()
    let keys = computed.compactMap { SubstructureColumn(rawValue: names[$0]) }.map { SubstructureKey(column: $0, settings: SubstructureSettings()) }
    let measured = keys.isEmpty ? [:] : Dictionary(uniqueKeysWithValues: zip(computed, try substructure(keys)))
    // A cut that does not name a column does not read it.
    let extra = try Dictionary(
      uniqueKeysWithValues: table.source.extraColumns.filter { cut.contains($0) }.map { ($0, try table.extraColumn($0)) })
    let result = parsed.evaluate(count: count) { column, positions, destination in
      if let values = measured[column] {
        for (i, position) in positions.enumerated() { destination[i] = values[position] }
        return
      }
      self.copy(names[column], of: columns, extra, positions, to: destination)
    }
    return derived(name: name ?? cut, positions: result.passes, undecided: result.undecided)
  }

  /// The jets where `mask` is true; it holds one value per jet.
  public func filtered(by mask: [Bool], name: String? = nil) throws -> JetSet {
    guard mask.count == count else {
      throw CallerError("where: the mask has \(mask.count) values for \(count) jets; make it from columns of this set")
    }
    return derived(name: name ?? "mask", positions: mask, undecided: 0)
  }

  /// The first `n` jets in the set's order, all of them where there are fewer. Throws `CallerError` for a negative `n`.
  public func taking(_ n: Int) throws -> JetSet {
    guard n >= 0 else { throw CallerError("take: expected a number of jets from 0, got \(n)") }
    return derived(name: "take \(n)", rows: (0..<min(n, count)).map { UInt32(row($0)) })
  }

  /// The same jets in the order that `permutation` gives.
  public func shuffled(_ permutation: RowPermutation) throws -> JetSet {
    let order = try checkedPermutation(permutation, count)
    return JetSet(table: table, broken: broken, rows: order.map { UInt32(row($0)) }, labelMap: labelMap, history: history)
  }

  /// Two disjoint sets: `fraction` of the jets (rounded to a whole jet) and the rest, drawn by `permutation`, or in order without one.
  ///
  /// Throws `CallerError` for a fraction outside 0…1.
  public func split(_ fraction: Double, permutation: RowPermutation? = nil) throws -> (JetSet, JetSet) {
    let (first, second) = try splitPositions(fraction, count: count, permutation: permutation)
    let shown = "split \(fraction)"
    return (
      derived(name: shown, rows: first.map { UInt32(row($0)) }),
      derived(name: "rest of \(shown)", rows: second.map { UInt32(row($0)) })
    )
  }

  func derived(name: String, rows: [UInt32], undecided: Int = 0, labelMap: LabelMap? = nil) -> JetSet {
    let map = labelMap ?? self.labelMap
    let step = RecordedStep(name: name, rows: rows, count: rows.count, undecided: undecided, labels: map)
    return JetSet(table: table, broken: broken, rows: rows, labelMap: map, history: history + [step])
  }

  private func derived(name: String, positions: [Bool], undecided: Int) -> JetSet {
    var kept: [UInt32] = []
    for (position, passes) in positions.enumerated() where passes { kept.append(UInt32(row(position))) }
    return derived(name: name, rows: kept, undecided: undecided)
  }

  private func copy(
    _ name: String, of columns: JetColumns, _ extra: [String: [Double]], _ positions: Range<Int>, to destination: UnsafeMutablePointer<Double>
  ) {
    func fill(_ value: (Int) -> Double) {
      for (i, position) in positions.enumerated() { destination[i] = value(row(position)) }
    }
    switch name {
    case "pt": fill { columns.pt[$0] }
    case "eta": fill { columns.eta[$0] }
    case "phi": fill { columns.phi[$0] }
    case "mass": fill { columns.mass[$0] }
    case "n_constituents": fill { Double(columns.constituentCount[$0]) }
    case "label": fill { Double(labelMap(columns.label[$0])) }
    case "index": fill { Double($0) }
    default:
      if let column = extra[name] { fill { column[$0] } } else { fill { _ in 1 } }
    }
  }
}

/// Positions 0..<count in two parts, `fraction` of them first.
func splitPositions(_ fraction: Double, count: Int, permutation: RowPermutation?) throws -> ([Int], [Int]) {
  guard fraction >= 0, fraction <= 1 else {
    throw CallerError("split: expected a fraction from 0 to 1, got \(fraction)")
  }
  let order = try permutation.map { try checkedPermutation($0, count) } ?? Array(0..<count)
  let first = Int((fraction * Double(count)).rounded())
  return (Array(order[..<first]), Array(order[first...]))
}

/// What `permutation` gives for `count`, provided it is a permutation.
func checkedPermutation(_ permutation: RowPermutation, _ count: Int) throws -> [Int] {
  let order = try permutation(count)
  var seen = [Bool](repeating: false, count: count)
  for position in order where position >= 0 && position < count { seen[position] = true }
  guard order.count == count, !seen.contains(false) else {
    throw CallerError("jets: the random order is no permutation of \(count) jets")
  }
  return order
}
