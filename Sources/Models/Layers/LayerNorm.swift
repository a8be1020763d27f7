import Autodiff
import TensorCore

/// Layer normalisation: (x − mean)/√(variance + eps) · weight + bias with mean and variance over the last dimensions (Ba, Kiros &
/// Hinton, arXiv:1607.06450); x [*S, *D] → [*S, *D] for D = `sizes`.
public final class LayerNorm: Layer {
  /// The last sizes of the input, over which mean and variance are taken.
  public let sizes: [Int]
  /// Added to the variance, at least 0.
  public let epsilon: Double
  private let spec: OpSpec

  /// With `affine` there are `weight` and, with `bias` too, `bias`, of shape `sizes`, which start as 1 and 0.
  public init(_ sizes: [Int], epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32) throws {
    guard (1...Dimensions.maximumCount).contains(sizes.count), sizes.allSatisfy({ $0 >= 1 }), Dimensions(sizes).product != nil else {
      throw CallerError("LayerNorm: normalized_shape: expected 1 to \(Dimensions.maximumCount) sizes above 0, got \(LayerNorm.text(sizes))")
    }
    guard epsilon >= 0, epsilon.isFinite else { throw CallerError("LayerNorm: eps: expected a number of at least 0, got \(shortText(epsilon))") }
    guard dtype.isFloatingPoint else { throw CallerError("LayerNorm: dtype: expected float32 or float64, got \(dtype.name)") }
    self.sizes = sizes
    self.epsilon = epsilon
    spec = try layerOp("layer_norm")
    super.init()
    if affine {
      register(parameter: "weight", try Tensor(filling: Dimensions(sizes), with: 1, dtype))
      if bias { register(parameter: "bias", try Tensor(filling: Dimensions(sizes), with: 0, dtype)) }
    }
  }

  public override func forward(_ x: Variable) throws -> Variable {
    func argument(_ name: String) -> ArgumentValue { variable(named: name).map { .tensor($0) } ?? .absent }
    return try Engine.applyOne(spec, [.tensor(x), .integers(sizes), argument("weight"), argument("bias"), .number(epsilon)])
  }

  public override var summary: String {
    let extra = entries.isEmpty ? ", elementwise_affine = false" : entries.count == 1 ? ", bias = false" : ""
    return "nn.LayerNorm(\(LayerNorm.text(sizes)), eps = \(shortText(epsilon))\(extra))"
  }

  private static func text(_ sizes: [Int]) -> String {
    sizes.count == 1 ? "\(sizes[0])" : "{\(sizes.prefix(9).map(String.init).joined(separator: ", "))}"
  }
}
