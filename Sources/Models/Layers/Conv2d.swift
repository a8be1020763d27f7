import Autodiff
import TensorCore

/// A two-dimensional convolution with a learned weight [O, C/groups, KH, KW] and bias [O]: [N, C, H, W] → [N, O, OH, OW].
///
/// Both start as U(−1/√fan_in, 1/√fan_in) with fan_in = C/groups · KH · KW, as in PyTorch.
public final class Conv2d: ConvolutionLayer {
  /// A layer from C = `inputs` to O = `outputs` channels, which `groups` divides. Throws CallerError for sizes out of range, and OutOfMemory.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: ImagePair, options: ConvolutionOptions = ConvolutionOptions(), bias: Bool = true,
    initialization: Initialization = .standard, dtype: DType = .float32
  ) throws {
    try requireConvolution(inputs, outputs, kernel, options, dtype, "Conv2d")
    guard !options.samePadding || options.stride == ImagePair(1, 1) else {
      throw CallerError("Conv2d: padding: \"same\" needs a stride of 1, got \(options.stride.text)")
    }
    try super.init(
      op: "conv2d", inputs, outputs, kernel: kernel, options: options, channels: (outputs, inputs / options.groups), bias: bias,
      initialization: initialization, dtype: dtype)
  }

  public override func forward(_ x: Variable) throws -> Variable {
    try convolve(
      x, [options.stride.sizes, options.samePadding ? .text("same") : options.padding.sizes, options.dilation.sizes, .integer(options.groups)])
  }

  public override var summary: String { described(as: "Conv2d") }
}
