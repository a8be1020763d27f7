import CVectorMath

/// Posteriors N(mu, e^logvar) whose means and logarithms of variances lie side by side: a sample and the divergence from N(0, 1) in one pass; float32.
public struct GaussianPosterior {
  /// mu + e^{logvar/2} noise, [N, R].
  public let sample: Tensor
  /// factor · ½ Σ (e^logvar + mu² − 1 − logvar) of each row, [N].
  public let divergences: Tensor
  /// ½ (e^logvar − 1), [N, R], for `gradient`.
  public let byLogVariance: Tensor
  /// ½ e^{logvar/2} noise, [N, R], for `gradient`.
  public let spread: Tensor

  /// One pass over x [N, 2 R], rows of mu and logvar, with noise [N, R].
  public init(_ x: Tensor, noise: Tensor, factor: Double) throws {
    let rows = noise.shape[0], width = noise.shape[1], x = try GaussianPosterior.readable(x), noise = try noise.contiguous()
    sample = try Tensor(uninitialized: noise.shape)
    divergences = try Tensor(uninitialized: [rows])
    byLogVariance = try Tensor(uninitialized: noise.shape)
    spread = try Tensor(uninitialized: noise.shape)
    jvm_kernels_in_use().pointee.gaussian_posterior(
      x.pointer(as: Float.self), x.strides[0], noise.pointer(as: Float.self), rows, width, Float(factor), sample.pointer(as: Float.self),
      divergences.pointer(as: Float.self), byLogVariance.pointer(as: Float.self), spread.pointer(as: Float.self))
    withExtendedLifetime((x, noise)) {}
  }

  /// The gradient [N, 2 R] of x by those of the sample [N, R] and of the divergences [N].
  public static func gradient(_ x: Tensor, byLogVariance: Tensor, spread: Tensor, factor: Double, ofSample: Tensor?, ofDivergences: Tensor?) throws -> Tensor {
    let rows = spread.shape[0], width = spread.shape[1], x = try readable(x), ofSample = try ofSample?.contiguous(), ofDivergences = try ofDivergences?.contiguous()
    let result = try Tensor(uninitialized: [rows, 2 * width])
    jvm_kernels_in_use().pointee.gaussian_posterior_gradient(
      x.pointer(as: Float.self), x.strides[0], ofSample?.pointer(as: Float.self), ofDivergences?.pointer(as: Float.self), rows, width, Float(factor),
      byLogVariance.pointer(as: Float.self), spread.pointer(as: Float.self), result.pointer(as: Float.self))
    withExtendedLifetime((x, ofSample, ofDivergences)) {}
    return result
  }

  private static func readable(_ x: Tensor) throws -> Tensor { x.strides[1] == 1 ? x : try x.clone() }
}

/// Squared errors row by row, float32.
public enum SquaredErrors {
  /// factor · Σ_d (x_d − y_d)² of each row of x and y [N, D], both contiguous: [N].
  public static func rows(_ x: Tensor, _ y: Tensor, factor: Double) throws -> Tensor {
    let rows = x.shape[0], width = x.shape[1], result = try Tensor(uninitialized: [rows])
    let kernel = jvm_kernels_in_use().pointee.sum_of_squares_f32
    let (a, b, out) = (x.pointer(as: Float.self), y.pointer(as: Float.self), result.pointer(as: Float.self))
    for row in 0..<rows { out[row] = Float(factor * (kernel?(a + row * width, b + row * width, width) ?? 0)) }
    withExtendedLifetime((x, y)) {}
    return result
  }

  /// scale[n] (x − y) of x and y [N, D] and scale [N], all contiguous.
  public static func scaledDifference(_ x: Tensor, _ y: Tensor, _ scale: Tensor) throws -> Tensor {
    let result = try Tensor(uninitialized: x.shape)
    jvm_kernels_in_use().pointee.scaled_difference(
      x.pointer(as: Float.self), y.pointer(as: Float.self), scale.pointer(as: Float.self), x.shape[0], x.shape[1], result.pointer(as: Float.self))
    withExtendedLifetime((x, y, scale)) {}
    return result
  }
}
