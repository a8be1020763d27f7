import Autodiff
import TensorCore

/// A transposed convolution with a learned weight [C, O/groups, KH, KW] and bias [O]: [N, C, H, W] → [N, O, OH, OW] with
/// OH = (H − 1) · stride − 2 padding + dilation (KH − 1) + output_padding + 1.
///
/// Both start as U(−1/√fan_in, 1/√fan_in) with fan_in = O/groups · KH · KW, as in PyTorch.
public final class ConvTranspose2d: Layer {
  /// Channels C of the images.
  public let inputs: Int
  /// Channels O of the result.
  public let outputs: Int
  /// The kernel's sizes KH and KW.
  public let kernel: ImagePair
  /// How the convolution that this is the transpose of steps over the result.
  public let options: ConvolutionOptions
  /// Rows and columns added to the end of the result, fewer than the stride or the dilation.
  public let outputPadding: ImagePair
  private let spec: OpSpec

  /// A layer from C = `inputs` to O = `outputs` channels, which `groups` divides. Throws CallerError for sizes out of range, and OutOfMemory.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: ImagePair, options: ConvolutionOptions = ConvolutionOptions(), outputPadding: ImagePair = ImagePair(0, 0),
    bias: Bool = true, initialization: Initialization = .standard, dtype: DType = .float32
  ) throws {
    try requireConvolution(inputs, outputs, kernel, options, dtype, "ConvTranspose2d")
    guard !options.samePadding else { throw CallerError("ConvTranspose2d: padding: expected integers, got \"same\"") }
    guard (0..<max(options.stride.y, options.dilation.y)).contains(outputPadding.y), (0..<max(options.stride.x, options.dilation.x)).contains(outputPadding.x) else {
      throw CallerError("ConvTranspose2d: output_padding: expected integers from 0 to below the stride or the dilation, got \(outputPadding.text)")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.options = options
    self.outputPadding = outputPadding
    spec = try layerOp("conv_transpose2d")
    super.init()
    let weight = try Tensor(uninitialized: [inputs, outputs / options.groups, kernel.y, kernel.x], dtype)
    let area = kernel.y * kernel.x, fanIn = outputs / options.groups * area
    try initialization.fill(weight, fanIn: fanIn, fanOut: inputs * area)
    register(parameter: "weight", weight)
    if bias {
      let shift = try Tensor(uninitialized: [outputs], dtype)
      try initialization.fill(bias: shift, fanIn: fanIn)
      register(parameter: "bias", shift)
    }
  }

  /// [C, O/groups, KH, KW].
  public var weight: Variable { entries[0].variable }
  /// [O], if the layer has one.
  public var bias: Variable? { entries.count > 1 ? entries[1].variable : nil }

  public override func forward(_ x: Variable) throws -> Variable {
    try Engine.applyOne(
      spec,
      [
        .tensor(x), .tensor(weight), bias.map { .tensor($0) } ?? .absent, options.stride.sizes, options.padding.sizes, outputPadding.sizes,
        .integer(options.groups), options.dilation.sizes,
      ])
  }

  public override var summary: String {
    let extra = outputPadding == ImagePair(0, 0) ? "" : ", output_padding = \(outputPadding.text)"
    return "nn.ConvTranspose2d(\(inputs) -> \(outputs), kernel_size = \(kernel.text)\(differences(options))\(extra)\(bias == nil ? ", no bias" : ""))"
  }
}
