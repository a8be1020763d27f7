import CVectorMath

/// The windows of a pooling of planes [.., H, W]; pairs are vertical, then horizontal.
public struct PoolingShape: Sendable, Equatable {
  /// Numbers on the two axes.
  public typealias Pair = ConvolutionShape.Pair

  /// How many planes there are.
  public let planes: Int
  /// H and W.
  public let size: Pair
  /// Height and width of a window.
  public let kernel: Pair
  /// Pixels from one window to the next.
  public let stride: Pair
  /// Pixels around a plane that belong to none.
  public let padding: Pair
  /// Pixels from one element of a window to the next.
  public let dilation: Pair
  /// OH and OW.
  public let result: Pair

  /// Strides and dilations at least 1; no window lies wholly in the padding.
  public init(planes: Int, size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = Pair(1, 1), result: Pair) {
    self.planes = planes
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.result = result
  }

  var inputPixels: Int { size.y * size.x }
  var outputPixels: Int { result.y * result.x }
  // 2 × 2 pixels become one, and none is left over.
  fileprivate var halves: Bool {
    let two = Pair(2, 2)
    return kernel == two && stride == two && dilation == Pair(1, 1) && padding == Pair(0, 0) && size == Pair(2 * result.y, 2 * result.x)
  }
  var grain: Int { max(1, elementwiseGrain / max(inputPixels, 1)) }

  // Where a window starts and ends on one axis, clipped to the image, and its length with the padding.
  static func span(_ out: Int, kernel: Int, stride: Int, padding: Int, size: Int) -> (range: Range<Int>, length: Int) {
    let start = out * stride - padding
    let end = min(start + kernel, size + padding)
    let low = max(start, 0), high = min(end, size)
    return (low..<max(low, high), end - start)
  }
}

/// What an average over a window is divided by.
public enum PoolingDivisor: Sendable, Equatable {
  /// The elements of the window that lie in the image or its padding.
  case window
  /// The elements of the window that lie in the image.
  case image
  /// A number of one's own, not 0.
  case fixed(Int)

  // The factor of a window of 2 × 2 inside the image.
  fileprivate var quarter: Float { if case .fixed(let number) = self { 1 / Float(number) } else { 0.25 } }
}

extension Tensor {
  /// The average of each window of planes that lie one after the other, [planes, OH, OW]; padding counts as zeros.
  public func averagePooled(_ shape: PoolingShape, _ divisor: PoolingDivisor) throws -> Tensor {
    let x = try contiguous(), out = try Tensor(uninitialized: [shape.planes, shape.result.y, shape.result.x], dtype)
    if shape.halves, dtype == .float32 {
      try Upsampling.halve(x, shape.planes, shape.result, divisor.quarter, out)
      return out
    }
    func run<T: BLASElement>(_: T.Type) throws {
      let px = x.pointer(as: T.self), po = out.pointer(as: T.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) { planes in
        for plane in planes {
          let image = px + plane * shape.inputPixels, target = po + plane * shape.outputPixels
          shape.forEachWindow(divisor) { place, rows, columns, count in
            var sum: T = 0
            for y in rows { for x in columns { sum += image[y * shape.size.x + x] } }
            target[place] = sum / T(count)
          }
        }
      }
    }
    if dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return out
  }

  /// The gradient of `averagePooled` by its input for this gradient of the result: each pixel gets its share of each window.
  public func averagePoolingGradient(_ shape: PoolingShape, _ divisor: PoolingDivisor) throws -> Tensor {
    let g = try contiguous()
    if shape.halves, dtype == .float32 {
      let result = try Tensor(uninitialized: [shape.planes, shape.size.y, shape.size.x])
      try Upsampling.double(g, shape.planes, shape.result, divisor.quarter, result)
      return result
    }
    let result = try Tensor(filling: [shape.planes, shape.size.y, shape.size.x], with: 0, dtype)
    func run<T: BLASElement>(_: T.Type) throws {
      let pg = g.pointer(as: T.self), pr = result.pointer(as: T.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) { planes in
        for plane in planes {
          let image = pr + plane * shape.inputPixels, source = pg + plane * shape.outputPixels
          shape.forEachWindow(divisor) { place, rows, columns, count in
            let share = source[place] / T(count)
            for y in rows { for x in columns { image[y * shape.size.x + x] += share } }
          }
        }
      }
    }
    if dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return result
  }

  /// The largest element of each window, [planes, OH, OW], and its place in its plane from 0 as int64; a NaN wins, the first of
  /// equals. A window that touches no pixel gives −∞ and the place −1.
  public func maximumPooled(_ shape: PoolingShape) throws -> (values: Tensor, places: Tensor) {
    let x = try contiguous()
    let out = try Tensor(uninitialized: [shape.planes, shape.result.y, shape.result.x], dtype)
    let places = try Tensor(uninitialized: out.shape, .int64)
    if shape.halves, dtype == .float32, let rows = Int32(exactly: shape.result.y), let columns = Int32(exactly: shape.result.x), shape.inputPixels < Int32.max {
      let k = jvm_kernels_in_use()
      let px = x.pointer(as: Float.self), po = out.pointer(as: Float.self), pi = places.pointer(as: Int64.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) {
        for plane in $0 {
          k.pointee.pool_largest(px + plane * shape.inputPixels, rows, columns, po + plane * shape.outputPixels, pi + plane * shape.outputPixels)
        }
      }
      return (out, places)
    }
    func run<T: BLASElement>(_: T.Type) throws {
      let px = x.pointer(as: T.self), po = out.pointer(as: T.self), pi = places.pointer(as: Int64.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) { planes in
        for plane in planes {
          let image = px + plane * shape.inputPixels
          for oy in 0..<shape.result.y {
            let rows = shape.taps(oy, shape.kernel.y, shape.stride.y, shape.padding.y, shape.dilation.y, shape.size.y)
            for ox in 0..<shape.result.x {
              let columns = shape.taps(ox, shape.kernel.x, shape.stride.x, shape.padding.x, shape.dilation.x, shape.size.x)
              // A dilated window may step over a small image; then nothing is the largest.
              var place = -1
              var best = -T.infinity
              var row = rows.first &* shape.size.x &+ columns.first
              for _ in 0..<rows.count {
                var at = row
                for _ in 0..<columns.count {
                  let value = image[at]
                  if place < 0 || value > best || value != value { (best, place) = (value, at) }
                  at &+= shape.dilation.x
                }
                row &+= shape.dilation.y &* shape.size.x
              }
              let target = plane * shape.outputPixels + oy * shape.result.x + ox
              po[target] = best
              pi[target] = Int64(place)
            }
          }
        }
      }
    }
    if dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return (out, places)
  }

  /// The gradient of `maximumPooled` by its input: each window's goes to the pixel that was the largest.
  public func maximumPoolingGradient(_ shape: PoolingShape, places: Tensor) throws -> Tensor {
    let g = try contiguous()
    if shape.halves, dtype == .float32, let rows = Int32(exactly: shape.result.y), let columns = Int32(exactly: shape.result.x), shape.inputPixels < Int32.max {
      let k = jvm_kernels_in_use(), result = try Tensor(uninitialized: [shape.planes, shape.size.y, shape.size.x])
      let pg = g.pointer(as: Float.self), pr = result.pointer(as: Float.self), pi = places.pointer(as: Int64.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) {
        for plane in $0 {
          k.pointee.pool_largest_gradient(pg + plane * shape.outputPixels, pi + plane * shape.outputPixels, rows, columns, pr + plane * shape.inputPixels)
        }
      }
      return result
    }
    let result = try Tensor(filling: [shape.planes, shape.size.y, shape.size.x], with: 0, dtype)
    func run<T: BLASElement>(_: T.Type) throws {
      let pg = g.pointer(as: T.self), pr = result.pointer(as: T.self), pi = places.pointer(as: Int64.self)
      try ThreadPool.parallelRanges(shape.planes, grain: shape.grain) { planes in
        for plane in planes {
          for i in (plane * shape.outputPixels)..<((plane + 1) * shape.outputPixels) where pi[i] >= 0 { pr[plane * shape.inputPixels + Int(pi[i])] += pg[i] }
        }
      }
    }
    if dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return result
  }
}

extension PoolingShape {
  // The first pixel inside the image that a dilated window touches on one axis, and how many it touches.
  @inline(__always)
  fileprivate func taps(_ out: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ size: Int) -> (first: Int, count: Int) {
    let start = out * stride - padding
    let skipped = start >= 0 ? 0 : (dilation - 1 - start) / dilation
    let first = start + skipped * dilation
    return (first, max(0, min(kernel - skipped, (size - 1 - first) / dilation + 1)))
  }

  // Each window of a plane: its place in the output, its pixels inside the image, and what its sum is divided by.
  @inline(__always)
  fileprivate func forEachWindow(_ divisor: PoolingDivisor, _ body: (_ place: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ count: Int) -> Void) {
    for oy in 0..<result.y {
      let (rows, height) = PoolingShape.span(oy, kernel: kernel.y, stride: stride.y, padding: padding.y, size: size.y)
      for ox in 0..<result.x {
        let (columns, width) = PoolingShape.span(ox, kernel: kernel.x, stride: stride.x, padding: padding.x, size: size.x)
        let count =
          switch divisor {
          case .window: height * width
          case .image: max(1, rows.count * columns.count)
          case .fixed(let number): number
          }
        body(oy * result.x + ox, rows, columns, count)
      }
    }
  }
}
