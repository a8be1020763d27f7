import TensorCore

/// The order in which a parameter lies in memory, so that element-wise loops over it, its gradient and its averages run
/// along memory and not across it.
struct MemoryOrder {
  private let isTurned: Bool

  init(of parameter: Tensor) { isTurned = parameter.rank == 2 && parameter.strides[0] < parameter.strides[1] }

  /// A tensor of the parameter's shape as the loops take it.
  func view(_ tensor: Tensor) -> Tensor { isTurned ? tensor.transposed(0, 1) : tensor }
}
