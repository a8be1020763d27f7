import TensorCore

extension OpSpec {
  // Sample and divergence are made together, since the loss of every variational autoencoder needs both: one pass over
  // the rows in place of two linear layers, a sample, a divergence and a node of the graph for each.
  static let gaussianHeads = OpSpec(
    "gaussian_heads",
    "The bottleneck of a variational autoencoder in one pass: mu = h mu_weightᵀ + mu_bias, logvar = h logvar_weightᵀ + logvar_bias, then gaussian_sample(mu, logvar, noise) and gaussian_kl(mu, logvar, prior_mu, prior_var).",
    example: "nn.functional.gaussian_heads(tensor{{1}}, tensor{{2}}, tensor{0}, tensor{{0}}, tensor{0}, tensor{{0.5}}) --> [[2.5]] 2.",
    signature: "h [N, H], mu_weight [R, H], mu_bias [R], logvar_weight [R, H], logvar_bias [R], noise [N, R], prior_mu [R] or nil, prior_var [R] or nil -> [N, R], []; [N, R], [N] where reduction = none",
    arguments: [
      .tensor("h"), .tensor("mu_weight"), .tensor("mu_bias"), .tensor("logvar_weight"), .tensor("logvar_bias"), .tensor("noise", "standard normal numbers"),
      .init("prior_mu", .optionalTensor, "[R], 0 where left out"), .init("prior_var", .optionalTensor, "[R] above 0, 1 where left out"),
      .init("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "of the divergence over the batch"),
    ], placement: .functional, results: .tuple,
    forward: { call in
      let inputs = try checkedInputs(call)
      // The prior and the noise have gradients in the composed form only.
      let isPlain = inputs.h.dtype == .float32 && !call.needs.dropFirst(5).contains(true)
      let reduction = try call.text(8)
      if isPlain {
        let result = try GaussianHeads(inputs)
        call.save(inputs.h, inputs.meanWeight, inputs.logVarianceWeight, result.derivatives)
        return Outputs(result.sample, [try reduce(result.divergences, reduction)])
      }
      let mu = try Tensor.matrixProduct(inputs.h, inputs.meanWeight.transposed(0, 1), name: "gaussian_heads").adding(inputs.meanBias)
      let logvar = try Tensor.matrixProduct(inputs.h, inputs.logVarianceWeight.transposed(0, 1), name: "gaussian_heads").adding(inputs.logVarianceBias)
      let deviation = try logvar.multiplied(by: 0.5).mapped(.exp), difference = try mu.subtracting(inputs.priorMean)
      let one = try Tensor(scalar: 1, mu.dtype)
      let terms = try deviation.multiplied(by: deviation).adding(difference.multiplied(by: difference)).divided(by: inputs.priorVariance)
        .adding(inputs.priorVariance.mapped(.log).subtracting(one)).subtracting(logvar).multiplied(by: 0.5)
      call.save(inputs.h, inputs.meanWeight, inputs.logVarianceWeight, deviation, difference, inputs.noise, inputs.priorVariance)
      return Outputs(try mu.adding(deviation.multiplied(by: inputs.noise)), [try reduce(terms.sum(1, keep: false), reduction)])
    },
    gradient: .rule { gradients, call in
      let (h, meanWeight, logVarianceWeight) = (call.saved[0], call.saved[1], call.saved[2])
      let perJet = try gradients[1].map { try spread($0, [h.shape[0]], call.text(8)) }
      if call.saved.count == 4 {
        let g = try GaussianHeads.gradients(
          derivatives: call.saved[3], h: h, meanWeight: meanWeight, logVarianceWeight: logVarianceWeight, ofSample: gradients[0], ofDivergences: perJet)
        return [g.h, g.meanWeight, g.meanBias, g.logVarianceWeight, g.logVarianceBias]
      }
      let (deviation, difference, noise, priorVariance) = (call.saved[3], call.saved[4], call.saved[5], call.saved[6])
      let one = try Tensor(scalar: 1, h.dtype)
      let towardsSample = try gradients[0] ?? Tensor(filling: deviation.shape, with: 0, h.dtype)
      let towardsDivergence = try (perJet ?? Tensor(filling: [h.shape[0]], with: 0, h.dtype)).unsqueezed(1)
      let ratio = try deviation.multiplied(by: deviation).divided(by: priorVariance), byMean = try difference.divided(by: priorVariance)
      let towardsPrior = try byMean.multiplied(by: towardsDivergence)
      let towardsMean = try towardsSample.adding(towardsPrior)
      let towardsLogVariance = try towardsSample.multiplied(by: deviation).multiplied(by: noise).adding(ratio.subtracting(one).multiplied(by: towardsDivergence))
        .multiplied(by: 0.5)
      let byVariance = try one.subtracting(ratio).subtracting(byMean.multiplied(by: difference)).divided(by: priorVariance).multiplied(by: 0.5)
      return [
        try Tensor.matrixProduct(towardsMean, meanWeight).adding(Tensor.matrixProduct(towardsLogVariance, logVarianceWeight)),
        try Tensor.matrixProduct(towardsMean.transposed(0, 1), h), try towardsMean.sum(0, keep: false),
        try Tensor.matrixProduct(towardsLogVariance.transposed(0, 1), h), try towardsLogVariance.sum(0, keep: false),
        try towardsSample.multiplied(by: deviation),
        // The engine adds the batch up.
        try towardsPrior.negated(), try byVariance.multiplied(by: towardsDivergence),
      ]
    },
    samples: [
      sample(4, 3, 2, .absent, .absent, "mean"), sample(4, 3, 2, .uniform([2]), .uniform([2], 0.5...2), "mean"), sample(5, 20, 3, .absent, .values([0.5, 1, 2], [3]), "none"),
      sample(1, 1, 1, .absent, .absent, "sum"), sample(9, 17, 18, .values(Array(repeating: 0.25, count: 18), [18]), .absent, "sum"),
      Sample(
        .transposed([6, 4]), .transposed([2, 4]), .strided([2]), .strided([2, 4]), .uniform([2]), .values((0..<12).map { Double($0) / 8 - 0.6 }, [6, 2]), .absent, .absent,
        .text("mean")),
      sample(0, 3, 2, .absent, .absent, "none"),
    ],
    failures: [
      Failure(
        .uniform([4, 3]), .uniform([2, 4]), .uniform([2]), .uniform([2, 4]), .uniform([2]), .uniform([4, 2]), .absent, .absent, .text("mean"),
        says: "gaussian_heads: mu_weight: expected shape [2, 3] for h of shape [4, 3], got [2, 4]"),
      Failure(
        .uniform([4, 3]), .uniform([2, 3]), .uniform([2]), .uniform([2, 3]), .uniform([3]), .uniform([4, 2]), .absent, .absent, .text("mean"),
        says: "gaussian_heads: logvar_bias: expected shape [2] for h of shape [4, 3], got [3]"),
      Failure(
        .uniform([4, 3]), .uniform([2, 3]), .uniform([2]), .uniform([2, 3]), .uniform([2]), .uniform([4, 2]), .absent, .values([1, 0], [2]), .text("mean"),
        says: "gaussian_heads: prior_var: expected numbers above 0, got 0.0"),
    ])

  private static func sample(_ n: Int, _ h: Int, _ r: Int, _ priorMean: SampleArgument, _ priorVariance: SampleArgument, _ reduction: String) -> Sample {
    let noise = (0..<n * r).map { Double($0 % 7) / 3 - 1 }
    return Sample(
      .uniform([n, h]), .uniform([r, h], -0.5...0.5), .uniform([r]), .uniform([r, h], -0.5...0.5), .uniform([r]), .values(noise, [n, r]), priorMean, priorVariance, .text(reduction))
  }

  private static func checkedInputs(_ call: OpContext) throws -> GaussianHeads.Inputs {
    let h = try call.tensor(0), meanWeight = try call.tensor(1)
    try requireFloat(h, "gaussian_heads", "h")
    guard h.rank == 2, meanWeight.rank == 2 else {
      throw CallerError("gaussian_heads: expected h [N, H] and mu_weight [R, H], got shapes \(h.shape.text) and \(meanWeight.shape.text)")
    }
    let (n, width, outputs) = (h.shape[0], h.shape[1], meanWeight.shape[0])
    func checked(_ tensor: Tensor, _ name: String, _ shape: Dimensions) throws -> Tensor {
      try requireFloat(tensor, "gaussian_heads", name)
      guard tensor.shape == shape else {
        throw CallerError("gaussian_heads: \(name): expected shape \(shape.text) for h of shape \(h.shape.text), got \(tensor.shape.text)")
      }
      return try tensor.converted(to: h.dtype)
    }
    func prior(_ index: Int, _ name: String, _ value: Double) throws -> Tensor {
      try call.optionalTensor(index).map { try checked($0, name, [outputs]) } ?? Tensor(filling: [outputs], with: value, h.dtype)
    }
    let priorVariance = try prior(7, "prior_var", 1)
    for i in 0..<outputs where !(priorVariance.element(at: i) > 0) {
      throw CallerError("gaussian_heads: prior_var: expected numbers above 0, got \(priorVariance.element(at: i))")
    }
    return GaussianHeads.Inputs(
      h: h, meanWeight: try checked(meanWeight, "mu_weight", [outputs, width]), meanBias: try checked(call.tensor(2), "mu_bias", [outputs]),
      logVarianceWeight: try checked(call.tensor(3), "logvar_weight", [outputs, width]), logVarianceBias: try checked(call.tensor(4), "logvar_bias", [outputs]),
      noise: try checked(call.tensor(5), "noise", [n, outputs]), priorMean: try prior(6, "prior_mu", 0), priorVariance: priorVariance)
  }
}
