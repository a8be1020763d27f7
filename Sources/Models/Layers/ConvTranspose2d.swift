import Autodiff
import TensorCore

/// A transposed convolution with a learned weight [C, O/groups, KH, KW] and bias [O]: [N, C, H, W] → [N, O, OH, OW] with
/// OH = (H − 1) · stride − 2 padding + dilation (KH − 1) + output_padding + 1.
///
/// Both start as U(−1/√fan_in, 1/√fan_in) with fan_in = O/groups · KH · KW, as in PyTorch.
public final class ConvTranspose2d: ConvolutionLayer {
  /// Rows and columns added to the end of the result, fewer than the stride or the dilation.
  public let outputPadding: ImagePair

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
    self.outputPadding = outputPadding
    try super.init(
      op: "conv_transpose2d", inputs, outputs, kernel: kernel, options: options, channels: (inputs, outputs / options.groups), bias: bias,
      initialization: initialization, dtype: dtype)
  }

  public override func forward(_ x: Variable) throws -> Variable {
    try convolve(x, [options.stride.sizes, options.padding.sizes, outputPadding.sizes, .integer(options.groups), options.dilation.sizes])
  }

  public override var summary: String {
    described(as: "ConvTranspose2d", outputPadding == ImagePair(0, 0) ? "" : ", output_padding = \(outputPadding.text)")
  }
}
