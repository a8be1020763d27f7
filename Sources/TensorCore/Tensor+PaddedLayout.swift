import Glibc

// Layouts whose rows are padded to whole vectors of 16 floats: what the sparse kernels read and write. To everything
// else such a tensor is an ordinary strided view.

extension Tensor {
  static func paddedLength(_ n: Int) -> Int { (n + 15) & ~15 }

  /// A zero matrix [features, inputs] stored input by input, each row of features padded to a multiple of 16: strides (1, padded).
  ///
  /// The layout of the weights of linear layers: the sparse kernels read one input's features as whole vectors, and
  /// BLAS takes it as a transposed matrix.
  public static func featureMajor(_ features: Int, _ inputs: Int, _ dtype: DType = .float32) throws -> Tensor {
    let padded = paddedLength(features)
    let storage = try Tensor(filling: [inputs, padded], with: 0, dtype)
    return Tensor(storage: storage.storage, dtype: dtype, shape: [features, inputs], strides: [1, padded], offset: 0)
  }

  /// Whether this matrix has the layout of `featureMajor`, padding included.
  var isFeatureMajor: Bool {
    rank == 2 && dtype == .float32 && strides[0] == 1 && strides[1] % 16 == 0 && strides[1] >= shape[0] && offset == 0
      && shape[1] * strides[1] * 4 <= storage.byteCount
  }

  /// This [features, inputs] matrix in the layout of `featureMajor`, copied only if it has another.
  func featureMajorCopy() throws -> Tensor {
    if isFeatureMajor { return self }
    let copy = try Tensor.featureMajor(shape[0], shape[1])
    copy.copyElements(from: self)
    return copy
  }

  /// A matrix [rows, columns] whose rows are padded to a multiple of 16: strides (padded, 1). Its elements are undefined,
  /// and so is the padding for a caller that writes it itself (`clearsPadding` false); else it holds zeros.
  static func rowPadded(_ rows: Int, _ columns: Int, _ dtype: DType = .float32, clearsPadding: Bool = true) throws -> Tensor {
    let padded = paddedLength(columns)
    let block = try Tensor(uninitialized: [rows, padded], dtype)
    let view = Tensor(storage: block.storage, dtype: dtype, shape: [rows, columns], strides: [padded, 1], offset: 0)
    if clearsPadding && padded > columns {
      let bytes = (padded - columns) * dtype.size
      for row in 0..<rows { memset(block.storage.pointer + (row * padded + columns) * dtype.size, 0, bytes) }
    }
    return view
  }

  /// Whether rows are padded as in `rowPadded`, so that element-wise loops may run over the padding too.
  var isRowPadded: Bool {
    rank == 2 && strides[1] == 1 && strides[0] > shape[1] && strides[0] == Tensor.paddedLength(shape[1]) && offset == 0
      && shape[0] * strides[0] * dtype.size <= storage.byteCount
  }

  /// This [rows, columns] matrix with padded rows, copied only if it has another layout.
  func rowPaddedCopy() throws -> Tensor {
    if isRowPadded || (rank == 2 && isContiguous && shape[1] % 16 == 0) { return self }
    let copy = try Tensor.rowPadded(shape[0], shape[1], dtype)
    copy.copyElements(from: self)
    return copy
  }

  /// A tensor of the same shape and, where rows are padded, of the same padded layout, for loops that write the padding too.
  func emptyAlike() throws -> Tensor {
    isRowPadded ? try Tensor.rowPadded(shape[0], shape[1], dtype, clearsPadding: false) : try Tensor(uninitialized: shape, dtype)
  }

  /// Elements from the first to the last row's end, padding included; for contiguous and row-padded tensors.
  var spannedCount: Int { isRowPadded ? shape[0] * strides[0] : count }
}
