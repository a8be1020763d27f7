import CVectorMath

/// A dense layer and the activation behind it, without a pass over the result for each.
public enum DenseLayer {
  // Numbers that are worth a second thread.
  private static let smallestShare = 16_384
  // Columns of one piece of work: whole cache lines, so that no two threads write into one.
  private static let strip = 64
  // Rows of one piece of work, where there are many.
  private static let block = 1024

  /// x weightᵀ + bias, or max(x weightᵀ + bias, 0) with `relu`, of x [N, D], weight [H, D] and bias [H], all of one type.
  public static func output(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, relu: Bool, name: String) throws -> Tensor {
    guard x.dtype == .float32, weight.dtype == .float32, bias.dtype == .float32 else {
      let y = try Tensor.matrixProduct(x, weight.transposed(0, 1), name: name).adding(bias)
      return relu ? try y.mapped(.relu) : y
    }
    let y = try Tensor(uninitialized: [x.shape[0], weight.shape[0]]), bias = try bias.contiguous()
    try x.multiply(weight.transposed(0, 1), into: y, bias: bias, relu: relu)
    withExtendedLifetime(bias) {}
    return y
  }

  /// The gradient [N, H] of what goes into the activation, by the layer's result y = max(…, 0) and the gradient `g` of it, and its sum over
  /// the rows [H], the gradient of the bias.
  public static func gradientThroughReLU(_ y: Tensor, _ g: Tensor) throws -> (masked: Tensor, sums: Tensor) {
    guard y.dtype == .float32, g.dtype == .float32, y.isContiguous else {
      let masked = try g.mappedGradient(.relu, saved: y)
      return (masked, try masked.sum(0, keep: false))
    }
    let (rows, columns) = (y.shape[0], y.shape[1])
    let g = try g.contiguous(), masked = try Tensor(uninitialized: y.shape), sums = try Tensor(uninitialized: [columns])
    // Few rows are shared out by columns, many in blocks of rows, whose sums are added in their order.
    let blocks = (rows + block - 1) / block, isTall = blocks > 2
    let partial = try Tensor(uninitialized: [isTall ? blocks : 1, columns], .float64)
    partial.fill(0)
    let kernel = jvm_kernels_in_use().pointee.relu_gradient
    let (py, pg, out, total) = (y.pointer(as: Float.self), g.pointer(as: Float.self), masked.pointer(as: Float.self), partial.pointer(as: Double.self))
    func part(_ range: Range<Int>) { kernel?(py + range.lowerBound, pg + range.lowerBound, rows, range.count, columns, out + range.lowerBound, total + range.lowerBound) }
    if isTall {
      ThreadPool.parallelAtHome(blocks, unit: 1) { range in
        for i in range {
          let first = i * block
          kernel?(py + first * columns, pg + first * columns, min(block, rows - first), columns, columns, out + first * columns, total + i * columns)
        }
      }
    } else if y.count < smallestShare {
      part(0..<columns)
    } else {
      ThreadPool.parallelAtHome(columns, unit: strip, part)
    }
    let result = sums.pointer(as: Float.self)
    for c in 0..<columns {
      var sum = 0.0
      for i in 0..<partial.shape[0] { sum += total[i * columns + c] }
      result[c] = Float(sum)
    }
    withExtendedLifetime((y, g, partial)) {}
    return (masked, sums)
  }
}
