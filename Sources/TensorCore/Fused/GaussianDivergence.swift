import CVectorMath

/// Kullback–Leibler divergences of diagonal Gaussians N(mu, e^logvar) from N(mean, variance), row by row.
public struct GaussianDivergence {
  /// One divergence per row, [N].
  public let divergences: Tensor
  /// ∂/∂mu and ∂/∂logvar of each row's divergence, [N, R].
  public let byMean: Tensor
  /// The derivative by the logarithm of the variance, [N, R].
  public let byLogVariance: Tensor
  /// e^logvar, [N, R].
  public let variance: Tensor

  /// One pass over mu and logvar [N, R], float32 and contiguous, with the prior's mean and variance [R].
  public init(mean mu: Tensor, logVariance: Tensor, priorMean: Tensor, priorVariance: Tensor) throws {
    let (n, width) = (mu.shape[0], mu.shape[1])
    divergences = try Tensor(uninitialized: [n])
    byMean = try Tensor(uninitialized: [n, width])
    byLogVariance = try Tensor(uninitialized: [n, width])
    variance = try Tensor(uninitialized: [n, width])
    let m = try mu.contiguous(), l = try logVariance.contiguous(), pm = try priorMean.contiguous(), pv = try priorVariance.contiguous()
    jvm_kernels_in_use().pointee.gaussian_kl_f32(
      m.pointer(as: Float.self), l.pointer(as: Float.self), pm.pointer(as: Float.self), pv.pointer(as: Float.self), n, width,
      variance.pointer(as: Float.self), divergences.pointer(as: Float.self), byMean.pointer(as: Float.self), byLogVariance.pointer(as: Float.self))
  }
}
