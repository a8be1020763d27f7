import TensorCore

/// The constituents of one jet and what is measured of their pattern, in buffers that are reused from jet to jet; one per thread.
///
/// Distances are in rapidity and azimuth. Constituents without transverse momentum (padding, or along the beam) do not count.
final class JetSubstructure {
  let tree: Recombination
  /// Distances of all pairs to some power, and how far the axes of the subjets have come.
  var pairs: [Double] = []
  var axes: [SubjetAxis] = []
  var sums: [AxisSum] = []
  private var clustered: Recombination.Measure?
  private var clusteredScheme = Recombination.Scheme.fourMomentum

  init(capacity: Int) { tree = Recombination(capacity: capacity) }

  /// Takes the constituents of a caller. Throws `CallerError` for components that are not finite and negative energies.
  convenience init(_ constituents: [FourVector], function: String) throws {
    self.init(capacity: constituents.count)
    for (place, particle) in constituents.enumerated() where particle != .zero {
      guard particle.energy.isFinite, particle.px.isFinite, particle.py.isFinite, particle.pz.isFinite else {
        throw CallerError("\(function): particle \(place + 1) has \(JetDefect.notFinite.text)")
      }
      guard particle.energy >= 0 else { throw CallerError("\(function): particle \(place + 1) has \(JetDefect.negativeEnergy.text)") }
      add(particle)
    }
  }

  /// Takes in E, px, py, pz of the slots of a sound jet.
  func load(_ values: UnsafePointer<Float>, slots: Int) {
    tree.clear()
    clustered = nil
    for slot in 0..<slots {
      let component = values + slot * 4
      add(FourVector(energy: Double(component[0]), px: Double(component[1]), py: Double(component[2]), pz: Double(component[3])))
    }
  }

  private func add(_ particle: FourVector) {
    if particle.pt > 0 { tree.add(particle) }
  }

  /// Number of constituents that count.
  var count: Int { tree.particleCount }

  /// The constituent at `place`, from 0.
  func constituent(_ place: Int) -> Recombination.Branch { tree.branches[place] }

  /// Σ pT of the constituents.
  var scalarPt: Double { (0..<count).reduce(0) { $0 + tree.branches[$1].pt } }

  /// All constituents as one tree, unless the last one was the same.
  func clusterAll(_ measure: Recombination.Measure, scheme: Recombination.Scheme = .fourMomentum) {
    if clustered == measure, clusteredScheme == scheme { return }
    tree.run(measure, scheme: scheme)
    clustered = measure
    clusteredScheme = scheme
  }

  /// The subjets within `radius`.
  func cluster(_ measure: Recombination.Measure, radius: Double) -> [Int32] {
    tree.run(measure, radius: radius)
    clustered = nil
    return tree.jets
  }
}
