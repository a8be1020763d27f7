import CVectorMath

/// How planes [.., H, W] are resized.
public struct Upsampling: Sendable {
  /// What one output row or column is made of: `first` and `second` of the input, the second with weight `share`.
  struct Mix {
    let first: Int
    let second: Int
    let share: Double
  }

  let size: ConvolutionShape.Pair
  let result: ConvolutionShape.Pair
  let rows: [Mix]
  let columns: [Mix]
  let isNearest: Bool

  /// Each output pixel is a copy of the input pixel at ⌊place · step⌋; `step` is the input's size over the output's unless given.
  public static func nearest(_ size: ConvolutionShape.Pair, to result: ConvolutionShape.Pair, steps: (y: Double, x: Double)?) -> Upsampling {
    func axis(_ from: Int, _ to: Int, _ step: Double?) -> [Mix] {
      (0..<to).map { i in
        // Whole numbers where there is no factor: i · from/to in floating point may fall just short of a whole number.
        let exact = i.multipliedFullWidth(by: from)
        let place = step.map { Int(exactly: (Double(i) * $0).rounded(.down)) ?? from - 1 } ?? max(to, 1).dividingFullWidth(exact).quotient
        let first = min(place, from - 1)
        return Mix(first: first, second: first, share: 0)
      }
    }
    return Upsampling(size: size, result: result, rows: axis(size.y, result.y, steps?.y), columns: axis(size.x, result.x, steps?.x), isNearest: true)
  }

  /// Each output pixel is the bilinear mixture of its four neighbours. With `alignCorners` the corner pixels' centres of input and
  /// output fall together, else their outer edges.
  public static func bilinear(
    _ size: ConvolutionShape.Pair, to result: ConvolutionShape.Pair, steps: (y: Double, x: Double)?, alignCorners: Bool
  ) -> Upsampling {
    func axis(_ from: Int, _ to: Int, _ step: Double?) -> [Mix] {
      (0..<to).map { i in
        let place: Double
        if alignCorners {
          place = to > 1 ? Double(i) * (Double(from - 1) / Double(to - 1)) : 0
        } else {
          place = max(0, (Double(i) + 0.5) * (step ?? Double(from) / Double(to)) - 0.5)
        }
        let first = min(Int(exactly: place.rounded(.down)) ?? from - 1, from - 1)
        return Mix(first: first, second: min(first + 1, from - 1), share: min(max(place - Double(first), 0), 1))
      }
    }
    return Upsampling(size: size, result: result, rows: axis(size.y, result.y, steps?.y), columns: axis(size.x, result.x, steps?.x), isNearest: false)
  }

  // Whether each pixel becomes four, by any spelling of a factor of 2.
  private var doubles: Bool {
    isNearest && result.y == 2 * size.y && result.x == 2 * size.x && zip(0..., rows).allSatisfy { $1.first == $0 / 2 } && zip(0..., columns).allSatisfy { $1.first == $0 / 2 }
  }

  /// `out` [planes, 2H, 2W] = factor · each pixel of `x` [planes, H, W], four times; float32, both contiguous.
  static func double(_ x: Tensor, _ planes: Int, _ size: ConvolutionShape.Pair, _ factor: Float, _ out: Tensor) throws {
    let k = jvm_kernels_in_use().pointee, px = x.pointer(as: Float.self), po = out.pointer(as: Float.self)
    try ThreadPool.parallelRanges(planes * size.y, grain: max(1, elementwiseGrain / max(4 * size.x, 1))) { rows in
      k.double_images(px + rows.lowerBound * size.x, rows.count, size.x, factor, po + 4 * rows.lowerBound * size.x)
    }
  }

  /// `out` [planes, H, W] = factor · the sums over 2 × 2 pixels of `x` [planes, 2H, 2W]; float32, both contiguous.
  static func halve(_ x: Tensor, _ planes: Int, _ size: ConvolutionShape.Pair, _ factor: Float, _ out: Tensor) throws {
    let k = jvm_kernels_in_use().pointee, px = x.pointer(as: Float.self), po = out.pointer(as: Float.self)
    try ThreadPool.parallelRanges(planes * size.y, grain: max(1, elementwiseGrain / max(4 * size.x, 1))) { rows in
      k.halve_images(px + 4 * rows.lowerBound * size.x, rows.count, size.x, factor, po + rows.lowerBound * size.x)
    }
  }

  private var inputPixels: Int { size.y * size.x }
  private var outputPixels: Int { result.y * result.x }
  private func grain(_ pixels: Int) -> Int { max(1, elementwiseGrain / max(pixels, 1)) }

  /// The resized planes, [planes, OH, OW].
  public func apply(_ x: Tensor, planes: Int) throws -> Tensor {
    let x = try x.contiguous(), out = try Tensor(uninitialized: [planes, result.y, result.x], x.dtype)
    if doubles, x.dtype == .float32 {
      try Upsampling.double(x, planes, size, 1, out)
      return out
    }
    func run<T: BLASElement>(_: T.Type) throws {
      let px = x.pointer(as: T.self), po = out.pointer(as: T.self)
      try ThreadPool.parallelRanges(planes, grain: grain(outputPixels)) { range in
        for plane in range {
          for (oy, row) in rows.enumerated() {
            let upper = px + plane * inputPixels + row.first * size.x, lower = px + plane * inputPixels + row.second * size.x
            let target = po + plane * outputPixels + oy * result.x
            if isNearest {
              for (ox, column) in columns.enumerated() { target[ox] = upper[column.first] }
              continue
            }
            let down = T(row.share)
            for (ox, column) in columns.enumerated() {
              let right = T(column.share)
              let top = upper[column.first] * (1 - right) + upper[column.second] * right
              let bottom = lower[column.first] * (1 - right) + lower[column.second] * right
              target[ox] = top * (1 - down) + bottom * down
            }
          }
        }
      }
    }
    if x.dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return out
  }

  /// The gradient of `apply` by its input, [planes, H, W].
  public func gradient(_ g: Tensor, planes: Int) throws -> Tensor {
    let g = try g.contiguous()
    if doubles, g.dtype == .float32 {
      let out = try Tensor(uninitialized: [planes, size.y, size.x])
      try Upsampling.halve(g, planes, size, 1, out)
      return out
    }
    let out = try Tensor(filling: [planes, size.y, size.x], with: 0, g.dtype)
    func run<T: BLASElement>(_: T.Type) throws {
      let pg = g.pointer(as: T.self), po = out.pointer(as: T.self)
      try ThreadPool.parallelRanges(planes, grain: grain(outputPixels)) { range in
        for plane in range {
          for (oy, row) in rows.enumerated() {
            let upper = po + plane * inputPixels + row.first * size.x, lower = po + plane * inputPixels + row.second * size.x
            let source = pg + plane * outputPixels + oy * result.x
            if isNearest {
              for (ox, column) in columns.enumerated() { upper[column.first] += source[ox] }
              continue
            }
            let down = T(row.share)
            for (ox, column) in columns.enumerated() {
              let right = T(column.share), above = source[ox] * (1 - down), below = source[ox] * down
              upper[column.first] += above * (1 - right)
              upper[column.second] += above * right
              lower[column.first] += below * (1 - right)
              lower[column.second] += below * right
            }
          }
        }
      }
    }
    if g.dtype == .float32 { try run(Float.self) } else { try run(Double.self) }
    return out
  }
}
