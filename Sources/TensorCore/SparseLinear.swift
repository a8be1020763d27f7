import CVectorMath

extension SparseRows {
  var kernelView: jvm_sparse_rows { jvm_sparse_rows(offsets: offsets, columns: indices, values: values) }

  /// `x · weightᵀ + bias` for these rows x [N, D], weight [H, D] and bias [H]: a [N, H] tensor with padded rows.
  ///
  /// Only the weights of pixels that are lit are read. Throws CallerError where sizes differ.
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
    let kernel = jvm_kernels_in_use().pointee.sparse_linear
    let (x, p, b, y) = (kernelView, w.pointer(as: Float.self), paddedBias?.pointer(as: Float.self), out.pointer(as: Float.self))
    try ThreadPool.parallelRanges(n, grain: 32) { kernel?(x, $0.lowerBound, $0.upperBound, p, b, stride, y) }
    return out
  }

  /// `gᵀ · x` for the gradient g [N, H] of `linear`'s result: the [H, D] gradient of its weight, in the weights' layout.
  public func linearWeightGradient(_ g: Tensor) throws -> Tensor {
    let padded = try g.converted(to: .float32).rowPaddedCopy()
    let features = g.shape[1], stride = padded.strides[0]
    let columns = try byColumn()
    // The kernel writes the padding too, with the zeros of the gradient's padding.
    let result = try Tensor.uninitializedFeatureMajor(features, self.columns)
    let kernel = jvm_kernels_in_use().pointee.sparse_linear_weight_gradient
    let view = jvm_sparse_columns(offsets: columns.offsets, rows: columns.rows, values: columns.values)
    let (p, q) = (padded.pointer(as: Float.self), result.pointer(as: Float.self))
    // Lit pixels crowd in the middle of an image: small ranges, claimed as threads get free, share them out.
    try ThreadPool.parallelRanges(self.columns, grain: 64) { kernel?(view, $0.lowerBound, $0.upperBound, p, stride, q) }
    return result
  }
}
