import CVectorMath

private var kernels: UnsafePointer<jvm_kernels> { jvm_kernels_in_use() }

/// Loops of batch normalisation over the channels of x [N, C, *S], a float32 or float64 tensor.
///
/// The batch is cut into blocks that depend on the shape alone and whose sums are joined in order, so that the bits do not
/// depend on the number of threads.
public struct ChannelNormalization {
  private let x: Tensor
  private let rows: Int
  private let channels: Int
  private let inner: Int
  // Rows of one block, about 64k numbers.
  private let grain: Int

  /// `x` has at least two dimensions, the second for the channels.
  public init(_ x: Tensor) throws {
    self.x = try x.contiguous()
    rows = x.shape[0]
    channels = x.shape[1]
    inner = x.count / max(rows * channels, 1)
    grain = max(1, 65_536 / max(channels * inner, 1))
  }

  /// Elements of each channel.
  public var valuesPerChannel: Int { rows * inner }

  /// Mean and variance (by n, not n − 1) of each channel, [C] in float64; NaN where there are no values.
  public func moments() throws -> (mean: [Double], variance: [Double]) {
    let parts = try blockwise { range, first, second in
      switch x.dtype {
      case .float64:
        kernels.pointee.channel_moments_f64(x.pointer(as: Double.self) + range.lowerBound * channels * inner, range.count, channels, inner, first, second)
      default:
        kernels.pointee.channel_moments_f32(x.pointer(as: Float.self) + range.lowerBound * channels * inner, range.count, channels, inner, first, second)
      }
    }
    // Chan, Golub & LeVeque, Am. Stat. 37 (1983) 242, eq. 2.1.
    var mean = [Double](repeating: 0, count: channels), squares = mean
    var seen = 0.0
    for block in 0..<parts.count {
      let n = Double(min(grain, rows - block * grain) * inner)
      for c in 0..<channels {
        let shift = parts.first[block * channels + c] - mean[c]
        mean[c] += shift * n / (seen + n)
        squares[c] += parts.second[block * channels + c] + shift * shift * seen * n / (seen + n)
      }
      seen += n
    }
    guard seen > 0 else { return (mean.map { _ in .nan }, mean.map { _ in .nan }) }
    return (mean, squares.map { $0 / seen })
  }

  /// (x − mean) scale + shift in the shape of x; one number of each per channel.
  public func scaled(mean: [Double], scale: [Double], shift: [Double]) throws -> Tensor {
    let y = try Tensor(uninitialized: x.shape, x.dtype)
    func run<T: Element & BinaryFloatingPoint>(
      _: T.Type, _ loop: (UnsafePointer<T>, UnsafeMutablePointer<T>, Int, Int, Int, UnsafePointer<T>, UnsafePointer<T>, UnsafePointer<T>) -> Void
    ) throws {
      let (m, a, b) = (mean.map { T($0) }, scale.map { T($0) }, shift.map { T($0) })
      let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
      try ThreadPool.parallelRanges(rows, grain: grain) {
        let start = $0.lowerBound * channels * inner
        loop(from + start, to + start, $0.count, channels, inner, m, a, b)
      }
    }
    if x.dtype == .float64 { try run(Double.self, kernels.pointee.channel_scale_f64) } else { try run(Float.self, kernels.pointee.channel_scale_f32) }
    return y
  }

  /// Σ g and Σ g (x − mean) of each channel.
  public func gradientSums(_ g: Tensor, mean: [Double]) throws -> (sums: [Double], moments: [Double]) {
    let dense = try g.converted(to: x.dtype).contiguous()
    let m32 = mean.map { Float($0) }
    let parts = try blockwise { range, first, second in
      let start = range.lowerBound * channels * inner
      switch x.dtype {
      case .float64:
        kernels.pointee.channel_gradient_sums_f64(
          x.pointer(as: Double.self) + start, dense.pointer(as: Double.self) + start, range.count, channels, inner, mean, first, second)
      default:
        kernels.pointee.channel_gradient_sums_f32(
          x.pointer(as: Float.self) + start, dense.pointer(as: Float.self) + start, range.count, channels, inner, m32, first, second)
      }
    }
    var sums = [Double](repeating: 0, count: channels), moments = sums
    for block in 0..<parts.count {
      for c in 0..<channels {
        sums[c] += parts.first[block * channels + c]
        moments[c] += parts.second[block * channels + c]
      }
    }
    return (sums, moments)
  }

  /// a g + b (x − mean) + k in the shape of x; one number of each per channel.
  public func gradient(_ g: Tensor, mean: [Double], a: [Double], b: [Double], k: [Double]) throws -> Tensor {
    let dense = try g.converted(to: x.dtype).contiguous()
    let result = try Tensor(uninitialized: x.shape, x.dtype)
    func run<T: Element & BinaryFloatingPoint>(
      _: T.Type,
      _ loop: (
        UnsafePointer<T>, UnsafePointer<T>, UnsafeMutablePointer<T>, Int, Int, Int, UnsafePointer<T>, UnsafePointer<T>, UnsafePointer<T>, UnsafePointer<T>
      ) -> Void
    ) throws {
      let (m, p, q, s) = (mean.map { T($0) }, a.map { T($0) }, b.map { T($0) }, k.map { T($0) })
      let (at, from, to) = (x.pointer(as: T.self), dense.pointer(as: T.self), result.pointer(as: T.self))
      try ThreadPool.parallelRanges(rows, grain: grain) {
        let start = $0.lowerBound * channels * inner
        loop(at + start, from + start, to + start, $0.count, channels, inner, m, p, q, s)
      }
    }
    if x.dtype == .float64 { try run(Double.self, kernels.pointee.channel_gradient_f64) } else { try run(Float.self, kernels.pointee.channel_gradient_f32) }
    return result
  }

  // Two numbers per channel from each block of rows.
  private func blockwise(
    _ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) throws -> (count: Int, first: [Double], second: [Double]) {
    guard rows > 0, channels > 0 else { return (0, [], []) }
    let blocks = (rows - 1) / grain + 1
    let first = try Tensor(uninitialized: [blocks, channels], .float64), second = try Tensor(uninitialized: [blocks, channels], .float64)
    let (p, q) = (first.pointer(as: Double.self), second.pointer(as: Double.self))
    try ThreadPool.parallelRanges(rows, grain: grain) {
      let block = $0.lowerBound / grain
      body($0, p + block * channels, q + block * channels)
    }
    return (blocks, try first.array(of: Double.self), try second.array(of: Double.self))
  }
}

/// Loops of layer normalisation: the rows of x [N, D], a float32 or float64 tensor, each brought to mean 0 and variance 1.
public struct RowNormalization {
  /// (x − mean)/√(variance + epsilon) · weight + bias, [N, D].
  public let result: Tensor
  /// The mean of each row, [N] in float64.
  public let mean: Tensor
  /// 1/√(variance + epsilon) of each row, [N] in float64.
  public let scale: Tensor

  /// `x` [N, D] is contiguous; weight and bias [D], of the type of x, may be left out.
  public init(_ x: Tensor, weight: Tensor?, bias: Tensor?, epsilon: Double) throws {
    let rows = x.shape[0], n = x.shape[1]
    let y = try Tensor(uninitialized: x.shape, x.dtype)
    let means = try Tensor(uninitialized: [rows], .float64), scales = try Tensor(uninitialized: [rows], .float64)
    let w = try weight?.contiguous(), b = try bias?.contiguous()
    let (m, s) = (means.pointer(as: Double.self), scales.pointer(as: Double.self))
    try ThreadPool.parallelRanges(rows, grain: max(1, elementwiseGrain / max(n, 1))) {
      let start = $0.lowerBound * n
      if x.dtype == .float64 {
        kernels.pointee.layer_norm_f64(
          x.pointer(as: Double.self) + start, w?.pointer(as: Double.self), b?.pointer(as: Double.self), y.pointer(as: Double.self) + start, $0.count, n,
          epsilon, m + $0.lowerBound, s + $0.lowerBound)
      } else {
        kernels.pointee.layer_norm_f32(
          x.pointer(as: Float.self) + start, w?.pointer(as: Float.self), b?.pointer(as: Float.self), y.pointer(as: Float.self) + start, $0.count, n,
          epsilon, m + $0.lowerBound, s + $0.lowerBound)
      }
    }
    (result, mean, scale) = (y, means, scales)
  }

  /// The gradients by x, weight and bias for the gradient g of the result, those that are wanted.
  public static func gradients(
    _ x: Tensor, _ g: Tensor, weight: Tensor?, mean: Tensor, scale: Tensor, wanted: (x: Bool, weight: Bool, bias: Bool)
  ) throws -> (x: Tensor?, weight: Tensor?, bias: Tensor?) {
    let rows = x.shape[0], n = x.shape[1], dtype = x.dtype
    let dense = try g.converted(to: dtype).contiguous(), w = try weight?.contiguous()
    let byX = wanted.x ? try Tensor(uninitialized: x.shape, dtype) : nil
    // Blocks of rows that depend on the shape alone add up into places of their own.
    let grain = max(1, elementwiseGrain / max(n, 1)), blocks = rows > 0 ? (rows - 1) / grain + 1 : 0
    let byWeight = wanted.weight ? try Tensor(uninitialized: [blocks, n], dtype) : nil
    let byBias = wanted.bias ? try Tensor(uninitialized: [blocks, n], dtype) : nil
    let (m, s) = (mean.pointer(as: Double.self), scale.pointer(as: Double.self))
    try ThreadPool.parallelRanges(rows, grain: grain) {
      let start = $0.lowerBound * n, block = $0.lowerBound / grain * n
      if dtype == .float64 {
        kernels.pointee.layer_norm_gradient_f64(
          x.pointer(as: Double.self) + start, dense.pointer(as: Double.self) + start, w?.pointer(as: Double.self), m + $0.lowerBound, s + $0.lowerBound,
          $0.count, n, byX.map { $0.pointer(as: Double.self) + start }, byWeight.map { $0.pointer(as: Double.self) + block },
          byBias.map { $0.pointer(as: Double.self) + block })
      } else {
        kernels.pointee.layer_norm_gradient_f32(
          x.pointer(as: Float.self) + start, dense.pointer(as: Float.self) + start, w?.pointer(as: Float.self), m + $0.lowerBound, s + $0.lowerBound,
          $0.count, n, byX.map { $0.pointer(as: Float.self) + start }, byWeight.map { $0.pointer(as: Float.self) + block },
          byBias.map { $0.pointer(as: Float.self) + block })
      }
    }
    return (byX, try byWeight?.sum(0, keep: false), try byBias?.sum(0, keep: false))
  }
}
