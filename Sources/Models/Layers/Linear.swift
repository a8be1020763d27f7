import Autodiff
import TensorCore

/// A dense layer: x weightᵀ + bias.
///
/// `x` [*S, D] or sparse rows [N, D] → [*S, H]; `weight` [H, D] lies in memory input by input, as the sparse kernels read it.
public final class Linear: Layer {
  /// The last dimension of the input.
  public let inputs: Int
  /// The last dimension of the result.
  public let outputs: Int
  private let spec: OpSpec

  /// A layer from D = `inputs` to H = `outputs` features, both at least 1. Throws OutOfMemory.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, initialization: Initialization = .standard, dtype: DType = .float32) throws {
    for (name, size) in [("in_features", inputs), ("out_features", outputs)] where size < 1 || size > Int(Int32.max) {
      throw CallerError("Linear: \(name): expected an integer in 1...\(Int32.max), got \(size)")
    }
    guard dtype.isFloatingPoint else { throw CallerError("Linear: dtype: expected float32 or float64, got \(dtype.name)") }
    self.inputs = inputs
    self.outputs = outputs
    spec = try layerOp("linear")
    super.init()
    let weight = try Tensor.featureMajor(outputs, inputs, dtype)
    try initialization.fill(weight, fanIn: inputs, fanOut: outputs)
    register(parameter: "weight", weight)
    if bias {
      let shift = try Tensor(uninitialized: [outputs], dtype)
      try initialization.fill(bias: shift, fanIn: inputs)
      register(parameter: "bias", shift)
    }
  }

  /// [H, D].
  public var weight: Variable { entries[0].variable }
  /// [H], if the layer has one.
  public var bias: Variable? { entries.count > 1 ? entries[1].variable : nil }

  /// [*S, inputs] to [*S, outputs]; throws where the last dimension is another.
  public override func forward(_ x: Variable) throws -> Variable { try apply(.tensor(x)) }
  /// Sparse rows [N, inputs] to [N, outputs], reading the weights of filled columns only.
  public override func forward(rows: SparseRows) throws -> ArgumentValue { .tensor(try apply(.sparse(rows))) }

  private func apply(_ x: ArgumentValue) throws -> Variable {
    try Engine.applyOne(spec, [x, .tensor(weight), bias.map { .tensor($0) } ?? .absent])
  }

  /// `nn.Linear(64 -> 16)`.
  public override var summary: String { "nn.Linear(\(inputs) -> \(outputs)\(bias == nil ? ", no bias" : ""))" }
}
