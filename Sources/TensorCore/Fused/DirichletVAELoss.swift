import CVectorMath
import Synchronization

/// The loss of the Dirichlet-VAE with one hidden layer on sparse images, with its gradients, in four loops: h = selu(x Wᵀ + b), the
/// Gaussian heads of h, r = softmax z, and the cross-entropy of the mixture decoder (arXiv:2104.08291, section 4); float32.
///
/// The same numbers as from `SparseRows.linear`, selu, `GaussianHeads`, softmax and `MixtureDecoder` one after the other. But between the
/// loop over pixels at either end all that belongs to a jet is made where the jet's numbers are at hand, nobody waits in between, and what
/// lies between lies in one block of memory. With two mixtures `MixtureLine` stands for the decoder where it can.
public final class DirichletVAELoss {
  /// What the pass reads, all float32 but the images.
  public struct Inputs {
    /// Images [N, D], 1 to `mostImages` rows.
    public let images: SparseRows
    /// The hidden layer, [H, D] and [H].
    public let weight: Tensor, bias: Tensor
    /// The layer of the mean, [R, H] and [R].
    public let meanWeight: Tensor, meanBias: Tensor
    /// The layer of the variance's logarithm, [R, H] and [R].
    public let logVarianceWeight: Tensor, logVarianceBias: Tensor
    /// The mixtures' logits, [D, R].
    public let decoder: Tensor
    /// Standard normal numbers, [N, R].
    public let noise: Tensor
    /// The prior's, [R].
    public let priorMean: Tensor, priorVariance: Tensor

    /// Sizes must agree; the caller has looked.
    public init(
      images: SparseRows, weight: Tensor, bias: Tensor, meanWeight: Tensor, meanBias: Tensor, logVarianceWeight: Tensor,
      logVarianceBias: Tensor, decoder: Tensor, noise: Tensor, priorMean: Tensor, priorVariance: Tensor
    ) {
      self.images = images
      (self.weight, self.bias) = (weight, bias)
      (self.meanWeight, self.meanBias) = (meanWeight, meanBias)
      (self.logVarianceWeight, self.logVarianceBias) = (logVarianceWeight, logVarianceBias)
      self.decoder = decoder
      self.noise = noise
      (self.priorMean, self.priorVariance) = (priorMean, priorVariance)
    }
  }

  /// The most images of a pass.
  public static var mostImages: Int { SparseRows.mostRowsByPixel }

  /// N.
  public var jets: Int { n }
  /// Σ over the images of −Σ x ln x̂.
  public private(set) var crossEntropy: Float = 0
  /// Σ over the images of the KL of the posterior from the prior.
  public private(set) var divergence: Float = 0

  // Sizes: jets, pixels, hidden features, mixtures; the lengths of padded rows.
  private let n: Int, d: Int, width: Int, mixtures: Int
  private let stride: Int, padded: Int, pixelStride: Int
  private let blocks: Int
  private let images: SparseRows
  private let storage: Storage
  private let places: Places
  // The decoder: the line between two mixtures, or else jet by jet.
  private var line: MixtureLine?
  private var jetByJet: JetByJet?

  // Where what is kept lies: [N, stride] h and, on the way back, the gradient before the activation; [N, R] r and the gradient by it;
  // [N, 3, padded] derivatives of the heads; [2 R, stride] their weights.
  private struct Places {
    let hidden: UnsafeMutablePointer<Float>, other: UnsafeMutablePointer<Float>
    let sample: UnsafeMutablePointer<Float>, mixtures: UnsafeMutablePointer<Float>, towardsMixtures: UnsafeMutablePointer<Float>
    let derivatives: UnsafeMutablePointer<Float>, towardsHeads: UnsafeMutablePointer<Float>
    let losses: UnsafeMutablePointer<Float>, divergences: UnsafeMutablePointer<Float>, scales: UnsafeMutablePointer<Float>
    let rows: UnsafeMutablePointer<Float>, byOutput: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>
    let line: UnsafeMutablePointer<Float>
  }

  // What the decoder needs for the exponentials of every jet: the largest logit of each mixture, rows of each thread, and a gradient of each block.
  private struct JetByJet {
    let storage: Storage
    let largest: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, parts: UnsafeMutablePointer<Float>

    init(mixtures: Int, scratch scratchSize: Int, parts partsSize: Int) throws {
      storage = try Storage(byteCount: (Tensor.paddedLength(mixtures) + scratchSize + partsSize) * 4)
      largest = storage.pointer.assumingMemoryBound(to: Float.self)
      scratch = largest + Tensor.paddedLength(mixtures)
      parts = scratch + scratchSize
    }
  }

  /// The losses; with `scale`, the factor on every jet's cross-entropy, also what `gradients` needs.
  ///
  /// Throws CallerError where types cannot be converted, OutOfMemory.
  public init(_ inputs: Inputs, scale: Float?) throws {
    images = inputs.images
    (n, d, width, mixtures) = (images.rows, images.columns, inputs.weight.shape[0], inputs.decoder.shape[1])
    (stride, padded, pixelStride) = (Tensor.paddedLength(width), Tensor.paddedLength(mixtures), Tensor.paddedLength(d))
    blocks = MixtureDecoder.blockCount(n)
    let decoder = try inputs.decoder.featureMajorCopy(), logits = decoder.pointer(as: Float.self)
    line = mixtures == 2 ? MixtureLine(logits: logits, stride: pixelStride, columns: d, jets: n, blocks: blocks) : nil
    let sizes = [
      n * stride, n * stride, n * mixtures, n * mixtures, n * mixtures, n * 3 * padded, n * 2 * padded, n, n, n, 4 * padded, 2 * mixtures * stride, stride,
      line?.memorySize ?? 0,
    ]
    var at = 0
    storage = try Storage(byteCount: sizes.reduce(0) { $0 + Tensor.paddedLength($1) } * 4)
    let base = storage.pointer.assumingMemoryBound(to: Float.self)
    func next(_ size: Int) -> UnsafeMutablePointer<Float> {
      defer { at += Tensor.paddedLength(size) }
      return base + at
    }
    places = Places(
      hidden: next(sizes[0]), other: next(sizes[1]), sample: next(sizes[2]), mixtures: next(sizes[3]), towardsMixtures: next(sizes[4]),
      derivatives: next(sizes[5]), towardsHeads: next(sizes[6]), losses: next(sizes[7]), divergences: next(sizes[8]), scales: next(sizes[9]),
      rows: next(sizes[10]), byOutput: next(sizes[11]), bias: next(sizes[12]), line: next(sizes[13]))
    line?.place(in: places.line)
    try run(inputs, logits, scale: scale)
    withExtendedLifetime(decoder) {}
  }

  private func run(_ inputs: Inputs, _ logits: UnsafePointer<Float>, scale: Float?) throws {
    let kernels = jvm_kernels_in_use(), p = places
    let weight = try inputs.weight.featureMajorCopy()
    let meanWeight = try inputs.meanWeight.featureMajorCopy(), logVarianceWeight = try inputs.logVarianceWeight.featureMajorCopy()
    let noise = try inputs.noise.contiguous()
    // Rows as long as padded ones, so that the kernels read whole vectors.
    func fill(_ row: UnsafeMutablePointer<Float>, _ tensor: Tensor, length: Int, padding: Float) throws {
      let source = try tensor.contiguous(), count = source.count
      row.update(from: source.pointer(as: Float.self), count: count)
      for i in count..<max(count, length) { row[i] = padding }
    }
    try fill(p.bias, inputs.bias, length: stride, padding: 0)
    try fill(p.rows, inputs.meanBias, length: padded, padding: 0)
    try fill(p.rows + padded, inputs.logVarianceBias, length: padded, padding: 0)
    try fill(p.rows + 2 * padded, inputs.priorMean, length: padded, padding: 0)
    try fill(p.rows + 3 * padded, inputs.priorVariance, length: padded, padding: 1)
    let wantsGradients = scale != nil
    if let scale {
      p.scales.update(repeating: scale, count: n)
      GaussianHeads.fillByOutput(p.byOutput, meanWeight, logVarianceWeight, stride: stride)
    }
    var heads = jvm_gaussian_heads(
      h: p.hidden, mu_weight: meanWeight.pointer(as: Float.self), mu_bias: p.rows, logvar_weight: logVarianceWeight.pointer(as: Float.self),
      logvar_bias: p.rows + padded, noise: noise.pointer(as: Float.self), prior_mean: p.rows + 2 * padded, prior_variance: p.rows + 3 * padded,
      h_stride: stride, inputs: width, outputs: mixtures, padded: padded)
    if line == nil { try prepareJetByJet(logits, wantsGradients) }

    let line = line
    images.linearParts(weight: weight.pointer(as: Float.self), bias: p.bias, stride: stride, lower: p.hidden, upper: p.other) { share, shares in
      line?.makePoints(share, of: shares)
    }
    line?.addParts()
    let (n, mixtures, stride) = (n, mixtures, stride), view = images.kernelView
    let decode = jetByJet.map { jetByJetDecoder($0, logits, wantsGradients) }
    withUnsafePointer(to: &heads) { heads in
      eachBlock { block, thread in
        let rows = MixtureDecoder.rows(of: block, among: n), first = rows.lowerBound, last = rows.upperBound
        let start = first * stride, numbers = rows.count * stride
        kernels.pointee.binary_f32(.add, p.hidden + start, 1, p.other + start, 1, p.hidden + start, numbers)
        kernels.pointee.unary_f32(.selu, p.hidden + start, 1, p.hidden + start, numbers, 0, 0)
        kernels.pointee.gaussian_heads(heads, first, last, p.sample, p.divergences, p.derivatives)
        kernels.pointee.softmax_f32(p.sample + first * mixtures, p.mixtures + first * mixtures, rows.count, mixtures)
        line?.decode(view, rows, block, p.mixtures, scales: wantsGradients ? p.scales : nil, losses: p.losses, towards: p.towardsMixtures)
        decode?(block, thread)
      }
    }
    if let line, !line.isExact {
      self.line = nil
      try prepareJetByJet(logits, wantsGradients)
      if let jetByJet { eachBlock(jetByJetDecoder(jetByJet, logits, wantsGradients)) }
    }
    withExtendedLifetime((weight, meanWeight, logVarianceWeight, noise)) {}
    crossEntropy = Float(kernels.pointee.sum_f32(p.losses, n))
    divergence = Float(kernels.pointee.sum_f32(p.divergences, n))
  }

  // Blocks go to whoever is free; a thread's scratch memory stays in its cache.
  private func eachBlock(_ body: (_ block: Int, _ thread: Int) -> Void) {
    let claimed = Atomic<Int>(0), blocks = blocks
    ThreadPool.parallel(ThreadPool.threadCount) { thread in
      while true {
        let block = claimed.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < blocks else { break }
        body(block, thread)
      }
    }
  }

  private func prepareJetByJet(_ logits: UnsafePointer<Float>, _ wantsGradients: Bool) throws {
    let made = try JetByJet(
      mixtures: mixtures, scratch: ThreadPool.threadCount * MixtureDecoder.rowsAtOnce * pixelStride, parts: wantsGradients ? blocks * mixtures * pixelStride : 0)
    // A NaN stays: the kernel finds it in this bound and nowhere else.
    for m in 0..<mixtures { made.largest[m] = jvm_kernels_in_use().pointee.maximum_f32(logits + m * pixelStride, d) }
    jetByJet = made
  }

  private func jetByJetDecoder(_ memory: JetByJet, _ logits: UnsafePointer<Float>, _ wantsGradients: Bool) -> (_ block: Int, _ thread: Int) -> Void {
    let kernels = jvm_kernels_in_use(), p = places, view = images.kernelView
    let (n, d, mixtures, pixelStride) = (n, d, mixtures, pixelStride)
    return { block, thread in
      let rows = MixtureDecoder.rows(of: block, among: n)
      kernels.pointee.mixture_nll(
        view, rows.lowerBound, rows.upperBound, p.mixtures, mixtures, logits, pixelStride, d, memory.largest, wantsGradients ? p.scales : nil, p.losses,
        wantsGradients ? p.towardsMixtures : nil, wantsGradients ? memory.parts + block * mixtures * pixelStride : nil,
        memory.scratch + thread * MixtureDecoder.rowsAtOnce * pixelStride)
    }
  }

  /// Gradients in the layout of the weights.
  public struct Gradients {
    /// Of the hidden layer, [H, D] and [H].
    public let weight: Tensor, bias: Tensor
    /// Of the mean's layer, [R, H] and [R].
    public let meanWeight: Tensor, meanBias: Tensor
    /// Of the layer of the variance's logarithm, [R, H] and [R].
    public let logVarianceWeight: Tensor, logVarianceBias: Tensor
    /// Of the mixtures' logits, [D, R].
    public let decoder: Tensor
  }

  /// The gradients of `crossEntropy` · Σ scale · cross-entropy + `divergence` · Σ divergence, `scale` being that of the way there, which
  /// must have been given. Throws CallerError, OutOfMemory.
  public func gradients(crossEntropy: Float, divergence: Float) throws -> Gradients {
    let columns = try images.byColumn(), view = columns.kernelView
    // The kernel writes the padding too, with the zeros of the gradient's padding.
    let weight = try Tensor.uninitializedFeatureMajor(width, d), decoder = try MixtureDecoder.emptyGradient(columns: d, mixtures: mixtures)
    let meanWeight = try Tensor.uninitializedFeatureMajor(mixtures, width), logVarianceWeight = try Tensor.uninitializedFeatureMajor(mixtures, width)
    let bias = try Tensor(uninitialized: [width]), headBiases = try Tensor(uninitialized: [2, padded])
    let (q, t, m, l) = (weight.pointer(as: Float.self), decoder.pointer(as: Float.self), meanWeight.pointer(as: Float.self), logVarianceWeight.pointer(as: Float.self))
    let (b, s) = (bias.pointer(as: Float.self), headBiases.pointer(as: Float.self))
    let kernels = jvm_kernels_in_use(), p = places
    let (n, d, width, mixtures, stride, padded, pixelStride, blocks) = (n, d, width, mixtures, stride, padded, pixelStride, blocks)
    let (u, g) = (p.other, p.towardsHeads)
    p.scales.update(repeating: divergence, count: n)
    let line = line, parts = jetByJet?.parts
    ThreadPool.parallel(blocks + (line == nil ? 0 : 1)) { block in
      guard block < blocks else {
        line?.addBlocks()
        return
      }
      let rows = MixtureDecoder.rows(of: block, among: n), first = rows.lowerBound, last = rows.upperBound
      let start = first * mixtures, at = first * stride
      kernels.pointee.softmax_gradient_f32(p.mixtures + start, p.towardsMixtures + start, p.sample + start, rows.count, mixtures)
      if crossEntropy != 1 { for i in start..<last * mixtures { p.sample[i] *= crossEntropy } }
      kernels.pointee.gaussian_heads_gradient(p.derivatives, p.sample, p.scales, first, last, mixtures, padded, g)
      kernels.pointee.gaussian_heads_input_gradient(g, first, last, mixtures, padded, p.byOutput, stride, u)
      kernels.pointee.unary_gradient_f32(.selu, p.hidden + at, u + at, u + at, rows.count * stride, 0, 0)
    }
    // Each thread has its pixels of the weights, the same in each step, and its part of everything else.
    let threads = ThreadPool.threadCount
    func share(_ count: Int, _ thread: Int) -> Range<Int> {
      let units = (count + 15) / 16
      return min(count, units * thread / threads * 16)..<min(count, units * (thread + 1) / threads * 16)
    }
    ThreadPool.parallel(threads) { thread in
      let pixels = share(d, thread), features = share(width, thread)
      let pairs = line?.pairs
      kernels.pointee.sparse_linear_weight_gradient_with_pairs(
        view, pixels.lowerBound, pixels.upperBound, u, stride, q, pairs?.values, pairs?.sums, pairs?.step ?? 0)
      if let line {
        line.gradient(share(pixelStride, thread), factor: crossEntropy, into: t)
      } else if let parts {
        MixtureDecoder.addUp(parts, blocks: blocks, mixtures: mixtures, stride: pixelStride, factor: crossEntropy, share(pixelStride, thread), into: t)
      }
      if !features.isEmpty {
        kernels.pointee.sum_rows_f32(u + features.lowerBound, n, features.count, stride, b + features.lowerBound)
        kernels.pointee.gaussian_heads_weight_gradient(p.hidden, stride, g, n, mixtures, features.lowerBound, features.upperBound, padded, m, l)
      }
      if thread == threads - 1 { kernels.pointee.sum_rows_f32(g, n, 2 * padded, 2 * padded, s) }
    }
    withExtendedLifetime((columns, self)) {}
    func headBias(_ head: Int) -> Tensor { headBiases.selected(0, head).narrowed(0, from: 0, length: mixtures) }
    return Gradients(
      weight: weight, bias: bias, meanWeight: meanWeight, meanBias: headBias(0), logVarianceWeight: logVarianceWeight, logVarianceBias: headBias(1),
      decoder: decoder)
  }
}
