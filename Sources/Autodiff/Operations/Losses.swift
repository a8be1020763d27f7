import TensorCore

extension OpSpec {
  private static let reduction = ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over all elements")

  // Losses of elements that have a target each: the loss and its derivatives by both sides, then the reduction.
  private static func elementLoss(
    _ name: String, _ summary: String, example: String, options: [ArgumentSpec] = [], x range: ClosedRange<Double> = -2...2, target: ClosedRange<Double> = -2...2,
    reductions: ArgumentSpec = reduction, variants: [Sample] = [], failures: [Failure] = [],
    loss: @escaping @Sendable (_ x: Tensor, _ t: Tensor, _ call: OpContext) throws -> Tensor,
    byX: @escaping @Sendable (_ x: Tensor, _ t: Tensor, _ call: OpContext) throws -> Tensor,
    byTarget: @escaping @Sendable (_ x: Tensor, _ t: Tensor, _ call: OpContext) throws -> Tensor
  ) -> OpSpec {
    func sample(_ x: SampleArgument, _ t: SampleArgument, _ reduction: SampleArgument) -> Sample {
      Sample(list: [x, t, reduction] + options.map { _ in .absent })
    }
    return OpSpec(
      name, summary, example: example, signature: "x [*S], target [*S] -> []; [*S] where reduction = none",
      arguments: [.tensor("x"), .tensor("target", "in the shape of x"), reductions] + options, placement: .loss,
      forward: { call in
        let x = try call.tensor(0), given = try call.tensor(1)
        try requireFloat(x, name)
        guard x.shape == given.shape else { throw CallerError("\(name): x and target: expected one shape, got \(x.shape.text) and \(given.shape.text)") }
        let t = given.dtype.isFloatingPoint ? given : try given.converted(to: x.dtype)
        call.save(x, t)
        return Outputs(try reduceElements(loss(x, t, call), try call.text(2)))
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [] }
        let (x, t) = (call.saved[0], call.saved[1])
        let each = try spreadElements(g, x.shape, try call.text(2))
        return [call.needs[0] ? try byX(x, t, call).multiplied(by: each) : nil, call.needs[1] ? try byTarget(x, t, call).multiplied(by: each) : nil]
      },
      samples: [
        sample(.uniform([5], range), .uniform([5], target), .text("mean")), sample(.uniform([3, 4], range), .uniform([3, 4], target), .text("sum")),
        sample(.uniform([3, 4], range), .uniform([3, 4], target), .text("none")), sample(.transposed([4, 3], range), .strided([4, 3], target), .text("mean")),
        sample(.expanded([4, 3], range), .transposed([4, 3], target), .text("none")), sample(.uniform([], range), .uniform([], target), .text("mean")),
        sample(.uniform([0, 3], range), .uniform([0, 3], target), .text("sum")),
      ] + variants,
      failures: [
        Failure(list: [.uniform([4, 1], range), .uniform([4], target), .text("mean")] + options.map { _ in .absent }, says: "\(name): x and target: expected one shape, got [4, 1] and [4]")
      ] + failures)
  }

  private static func reduceElements(_ losses: Tensor, _ reduction: String) throws -> Tensor {
    guard reduction == "batchmean" else { return try reduce(losses, reduction) }
    return try losses.sum().divided(by: Tensor(scalar: batch(losses.shape), losses.dtype))
  }

  private static func spreadElements(_ g: Tensor, _ shape: Dimensions, _ reduction: String) throws -> Tensor {
    guard reduction == "batchmean" else { return try spread(g, shape, reduction) }
    return try g.divided(by: Tensor(scalar: batch(shape), g.dtype)).expanded(to: shape)
  }

  private static func batch(_ shape: Dimensions) -> Double { shape.isEmpty ? 1 : Double(shape[0]) }

  private static func positive(_ call: OpContext, _ name: String) throws -> Double {
    let delta = try call.number(3)
    guard delta > 0, delta.isFinite else { throw CallerError("\(name): delta: expected a number above 0, got \(delta)") }
    return delta
  }

  // x − target, cut at ±delta.
  private static func cut(_ x: Tensor, _ t: Tensor, _ delta: Double) throws -> Tensor {
    let e = try x.subtracting(t)
    let capped = try Tensor.combined(.minimum, e, Tensor(scalar: delta, e.dtype), name: "huber_loss")
    return try Tensor.combined(.maximum, capped, Tensor(scalar: -delta, e.dtype), name: "huber_loss")
  }

  // PyTorch's bound: a probability of 0 costs 100, not infinity.
  private static func logarithm(_ p: Tensor) throws -> Tensor { try Tensor.combined(.maximum, p.mapped(.log), Tensor(scalar: -100, p.dtype), name: "log") }
  private static func logarithmOfRest(_ p: Tensor) throws -> Tensor {
    try Tensor.combined(.maximum, p.negated().mapped(.log1p), Tensor(scalar: -100, p.dtype), name: "log")
  }

  static let losses: [OpSpec] = [
    elementLoss("mse_loss", "Squared differences (x − target)², then their mean.", example: "nn.mse_loss(tensor{1, 4}, tensor{1, 2}) --> 2.",
      loss: { x, t, _ in try x.subtracting(t).mapped(.square) },
      byX: { x, t, _ in try x.subtracting(t).multiplied(by: 2) }, byTarget: { x, t, _ in try x.subtracting(t).multiplied(by: -2) }),
    elementLoss("l1_loss", "Absolute differences |x − target|, then their mean; the derivative at 0 is 0.",
      example: "nn.l1_loss(tensor{1, 4}, tensor{1, 2}) --> 1.",
      loss: { x, t, _ in try x.subtracting(t).mapped(.abs) },
      byX: { x, t, _ in try x.subtracting(t).mapped(.sign) }, byTarget: { x, t, _ in try t.subtracting(x).mapped(.sign) }),
    elementLoss("huber_loss", "½(x − target)² up to |x − target| = delta, delta (|x − target| − ½ delta) beyond, then the mean.",
      example: "nn.huber_loss(tensor{0.5, 4}, tensor{0, 0}, {reduction = \"none\"}) --> [0.125, 3.5]",
      options: [.init("delta", .number(default: 1), "where the loss becomes linear, above 0")],
      variants: [Sample(.uniform([4, 3]), .uniform([4, 3]), .text("mean"), .number(0.3)), Sample(.uniform([6]), .uniform([6]), .text("none"), .number(2))],
      failures: [Failure(.uniform([2]), .uniform([2]), .text("mean"), .number(0), says: "huber_loss: delta: expected a number above 0, got 0.0")],
      loss: { x, t, call in
        let cut = try cut(x, t, try positive(call, "huber_loss"))
        return try cut.multiplied(by: x.subtracting(t).subtracting(cut.multiplied(by: 0.5)))
      },
      byX: { x, t, call in try cut(x, t, try call.number(3)) }, byTarget: { x, t, call in try cut(t, x, try call.number(3)) }),
    elementLoss("binary_cross_entropy", "−target ln x − (1 − target) ln(1 − x) of probabilities x, logarithms taken as at least −100, then the mean.",
      example: "nn.binary_cross_entropy(tensor{0.5, 0.5}, tensor{0, 1}) --> 0.693147",
      x: 0.05...0.95, target: 0...1,
      variants: [Sample(.uniform([6], 0.1...0.9), .integers([6], 0...1), .text("mean"))],
      failures: [
        Failure(.values([0.5, 1.5], [2]), .integers([2], 0...1), .text("mean"),
          says: "binary_cross_entropy: x: expected probabilities in [0, 1], got 1.5; for logits use binary_cross_entropy_with_logits")
      ],
      loss: { x, t, _ in
        let inside = try Tensor.compared(.ge, x, Tensor(scalar: 0, x.dtype), name: "ge").converted(to: .int64)
          .multiplied(by: Tensor.compared(.le, x, Tensor(scalar: 1, x.dtype), name: "le").converted(to: .int64))
        if try inside.sum().item() < Double(x.count), let place = (0..<x.count).first(where: { inside.element(at: $0) == 0 }) {
          throw CallerError("binary_cross_entropy: x: expected probabilities in [0, 1], got \(x.element(at: place)); for logits use binary_cross_entropy_with_logits")
        }
        let rest = try Tensor(scalar: 1, t.dtype).subtracting(t)
        return try t.multiplied(by: logarithm(x)).adding(rest.multiplied(by: logarithmOfRest(x))).negated()
      },
      byX: { x, t, _ in
        let spread = try Tensor.combined(.maximum, x.multiplied(by: Tensor(scalar: 1, x.dtype).subtracting(x)), Tensor(scalar: 1e-12, x.dtype), name: "maximum")
        return try x.subtracting(t).divided(by: spread)
      },
      byTarget: { x, _, _ in try logarithmOfRest(x).subtracting(logarithm(x)) }),
    elementLoss("binary_cross_entropy_with_logits", "ln(1 + eˣ) − target x: the binary cross-entropy of sigmoid(x), without overflow, then the mean.",
      example: "nn.binary_cross_entropy_with_logits(tensor{0, 0}, tensor{0, 1}) --> 0.693147",
      target: 0...1,
      variants: [Sample(.uniform([6], -80...80), .integers([6], 0...1), .text("none")), Sample(.uniform([3, 2]), .integers([3, 2], 0...1), .text("mean"))],
      loss: { x, t, _ in try x.mapped(.softplus, p: 1, q: 40).subtracting(x.multiplied(by: t)) },
      byX: { x, t, _ in try x.mapped(.sigmoid).subtracting(t) }, byTarget: { x, _, _ in try x.negated() }),
    elementLoss("kl_div", "Divergence of the distribution with logarithms x from target: target (ln target − x), 0 where target is 0; e^target (target − x) with log_target; then the mean over all elements (batchmean divides by the rows).",
      example: "nn.kl_div(tensor{{0.5, 0.5}}:log(), tensor{{1, 0}}, {reduction = \"batchmean\"}) --> 0.693147",
      options: [.init("log_target", .flag(default: false), "whether target holds logarithms too")], target: 0.1...1,
      reductions: ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none", "batchmean"], default: "mean"), "over all elements"),
      variants: [
        Sample(.uniform([4, 3]), .uniform([4, 3]), .text("batchmean"), .flag(true)), Sample(.uniform([4, 3]), .uniform([4, 3], 0.1...1), .text("batchmean"), .absent),
        Sample(.uniform([3]), .integers([3], 0...0), .text("sum"), .absent),
      ],
      loss: { x, t, call in
        if call.flag(3) { return try t.mapped(.exp).multiplied(by: t.subtracting(x)) }
        let zero = try Tensor(scalar: 0, t.dtype)
        return try Tensor.chosen(Tensor.compared(.eq, t, zero, name: "eq"), zero, t.multiplied(by: t.mapped(.log).subtracting(x)), name: "kl_div")
      },
      byX: { _, t, call in try call.flag(3) ? t.mapped(.exp).negated() : t.negated() },
      byTarget: { x, t, call in
        let one = try Tensor(scalar: 1, t.dtype), zero = try Tensor(scalar: 0, t.dtype)
        if call.flag(3) { return try t.mapped(.exp).multiplied(by: t.subtracting(x).adding(one)) }
        return try Tensor.chosen(Tensor.compared(.eq, t, zero, name: "eq"), zero, t.mapped(.log).adding(one).subtracting(x), name: "kl_div")
      }),
  ]
}
