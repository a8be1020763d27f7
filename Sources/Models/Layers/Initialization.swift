import TensorCore

/// How the weights of a layer start.
public enum Initialization: String, CaseIterable, Sendable {
  /// As PyTorch's layers: U(−1/√fan_in, 1/√fan_in), which is kaiming_uniform with a = √5.
  case standard = "default"
  /// U(−b, b), b = √(6/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010, eq. 16).
  case xavierUniform = "xavier_uniform"
  /// N(0, 2/(fan_in + fan_out)) (Glorot & Bengio, AISTATS 2010).
  case xavierNormal = "xavier_normal"
  /// U(−b, b), b = √(6/fan_in) (He et al., arXiv:1502.01852, eq. 10).
  case kaimingUniform = "kaiming_uniform"
  /// N(0, 2/fan_in) (He et al., arXiv:1502.01852, eq. 10).
  case kaimingNormal = "kaiming_normal"
  /// Zeros, for the bias too.
  case zeros = "zeros"

  /// Fills a weight, in whatever layout, with numbers of the stream of weights drawn in row-major order.
  public func fill(_ weight: Tensor, fanIn: Int, fanOut: Int) throws {
    let fanIn = Double(max(fanIn, 1)), both = fanIn + Double(max(fanOut, 0))
    switch self {
    case .standard: try Initialization.uniform(weight, bound: 1 / fanIn.squareRoot())
    case .xavierUniform: try Initialization.uniform(weight, bound: (6 / both).squareRoot())
    case .xavierNormal: try Initialization.normal(weight, deviation: (2 / both).squareRoot())
    case .kaimingUniform: try Initialization.uniform(weight, bound: (6 / fanIn).squareRoot())
    case .kaimingNormal: try Initialization.normal(weight, deviation: (2 / fanIn).squareRoot())
    case .zeros: weight.fill(0)
    }
  }

  /// Fills a bias: U(−1/√fan_in, 1/√fan_in) as PyTorch's layers, or zeros for `zeros`.
  public func fill(bias: Tensor, fanIn: Int) throws {
    if self == .zeros { return bias.fill(0) }
    try Initialization.uniform(bias, bound: 1 / Double(max(fanIn, 1)).squareRoot())
  }

  private static func uniform(_ target: Tensor, bound: Double) throws {
    let drawn = try Tensor(uninitialized: target.shape, target.dtype)
    try RandomStream.weights.fillUniform(drawn)
    target.copyElements(from: try drawn.multiplied(by: 2 * bound).subtracting(Tensor(scalar: bound, target.dtype)))
  }

  private static func normal(_ target: Tensor, deviation: Double) throws {
    let drawn = try Tensor(uninitialized: target.shape, target.dtype)
    try RandomStream.weights.fillNormal(drawn)
    target.copyElements(from: try drawn.multiplied(by: deviation))
  }
}
