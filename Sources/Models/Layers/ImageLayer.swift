import Autodiff
import TensorCore

/// Sizes on the two axes of an image, vertical first.
public typealias ImagePair = ConvolutionShape.Pair

/// How the taps of a convolution step over an image.
public struct ConvolutionOptions: Sendable {
  /// Pixels from one place of the kernel to the next, at least 1.
  public var stride = ImagePair(1, 1)
  /// Zeros around the image; `nil` where `samePadding` says how many.
  public var padding = ImagePair(0, 0)
  /// Whether the padding keeps the image's size, which needs a stride of 1.
  public var samePadding = false
  /// Pixels from one tap of the kernel to the next, at least 1.
  public var dilation = ImagePair(1, 1)
  /// Channels are split into so many independent groups, at least 1.
  public var groups = 1

  /// A stride and a dilation of 1, no padding and one group.
  public init() {}
}

extension ImagePair {
  var sizes: ArgumentValue { .integers([y, x]) }
  /// `"2"`, or `"{2, 1}"`.
  var text: String { y == x ? "\(y)" : "{\(y), \(x)}" }
}

/// Throws CallerError unless both numbers lie between `least` and 2³¹ − 1.
func requirePair(_ pair: ImagePair, atLeast least: Int, _ layer: String, _ name: String) throws {
  for number in [pair.y, pair.x] where !(least...Int(Int32.max)).contains(number) {
    throw CallerError("\(layer): \(name): expected integers in \(least)...\(Int32.max), got \(pair.text)")
  }
}

/// Throws CallerError unless a convolution of these sizes can be made.
func requireConvolution(_ inputs: Int, _ outputs: Int, _ kernel: ImagePair, _ options: ConvolutionOptions, _ dtype: DType, _ layer: String) throws {
  for (name, size) in [("in_channels", inputs), ("out_channels", outputs), ("groups", options.groups)] where !(1...Int(Int32.max)).contains(size) {
    throw CallerError("\(layer): \(name): expected an integer in 1...\(Int32.max), got \(size)")
  }
  for (name, size) in [("in_channels", inputs), ("out_channels", outputs)] where size % options.groups != 0 {
    throw CallerError("\(layer): groups: expected a divisor of \(name) \(size), got \(options.groups)")
  }
  try requirePair(kernel, atLeast: 1, layer, "kernel_size")
  try requirePair(options.stride, atLeast: 1, layer, "stride")
  try requirePair(options.padding, atLeast: 0, layer, "padding")
  try requirePair(options.dilation, atLeast: 1, layer, "dilation")
  guard dtype.isFloatingPoint else { throw CallerError("\(layer): dtype: expected float32 or float64, got \(dtype.name)") }
}

/// `", stride = 2"` and so on for what is not PyTorch's default.
func differences(_ options: ConvolutionOptions) -> String {
  var text = ""
  if options.stride != ImagePair(1, 1) { text += ", stride = \(options.stride.text)" }
  if options.samePadding { text += ", padding = \"same\"" } else if options.padding != ImagePair(0, 0) { text += ", padding = \(options.padding.text)" }
  if options.dilation != ImagePair(1, 1) { text += ", dilation = \(options.dilation.text)" }
  if options.groups != 1 { text += ", groups = \(options.groups)" }
  return text
}
