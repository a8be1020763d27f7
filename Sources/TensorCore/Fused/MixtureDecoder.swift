import CVectorMath

/// The decoder of the Dirichlet-VAE with its softmax and cross-entropy, in one pass (arXiv:2104.08291, section 4).
public enum MixtureDecoder {
  /// The loss of each jet and, where asked for, its gradients.
  public struct Result {
    /// `−Σ_d x_nd ln softmax(r_n · weightᵀ)_d`, [N].
    public let losses: Tensor
    /// `Σ_n scale_n ∂loss_n/∂r`, [N, R].
    public let mixtureGradient: Tensor?
    /// `Σ_n scale_n ∂loss_n/∂weight`, [D, R], in the layout of `Tensor.featureMajor`.
    public let weightGradient: Tensor?
  }

  // Rows of one partial gradient. Fixed, so that the sums run in the same order for any number of threads.
  private static let blockRows = 32
  // Blocks under way at once at most, each with its scratch memory: a whole data set may be asked for.
  private static let concurrentBlocks = 64

  /// Cross-entropies of the rows x [N, D] under `softmax(r · weightᵀ)`, for r [N, R] and weight [D, R], in float32.
  ///
  /// With `scales` (one per row) the gradients come along at little cost; the image itself is never stored.
  public static func crossEntropy(_ x: SparseRows, mixtures r: Tensor, weight: Tensor, scales: Tensor?) throws -> Result {
    let mixtures = weight.shape[1], n = x.rows, d = x.columns
    let w = try weight.converted(to: .float32).featureMajorCopy()
    let weights = try r.converted(to: .float32).contiguous()
    let padded = w.strides[1]
    let losses = try Tensor(uninitialized: [n])
    let scales = try scales?.converted(to: .float32).contiguous()
    let gradientR = try scales.map { _ in try Tensor(uninitialized: [n, mixtures]) }
    let blocks = (n + blockRows - 1) / blockRows
    let partials = try scales.map { _ in try Tensor(uninitialized: [max(blocks, 1), mixtures * padded]) }
    let lanes = min(blocks, concurrentBlocks)
    let scratch = try Tensor(uninitialized: [max(lanes, 1), 4 * padded])
    let largest = try Tensor(uninitialized: [mixtures])
    // A NaN stays: the kernel finds it in this bound and nowhere else.
    for m in 0..<mixtures {
      largest.pointer(as: Float.self)[m] = jvm_kernels_in_use().pointee.maximum_f32(w.pointer(as: Float.self) + m * padded, d)
    }
    let pLargest = largest.pointer(as: Float.self)
    let kernel = jvm_kernels_in_use().pointee.mixture_nll
    let view = x.kernelView
    let (pr, pw, pl, ps) = (weights.pointer(as: Float.self), w.pointer(as: Float.self), losses.pointer(as: Float.self), scratch.pointer(as: Float.self))
    let (pScale, pGradientR, pPartial) = (scales?.pointer(as: Float.self), gradientR?.pointer(as: Float.self), partials?.pointer(as: Float.self))
    ThreadPool.parallel(lanes) { lane in
      for block in stride(from: lane, to: blocks, by: lanes) {
        let first = block * blockRows, last = min(n, first + blockRows)
        kernel?(
          view, first, last, pr, mixtures, pw, padded, d, pLargest, pScale, pl, pGradientR, pPartial.map { $0 + block * mixtures * padded },
          ps + lane * 4 * padded)
      }
    }
    guard let partials else { return Result(losses: losses, mixtureGradient: nil, weightGradient: nil) }
    let total = try Tensor.featureMajor(d, mixtures)
    let sum = total.pointer(as: Float.self), parts = partials.pointer(as: Float.self)
    // In the order of the blocks, whichever thread made them.
    ThreadPool.parallel(mixtures) { m in
      for block in 0..<blocks {
        let row = sum + m * padded
        jvm_kernels_in_use().pointee.binary_f32(.add, row, 1, parts + (block * mixtures + m) * padded, 1, row, padded)
      }
    }
    return Result(losses: losses, mixtureGradient: gradientR, weightGradient: total)
  }
}
