import Glibc

// Layouts whose rows are padded to whole vectors of 16 floats: what the sparse kernels read and write. To everything
// else such a tensor is an ordinary strided view. The padding holds zeros at all times: who runs over it keeps them.

extension Tensor {
  static func paddedLength(_ n: Int) -> Int { (n &+ 15) & ~15 }

  // Memory for `rows` padded rows of `width` elements each, contents undefined.
  private static func paddedStorage(_ rows: Int, _ width: Int, _ dtype: DType) throws -> Storage {
    let block: Dimensions = [rows, paddedLength(width)]
    guard width <= Int.max - 15, let count = block.product, count <= Int.max / dtype.size else { throw OutOfMemory(bytes: nil) }
    return try Storage(byteCount: count * dtype.size, paddedRowWidth: width)
  }

  // The same as a matrix, padding included.
  private static func paddedRows(_ rows: Int, _ width: Int, _ dtype: DType) throws -> Tensor {
    let block: Dimensions = [rows, paddedLength(width)]
    return Tensor(storage: try paddedStorage(rows, width, dtype), dtype: dtype, shape: block, strides: block.contiguousStrides, offset: 0)
  }

  /// A zero matrix [features, inputs] stored input by input, each row of features padded to a multiple of 16: strides (1, padded).
  ///
  /// The layout of the weights of linear layers: the sparse kernels read one input's features as whole vectors, and
  /// BLAS takes it as a transposed matrix.
  public static func featureMajor(_ features: Int, _ inputs: Int, _ dtype: DType = .float32) throws -> Tensor {
    let block = try paddedRows(inputs, features, dtype)
    block.fill(0)
    return block.narrowed(1, from: 0, length: features).transposed(0, 1)
  }

  /// As `featureMajor`, contents undefined: for who writes the padding too.
  static func uninitializedFeatureMajor(_ features: Int, _ inputs: Int) throws -> Tensor {
    let storage = try paddedStorage(inputs, features, .float32)
    return Tensor(storage: storage, dtype: .float32, shape: [features, inputs], strides: [1, paddedLength(features)], offset: 0)
  }

  /// Whether this matrix has the layout of `featureMajor`, padding included.
  var isFeatureMajor: Bool {
    rank == 2 && strides[0] == 1 && strides[1] == Tensor.paddedLength(shape[0])
      && (strides[1] == shape[0] || storage.paddedRowWidth == shape[0] && offset == 0)
  }

  /// This float32 [features, inputs] matrix in the layout of `featureMajor`, copied only if it has another.
  func featureMajorCopy() throws -> Tensor {
    if isFeatureMajor { return self }
    let copy = try Tensor.featureMajor(shape[0], shape[1])
    copy.copyElements(from: self)
    return copy
  }

  /// A matrix [rows, columns] whose rows are padded to a multiple of 16: strides (padded, 1). Its elements are undefined,
  /// and so is the padding for a caller that writes zeros there itself (`clearsPadding` false); else it holds zeros.
  static func rowPadded(_ rows: Int, _ columns: Int, _ dtype: DType = .float32, clearsPadding: Bool = true) throws -> Tensor {
    let block = try paddedRows(rows, columns, dtype)
    let padding = block.shape[1] - columns
    if clearsPadding && padding > 0 {
      let bytes = padding * dtype.size
      for row in 0..<rows { memset(block.storage.pointer + (row * block.shape[1] + columns) * dtype.size, 0, bytes) }
    }
    return block.narrowed(1, from: 0, length: columns)
  }

  /// Whether rows are padded as in `rowPadded`, so that element-wise loops may run over the padding too.
  var isRowPadded: Bool {
    rank == 2 && storage.paddedRowWidth == shape[1] && strides[1] == 1 && strides[0] > shape[1]
      && strides[0] == Tensor.paddedLength(shape[1]) && offset == 0
  }

  /// This [rows, columns] matrix with padded rows, copied only if it has another layout.
  func rowPaddedCopy() throws -> Tensor {
    if isRowPadded || (rank == 2 && isContiguous && shape[1] % 16 == 0) { return self }
    let copy = try Tensor.rowPadded(shape[0], shape[1], dtype)
    copy.copyElements(from: self)
    return copy
  }
}
