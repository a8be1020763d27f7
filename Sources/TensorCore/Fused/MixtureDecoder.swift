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

  // Rows of one partial gradient at most, and rows that the kernel takes at once. The blocks depend on the number of rows alone, so that
  // the sums run in the same order for any number of threads, and are of about one size, so that two threads have as much to do.
  private static let blockRows = 32
  static let rowsAtOnce = 4

  static func blockCount(_ rows: Int) -> Int { (rows + blockRows - 1) / blockRows }
  static func rows(of block: Int, among rows: Int) -> Range<Int> {
    let groups = (rows + rowsAtOnce - 1) / rowsAtOnce, blocks = blockCount(rows)
    return min(rows, groups * block / blocks * rowsAtOnce)..<min(rows, groups * (block + 1) / blocks * rowsAtOnce)
  }

  // The decoder's weights as the kernel reads them, and the largest of each mixture.
  struct Prepared {
    private let held: (Tensor, Tensor)
    var weights: UnsafeMutablePointer<Float> { held.0.pointer(as: Float.self) }
    var largest: UnsafeMutablePointer<Float> { held.1.pointer(as: Float.self) }
    var stride: Int { held.0.strides[1] }

    init(_ weight: Tensor, columns: Int) throws {
      let w = try weight.converted(to: .float32).featureMajorCopy(), mixtures = weight.shape[1]
      held = (w, try Tensor(uninitialized: [mixtures]))
      // A NaN stays: the kernel finds it in this bound and nowhere else.
      for m in 0..<mixtures { largest[m] = jvm_kernels_in_use().pointee.maximum_f32(weights + m * stride, columns) }
    }
  }
  // Blocks under way at once at most, each with its scratch memory: a whole data set may be asked for.
  private static let concurrentBlocks = 64

  /// Cross-entropies of the rows x [N, D] under `softmax(r · weightᵀ)`, for r [N, R] and weight [D, R], in float32.
  ///
  /// With `scales` (one per row) the gradients come along at little cost; the image itself is never stored.
  public static func crossEntropy(_ x: SparseRows, mixtures r: Tensor, weight: Tensor, scales: Tensor?) throws -> Result {
    let mixtures = weight.shape[1], n = x.rows, d = x.columns
    let prepared = try Prepared(weight, columns: d)
    let weights = try r.converted(to: .float32).contiguous()
    let padded = prepared.stride
    let losses = try Tensor(uninitialized: [n])
    let scales = try scales?.converted(to: .float32).contiguous()
    let gradientR = try scales.map { _ in try Tensor(uninitialized: [n, mixtures]) }
    let blocks = blockCount(n)
    let partials = try scales.map { _ in try Tensor(uninitialized: [max(blocks, 1), mixtures * padded]) }
    let lanes = min(blocks, concurrentBlocks)
    let scratch = try Tensor(uninitialized: [max(lanes, 1), 4 * padded])
    let kernel = jvm_kernels_in_use().pointee.mixture_nll
    let view = x.kernelView, logits = prepared.weights, largest = prepared.largest
    let (pr, pl, ps) = (weights.pointer(as: Float.self), losses.pointer(as: Float.self), scratch.pointer(as: Float.self))
    let (pScale, pGradientR, pPartial) = (scales?.pointer(as: Float.self), gradientR?.pointer(as: Float.self), partials?.pointer(as: Float.self))
    withExtendedLifetime(prepared) {
      ThreadPool.parallel(lanes) { lane in
        for block in stride(from: lane, to: blocks, by: lanes) {
          let rows = rows(of: block, among: n)
          kernel?(
            view, rows.lowerBound, rows.upperBound, pr, mixtures, logits, padded, d, largest, pScale, pl, pGradientR,
            pPartial.map { $0 + block * mixtures * padded }, ps + lane * 4 * padded)
        }
      }
    }
    guard let partials else { return Result(losses: losses, mixtureGradient: nil, weightGradient: nil) }
    let total = try emptyGradient(columns: d, mixtures: mixtures)
    addUp(partials.pointer(as: Float.self), blocks: blocks, mixtures: mixtures, stride: padded, factor: 1, 0..<padded, into: total.pointer(as: Float.self))
    return Result(losses: losses, mixtureGradient: gradientR, weightGradient: total)
  }

  // A gradient by the weights, for `addUp` to write, padding included.
  static func emptyGradient(columns: Int, mixtures: Int) throws -> Tensor { try Tensor.uninitializedFeatureMajor(columns, mixtures) }

  // `factor` times the sum of the partial gradients [blocks, mixtures, stride] at these places of each mixture's row, in the order of the
  // blocks, whichever thread made them.
  static func addUp(
    _ partials: UnsafeMutablePointer<Float>, blocks: Int, mixtures: Int, stride: Int, factor: Float, _ places: Range<Int>, into total: UnsafeMutablePointer<Float>
  ) {
    guard !places.isEmpty else { return }
    let add = jvm_kernels_in_use().pointee.binary_f32
    for m in 0..<mixtures {
      let row = total + m * stride + places.lowerBound
      row.update(repeating: 0, count: places.count)
      for block in 0..<blocks { add?(.add, row, 1, partials + (block * mixtures + m) * stride + places.lowerBound, 1, row, places.count) }
      if factor != 1 { for i in places.indices { row[i - places.lowerBound] *= factor } }
    }
  }
}
