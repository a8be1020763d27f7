import Glibc
import TensorCore

/// Where the axes of the subjets lie.
public enum SubjetAxes: String, CaseIterable, Sendable {
  /// The N exclusive kt subjets, four-momenta added.
  case kt
  /// The N exclusive kt subjets, each along its hardest branch (arXiv:1310.7584).
  case winnerTakesAll = "wta_kt"
  /// From the kt axes towards the nearest minimum of τ_N by the steps of arXiv:1108.2701, until an axis moves by less than 10⁻⁴ on average
  /// as in fastjet-contrib; needs β ≥ 1.
  case onePass = "onepass_kt"
}

/// A direction in rapidity and azimuth.
struct SubjetAxis {
  var rapidity: Double
  var phi: Double
}

/// What the constituents nearest to an axis add up to.
struct AxisSum {
  var weight = 0.0
  var rapidity = 0.0
  var phi = 0.0
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
    if settings.axes == .onePass { moveAxes(settings.beta) }
    return spread(settings.beta) / scale
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
    axes.withUnsafeBufferPointer { axes in
      var sum = 0.0
      for place in 0..<count {
        let particle = tree.branches[place]
        let distance = nearest(particle.rapidity, particle.phi, axes).squaredDistance
        sum += particle.pt * (beta == 2 ? distance : beta == 1 ? distance.squareRoot() : pow(distance, beta / 2))
      }
      return sum
    }
  }

  @inline(__always)
  private func nearest(_ rapidity: Double, _ phi: Double, _ axes: UnsafeBufferPointer<SubjetAxis>) -> (axis: Int, squaredDistance: Double) {
    var nearest = (axis: 0, squaredDistance: Double.infinity)
    for number in 0..<axes.count {
      let distance = squaredDistance(rapidity - axes[number].rapidity, difference(phi, axes[number].phi))
      if distance < nearest.squaredDistance { nearest = (number, distance) }
    }
    return nearest
  }

  @inline(__always)
  private func squaredDistance(_ rapidity: Double, _ phi: Double) -> Double { rapidity * rapidity + phi * phi }

  /// a − b in [−π, π] of two azimuths in (−π, π].
  @inline(__always)
  private func difference(_ a: Double, _ b: Double) -> Double {
    let straight = a - b
    return straight > .pi ? straight - 2 * .pi : straight < -.pi ? straight + 2 * .pi : straight
  }

  /// Moves each axis to the mean of the constituents nearest to it, weighted by pT (ΔR² + ε²)^((β − 2)/2) with ε = 10⁻⁴, until an axis moves
  /// by less than ε on average, 1000 times at most.
  ///
  /// Softening, end and limit are those of fastjet-contrib: on a plateau of τ_N the result depends on them by several per cent, and a τ_N is
  /// compared with published ones.
  private func moveAxes(_ beta: Double) {
    let accuracy = 1e-4
    for _ in 0..<1000 where step(beta, softening: accuracy * accuracy) <= accuracy { return }
  }

  /// One such move; how far the axes went on average.
  private func step(_ beta: Double, softening: Double) -> Double {
    sums.removeAll(keepingCapacity: true)
    sums.append(contentsOf: repeatElement(AxisSum(), count: axes.count))
    return axes.withUnsafeMutableBufferPointer { axes in
      sums.withUnsafeMutableBufferPointer { sums in
        for place in 0..<count {
          let particle = tree.branches[place]
          let (axis, distance) = nearest(particle.rapidity, particle.phi, UnsafeBufferPointer(axes))
          let weight = particle.pt * (beta == 2 ? 1 : beta == 1 ? 1 / (distance + softening).squareRoot() : pow(distance + softening, beta / 2 - 1))
          sums[axis].weight += weight
          sums[axis].rapidity += weight * (particle.rapidity - axes[axis].rapidity)
          sums[axis].phi += weight * difference(particle.phi, axes[axis].phi)
        }
        var moved = 0.0
        for number in 0..<axes.count where sums[number].weight > 0 {
          let rapidity = sums[number].rapidity / sums[number].weight, phi = sums[number].phi / sums[number].weight
          axes[number].rapidity += rapidity
          axes[number].phi = difference(axes[number].phi + phi, 0)
          moved += squaredDistance(rapidity, phi).squareRoot()
        }
        return moved / Double(axes.count)
      }
    }
  }
}
