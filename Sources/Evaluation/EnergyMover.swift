import Glibc
import TensorCore

/// The particles of a jet as the energy mover's distance sees them; those without transverse momentum are left out.
public struct EnergyFlow: Sendable {
  let pt: [Double]
  let y: [Double]
  let phi: [Double]

  /// Particles (pt, y, φ) one after the other: transverse momentum from 0 in GeV, rapidity, azimuth in any turn.
  ///
  /// Throws `CallerError`, which names `function` and `argument`, where a number is not finite, a pt is negative, or nothing is left.
  public init(_ particles: [(pt: Double, y: Double, phi: Double)], function: String = "emd", argument: String) throws {
    for (i, particle) in particles.enumerated() {
      guard particle.pt >= 0, particle.pt.isFinite else {
        throw CallerError("\(function): \(argument): expected a finite pt from 0 for particle \(i + 1), got \(shortText(particle.pt))")
      }
      guard particle.pt == 0 || (particle.y.isFinite && particle.phi.isFinite) else {
        throw CallerError("\(function): \(argument): expected finite y and phi for particle \(i + 1), got \(shortText(particle.y)) and \(shortText(particle.phi))")
      }
    }
    let kept = particles.filter { $0.pt > 0 }
    guard !kept.isEmpty else { throw CallerError("\(function): \(argument): no particle has a pt above 0; drop empty jets first") }
    guard kept.reduce(0, { $0 + $1.pt }).isFinite else { throw CallerError("\(function): \(argument): the sum of pt is not finite") }
    (pt, y, phi) = (kept.map(\.pt), kept.map(\.y), kept.map(\.phi))
  }
}

/// The energy mover's distance of two jets (Komiske, Metodiev, Thaler, arXiv:1902.02346), exact.
///
/// EMD = min_f Σ f_ij θ_ij/R + |Σp_i − Σp_j| with θ the distance in (y, φ), φ periodic, and f ≥ 0 moving no more than each particle has and
/// min(Σp_i, Σp_j) together; in GeV, or without unit where `isNormalised` divides each jet's pt by their sum.
public struct EnergyMover: Sendable {
  /// The distance that costs as much as to make a particle.
  public let radius: Double
  /// Whether each jet's pt are divided by their sum.
  public let isNormalised: Bool

  /// Throws `CallerError` for a radius that is not above 0.
  public init(radius: Double = 1, isNormalised: Bool = false) throws {
    guard radius > 0, radius.isFinite else { throw CallerError("emd: R: expected a number above 0, got \(shortText(radius))") }
    self.radius = radius
    self.isNormalised = isNormalised
  }

  /// The distance of two jets.
  ///
  /// Throws `CallerError` where jets are not normalised and R is below half the largest θ: moving would cost more than making and
  /// removing, and the triangle inequality would not hold.
  public func distance(_ a: EnergyFlow, _ b: EnergyFlow) throws -> Double { try distances([a], [b])[0] }

  /// The distances of jets in pairs, on all threads; Ctrl-C throws `Interrupted`.
  public func distances(_ a: [EnergyFlow], _ b: [EnergyFlow]) throws -> [Double] {
    guard a.count == b.count else { throw CallerError("emd: \(a.count) jets against \(b.count); give as many of each") }
    var results = [Outcome](repeating: .unsettled, count: a.count)
    try results.withUnsafeMutableBufferPointer { results in
      let results = results
      try ThreadPool.parallelRanges(a.count, grain: 8) { range in
        for pair in range { results[pair] = outcome(a[pair], b[pair]) }
      }
    }
    return try results.enumerated().map { pair, result in
      switch result {
      case .distance(let value): return value
      case .tooFar(let theta):
        throw CallerError(
          "emd: R: expected at least \(theta / 2), half the largest distance of \(a.count == 1 ? "these jets" : "pair \(pair + 1)"), got \(shortText(radius)); give a larger R, or norm = true")
      case .unsettled: throw CallerError("emd: pair \(pair + 1): numbers too far apart in size for double precision")
      }
    }
  }

  private enum Outcome {
    case distance(Double)
    case tooFar(Double)
    case unsettled
  }

  private func outcome(_ a: EnergyFlow, _ b: EnergyFlow) -> Outcome {
    let totals = (a.pt.reduce(0, +), b.pt.reduce(0, +))
    // In shares of the larger sum, so that nothing overflows.
    let unit = isNormalised ? totals : (max(totals.0, totals.1), max(totals.0, totals.1))
    var supply = a.pt.map { $0 / unit.0 }, demand = b.pt.map { $0 / unit.1 }
    let missing = isNormalised ? 0 : totals.0 / unit.0 - totals.1 / unit.1
    var costs: [Double] = []
    costs.reserveCapacity((supply.count + 1) * (demand.count + 1))
    var largest = 0.0
    for i in a.pt.indices {
      for j in b.pt.indices {
        let turn = (a.phi[i] - b.phi[j]).remainder(dividingBy: 2 * .pi), step = a.y[i] - b.y[j]
        let theta = (turn * turn + step * step).squareRoot()
        largest = max(largest, theta)
        costs.append(theta / radius)
      }
      if missing > 0 { costs.append(0) }
    }
    guard largest.isFinite, (largest / radius).isFinite else { return .unsettled }
    // A rounding above the bound is none.
    guard isNormalised || largest <= 2 * radius * (1 + 1e-12) else { return .tooFar(largest) }
    // What one jet has more goes nowhere, at the price of making it, whatever the flow.
    if missing > 0 { demand.append(missing) }
    if missing < 0 {
      supply.append(-missing)
      costs += [Double](repeating: 0, count: demand.count)
    }
    var problem = TransportProblem(supply: supply, demand: demand, costs: costs)
    guard let moved = problem.leastCost() else { return .unsettled }
    return .distance(isNormalised ? moved : (moved + missing.magnitude) * unit.0)
  }
}
