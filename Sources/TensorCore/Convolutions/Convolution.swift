import CBLAS
import Synchronization

/// Two-dimensional convolutions and their gradients, in float32 and float64.
///
/// All tensors are of one floating-point type and of the shapes that `ConvolutionShape` says. Work is shared out by images and, of
/// few or large ones, by bands of rows; gradients of the weight are added up over blocks of those that depend on the shape alone, so results do not
/// depend on the number of threads. Ctrl-C is noticed between bands.
public enum Convolution {
  /// What `gradients` was asked for.
  public struct Gradients {
    /// By the input, [N, C, H, W].
    public let input: Tensor?
    /// By the weight, [O, C/groups, KH, KW].
    public let weight: Tensor?
    /// [O].
    public let bias: Tensor?
  }

  /// `out[n, o] = bias[o] + Σ_{c, ky, kx} weight[o, c, ky, kx] · x[n, c]` shifted by (ky, kx), [N, O, OH, OW].
  public static func forward(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, _ shape: ConvolutionShape, name: String) throws -> Tensor {
    let out = try Tensor(uninitialized: shape.outputShape, x.dtype)
    guard out.count > 0 else { return out }
    let x = try x.contiguous(), weight = try weight.contiguous(), bias = try bias?.contiguous()
    if x.dtype == .float32, let direct = DirectConvolution(shape) {
      try direct.forward(x, weight, bias, out)
      return out
    }
    try requireBLAS(shape, name)
    if x.dtype == .float32 {
      try GeneralConvolution<Float>(shape).forward(x, weight, bias, out)
    } else {
      try GeneralConvolution<Double>(shape).forward(x, weight, bias, out)
    }
    return out
  }

  /// The gradients of `Σ g · forward(x, weight, bias)`: by the input where `weight` is given, by the weight where `x` is,
  /// by the bias where asked for.
  public static func gradients(
    _ g: Tensor, x: Tensor?, weight: Tensor?, bias wantsBias: Bool = false, _ shape: ConvolutionShape, name: String
  ) throws -> Gradients {
    let g = try g.contiguous(), x = try x?.contiguous(), weight = try weight?.contiguous()
    var direct: DirectConvolution?
    if g.dtype == .float32, g.count > 0, shape.taps > 0 { direct = DirectConvolution(shape) }
    if let found = direct, x != nil, !found.takesWeightGradient { direct = nil }
    let byBias = try wantsBias ? direct == nil ? channelSums(g) : Tensor(uninitialized: [shape.outputs]) : nil
    // The direct way writes every pixel, the other one adds to them.
    let byInput = try weight.map { _ in try direct == nil ? Tensor(filling: shape.inputShape, with: 0, g.dtype) : Tensor(uninitialized: shape.inputShape) }
    let byWeight = try x.map { _ in try Tensor(filling: shape.weightShape, with: 0, g.dtype) }
    let result = Gradients(input: byInput, weight: byWeight, bias: byBias)
    if let direct {
      try direct.gradients(g, x: x, weight: weight, byInput: byInput, byWeight: byWeight, byBias: byBias)
      return result
    }
    guard g.count > 0, shape.taps > 0 else { return result }
    try requireBLAS(shape, name)
    if g.dtype == .float32 {
      try general(GeneralConvolution<Float>(shape), g, x, weight, byInput, byWeight)
    } else {
      try general(GeneralConvolution<Double>(shape), g, x, weight, byInput, byWeight)
    }
    return result
  }

  private static func general<T>(_ way: GeneralConvolution<T>, _ g: Tensor, _ x: Tensor?, _ weight: Tensor?, _ byInput: Tensor?, _ byWeight: Tensor?) throws {
    if let weight, let byInput { try way.inputGradient(g, weight, byInput) }
    if let x, let byWeight { try way.weightGradient(g, x, byWeight) }
  }

  /// Sums over all images and pixels, one for each channel of [N, C, H, W].
  public static func channelSums(_ x: Tensor) throws -> Tensor {
    try x.reshaped([x.shape[0], x.shape[1], x.shape[2] * x.shape[3]]).sum(2, keep: false).sum(0, keep: false)
  }

  private static func requireBLAS(_ shape: ConvolutionShape, _ name: String) throws {
    for size in [shape.inputPixels, shape.outputPixels, shape.taps, shape.outputs] where size > Int(Int32.max) {
      throw CallerError("\(name): images of \(size) elements are too large, at most 2^31 − 1")
    }
    guard jblas_available() != 0 else { throw CallerError("\(name): OpenBLAS cannot be opened; install Debian's package libopenblas0") }
  }

  /// How many blocks of pieces (images, or bands of them) a gradient of the weight is added up from: it depends on their number
  /// alone, and 16 share out evenly among few threads.
  static func blockCount(_ pieces: Int) -> Int { pieces <= 16 ? pieces : max(16, pieces / 128 * 16) }

  /// The pieces of a block.
  static func block(_ i: Int, of count: Int, _ pieces: Int) -> Range<Int> { (i * pieces / count)..<((i + 1) * pieces / count) }

  /// Threads that work at once on `count` blocks; each brings scratch memory of its own.
  static func lanes(_ count: Int) -> Int { max(1, min(count, ThreadPool.threadCount)) }

  /// Runs `body(block, lane)` for every block, each lane one block at a time. Throws Interrupted once Ctrl-C was pressed.
  static func inLanes(_ lanes: Int, blocks: Int, _ body: (_ block: Int, _ lane: Int) -> Void) throws {
    let next = Atomic<Int>(0)
    ThreadPool.parallel(lanes) { lane in
      while !Interrupted.isRequested {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if block >= blocks { return }
        body(block, lane)
      }
    }
    try Interrupted.check()
  }
}
