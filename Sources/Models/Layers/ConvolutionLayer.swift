import Autodiff
import TensorCore

/// What a convolution and its transpose share: channels, steps, and a learned weight [A, B, KH, KW] with a bias [O].
///
/// Both start as U(−1/√fan_in, 1/√fan_in) with fan_in = B · KH · KW, as in PyTorch.
public class ConvolutionLayer: Layer {
  /// Channels C of the images.
  public let inputs: Int
  /// Channels O of the result.
  public let outputs: Int
  /// The kernel's sizes KH and KW.
  public let kernel: ImagePair
  /// How the kernel's taps step over an image; of a transposed convolution, those of the one it transposes.
  public let options: ConvolutionOptions
  let spec: OpSpec

  init(
    op: String, _ inputs: Int, _ outputs: Int, kernel: ImagePair, options: ConvolutionOptions, channels: (first: Int, second: Int), bias: Bool,
    initialization: Initialization, dtype: DType
  ) throws {
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.options = options
    spec = try layerOp(op)
    super.init()
    let weight = try Tensor(uninitialized: [channels.first, channels.second, kernel.y, kernel.x], dtype)
    let area = kernel.y * kernel.x
    try initialization.fill(weight, fanIn: channels.second * area, fanOut: channels.first * area)
    register(parameter: "weight", weight)
    if bias {
      let shift = try Tensor(uninitialized: [outputs], dtype)
      try initialization.fill(bias: shift, fanIn: channels.second * area)
      register(parameter: "bias", shift)
    }
  }

  /// [A, B, KH, KW].
  public var weight: Variable { entries[0].variable }
  /// [O], if the layer has one.
  public var bias: Variable? { entries.count > 1 ? entries[1].variable : nil }

  // The op of x with weight and bias.
  func convolve(_ x: Variable, _ rest: [ArgumentValue]) throws -> Variable {
    try Engine.applyOne(spec, [.tensor(x), .tensor(weight), bias.map { .tensor($0) } ?? .absent] + rest)
  }

  func described(as name: String, _ extra: String = "") -> String {
    "nn.\(name)(\(inputs) -> \(outputs), kernel_size = \(kernel.text)\(differences(options))\(extra)\(bias == nil ? ", no bias" : ""))"
  }
}
