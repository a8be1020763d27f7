import Autodiff
import TensorCore

/// A two-dimensional convolution with a learned weight [O, C/groups, KH, KW] and bias [O]: [N, C, H, W] → [N, O, OH, OW].
///
/// Both start as U(−1/√fan_in, 1/√fan_in) with fan_in = C/groups · KH · KW, as in PyTorch.
public final class Conv2d: Layer {
  /// Channels C of the images.
  public let inputs: Int
  /// Channels O of the result.
  public let outputs: Int
  /// The kernel's sizes KH and KW.
  public let kernel: ImagePair
  /// How the kernel's taps step over an image.
  public let options: ConvolutionOptions
  private let spec: OpSpec

  /// A layer from C = `inputs` to O = `outputs` channels, which `groups` divides. Throws CallerError for sizes out of range, and OutOfMemory.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: ImagePair, options: ConvolutionOptions = ConvolutionOptions(), bias: Bool = true,
    initialization: Initialization = .standard, dtype: DType = .float32
  ) throws {
    try requireConvolution(inputs, outputs, kernel, options, dtype, "Conv2d")
    guard !options.samePadding || options.stride == ImagePair(1, 1) else {
      throw CallerError("Conv2d: padding: \"same\" needs a stride of 1, got \(options.stride.text)")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.options = options
    spec = try layerOp("conv2d")
    super.init()
    let weight = try Tensor(uninitialized: [outputs, inputs / options.groups, kernel.y, kernel.x], dtype)
    let area = kernel.y * kernel.x, fanIn = inputs / options.groups * area
    try initialization.fill(weight, fanIn: fanIn, fanOut: outputs * area)
    register(parameter: "weight", weight)
    if bias {
      let shift = try Tensor(uninitialized: [outputs], dtype)
      try initialization.fill(bias: shift, fanIn: fanIn)
      register(parameter: "bias", shift)
    }
  }

  /// [O, C/groups, KH, KW].
  public var weight: Variable { entries[0].variable }
  /// [O], if the layer has one.
  public var bias: Variable? { entries.count > 1 ? entries[1].variable : nil }

  public override func forward(_ x: Variable) throws -> Variable {
    try Engine.applyOne(
      spec,
      [
        .tensor(x), .tensor(weight), bias.map { .tensor($0) } ?? .absent, options.stride.sizes,
        options.samePadding ? .text("same") : options.padding.sizes, options.dilation.sizes, .integer(options.groups),
      ])
  }

  public override var summary: String {
    "nn.Conv2d(\(inputs) -> \(outputs), kernel_size = \(kernel.text)\(differences(options))\(bias == nil ? ", no bias" : ""))"
  }
}
