/// The computed columns of a source: the values of the rows that were asked for.
struct SubstructureTable {
  private struct Column {
    var values: [Double]
    var isKnown: [Bool]
  }
  private var columns: [SubstructureKey: Column] = [:]
  private var order: [SubstructureKey] = []

  /// More columns than this are not kept: a scan of settings must not fill the memory.
  private static let limit = 32

  func rowsWithout(_ key: SubstructureKey, among rows: [UInt32]) -> [UInt32] {
    guard let column = columns[key] else { return rows }
    return rows.filter { !column.isKnown[Int($0)] }
  }

  mutating func set(_ key: SubstructureKey, _ values: [(row: Int, value: Double)], count: Int) {
    if columns[key] == nil {
      if order.count >= Self.limit { columns[order.removeFirst()] = nil }
      columns[key] = Column(values: [Double](repeating: 0, count: count), isKnown: [Bool](repeating: false, count: count))
      order.append(key)
    }
    for (row, value) in values {
      columns[key]?.values[row] = value
      columns[key]?.isKnown[row] = true
    }
  }

  func values(_ key: SubstructureKey, at rows: [UInt32]) -> [Double] {
    guard let column = columns[key] else { return [Double](repeating: .nan, count: rows.count) }
    return rows.map { column.values[Int($0)] }
  }

  mutating func forget(_ key: SubstructureKey) {
    columns[key] = nil
    order.removeAll { $0 == key }
  }
}
