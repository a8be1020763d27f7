import Autodiff
import TensorCore

/// In training, sets each element to 0 with probability p and divides the others by 1 − p; else the identity
/// (Srivastava et al., JMLR 15 (2014) 1929).
public final class Dropout: Layer {
  /// The probability that an element becomes 0, in [0, 1].
  public let probability: Double

  /// `probability` in [0, 1].
  public init(_ probability: Double = 0.5) throws {
    self.probability = try Dropout.checked(probability, "Dropout")
  }

  /// In training a random choice of elements divided by 1 − p, zeros elsewhere; else x itself.
  public override func forward(_ x: Variable) throws -> Variable {
    isTraining ? try Dropout.drop(x, probability) : x
  }

  /// Drops elements of a tensor of any shape, drawn from the stream of noise.
  public static func drop(_ x: Variable, _ probability: Double) throws -> Variable {
    let p = try checked(probability, "dropout")
    guard x.dtype.isFloatingPoint else {
      throw CallerError("dropout: x: expected a floating-point tensor, got \(x.dtype.name); convert it with :to(\"float32\")")
    }
    if p == 0 { return x }
    let noise = try Tensor(uninitialized: x.shape, x.dtype)
    try RandomStream.noise.fillUniform(noise)
    let kept = try Tensor.compared(.ge, noise, Tensor(scalar: p, x.dtype), name: "dropout").converted(to: x.dtype)
    // At p = 1 nothing is kept and no factor is finite.
    let factors = p < 1 ? try kept.multiplied(by: 1 / (1 - p)) : kept
    return try Engine.applyOne(layerOp("mul"), [.tensor(x), .tensor(Variable(factors))])
  }

  private static func checked(_ p: Double, _ name: String) throws -> Double {
    guard p >= 0, p <= 1 else { throw CallerError("\(name): p: expected a probability in [0, 1], got \(shortText(p))") }
    return p
  }

  /// `nn.Dropout(0.5)`.
  public override var summary: String { "nn.Dropout(\(shortText(probability)))" }
}
