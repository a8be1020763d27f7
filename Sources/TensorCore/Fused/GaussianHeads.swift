import CVectorMath

/// The bottleneck of a variational autoencoder in one pass: mean and logarithm of the variance as two linear layers of the
/// same input, a sample, and its divergence from the prior; float32.
public struct GaussianHeads {
  /// What the pass reads: h [N, H], weights [R, H], biases [R], noise [N, R], the prior's mean and variance [R].
  public struct Inputs {
    /// The input of both layers, [N, H].
    public let h: Tensor
    /// The layer of the mean, [R, H] and [R].
    public let meanWeight: Tensor, meanBias: Tensor
    /// The layer of the variance's logarithm, [R, H] and [R].
    public let logVarianceWeight: Tensor, logVarianceBias: Tensor
    /// Standard normal numbers, [N, R].
    public let noise: Tensor
    /// The prior's, [R].
    public let priorMean: Tensor, priorVariance: Tensor

    /// All float32.
    public init(
      h: Tensor, meanWeight: Tensor, meanBias: Tensor, logVarianceWeight: Tensor, logVarianceBias: Tensor, noise: Tensor, priorMean: Tensor,
      priorVariance: Tensor
    ) {
      self.h = h
      (self.meanWeight, self.meanBias) = (meanWeight, meanBias)
      (self.logVarianceWeight, self.logVarianceBias) = (logVarianceWeight, logVarianceBias)
      self.noise = noise
      (self.priorMean, self.priorVariance) = (priorMean, priorVariance)
    }
  }

  /// z = mu + e^{logvar/2} noise, [N, R].
  public let sample: Tensor
  /// ½ Σ [σ²/σ̃² + (mu − μ̃)²/σ̃² − 1 + ln σ̃² − ln σ²] of each row, [N].
  public let divergences: Tensor
  /// ∂kl/∂mu, ∂kl/∂logvar and ∂z/∂logvar of each row, [N, 3, padded R]; for `gradients`.
  public let derivatives: Tensor

  // Rows or inputs worth a thread of their own.
  private static let unit = 8
  private static let smallestShare = 16_384

  private static func shared(_ count: Int, work: Int, _ body: (Range<Int>) -> Void) {
    if work < smallestShare { body(0..<count) } else { ThreadPool.parallelAtHome(count, unit: unit, body) }
  }

  // What the kernel reads, and the tensors that hold it.
  struct Prepared {
    let arguments: jvm_gaussian_heads
    private let held: (Tensor, Tensor, Tensor, Tensor, Tensor)

    init(_ inputs: Inputs) throws {
      let outputs = inputs.meanWeight.shape[0], padded = Tensor.paddedLength(outputs)
      let h = try inputs.h.withUnitRows()
      let meanWeight = try inputs.meanWeight.featureMajorCopy(), logVarianceWeight = try inputs.logVarianceWeight.featureMajorCopy()
      // Both biases, then the prior's mean and variance, each as long as a padded row, so that the kernel reads whole vectors.
      let rows = try Tensor(uninitialized: [4, padded])
      let row = rows.pointer(as: Float.self)
      func fill(_ place: Int, _ tensor: Tensor, padding: Float) throws {
        let source = try tensor.contiguous()
        (row + place * padded).update(repeating: padding, count: padded)
        (row + place * padded).update(from: source.pointer(as: Float.self), count: outputs)
      }
      try fill(0, inputs.meanBias, padding: 0)
      try fill(1, inputs.logVarianceBias, padding: 0)
      try fill(2, inputs.priorMean, padding: 0)
      try fill(3, inputs.priorVariance, padding: 1)
      let noise = try inputs.noise.contiguous()
      held = (rows, h, meanWeight, logVarianceWeight, noise)
      arguments = jvm_gaussian_heads(
        h: h.pointer(as: Float.self), mu_weight: meanWeight.pointer(as: Float.self), mu_bias: row,
        logvar_weight: logVarianceWeight.pointer(as: Float.self), logvar_bias: row + padded, noise: noise.pointer(as: Float.self),
        prior_mean: row + 2 * padded, prior_variance: row + 3 * padded,
        h_stride: h.strides[0], inputs: h.shape[1], outputs: outputs, padded: padded)
    }
  }

  /// Throws CallerError where types or sizes cannot be converted, OutOfMemory.
  public init(_ inputs: Inputs) throws {
    let (n, width, outputs) = (inputs.h.shape[0], inputs.h.shape[1], inputs.meanWeight.shape[0])
    let prepared = try Prepared(inputs), padded = prepared.arguments.padded
    sample = try Tensor(uninitialized: [n, outputs])
    divergences = try Tensor(uninitialized: [n])
    derivatives = try Tensor(uninitialized: [n, 3, padded])
    let (z, kl, d) = (sample.pointer(as: Float.self), divergences.pointer(as: Float.self), derivatives.pointer(as: Float.self))
    let kernel = jvm_kernels_in_use().pointee.gaussian_heads
    withExtendedLifetime(prepared) {
      withUnsafePointer(to: prepared.arguments) { arguments in
        GaussianHeads.shared(n, work: n * width * padded / 16) { kernel?(arguments, $0.lowerBound, $0.upperBound, z, kl, d) }
      }
    }
  }

  // The rows of both weights, one per output of either head, so that the inputs are contiguous; zeros in the padding reach the result's.
  // Both weights are in the layout of `featureMajor`.
  static func fillByOutput(_ rows: UnsafeMutablePointer<Float>, _ meanWeight: Tensor, _ logVarianceWeight: Tensor, stride: Int) {
    let (outputs, width) = (meanWeight.shape[0], meanWeight.shape[1])
    func fill(_ head: Int, _ weight: Tensor) {
      let from = weight.pointer(as: Float.self), length = weight.strides[1]
      for o in 0..<outputs {
        let row = rows + (head * outputs + o) * stride
        for i in 0..<width { row[i] = from[i * length + o] }
        for i in width..<stride { row[i] = 0 }
      }
    }
    fill(0, meanWeight)
    fill(1, logVarianceWeight)
  }

  /// Gradients of a loss by its gradients of the sample [N, R] and of the divergences [N].
  public struct Gradients {
    /// [N, H].
    public let h: Tensor
    /// Of the mean's layer, [R, H] and [R].
    public let meanWeight: Tensor, meanBias: Tensor
    /// Of the layer of the variance's logarithm, [R, H] and [R].
    public let logVarianceWeight: Tensor, logVarianceBias: Tensor
  }

  /// The way back from `derivatives`; weights and biases get gradients in the layout of weights.
  public static func gradients(
    derivatives: Tensor, h: Tensor, meanWeight: Tensor, logVarianceWeight: Tensor, ofSample: Tensor?, ofDivergences: Tensor?
  ) throws -> Gradients {
    let (n, width, outputs, padded) = (h.shape[0], h.shape[1], meanWeight.shape[0], derivatives.shape[2])
    let kernels = jvm_kernels_in_use(), work = n * width * padded / 16
    let towardsHeads = try Tensor(uninitialized: [n, 2, padded])
    let g = towardsHeads.pointer(as: Float.self)
    let ofSample = try ofSample?.contiguous(), ofDivergences = try ofDivergences?.contiguous()
    kernels.pointee.gaussian_heads_gradient(
      derivatives.pointer(as: Float.self), ofSample?.pointer(as: Float.self), ofDivergences?.pointer(as: Float.self), 0, n, outputs, padded, g)

    let towardsInput = try Tensor.rowPadded(n, width, clearsPadding: false)
    let stride = towardsInput.strides[0]
    let byOutput = try Tensor(uninitialized: [2 * outputs, stride])
    fillByOutput(byOutput.pointer(as: Float.self), try meanWeight.featureMajorCopy(), try logVarianceWeight.featureMajorCopy(), stride: stride)
    let (w, out) = (byOutput.pointer(as: Float.self), towardsInput.pointer(as: Float.self))
    shared(n, work: work) { kernels.pointee.gaussian_heads_input_gradient(g, $0.lowerBound, $0.upperBound, outputs, padded, w, stride, out) }

    let rows = try h.withUnitRows()
    let towardsMean = try Tensor.uninitializedFeatureMajor(outputs, width), towardsLogVariance = try Tensor.uninitializedFeatureMajor(outputs, width)
    let (x, m, l) = (rows.pointer(as: Float.self), towardsMean.pointer(as: Float.self), towardsLogVariance.pointer(as: Float.self))
    let rowStride = rows.strides[0]
    shared(width, work: work) { kernels.pointee.gaussian_heads_weight_gradient(x, rowStride, g, n, outputs, $0.lowerBound, $0.upperBound, padded, m, l) }

    let sums = try Tensor(uninitialized: [2, padded])
    kernels.pointee.sum_rows_f32(g, n, 2 * padded, 2 * padded, sums.pointer(as: Float.self))
    func bias(_ head: Int) -> Tensor { sums.selected(0, head).narrowed(0, from: 0, length: outputs) }
    return Gradients(
      h: towardsInput, meanWeight: towardsMean, meanBias: bias(0), logVarianceWeight: towardsLogVariance, logVarianceBias: bias(1))
  }
}

extension Tensor {
  // Rows whose numbers lie side by side, whatever lies between rows.
  fileprivate func withUnitRows() throws -> Tensor { rank == 2 && strides[1] == 1 && strides[0] >= shape[1] ? self : try contiguous() }
}
