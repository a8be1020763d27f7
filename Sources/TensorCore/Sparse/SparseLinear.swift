import CVectorMath

extension SparseRows {
  var kernelView: jvm_sparse_rows { jvm_sparse_rows(offsets: offsets, columns: indices, values: values) }

  // A batch's weights are used a few times each. Were the batch shared out by images, each core would fetch in every step
  // the half of the weights that the other one has just changed, and Adam would have to take them back. Shared out by
  // pixels, each core keeps its half, and what crosses is a small matrix of sums. (By features it was slower still: what
  // a core fetches ahead belongs to its neighbour.) With many images the weights are used often, and images are shared out better.
  static let mostRowsByPixel = 2_048

  /// `x · weightᵀ + bias` for these rows x [N, D], weight [H, D] and bias [H]: a [N, H] tensor with padded rows.
  ///
  /// Only the weights of pixels that are lit are read. The sum is that over the lower half of the pixels plus that over the
  /// upper half, however the work is shared out. Throws CallerError where sizes differ.
  public func linear(weight: Tensor, bias: Tensor?) throws -> Tensor {
    let w = try weight.converted(to: .float32).featureMajorCopy()
    let stride = w.strides[1], n = rows
    let out = try Tensor.rowPadded(n, w.shape[0], clearsPadding: false)
    // A bias as long as a padded row, so that the kernel reads whole vectors.
    let paddedBias = try bias.map { bias in
      let row = try Tensor(filling: [stride], with: 0)
      row.narrowed(0, from: 0, length: bias.shape[0]).copyElements(from: bias)
      return row
    }
    let kernels = jvm_kernels_in_use()
    let (x, p, b, y) = (kernelView, w.pointer(as: Float.self), paddedBias?.pointer(as: Float.self), out.pointer(as: Float.self))
    guard n <= SparseRows.mostRowsByPixel, ThreadPool.threadCount > 1 else {
      let kernel = kernels.pointee.sparse_linear, middle = columns / 2
      try ThreadPool.parallelRanges(n, grain: 32) { kernel?(x, $0.lowerBound, $0.upperBound, p, b, stride, middle, jvm_both_parts, y) }
      return out
    }
    let upper = try Tensor.rowPadded(n, w.shape[0], clearsPadding: false)
    let z = upper.pointer(as: Float.self)
    linearParts(weight: p, bias: b, stride: stride, lower: y, upper: z)
    withExtendedLifetime((w, paddedBias)) {}
    ThreadPool.parallelAtHome(n * stride, unit: 16) { range in
      let start = range.lowerBound
      kernels.pointee.binary_f32(.add, y + start, 1, z + start, 1, y + start, range.count)
    }
    return out
  }

  /// The sums over the lower half of the pixels, with the bias, and over the upper half, each [N, stride]: for weights [D, stride] and a
  /// bias [stride]. Each half of the pixels is on as many threads, which share out the images. `besides` is called for each share of the work.
  func linearParts(
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, stride: Int, lower: UnsafeMutablePointer<Float>, upper: UnsafeMutablePointer<Float>,
    besides: (_ share: Int, _ shares: Int) -> Void = { _, _ in }
  ) {
    let kernel = jvm_kernels_in_use().pointee.sparse_linear, x = kernelView, n = rows, middle = columns / 2
    let sharers = max(1, (ThreadPool.threadCount + 1) / 2)
    ThreadPool.parallel(2 * sharers) { i in
      let place = i % sharers, first = n * place / sharers, last = n * (place + 1) / sharers
      kernel?(x, first, last, weight, bias, stride, middle, i < sharers ? jvm_lower_part : jvm_upper_part, i < sharers ? lower : upper)
      besides(i, 2 * sharers)
    }
  }

  /// `gᵀ · x` for the gradient g [N, H] of `linear`'s result: the [H, D] gradient of its weight, in the weights' layout.
  public func linearWeightGradient(_ g: Tensor) throws -> Tensor {
    let padded = try g.converted(to: .float32).rowPaddedCopy()
    let features = g.shape[1], stride = padded.strides[0]
    let columns = try byColumn()
    // The kernel writes the padding too, with the zeros of the gradient's padding.
    let result = try Tensor.uninitializedFeatureMajor(features, self.columns)
    let kernel = jvm_kernels_in_use().pointee.sparse_linear_weight_gradient
    let view = columns.kernelView
    let (p, q) = (padded.pointer(as: Float.self), result.pointer(as: Float.self))
    if rows <= SparseRows.mostRowsByPixel {
      ThreadPool.parallelAtHome(self.columns, unit: 8) { kernel?(view, $0.lowerBound, $0.upperBound, p, stride, q) }
    } else {
      // Lit pixels crowd in the middle of an image: small ranges, claimed as threads get free, share them out.
      try ThreadPool.parallelRanges(self.columns, grain: 64) { kernel?(view, $0.lowerBound, $0.upperBound, p, stride, q) }
    }
    return result
  }
}
