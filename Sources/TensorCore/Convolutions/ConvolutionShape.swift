/// The sizes of a convolution of images [N, C, H, W] with a weight [O, C/groups, KH, KW].
///
/// Output pixel (y, x) reads the input pixels (y · stride + ky · dilation − padding, the same in x); those outside the
/// image count as zeros. How much padding there is below and to the right follows from the size of the output.
public struct ConvolutionShape: Sendable, Equatable {
  /// Pairs are vertical, then horizontal.
  public struct Pair: Sendable, Equatable {
    /// Along rows, vertical.
    public var y: Int
    /// Along columns, horizontal.
    public var x: Int

    /// The vertical number first.
    public init(_ y: Int, _ x: Int) {
      self.y = y
      self.x = x
    }
  }

  /// N.
  public let images: Int
  /// C.
  public let inputs: Int
  /// O.
  public let outputs: Int
  /// Output channels of a group read the input channels of that group alone.
  public let groups: Int
  /// Height and width of the input.
  public let size: Pair
  /// KH and KW.
  public let kernel: Pair
  /// Input pixels from one output pixel to the next.
  public let stride: Pair
  /// Rows of zeros above and columns of zeros to the left.
  public let padding: Pair
  /// Input pixels from one tap of the kernel to the next.
  public let dilation: Pair
  /// Height and width of the output.
  public let result: Pair

  /// All sizes at most 2³¹ − 1, strides, dilations and groups at least 1; groups divide both channel counts.
  public init(
    images: Int, inputs: Int, outputs: Int, groups: Int = 1, size: Pair, kernel: Pair, stride: Pair = Pair(1, 1), padding: Pair = Pair(0, 0),
    dilation: Pair = Pair(1, 1), result: Pair
  ) {
    self.images = images
    self.inputs = inputs
    self.outputs = outputs
    self.groups = groups
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.result = result
  }

  /// [N, C, H, W].
  public var inputShape: Dimensions { [images, inputs, size.y, size.x] }
  /// [N, O, OH, OW].
  public var outputShape: Dimensions { [images, outputs, result.y, result.x] }
  /// [O, C/groups, KH, KW].
  public var weightShape: Dimensions { [outputs, inputs / groups, kernel.y, kernel.x] }

  var groupInputs: Int { inputs / groups }
  var groupOutputs: Int { outputs / groups }
  /// Numbers that one output pixel reads.
  var taps: Int { groupInputs * kernel.y * kernel.x }
  var inputPixels: Int { size.y * size.x }
  var outputPixels: Int { result.y * result.x }
}
