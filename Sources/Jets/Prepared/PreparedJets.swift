import TensorCore

/// The numbers that are kept with prepared jets, one of each per jet of a store.
struct StoredJets {
  let count: Int
  let mass: UnsafePointer<Double>
  let pt: UnsafePointer<Double>
  /// Rows of the source, ascending.
  let index: UnsafePointer<UInt32>
  /// Labels of the source; undefined without labels.
  let label: UnsafePointer<UInt8>
  let hasLabels: Bool
  /// Keeps the numbers alive.
  let owner: AnyObject
}

/// Prepared jets chosen from a store, in an order, with the columns that come along.
struct PreparedJets {
  let stored: StoredJets
  /// Places in the store in the set's order; `nil` for all in the store's order.
  let rows: [UInt32]?
  let labelMap: LabelMap
  /// A weight for each row of the source; `nil` where all are 1.
  let weights: [Double]?
  /// Whether the jets' pT is known, which a file of ready images lacks.
  var hasMomentum = true
  /// What the jets are called in messages.
  let noun: String

  var count: Int { rows?.count ?? stored.count }
  var columnNames: [String] { (stored.hasLabels ? ["label"] : []) + ["mass"] + (hasMomentum ? ["pt"] : []) + ["weight", "index"] }

  /// Place in the store of the jet at `position`.
  func place(_ position: Int) -> Int { rows.map { Int($0[position]) } ?? position }

  /// The column called `name` for the jets at `positions` (all by default); `nil` for a column the set lacks.
  func column(_ name: String, positions: [Int]?) -> JetColumnValues? {
    func pick<Value>(_ value: (Int) -> Value) -> [Value] {
      defer { withExtendedLifetime(stored.owner) {} }
      if let positions { return positions.map { value(place($0)) } }
      return (0..<count).map { value(place($0)) }
    }
    switch name {
    case "label" where stored.hasLabels: return .integers(pick { Int64(labelMap(stored.label[$0])) })
    case "mass": return .numbers(pick { stored.mass[$0] })
    case "pt" where hasMomentum: return .numbers(pick { stored.pt[$0] })
    case "weight": return .numbers(pick { weights?[Int(stored.index[$0])] ?? 1 })
    case "index": return .integers(pick { Int64(stored.index[$0]) })
    default: return nil
    }
  }

  func choosing(_ positions: [Int]) -> PreparedJets {
    PreparedJets(stored: stored, rows: positions.map { UInt32(place($0)) }, labelMap: labelMap, weights: weights, hasMomentum: hasMomentum, noun: noun)
  }

  func check(_ positions: [Int]) throws {
    if let wrong = positions.first(where: { $0 < 0 || $0 >= count }) {
      throw CallerError("\(noun): position \(wrong) (from 0) asked for, but there are \(count) \(noun == "images" ? "images" : "jets")")
    }
  }
}
