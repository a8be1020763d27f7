import Glibc
import TensorCore

// What variational autoencoders are made of (arXiv:2104.08291), each in one pass.
extension OpSpec {
  static let variational: [OpSpec] = [gaussianSample, gaussianKL, gaussianHeads, gaussianPosterior, mixtureNLL]

  private static let reduction = ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over the batch")

  private static let gaussianSample = OpSpec(
    "gaussian_sample", "A sample of N(mu, e^logvar) from standard normal noise: mu + e^{logvar/2} · noise.",
    example: "nn.functional.gaussian_sample(tensor{1}, tensor{0}, tensor{0.5}) --> [1.5]",
    signature: "mu [*S], logvar [*S], noise [*S] -> [*S]", arguments: [.tensor("mu"), .tensor("logvar"), .tensor("noise")], placement: .functional,
    forward: { call in
      let mu = try call.tensor(0), logvar = try call.tensor(1), noise = try call.tensor(2)
      try requireFloat(mu, "gaussian_sample", "mu")
      try requireFloat(logvar, "gaussian_sample", "logvar")
      guard logvar.shape == mu.shape, noise.shape == mu.shape else {
        throw CallerError("gaussian_sample: mu, logvar and noise: expected one shape, got \(mu.shape.text), \(logvar.shape.text) and \(noise.shape.text)")
      }
      let deviation = try logvar.multiplied(by: 0.5).mapped(.exp)
      let spread = try deviation.multiplied(by: noise)
      call.save(spread, deviation)
      return Outputs(try mu.adding(spread))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      return [
        g, call.needs[1] ? try g.multiplied(by: call.saved[0]).multiplied(by: 0.5) : nil,
        call.needs[2] ? try g.multiplied(by: call.saved[1]) : nil,
      ]
    },
    samples: [
      Sample(.uniform([4, 2]), .uniform([4, 2]), .values([0.5, -1, 0.25, 2, -0.3, 0.1, 0.9, -2], [4, 2])), Sample(.uniform([1]), .uniform([1]), .values([1.5], [1])),
      Sample(.uniform([2]), .uniform([2]), .values([0.1, -0.7], [2])), Sample(.transposed([2, 2]), .uniform([2, 2]), .values([1, 2, 3, 4], [2, 2])),
      Sample(.strided([2, 2]), .strided([2, 2]), .values([1, -2, 3, -4], [2, 2])), Sample(.uniform([0, 2]), .uniform([0, 2]), .values([], [0, 2])), Sample(.uniform([]), .uniform([]), .values([0.5], [])),
    ],
    failures: [Failure(.uniform([2]), .uniform([3]), .uniform([2]), says: "gaussian_sample: mu, logvar and noise: expected one shape, got [2], [3] and [2]")])

  private static let gaussianKL = OpSpec(
    "gaussian_kl",
    "Kullback–Leibler divergence of N(mu, e^logvar) from the prior N(prior_mu, prior_var), both diagonal: ½ Σ [σ²/σ̃² + (μ̃ − μ)²/σ̃² − 1 + ln σ̃² − ln σ²] over the last dimension (arXiv:2104.08291, eqs. 3, 16), then the mean over the batch.",
    example: "nn.gaussian_kl(tensor{{1, 0}}, tensor{{0, 0}}) --> 0.5",
    signature: "mu [*S, R], logvar [*S, R], prior_mu [R] or nil, prior_var [R] or nil -> []; [*S] where reduction = none",
    arguments: [
      .tensor("mu"), .tensor("logvar"), .init("prior_mu", .optionalTensor, "[R], 0 where left out"), .init("prior_var", .optionalTensor, "[R] above 0, 1 where left out"),
      reduction,
    ], placement: .loss,
    forward: { call in
      let mu = try call.tensor(0), logvar = try call.tensor(1)
      try requireFloat(mu, "gaussian_kl", "mu")
      try requireFloat(logvar, "gaussian_kl", "logvar")
      guard mu.shape == logvar.shape, mu.rank >= 1 else {
        throw CallerError("gaussian_kl: mu and logvar: expected one shape [*S, R], got \(mu.shape.text) and \(logvar.shape.text)")
      }
      let width = mu.shape[mu.rank - 1], dtype = mu.dtype
      func prior(_ index: Int, _ name: String, _ value: Double) throws -> Tensor {
        guard let given = call.optionalTensor(index) else { return try Tensor(filling: [width], with: value, dtype) }
        guard given.shape == [width] else { throw CallerError("gaussian_kl: \(name): expected shape [\(width)], got \(given.shape.text)") }
        return try given.converted(to: dtype)
      }
      let priorMean = try prior(2, "prior_mu", 0), priorVariance = try prior(3, "prior_var", 1)
      for i in 0..<width where !(priorVariance.element(at: i) > 0) {
        throw CallerError("gaussian_kl: prior_var: expected numbers above 0, got \(priorVariance.element(at: i))")
      }
      // The usual case, a batch [N, R] in float32, is one loop; its derivatives come along.
      if dtype == .float32, mu.rank == 2, logvar.dtype == .float32 {
        let result = try GaussianDivergence(mean: mu, logVariance: logvar, priorMean: priorMean, priorVariance: priorVariance)
        call.save(result.byMean, result.variance, priorVariance, result.byLogVariance)
        return Outputs(try reduce(result.divergences, try call.text(4)))
      }
      let difference = try mu.subtracting(priorMean)
      let variance = try logvar.mapped(.exp)
      let terms = try variance.adding(difference.multiplied(by: difference)).divided(by: priorVariance)
        .adding(priorVariance.mapped(.log).subtracting(Tensor(scalar: 1, dtype))).subtracting(logvar).multiplied(by: 0.5)
      call.save(difference, variance, priorVariance)
      return Outputs(try reduce(terms.sum(mu.rank - 1, keep: false), try call.text(4)))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let (variance, priorVariance) = (call.saved[1], call.saved[2])
      if call.saved.count == 4, !call.needs[2], !call.needs[3] {
        let reduction = try call.text(4)
        if reduction != "none" {
          let factor = g.element(at: 0) / (reduction == "mean" ? Double(max(variance.shape[0], 1)) : 1)
          return [try call.saved[0].multiplied(by: factor), try call.saved[3].multiplied(by: factor)]
        }
        let perJet = g.unsqueezed(1)
        return [try call.saved[0].multiplied(by: perJet), try call.saved[3].multiplied(by: perJet)]
      }
      let difference = call.saved.count == 4 ? try call.saved[0].multiplied(by: priorVariance) : call.saved[0]
      let shape = difference.shape
      let perJet = try spread(g, Dimensions(shape.dropLast()), try call.text(4)).unsqueezed(shape.count - 1)
      let towardsMean = try difference.divided(by: priorVariance).multiplied(by: perJet)
      let one = try Tensor(scalar: 1, difference.dtype)
      return [
        call.needs[0] ? towardsMean : nil,
        call.needs[1] ? try variance.divided(by: priorVariance).subtracting(one).multiplied(by: 0.5).multiplied(by: perJet) : nil,
        // A learned prior; the engine adds the batch up.
        call.needs[2] ? try towardsMean.negated() : nil,
        call.needs[3] ? try one.subtracting(variance.adding(difference.multiplied(by: difference)).divided(by: priorVariance)).divided(by: priorVariance).multiplied(by: 0.5).multiplied(by: perJet) : nil,
      ]
    },
    samples: [
      Sample(.uniform([4, 2]), .uniform([4, 2]), .absent, .absent, .text("mean")), Sample(.uniform([4, 3]), .uniform([4, 3]), .uniform([3]), .uniform([3], 0.5...2), .text("mean")),
      Sample(.uniform([4, 3]), .uniform([4, 3]), .uniform([3]), .uniform([3], 0.5...2), .text("none")), Sample(.uniform([2]), .uniform([2]), .absent, .absent, .text("sum")),
      Sample(.transposed([3, 2]), .strided([3, 2]), .uniform([2]), .absent, .text("sum")), Sample(.uniform([2, 3, 2]), .uniform([2, 3, 2]), .absent, .uniform([2], 0.5...2), .text("none")),
      Sample(.uniform([0, 2]), .uniform([0, 2]), .absent, .absent, .text("sum")),
    ],
    failures: [
      Failure(.uniform([2, 2]), .uniform([2, 3]), .absent, .absent, .text("mean"), says: "gaussian_kl: mu and logvar: expected one shape [*S, R], got [2, 2] and [2, 3]"),
      Failure(.uniform([2, 2]), .uniform([2, 2]), .uniform([3]), .absent, .text("mean"), says: "gaussian_kl: prior_mu: expected shape [2], got [3]"),
      Failure(.uniform([2, 1]), .uniform([2, 1]), .absent, .values([0], [1]), .text("mean"), says: "gaussian_kl: prior_var: expected numbers above 0, got 0.0"),
    ])

  /// Per-jet losses as asked: their mean, their sum or themselves.
  static func reduce(_ losses: Tensor, _ reduction: String) throws -> Tensor {
    switch reduction {
    case "none": losses
    case "sum": try losses.sum()
    default: try losses.sum().divided(by: Tensor(scalar: Double(losses.count), losses.dtype))
    }
  }

  /// The gradient of a reduced loss spread over the jets.
  static func spread(_ g: Tensor, _ shape: Dimensions, _ reduction: String) throws -> Tensor {
    switch reduction {
    case "none": g
    case "sum": try g.expanded(to: shape)
    default: try g.divided(by: Tensor(scalar: Double(shape.product ?? 1), g.dtype)).expanded(to: shape)
    }
  }

  private static let mixtureNLL = OpSpec(
    "mixture_nll",
    "Cross-entropy of images under a product of experts: −Σ_d x_d ln softmax(r weightᵀ)_d (arXiv:2104.08291, section 4), then the mean over the batch; one pass for sparse rows.",
    example: "nn.mixture_nll(tensor{{0.5, 0.5}}, tensor{{1, 1}, {1, 1}}, tensor{{1, 0}}) --> 0.693147",
    signature: "r [N, R], weight [D, R], x [N, D] -> []; [N] where reduction = none",
    arguments: [.tensor("r", "mixture weights"), .tensor("weight", "one column per mixture"), .init("x", .rows, "images, dense or sparse rows"), reduction], placement: .loss,
    forward: { call in
      let r = try call.tensor(0), weight = try call.tensor(1)
      try requireFloat(r, "mixture_nll", "r")
      try requireFloat(weight, "mixture_nll", "weight")
      let sparse = call.sparse(2)
      let shape: Dimensions = try sparse.map { [$0.rows, $0.columns] } ?? call.tensor(2).shape
      guard r.rank == 2, weight.rank == 2, shape.count == 2, r.shape[1] == weight.shape[1], shape == [r.shape[0], weight.shape[0]] else {
        throw CallerError("mixture_nll: expected r [N, R], weight [D, R] and x [N, D], got \(r.shape.text), \(weight.shape.text) and \(shape.text)")
      }
      guard r.shape[1] >= 1 else { throw CallerError("mixture_nll: r: expected at least one mixture, got shape \(r.shape.text)") }
      let reduction = try call.text(3)
      // In float32 the images are taken as sparse rows: the decoder's pixels are never stored. Without a gradient for x
      // only, since sparse rows have none.
      let wantsImageGradient = sparse == nil && call.needs.count > 2 && call.needs[2]
      if r.dtype == .float32, weight.dtype == .float32, !wantsImageGradient, let x = try sparse ?? sparseRows(call.tensor(2)) {
        // The gradients cost little on the way and much on a second way, so they are made now unless each jet gets its own factor.
        let scale = reduction == "mean" ? 1 / Double(max(x.rows, 1)) : 1
        let early = call.isRecording && reduction != "none"
        let result = try MixtureDecoder.crossEntropy(x, mixtures: r, weight: weight, scales: early ? Tensor(filling: [x.rows], with: scale) : nil)
        if let towardsR = result.mixtureGradient, let towardsWeight = result.weightGradient {
          call.save(towardsR, towardsWeight)
        } else {
          call.save(x)
          call.save(r, weight)
        }
        return Outputs(try reduce(result.losses, reduction))
      }
      let x = try sparse?.dense().converted(to: r.dtype) ?? call.tensor(2)
      let logProbabilities = try Tensor.matrixProduct(r, weight.transposed(0, 1), name: "mixture_nll").rowFunction(.logSoftmax, 1)
      call.save(r, weight, x, logProbabilities)
      return Outputs(try reduce(x.multiplied(by: logProbabilities).sum(1, keep: false).negated(), reduction))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let reduction = try call.text(3)
      if call.saved.count == 2, call.savedSparse == nil {
        // Made in the forward pass for a factor of 1.
        let factor = g.element(at: 0)
        return [try call.saved[0].multiplied(by: factor), try call.saved[1].multiplied(by: factor)]
      }
      if let x = call.savedSparse {
        let scales = try spread(g, [x.rows], reduction).contiguous()
        let result = try MixtureDecoder.crossEntropy(x, mixtures: call.saved[0], weight: call.saved[1], scales: scales)
        return [result.mixtureGradient, result.weightGradient, nil]
      }
      let (r, weight, x, logProbabilities) = (call.saved[0], call.saved[1], call.saved[2], call.saved[3])
      let perJet = try spread(g, [r.shape[0]], reduction).unsqueezed(1)
      let towardsLogits = try logProbabilities.mapped(.exp).multiplied(by: x.sum(1, keep: true)).subtracting(x).multiplied(by: perJet)
      return [
        call.needs[0] ? try Tensor.matrixProduct(towardsLogits, weight) : nil,
        call.needs[1] ? try Tensor.matrixProduct(towardsLogits.transposed(0, 1), r) : nil,
        call.needs[2] ? try logProbabilities.multiplied(by: perJet).negated() : nil,
      ]
    },
    samples: [
      Sample(.distributions([4, 2]), .uniform([10, 2]), .distributions([4, 10]), .text("mean")), Sample(.distributions([5, 3]), .uniform([20, 3]), .sparse([5, 20], filled: 0.2), .text("mean")),
      Sample(.distributions([5, 2]), .uniform([32, 2]), .sparse([5, 32], filled: 0.2), .text("none")), Sample(.distributions([70, 2]), .uniform([33, 2]), .sparse([70, 33], filled: 0.2), .text("sum")),
      Sample(.distributions([3, 5]), .uniform([12, 5]), .distributions([3, 12]), .text("none")), Sample(.distributions([3, 1]), .uniform([12, 1]), .sparse([3, 12], filled: 0.5), .text("sum")),
      Sample(.distributions([6, 3]), .uniform([15, 3], -60...60), .sparse([6, 15], filled: 0.4), .text("mean")),
      Sample(.uniform([0, 2]), .uniform([10, 2]), .sparse([0, 10], filled: 0.5), .text("none")),
      Sample(.transposed([4, 2], 0.1...1), .strided([10, 2]), .distributions([4, 10]), .text("mean")),
    ],
    failures: [
      Failure(
        .distributions([4, 2]), .uniform([10, 3]), .distributions([4, 10]), .text("mean"),
        says: "mixture_nll: expected r [N, R], weight [D, R] and x [N, D], got [4, 2], [10, 3] and [4, 10]")
    ])

  private static func sparseRows(_ x: Tensor) throws -> SparseRows? {
    x.dtype == .float32 && x.shape[1] <= SparseRows.maximumColumns ? try SparseRows(x) : nil
  }
}
