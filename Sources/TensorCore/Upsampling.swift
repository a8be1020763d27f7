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

  private var inputPixels: Int { size.y * size.x }
  private var outputPixels: Int { result.y * result.x }
  private func grain(_ pixels: Int) -> Int { max(1, elementwiseGrain / max(pixels, 1)) }

  /// The resized planes, [planes, OH, OW].
  public func apply(_ x: Tensor, planes: Int) throws -> Tensor {
    let x = try x.contiguous(), out = try Tensor(uninitialized: [planes, result.y, result.x], x.dtype)
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
    let g = try g.contiguous(), out = try Tensor(filling: [planes, size.y, size.x], with: 0, g.dtype)
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
