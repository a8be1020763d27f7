import Autodiff
import TensorCore

/// The average of each window of an image: [N, C, H, W] → [N, C, OH, OW].
public final class AvgPool2d: Layer {
  /// Height and width of a window.
  public let kernel: ImagePair
  /// Pixels from one window to the next.
  public let stride: ImagePair
  /// Zeros around an image.
  public let padding: ImagePair
  /// Whether windows may reach over the end of the image.
  public let ceilMode: Bool
  /// Whether the zeros of the padding count as elements.
  public let countsPadding: Bool
  /// Divides the sums instead of the number of elements, unless 0.
  public let divisor: Int
  private let spec: OpSpec

  /// Windows of `kernel` every `stride` (the kernel's size where left out); padding at most half of the kernel.
  public init(
    kernel: ImagePair, stride: ImagePair? = nil, padding: ImagePair = ImagePair(0, 0), ceilMode: Bool = false, countsPadding: Bool = true, divisor: Int = 0
  ) throws {
    try requireWindow(kernel, stride ?? kernel, padding, "AvgPool2d")
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
    self.divisor = divisor
    spec = try layerOp("avg_pool2d")
  }

  public override func forward(_ x: Variable) throws -> Variable {
    try Engine.applyOne(spec, [.tensor(x), kernel.sizes, stride.sizes, padding.sizes, .flag(ceilMode), .flag(countsPadding), .integer(divisor)])
  }

  public override var summary: String {
    let counting = (countsPadding ? "" : ", count_include_pad = false") + (divisor == 0 ? "" : ", divisor_override = \(divisor)")
    return "nn.AvgPool2d(\(kernel.text)\(windowText(kernel, stride, padding, ceilMode))\(counting))"
  }
}

/// The largest element of each window of an image: [N, C, H, W] → [N, C, OH, OW].
public final class MaxPool2d: Layer {
  /// Height and width of a window.
  public let kernel: ImagePair
  /// Pixels from one window to the next.
  public let stride: ImagePair
  /// Pixels around an image that are never the largest.
  public let padding: ImagePair
  /// Pixels from one element of a window to the next.
  public let dilation: ImagePair
  /// Whether windows may reach over the end of the image.
  public let ceilMode: Bool
  private let spec: OpSpec

  /// Windows of `kernel` every `stride` (the kernel's size where left out); padding at most half of the kernel.
  public init(
    kernel: ImagePair, stride: ImagePair? = nil, padding: ImagePair = ImagePair(0, 0), dilation: ImagePair = ImagePair(1, 1), ceilMode: Bool = false
  ) throws {
    try requireWindow(kernel, stride ?? kernel, padding, "MaxPool2d")
    try requirePair(dilation, atLeast: 1, "MaxPool2d", "dilation")
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
    spec = try layerOp("max_pool2d")
  }

  public override func forward(_ x: Variable) throws -> Variable {
    try Engine.applyOne(spec, [.tensor(x), kernel.sizes, stride.sizes, padding.sizes, dilation.sizes, .flag(ceilMode)])
  }

  public override var summary: String {
    let spread = dilation == ImagePair(1, 1) ? "" : ", dilation = \(dilation.text)"
    return "nn.MaxPool2d(\(kernel.text)\(windowText(kernel, stride, padding, ceilMode))\(spread))"
  }
}

private func requireWindow(_ kernel: ImagePair, _ stride: ImagePair, _ padding: ImagePair, _ layer: String) throws {
  try requirePair(kernel, atLeast: 1, layer, "kernel_size")
  try requirePair(stride, atLeast: 1, layer, "stride")
  try requirePair(padding, atLeast: 0, layer, "padding")
  guard padding.y <= kernel.y / 2, padding.x <= kernel.x / 2 else {
    throw CallerError("\(layer): padding: expected at most half of the kernel_size \(kernel.text), got \(padding.text)")
  }
}

private func windowText(_ kernel: ImagePair, _ stride: ImagePair, _ padding: ImagePair, _ ceilMode: Bool) -> String {
  (stride == kernel ? "" : ", stride = \(stride.text)") + (padding == ImagePair(0, 0) ? "" : ", padding = \(padding.text)") + (ceilMode ? ", ceil_mode = true" : "")
}
