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

  private static func uniform(_ target: Tensor, bound: Double) throws { try fillUniform(target, from: -bound, to: bound) }

  private static func normal(_ target: Tensor, deviation: Double) throws { try fillNormal(target, mean: 0, deviation: deviation) }

  /// Fills a floating-point tensor with numbers of the stream of weights, uniform in [low, high), drawn in row-major order.
  public static func fillUniform(_ target: Tensor, from low: Double, to high: Double) throws {
    let drawn = try Tensor(uninitialized: target.shape, target.dtype)
    try RandomStream.weights.fillUniform(drawn)
    target.copyElements(from: try drawn.multiplied(by: high - low).adding(Tensor(scalar: low, target.dtype)))
  }

  /// Fills a floating-point tensor with numbers of the stream of weights, N(mean, deviation²), drawn in row-major order.
  public static func fillNormal(_ target: Tensor, mean: Double, deviation: Double) throws {
    let drawn = try Tensor(uninitialized: target.shape, target.dtype)
    try RandomStream.weights.fillNormal(drawn)
    let scaled = try drawn.multiplied(by: deviation)
    target.copyElements(from: mean == 0 ? scaled : try scaled.adding(Tensor(scalar: mean, target.dtype)))
  }

  /// Fills a floating-point tensor [H, *D] with gain times orthonormal rows, or columns where there are more rows than numbers in a row:
  /// the Q of a normal matrix, evenly spread over all such matrices (Saxe, McClelland & Ganguli, arXiv:1312.6120).
  /// Throws CallerError for fewer than two dimensions.
  public static func fillOrthogonal(_ target: Tensor, gain: Double) throws {
    guard target.rank >= 2 else {
      throw CallerError("orthogonal_: tensor: expected at least two dimensions, got shape \(target.shape.text); a vector has no rows to be orthogonal")
    }
    guard target.count > 0 else { return }
    let rows = target.shape[0], columns = target.count / rows
    let isTall = rows > columns
    let (vectors, length) = isTall ? (columns, rows) : (rows, columns)
    let drawn = try Tensor(uninitialized: [vectors, length], .float64)
    try RandomStream.weights.fillNormal(drawn)
    let numbers = drawn.pointer(as: Double.self)
    for i in 0..<vectors {
      let own = numbers + i * length
      // Twice, because once leaves what rounding makes of nearly parallel vectors.
      for _ in 0..<2 {
        for j in 0..<i {
          let other = numbers + j * length
          var along = 0.0
          for k in 0..<length { along += own[k] * other[k] }
          for k in 0..<length { own[k] -= along * other[k] }
        }
      }
      var square = 0.0
      for k in 0..<length { square += own[k] * own[k] }
      let scale = 1 / square.squareRoot()
      for k in 0..<length { own[k] *= scale }
    }
    let matrix = isTall ? drawn.transposed(0, 1) : drawn
    target.copyElements(from: try matrix.multiplied(by: gain).reshaped(target.shape))
  }
}
