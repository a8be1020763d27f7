import TensorCore

extension OpSpec {
  // What every constituent VAE does between encoder and decoder: two views, a sample and a divergence would be four nodes of the graph, and the
  // gradients of the views images of zeros.
  static let gaussianPosterior = OpSpec(
    "gaussian_posterior",
    "Rows of mu and logvar side by side as an encoder gives them: gaussian_sample(mu, logvar, noise) and the divergence of each N(mu, e^logvar) from N(0, 1), the sum or the mean over R, in one pass.",
    example: "nn.functional.gaussian_posterior(tensor{{1, 0}}, tensor{{0.5}}) --> [[1.5]] [0.5]",
    signature: "x [N, D], noise [N, R] -> [N, R], [N]",
    arguments: [
      .init("x", .tensor, "[N, 2 R]"), .init("noise", .tensor, "standard normal numbers"),
      .init("over", .text(choices: ["sum", "mean"], default: "sum"), "of the divergence over the R dimensions"),
    ], placement: .functional, results: .tuple,
    forward: { call in
      let name = "gaussian_posterior", x = try call.tensor(0), noise = try call.tensor(1)
      try requireFloat(x, name, "x")
      try requireFloat(noise, name, "noise")
      guard x.rank == 2, noise.rank == 2, x.shape[0] == noise.shape[0], x.shape[1] == 2 * noise.shape[1] else {
        throw CallerError("\(name): x and noise: expected shapes [N, 2 R] and [N, R], got \(x.shape.text) and \(noise.shape.text)")
      }
      let width = noise.shape[1], factor = try factor(call, width)
      if x.dtype == .float32, noise.dtype == .float32, !call.needs.dropFirst().contains(true) {
        let result = try GaussianPosterior(x, noise: noise, factor: factor)
        call.save(x, result.byLogVariance, result.spread)
        return Outputs(result.sample, [result.divergences])
      }
      let mu = x.narrowed(1, from: 0, length: width), logvar = x.narrowed(1, from: width, length: width)
      let deviation = try logvar.multiplied(by: 0.5).mapped(.exp), spread = try deviation.multiplied(by: noise)
      let excess = try deviation.multiplied(by: deviation).subtracting(Tensor(scalar: 1, x.dtype))
      call.save(x, try excess.multiplied(by: 0.5), try spread.multiplied(by: 0.5), deviation)
      let terms = try excess.adding(mu.multiplied(by: mu)).subtracting(logvar)
      return Outputs(try mu.adding(spread), [try terms.sum(1, keep: false).multiplied(by: 0.5 * factor)])
    },
    gradient: .rule { gradients, call in
      let x = call.saved[0], byLogVariance = call.saved[1], spread = call.saved[2], width = spread.shape[1], factor = try factor(call, width)
      if call.saved.count == 3 {
        return [
          try GaussianPosterior.gradient(x, byLogVariance: byLogVariance, spread: spread, factor: factor, ofSample: gradients[0], ofDivergences: gradients[1])
        ]
      }
      let towardsSample = try gradients[0] ?? Tensor(filling: spread.shape, with: 0, x.dtype)
      let towardsDivergence = try (gradients[1] ?? Tensor(filling: [x.shape[0]], with: 0, x.dtype)).multiplied(by: factor).unsqueezed(1)
      let result = try Tensor(uninitialized: [x.shape[0], 2 * width], x.dtype)
      result.narrowed(1, from: 0, length: width).copyElements(from: try towardsSample.adding(x.narrowed(1, from: 0, length: width).multiplied(by: towardsDivergence)))
      result.narrowed(1, from: width, length: width).copyElements(
        from: try towardsSample.multiplied(by: spread).adding(byLogVariance.multiplied(by: towardsDivergence)))
      return [result, try towardsSample.multiplied(by: call.saved[3])]
    },
    samples: [
      Sample(.uniform([4, 4]), .values([0.5, -1, 0.25, 2, -0.3, 0.1, 0.9, -2], [4, 2]), .text("sum")),
      Sample(.transposed([2, 4]), .values([0.5, -1, 0.25, 2], [2, 2]), .text("mean")),
      Sample(.strided([2, 2]), .values([0.5, -1], [2, 1]), .text("mean")), Sample(.expanded([3, 4]), .strided([3, 2]), .text("sum")),
      Sample(.uniform([0, 4]), .values([], [0, 2]), .text("sum")),
      Sample(.uniform([3, 36]), .values((0..<54).map { Double($0 % 7) / 3 - 1 }, [3, 18]), .text("mean")),
    ],
    failures: [
      Failure(
        .uniform([2, 3]), .uniform([2, 2]), .text("sum"),
        says: "gaussian_posterior: x and noise: expected shapes [N, 2 R] and [N, R], got [2, 3] and [2, 2]")
    ])

  private static func factor(_ call: OpContext, _ width: Int) throws -> Double { try call.text(2) == "mean" ? 1 / Double(max(width, 1)) : 1 }
}
