import TensorCore

/// A number per jet that is computed from the constituents when it is asked for.
public enum SubstructureColumn: String, CaseIterable, Sendable {
  /// N-subjettiness τ_N.
  case tau1, tau2, tau3, tau4
  /// τ_N / τ_{N−1}; undefined where τ_{N−1} is 0.
  case tau21, tau32, tau43
  /// Ratios of energy correlation functions; undefined where e2 is 0.
  case c2, d2
  /// Mass of the jet after soft drop, in GeV.
  case softDropMass = "soft_drop_mass"
  /// Mass of the jet after trimming, in GeV.
  case trimmedMass = "trimmed_mass"
}

/// The settings of all computed columns.
public struct SubstructureSettings: Hashable, Sendable {
  /// Of `tau1` to `tau43`.
  public var subjettiness = NSubjettinessSettings()
  /// β of `c2` and `d2`.
  public var correlationExponent = 1.0
  /// Of `soft_drop_mass`.
  public var softDrop = SoftDropSettings()
  /// Of `trimmed_mass`.
  public var trimming = TrimmingSettings()

  /// The defaults of each; a cut uses them.
  public init() {}

  /// Throws `CallerError` where a setting is out of its range.
  public func check(_ function: String) throws {
    try subjettiness.check(function)
    try checkCorrelationExponent(correlationExponent, function)
    try softDrop.check(function)
    try trimming.check(function)
  }
}

/// The values of a computed column.
public struct SubstructureValues: Equatable, Sendable {
  /// One value per jet in the set's order; NaN where it is undefined.
  public var values: [Double]
  /// How many are undefined.
  public var undefinedCount: Int { values.count { $0.isNaN } }
}

/// A computed column with its settings: what the values are remembered under.
struct SubstructureKey: Hashable {
  var column: SubstructureColumn
  var settings: SubstructureSettings
}

extension JetSet {
  /// The computed column of the set's jets, from one pass over those of them that no set of the same source has asked for before.
  ///
  /// A jet without constituents has τ_N and masses of 0 and undefined ratios. Throws `CallerError` for settings out of range and a broken jet.
  public func substructure(_ column: SubstructureColumn, settings: SubstructureSettings = SubstructureSettings()) throws -> SubstructureValues {
    try settings.check("column")
    return SubstructureValues(values: try substructure([SubstructureKey(column: column, settings: settings)])[0])
  }

  /// The values of several columns, computed in one pass.
  func substructure(_ keys: [SubstructureKey]) throws -> [[Double]] {
    let all = (0..<count).map { UInt32(row($0)) }
    let missing = Set(keys.flatMap { table.rowsWithout($0, among: all) }).sorted()
    if !missing.isEmpty {
      var broken = BrokenJetCount()
      try JetSweep(source: table.source, measuring: keys).run(rows: missing) { block in
        broken.add(block)
        table.keep(block, keys: keys)
      }
      do { try broken.check(path: path) } catch {
        for key in keys { table.forget(key) }
        throw error
      }
    }
    return keys.map { table.values($0, at: all) }
  }
}

extension JetSubstructure {
  /// The value of a column for the jet that was loaded; NaN where it is undefined.
  func value(_ key: SubstructureKey) -> Double {
    let subjettiness = key.settings.subjettiness
    func ratio(_ n: Int) -> Double {
      let below = nSubjettiness(n - 1, subjettiness)
      return below > 0 ? nSubjettiness(n, subjettiness) / below : .nan
    }
    switch key.column {
    case .tau1: return nSubjettiness(1, subjettiness)
    case .tau2: return nSubjettiness(2, subjettiness)
    case .tau3: return nSubjettiness(3, subjettiness)
    case .tau4: return nSubjettiness(4, subjettiness)
    case .tau21: return ratio(2)
    case .tau32: return ratio(3)
    case .tau43: return ratio(4)
    case .c2: return energyCorrelations(beta: key.settings.correlationExponent).c2 ?? .nan
    case .d2: return energyCorrelations(beta: key.settings.correlationExponent).d2 ?? .nan
    case .softDropMass: return softDrop(key.settings.softDrop).momentum.mass
    case .trimmedMass: return trim(key.settings.trimming).momentum.mass
    }
  }
}
