import Glibc
import TensorCore

/// Energy correlation functions of a jet with momentum shares z_i = pT_i / Σ pT (arXiv:1305.0007, equations 2.3–2.5).
public struct EnergyCorrelations: Equatable, Sendable {
  /// e2 = Σ_{i<j} z_i z_j ΔR_ij^β.
  public var e2 = 0.0
  /// e3 = Σ_{i<j<k} z_i z_j z_k (ΔR_ij ΔR_ik ΔR_jk)^β.
  public var e3 = 0.0

  /// Those of a jet without constituents.
  public init() {}

  /// C2 = e3 / e2² (arXiv:1305.0007, equation 2.10); `nil` where e2 is 0: fewer than two constituents, or all in one point.
  public var c2: Double? { ratio(e2 * e2) }
  /// D2 = e3 / e2³ (arXiv:1409.6298, equation 1.2); `nil` where e2 is 0.
  public var d2: Double? { ratio(e2 * e2 * e2) }

  // The powers of a tiny e2 underflow.
  private func ratio(_ power: Double) -> Double? {
    let value = e3 / power
    return power > 0 && value.isFinite ? value : nil
  }
}

/// The energy correlation functions of `constituents` with the exponent `beta` of the distances.
///
/// Both are 0 for a jet without constituents. Throws `CallerError` for a β outside (0, 10], and constituents with components that are not
/// finite or a negative energy.
public func energyCorrelations(_ constituents: [FourVector], beta: Double = 1) throws -> EnergyCorrelations {
  try checkCorrelationExponent(beta, "energy_correlations")
  return try JetSubstructure(constituents, function: "energy_correlations").energyCorrelations(beta: beta)
}

func checkCorrelationExponent(_ beta: Double, _ function: String) throws {
  guard beta > 0, beta <= 10 else { throw CallerError("\(function): beta: expected an exponent above 0 and at most 10, got \(beta)") }
}

extension JetSubstructure {
  func energyCorrelations(beta: Double) -> EnergyCorrelations {
    let count = count, total = scalarPt
    guard count > 1, total > 0 else { return EnergyCorrelations() }
    if pairs.count < count * count { pairs = [Double](repeating: 0, count: count * count) }
    var result = EnergyCorrelations()
    pairs.withUnsafeMutableBufferPointer { pairs in
      for i in 0..<count {
        let a = tree.branches[i], zA = a.pt / total
        for j in 0..<i {
          let b = tree.branches[j]
          let squared = tree.distanceSquared(a, b)
          let distance = beta == 2 ? squared : beta == 1 ? squared.squareRoot() : pow(squared, beta / 2)
          pairs[i * count + j] = distance
          result.e2 += zA * b.pt / total * distance
        }
      }
      for i in 0..<count {
        for j in 0..<i {
          var sum = 0.0
          for k in 0..<j { sum += tree.branches[k].pt * pairs[i * count + k] * pairs[j * count + k] }
          result.e3 += tree.branches[i].pt / total * (tree.branches[j].pt / total) * pairs[i * count + j] * (sum / total)
        }
      }
    }
    return result
  }
}
