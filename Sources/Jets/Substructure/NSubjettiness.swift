import Glibc
import TensorCore

/// Where the axes of the subjets lie.
public enum SubjetAxes: String, CaseIterable, Sendable {
  /// The N exclusive kt subjets, four-momenta added.
  case kt
  /// The N exclusive kt subjets, each along its hardest branch (arXiv:1310.7584).
  case winnerTakesAll = "wta_kt"
  /// From the kt axes to the nearest minimum of τ_N (arXiv:1108.2701); needs β ≥ 1.
  case onePass = "onepass_kt"
}

/// A direction in rapidity and azimuth.
struct SubjetAxis {
  var rapidity: Double
  var phi: Double
}

/// How N-subjettiness is measured.
public struct NSubjettinessSettings: Hashable, Sendable {
  /// Exponent β of the distance, above 0.
  public var beta = 1.0
  /// Radius R of the jet, above 0.
  public var radius = 0.8
  /// Where the axes of the subjets lie.
  public var axes = SubjetAxes.kt

  /// β = 1, R = 0.8, kt axes.
  public init() {}

  /// Throws `CallerError` where a setting is out of its range.
  public func check(_ function: String) throws {
    guard beta > 0, beta <= 10 else { throw CallerError("\(function): beta: expected an exponent above 0 and at most 10, got \(beta)") }
    guard radius > 0, radius <= 1000 else { throw CallerError("\(function): R: expected a radius above 0 and at most 1000, got \(radius)") }
    guard axes != .onePass || beta >= 1 else {
      throw CallerError("\(function): beta: expected 1 or more for axes \"onepass_kt\", got \(beta); axes \"wta_kt\" take any")
    }
  }
}

/// τ_N = Σ_i pT_i min_k ΔR_ik^β / Σ_i pT_i R^β for N = 1 … `largest` (arXiv:1011.2268, equations 2.1 and 2.2).
///
/// τ_N is 0 for a jet of at most N constituents, and for one without constituents. Throws `CallerError` for settings out of range, and
/// constituents with components that are not finite or a negative energy.
public func nSubjettiness(
  _ constituents: [FourVector], upTo largest: Int, settings: NSubjettinessSettings = NSubjettinessSettings()
) throws -> [Double] {
  try settings.check("nsubjettiness")
  guard (1...100).contains(largest) else {
    throw CallerError("nsubjettiness: N: expected a number of subjets from 1 to 100, got \(largest)")
  }
  let jet = try JetSubstructure(constituents, function: "nsubjettiness")
  return (1...largest).map { jet.nSubjettiness($0, settings) }
}

extension JetSubstructure {
  func nSubjettiness(_ n: Int, _ settings: NSubjettinessSettings) -> Double {
    guard count > n else { return 0 }
    findAxes(n, scheme: settings.axes == .winnerTakesAll ? .winnerTakesAll : .fourMomentum)
    let scale = scalarPt * pow(settings.radius, settings.beta)
    var best = spread(settings.beta)
    if settings.axes == .onePass { best = min(best, minimise(settings.beta, from: best)) }
    return best / scale
  }

  /// The axes of the N branches that remain when the last N − 1 joinings are undone.
  private func findAxes(_ n: Int, scheme: Recombination.Scheme) {
    clusterAll(.kt, scheme: scheme)
    var roots = tree.jets
    while roots.count < n, let last = roots.indices.max(by: { roots[$0] < roots[$1] }), let (a, b) = tree.parents(of: Int(roots[last])) {
      roots[last] = Int32(a)
      roots.append(Int32(b))
    }
    axes = roots.map { SubjetAxis(rapidity: tree.branches[Int($0)].rapidity, phi: tree.branches[Int($0)].phi) }
  }

  /// Σ pT min ΔR^β.
  private func spread(_ beta: Double) -> Double {
    (0..<count).reduce(0) { sum, place in
      let distance = nearestAxis(place).squaredDistance
      return sum + tree.branches[place].pt * (beta == 2 ? distance : beta == 1 ? distance.squareRoot() : pow(distance, beta / 2))
    }
  }

  private func nearestAxis(_ place: Int) -> (axis: Int, squaredDistance: Double) {
    let particle = tree.branches[place]
    var nearest = (axis: 0, squaredDistance: Double.infinity)
    for (number, axis) in axes.enumerated() {
      let rapidity = particle.rapidity - axis.rapidity, phi = wrappedAzimuth(particle.phi - axis.phi)
      let distance = rapidity * rapidity + phi * phi
      if distance < nearest.squaredDistance { nearest = (number, distance) }
    }
    return nearest
  }

  /// Moves each axis to the mean of its constituents, weighted by pT ΔR^(β − 2), until the axes stand still; the smallest spread on the way.
  private func minimise(_ beta: Double, from start: Double) -> Double {
    // Nearer than this a weight would grow without bound.
    let closest = 1e-8
    var best = start
    for _ in 0..<1000 {
      var sums = [(weight: Double, rapidity: Double, phi: Double)](repeating: (0, 0, 0), count: axes.count)
      for place in 0..<count {
        let (axis, distance) = nearestAxis(place)
        let particle = tree.branches[place]
        let weight = particle.pt * pow(max(distance, closest), (beta - 2) / 2)
        sums[axis].weight += weight
        sums[axis].rapidity += weight * (particle.rapidity - axes[axis].rapidity)
        sums[axis].phi += weight * wrappedAzimuth(particle.phi - axes[axis].phi)
      }
      var moved = 0.0
      for (number, sum) in sums.enumerated() where sum.weight > 0 {
        let step = (rapidity: sum.rapidity / sum.weight, phi: sum.phi / sum.weight)
        axes[number].rapidity += step.rapidity
        axes[number].phi = wrappedAzimuth(axes[number].phi + step.phi)
        moved += (step.rapidity * step.rapidity + step.phi * step.phi).squareRoot()
      }
      best = min(best, spread(beta))
      if moved < 1e-5 * Double(axes.count) { break }
    }
    return best
  }
}
