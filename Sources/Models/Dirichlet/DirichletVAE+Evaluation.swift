import Autodiff
import Glibc
import TensorCore

extension DirichletVAE {
  // Jets per chunk: dense images of a chunk take 6 MB.
  private static let chunk = 1024

  /// Per-jet quantities of a whole set, from the posterior mean; higher is more anomalous (but for `latent` and `weights`).
  public struct Scores {
    /// Σ (x − x̂)² over pixels, [N].
    public let meanSquaredError: Tensor
    /// −Σ x ln x̂, [N].
    public let crossEntropy: Tensor
    /// Σ x ln(x/x̂), [N]: the cross-entropy less the jet's own entropy, which ranks jets differently.
    public let reconstructionKL: Tensor
    /// KL of the posterior from the prior, [N].
    public let kl: Tensor
    /// −ln p(μ) of the prior's Gaussian, [N].
    public let priorDistance: Tensor
    /// μ, [N, R].
    public let latent: Tensor
    /// softmax μ, [N, R].
    public let weights: Tensor
  }

  /// Runs `body` over chunks of images, without recording and with the posterior mean.
  private func inChunks(_ x: ArgumentValue, _ body: (ArgumentValue) throws -> [Tensor]) throws -> [Tensor] {
    let wasTraining = isTraining
    setTraining(false)
    defer { setTraining(wasTraining) }
    return try GradientMode.disabled {
      let count: Int
      switch x {
      case .sparse(let rows): count = rows.rows
      case .tensor(let variable): count = variable.shape.first ?? 0
      default: count = 0
      }
      guard count > DirichletVAE.chunk else { return try body(x) }
      var results: [Tensor] = []
      for start in stride(from: 0, to: count, by: DirichletVAE.chunk) {
        let range = start..<min(count, start + DirichletVAE.chunk)
        let part: ArgumentValue
        switch x {
        case .sparse(let rows): part = .sparse(rows.view(range))
        case .tensor(let variable): part = .tensor(Variable(variable.value.narrowed(0, from: start, length: range.count)))
        default: part = x
        }
        let pieces = try body(part)
        if results.isEmpty {
          results = try pieces.map {
            var shape = $0.shape
            shape[0] = count
            return try Tensor(uninitialized: shape, $0.dtype)
          }
        }
        for (result, piece) in zip(results, pieces) { result.narrowed(0, from: start, length: range.count).copyElements(from: piece) }
      }
      return results
    }
  }

  /// μ and ln σ², [N, R] each.
  public func encode(_ x: ArgumentValue) throws -> (mean: Tensor, logVariance: Tensor) {
    let parts = try inChunks(x) { part in
      let (mean, logVariance) = try posterior(part)
      return [mean.value, logVariance.value]
    }
    return (parts[0], parts[1])
  }

  /// softmax μ, [N, R].
  public func weights(_ x: ArgumentValue) throws -> Tensor {
    try inChunks(x) { part in [try Operation.softmax(posterior(part).mean, 1).value] }[0]
  }

  /// Every anomaly score of images [N, input], in chunks, without a graph, at the posterior mean.
  public func scores(_ x: ArgumentValue) throws -> Scores {
    let prior = Variable(priorMean), variance = Variable(priorVariance)
    let normalisation = 0.5 * self.prior.variances.reduce(0) { $0 + log(2 * .pi * $1) }
    let parts = try inChunks(x) { part in
      let (mean, logVariance) = try posterior(part)
      let r = try Operation.softmax(mean, 1)
      let dense: Tensor
      if case .sparse(let rows) = part { dense = try rows.dense() } else if case .tensor(let v) = part { dense = v.value } else { dense = mean.value }
      let difference = try dense.subtracting(try images(of: r).value)
      let crossEntropy = try Operation.mixtureNLL(r, decoder, part, "none").value
      let distance = try mean.value.subtracting(priorMean)
      return [
        try difference.multiplied(by: difference).sum(1, keep: false),
        crossEntropy,
        try crossEntropy.subtracting(entropies(dense)),
        try Operation.gaussianKL(mean, logVariance, prior, variance, "none").value,
        try distance.multiplied(by: distance).divided(by: priorVariance).sum(1, keep: false).multiplied(by: 0.5)
          .adding(Tensor(scalar: normalisation, settings.dtype)),
        mean.value,
        r.value,
      ]
    }
    return Scores(
      meanSquaredError: parts[0], crossEntropy: parts[1], reconstructionKL: parts[2], kl: parts[3], priorDistance: parts[4], latent: parts[5],
      weights: parts[6])
  }

  // −Σ x ln x of each row, with 0 ln 0 = 0.
  private func entropies(_ images: Tensor) throws -> Tensor {
    let zero = try Tensor(scalar: 0, images.dtype)
    let isZero = try Tensor.compared(.eq, images, zero, name: "scores").converted(to: images.dtype)
    return try images.multiplied(by: images.adding(isZero).mapped(.log)).sum(1, keep: false).negated()
  }

  /// The mixture images softmax(W_i), [R, D], each row a distribution. What the decoder puts out is a product of these
  /// experts, not a sum.
  public func mixtures() throws -> Tensor { try decoder.value.transposed(0, 1).rowFunction(.softmax, 1).contiguous() }

  /// The mixture, from 0, whose weight is declared anomalous before any label is seen.
  ///
  /// With unequal α that of the smallest; among equal ones the mixture whose image has the larger mean distance from the
  /// centre (of a square image, in pixels), or the smaller one where the signal is the narrower class (`signalIsNarrow`).
  public func anomalyWeight(signalIsNarrow: Bool = false) throws -> Int {
    let smallest = prior.alpha.min() ?? 0
    let candidates = prior.alpha.indices.filter { prior.alpha[$0] == smallest }
    guard candidates.count > 1 else { return candidates.first ?? 0 }
    let distances = try meanDistances()
    let ranked = candidates.sorted { distances[$0] > distances[$1] }
    return signalIsNarrow ? ranked[ranked.count - 1] : ranked[0]
  }

  /// Mean distance from the image's centre of each mixture image, in pixels.
  public func meanDistances() throws -> [Double] {
    let side = Int(Double(settings.input).squareRoot().rounded())
    guard side * side == settings.input else {
      throw CallerError("anomaly_weight: with equal alpha the images must be square to compare their widths, got \(settings.input) pixels; choose the weight yourself")
    }
    let numbers = try mixtures().array(of: Double.self)
    let center = Double(side - 1) / 2
    return (0..<mixtureCount).map { mixture in
      var total = 0.0
      for row in 0..<side {
        for column in 0..<side {
          let (y, x) = (Double(row) - center, Double(column) - center)
          total += numbers[mixture * settings.input + row * side + column] * (x * x + y * y).squareRoot()
        }
      }
      return total
    }
  }
}
