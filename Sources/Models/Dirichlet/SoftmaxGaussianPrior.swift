import Autodiff
import Glibc
import TensorCore

/// The softmax-Gaussian approximation of a Dirichlet prior (arXiv:2104.08291, eqs. 14–15).
///
/// `μ̃_i = ln α_i − mean ln α` and `σ̃_i² = (1/α_i)(1 − 2/R) + (1/R²) Σ_j 1/α_j`; the softmax of such a Gaussian imitates
/// Dirichlet(α). It is an approximation: for α = (1, 0.25, 0.1) its mean is (0.57, 0.25, 0.18), the Dirichlet's (0.74, 0.19, 0.07).
public struct SoftmaxGaussianPrior: Sendable {
  /// The concentration parameters, above 0; there are R ≥ 2.
  public let alpha: [Double]
  /// μ̃, one per mixture.
  public let means: [Double]
  /// σ̃², one per mixture.
  public let variances: [Double]

  /// Throws CallerError for fewer than two α or one that is not above 0.
  public init(alpha: [Double]) throws {
    guard alpha.count >= 2 else { throw CallerError("alpha: expected at least two numbers, one per mixture, got \(alpha.count)") }
    guard alpha.count <= 1000 else { throw CallerError("alpha: expected at most 1000 numbers, got \(alpha.count)") }
    if let wrong = alpha.first(where: { !($0 > 0) || !$0.isFinite }) { throw CallerError("alpha: expected numbers above 0, got \(wrong)") }
    self.alpha = alpha
    let r = Double(alpha.count)
    let logs = alpha.map { log($0) }
    let meanLog = logs.reduce(0, +) / r
    let inverses = alpha.reduce(0) { $0 + 1 / $1 }
    means = logs.map { $0 - meanLog }
    variances = alpha.map { (1 / $0) * (1 - 2 / r) + inverses / (r * r) }
  }

  /// R.
  public var count: Int { alpha.count }

  /// What `prior_samples` draws from.
  public enum Kind: String, CaseIterable, Sendable {
    /// The prior that the KL term uses.
    case softmaxGaussian = "softmax_gaussian"
    /// The Dirichlet distribution that it approximates.
    case dirichlet
  }

  /// `count` points of the simplex, [count, R], each row summing to 1.
  public func samples(_ count: Int, kind: Kind) throws -> Tensor {
    switch kind {
    case .softmaxGaussian:
      let z = try Tensor(uninitialized: [count, self.count])
      try RandomStream.script.fillNormal(z)
      let scale = try Tensor(variances.map { Float($0.squareRoot()) }), shift = try Tensor(means.map { Float($0) })
      return try z.multiplied(by: scale).adding(shift).rowFunction(.softmax, 1)
    case .dirichlet:
      let result = try Tensor(uninitialized: [count, self.count])
      var gammas = try GammaSampler(numbers: count * self.count)
      let out = result.pointer(as: Float.self)
      for n in 0..<count {
        // Small α underflow as numbers but not as logarithms.
        let logs = try alpha.map { try gammas.logarithmOfGamma(shape: $0) }
        let largest = logs.max() ?? 0
        let parts = logs.map { exp($0 - largest) }
        let total = parts.reduce(0, +)
        for (i, part) in parts.enumerated() { out[n * self.count + i] = Float(part / total) }
      }
      return result
    }
  }
}

/// Gamma-distributed numbers by rejection (Marsaglia & Tsang, ACM TOMS 26, 2000, 363).
private struct GammaSampler {
  private var normals: [Double] = []
  private var uniforms: [Double] = []
  private let block: Int

  init(numbers: Int) throws { block = max(256, min(numbers * 2, 1 << 16)) }

  private mutating func normal() throws -> Double {
    if normals.isEmpty {
      let draw = try Tensor(uninitialized: [block], .float64)
      try RandomStream.script.fillNormal(draw)
      normals = try draw.array(of: Double.self)
    }
    return normals.removeLast()
  }

  private mutating func uniform() throws -> Double {
    if uniforms.isEmpty {
      let draw = try Tensor(uninitialized: [block], .float64)
      try RandomStream.script.fillUniform(draw)
      uniforms = try draw.array(of: Double.self)
    }
    return max(uniforms.removeLast(), 0x1p-53)
  }

  mutating func logarithmOfGamma(shape: Double) throws -> Double {
    // A shape below 1 is reached from shape + 1 by a power of a uniform number.
    if shape < 1 { return try logarithmOfGamma(shape: shape + 1) + log(uniform()) / shape }
    let d = shape - 1.0 / 3, c = 1 / (9 * d).squareRoot()
    while true {
      let x = try normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(try uniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return log(d * cube) }
    }
  }
}
