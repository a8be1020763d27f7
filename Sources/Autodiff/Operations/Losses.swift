import TensorCore

extension OpSpec {
  private static let reduction = ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over all elements")

  /// Both sides of a loss, as its formulas see them.
  private struct Sides {
    let x: Tensor
    let target: Tensor
    /// The tensor among the options, if it was given.
    let option: Tensor?
    let call: OpContext
  }

  private typealias Formula = @Sendable (Sides) throws -> Tensor

  /// The sum of a loss without weights over all elements, and its derivative by the first side times a number, in one pass each; the
  /// loss is the same with its sides exchanged.
  private struct Fused: Sendable {
    let sum: @Sendable (Tensor, Tensor) throws -> Tensor
    let gradient: @Sendable (Tensor, Tensor, Tensor) throws -> Tensor
  }

  private static func average(_ sum: Tensor, _ count: Int, _ reduction: String) throws -> Tensor {
    reduction == "mean" ? try sum.divided(by: Tensor(scalar: Double(count), sum.dtype)) : sum
  }

  // Losses of elements that have a target each: the loss and its derivatives by both sides, then the reduction. A weighted one
  // takes a factor for each element before the reduction, whose mean is still over the elements, as in PyTorch.
  private static func elementLoss(
    _ name: String, _ summary: String, example: String, isWeighted: Bool = false, options: [ArgumentSpec] = [], x range: ClosedRange<Double> = -2...2,
    target: ClosedRange<Double> = -2...2, reductions: ArgumentSpec = reduction, variants: [Sample] = [], failures: [Failure] = [],
    loss: @escaping Formula, byX: @escaping Formula, byTarget: @escaping Formula, byOption: Formula? = nil, fused: Fused? = nil
  ) -> OpSpec {
    let place = isWeighted ? 3 : 2
    let weight: [SampleArgument] = isWeighted ? [.absent] : [], rest: [SampleArgument] = options.map { _ in .absent }
    func sample(_ x: SampleArgument, _ t: SampleArgument, _ reduction: SampleArgument) -> Sample {
      Sample(list: [x, t] + weight + [reduction] + rest)
    }
    func weighed(_ x: SampleArgument, _ t: SampleArgument, _ weight: SampleArgument, _ reduction: SampleArgument) -> Sample {
      Sample(list: [x, t, weight, reduction] + rest)
    }
    let weighedSamples = isWeighted
      ? [
        weighed(.uniform([3, 4], range), .uniform([3, 4], target), .uniform([4], 0.5...2), .text("mean")),
        weighed(.uniform([3, 4], range), .uniform([3, 4], target), .uniform([3, 1], 0.5...2), .text("none")),
        weighed(.uniform([5], range), .strided([5], target), .uniform([5], 0.5...2), .text("sum")),
      ] : []
    let weighedFailures = isWeighted
      ? [
        Failure(list: [.uniform([2, 3], range), .uniform([2, 3], target), .uniform([2], 0.5...2), .text("mean")] + rest, says: "\(name): weight: expected a shape that broadcasts to [2, 3], got [2]")
      ] : []
    return OpSpec(
      name, summary, example: example, signature: "x [*S], target [*S] -> []; [*S] where reduction = none",
      arguments: [.tensor("x"), .tensor("target", "in the shape of x")]
        + (isWeighted ? [.init("weight", .optionalTensor, "factors of the elements, broadcast to x")] : []) + [reductions] + options, placement: .loss,
      forward: { call in
        let x = try call.tensor(0), given = try call.tensor(1)
        try requireFloat(x, name)
        guard x.shape == given.shape else { throw CallerError("\(name): x and target: expected one shape, got \(x.shape.text) and \(given.shape.text)") }
        let t = given.dtype.isFloatingPoint ? given : try given.converted(to: x.dtype)
        func factor(_ index: Int) throws -> Tensor? {
          guard let given = call.optionalTensor(index) else { return nil }
          guard Tensor.broadcastShape(x.shape, given.shape) == x.shape else {
            throw CallerError("\(name): \(index == 2 ? "weight" : options[0].name): expected a shape that broadcasts to \(x.shape.text), got \(given.shape.text)")
          }
          return try given.converted(to: x.dtype)
        }
        let weight = isWeighted ? try factor(2) : nil, option = byOption == nil ? nil : try factor(place + 1)
        if isWeighted {
          // Something of no elements stands for what was left out.
          let absent = try Tensor(uninitialized: [0])
          call.save(x, t, weight ?? absent, option ?? absent)
        } else {
          call.save(x, t)
        }
        if let fused, try call.text(place) != "none" { return Outputs(try average(fused.sum(x, t), x.count, try call.text(place))) }
        let each = try loss(Sides(x: x, target: t, option: option, call: call))
        return Outputs(try reduceElements(weight.map { try each.multiplied(by: $0) } ?? each, try call.text(place)))
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [] }
        let saved = { (i: Int) in i < call.saved.count && call.saved[i].count > 0 ? call.saved[i] : nil }
        let weight = saved(2), sides = Sides(x: call.saved[0], target: call.saved[1], option: saved(3), call: call)
        if let fused, try call.text(place) != "none" {
          let each = try average(g, sides.x.count, try call.text(place))
          return [
            call.needs[0] ? try fused.gradient(sides.x, sides.target, each) : nil, call.needs[1] ? try fused.gradient(sides.target, sides.x, each) : nil,
          ]
        }
        let spread = try spreadElements(g, sides.x.shape, try call.text(place))
        let each = try weight.map { try spread.multiplied(by: $0) } ?? spread
        var found = [
          call.needs[0] ? try byX(sides).multiplied(by: each) : nil, call.needs[1] ? try byTarget(sides).multiplied(by: each) : nil,
        ]
        if isWeighted { found.append(call.needs[2] ? try loss(sides).multiplied(by: spread) : nil) }
        if let byOption { found += [nil, call.needs[place + 1] ? try byOption(sides).multiplied(by: each) : nil] }
        return found
      },
      samples: [
        sample(.uniform([5], range), .uniform([5], target), .text("mean")), sample(.uniform([3, 4], range), .uniform([3, 4], target), .text("sum")),
        sample(.uniform([3, 4], range), .uniform([3, 4], target), .text("none")), sample(.transposed([4, 3], range), .strided([4, 3], target), .text("mean")),
        sample(.expanded([4, 3], range), .transposed([4, 3], target), .text("none")), sample(.uniform([], range), .uniform([], target), .text("mean")),
        sample(.uniform([0, 3], range), .uniform([0, 3], target), .text("sum")),
      ] + weighedSamples + variants,
      failures: [
        Failure(list: [.uniform([4, 1], range), .uniform([4], target)] + weight + [.text("mean")] + rest, says: "\(name): x and target: expected one shape, got [4, 1] and [4]")
      ] + weighedFailures + failures)
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
    elementLoss("mse_loss", "Squared differences (x − target)², then their mean.",
      example: "nn.mse_loss(tensor{1, 4}, tensor{1, 2}) --> 2.",
      loss: { try $0.x.subtracting($0.target).mapped(.square) },
      byX: { try $0.x.subtracting($0.target).multiplied(by: 2) }, byTarget: { try $0.x.subtracting($0.target).multiplied(by: -2) },
      fused: Fused(sum: { try $0.sumOfSquares(from: $1) }, gradient: { try $0.difference(from: $1, times: $2.multiplied(by: 2)) })),
    elementLoss("l1_loss", "Absolute differences |x − target|, then their mean; the derivative at 0 is 0.",
      example: "nn.l1_loss(tensor{1, 4}, tensor{1, 2}) --> 1.",
      loss: { try $0.x.subtracting($0.target).mapped(.abs) },
      byX: { try $0.x.subtracting($0.target).mapped(.sign) }, byTarget: { try $0.target.subtracting($0.x).mapped(.sign) }),
    elementLoss("huber_loss", "½(x − target)² up to |x − target| = delta, delta (|x − target| − ½ delta) beyond, then the mean.",
      example: "nn.huber_loss(tensor{0.5, 4}, tensor{0, 0}, {reduction = \"none\"}) --> [0.125, 3.5]",
      options: [.init("delta", .number(default: 1), "where the loss becomes linear, above 0")],
      variants: [Sample(.uniform([4, 3]), .uniform([4, 3]), .text("mean"), .number(0.3)), Sample(.uniform([6]), .uniform([6]), .text("none"), .number(2))],
      failures: [Failure(.uniform([2]), .uniform([2]), .text("mean"), .number(0), says: "huber_loss: delta: expected a number above 0, got 0.0")],
      loss: {
        let cut = try cut($0.x, $0.target, try positive($0.call, "huber_loss"))
        return try cut.multiplied(by: $0.x.subtracting($0.target).subtracting(cut.multiplied(by: 0.5)))
      },
      byX: { try cut($0.x, $0.target, try $0.call.number(3)) }, byTarget: { try cut($0.target, $0.x, try $0.call.number(3)) }),
    elementLoss("binary_cross_entropy", "−target ln x − (1 − target) ln(1 − x) of probabilities x, logarithms taken as at least −100, times weight, then the mean.",
      example: "nn.binary_cross_entropy(tensor{0.5, 0.5}, tensor{0, 1}) --> 0.693147",
      isWeighted: true, x: 0.05...0.95, target: 0...1,
      variants: [Sample(.uniform([6], 0.1...0.9), .integers([6], 0...1), .absent, .text("mean"))],
      failures: [
        Failure(.values([0.5, 1.5], [2]), .integers([2], 0...1), .absent, .text("mean"),
          says: "binary_cross_entropy: x: expected probabilities in [0, 1], got 1.5; for logits use binary_cross_entropy_with_logits")
      ],
      loss: {
        let x = $0.x, t = $0.target
        let inside = try Tensor.compared(.ge, x, Tensor(scalar: 0, x.dtype), name: "ge").converted(to: .int64)
          .multiplied(by: Tensor.compared(.le, x, Tensor(scalar: 1, x.dtype), name: "le").converted(to: .int64))
        if try inside.sum().item() < Double(x.count), let place = (0..<x.count).first(where: { inside.element(at: $0) == 0 }) {
          throw CallerError("binary_cross_entropy: x: expected probabilities in [0, 1], got \(x.element(at: place)); for logits use binary_cross_entropy_with_logits")
        }
        let rest = try Tensor(scalar: 1, t.dtype).subtracting(t)
        return try t.multiplied(by: logarithm(x)).adding(rest.multiplied(by: logarithmOfRest(x))).negated()
      },
      byX: {
        let x = $0.x
        let spread = try Tensor.combined(.maximum, x.multiplied(by: Tensor(scalar: 1, x.dtype).subtracting(x)), Tensor(scalar: 1e-12, x.dtype), name: "maximum")
        return try x.subtracting($0.target).divided(by: spread)
      },
      byTarget: { try logarithmOfRest($0.x).subtracting(logarithm($0.x)) }),
    elementLoss("binary_cross_entropy_with_logits",
      "The binary cross-entropy of sigmoid(x), without overflow: ln(1 + eˣ) − target x, with pos_weight p (1 − target) x + (1 + (p − 1) target) ln(1 + e⁻ˣ); times weight, then the mean.",
      example: "nn.binary_cross_entropy_with_logits(tensor{0, 0}, tensor{0, 1}) --> 0.693147",
      isWeighted: true, options: [.init("pos_weight", .optionalTensor, "factor of the loss where target is 1, broadcast to x")], target: 0...1,
      variants: [
        Sample(.uniform([6], -80...80), .integers([6], 0...1), .absent, .text("none")), Sample(.uniform([3, 2]), .integers([3, 2], 0...1), .absent, .text("mean")),
        Sample(.uniform([4, 3]), .uniform([4, 3], 0...1), .absent, .text("mean"), .uniform([3], 0.5...4)),
        Sample(.uniform([4, 3]), .uniform([4, 3], 0...1), .uniform([4, 1], 0.5...2), .text("none"), .uniform([3], 0.5...4)),
      ],
      failures: [
        Failure(.uniform([2, 3]), .uniform([2, 3], 0...1), .absent, .text("mean"), .uniform([2]),
          says: "binary_cross_entropy_with_logits: pos_weight: expected a shape that broadcasts to [2, 3], got [2]")
      ],
      loss: {
        guard let positive = $0.option else { return try $0.x.mapped(.softplus, p: 1, q: 40).subtracting($0.x.multiplied(by: $0.target)) }
        let one = try Tensor(scalar: 1, $0.x.dtype)
        return try one.subtracting($0.target).multiplied(by: $0.x).adding(
          positiveFactor($0, positive).multiplied(by: $0.x.negated().mapped(.softplus, p: 1, q: 40)))
      },
      byX: {
        guard let positive = $0.option else { return try $0.x.mapped(.sigmoid).subtracting($0.target) }
        let one = try Tensor(scalar: 1, $0.x.dtype)
        return try one.subtracting($0.target).subtracting(positiveFactor($0, positive).multiplied(by: $0.x.negated().mapped(.sigmoid)))
      },
      byTarget: {
        guard let positive = $0.option else { return try $0.x.negated() }
        let one = try Tensor(scalar: 1, $0.x.dtype)
        return try positive.subtracting(one).multiplied(by: $0.x.negated().mapped(.softplus, p: 1, q: 40)).subtracting($0.x)
      },
      byOption: { try $0.target.multiplied(by: $0.x.negated().mapped(.softplus, p: 1, q: 40)) }),
    elementLoss("kl_div", "Divergence of the distribution with logarithms x from target: target (ln target − x), 0 where target is 0; e^target (target − x) with log_target; then the mean over all elements (batchmean divides by the rows).",
      example: "nn.kl_div(tensor{{0.5, 0.5}}:log(), tensor{{1, 0}}, {reduction = \"batchmean\"}) --> 0.693147",
      options: [.init("log_target", .flag(default: false), "whether target holds logarithms too")], target: 0.1...1,
      reductions: ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none", "batchmean"], default: "mean"), "over all elements"),
      variants: [
        Sample(.uniform([4, 3]), .uniform([4, 3]), .text("batchmean"), .flag(true)), Sample(.uniform([4, 3]), .uniform([4, 3], 0.1...1), .text("batchmean"), .absent),
        Sample(.uniform([3]), .integers([3], 0...0), .text("sum"), .absent),
      ],
      loss: {
        let t = $0.target
        if $0.call.flag(3) { return try t.mapped(.exp).multiplied(by: t.subtracting($0.x)) }
        let zero = try Tensor(scalar: 0, t.dtype)
        return try Tensor.chosen(Tensor.compared(.eq, t, zero, name: "eq"), zero, t.multiplied(by: t.mapped(.log).subtracting($0.x)), name: "kl_div")
      },
      byX: { try $0.call.flag(3) ? $0.target.mapped(.exp).negated() : $0.target.negated() },
      byTarget: {
        let t = $0.target, one = try Tensor(scalar: 1, t.dtype), zero = try Tensor(scalar: 0, t.dtype)
        if $0.call.flag(3) { return try t.mapped(.exp).multiplied(by: t.subtracting($0.x).adding(one)) }
        return try Tensor.chosen(Tensor.compared(.eq, t, zero, name: "eq"), zero, t.mapped(.log).adding(one).subtracting($0.x), name: "kl_div")
      }),
  ]

  // 1 + (p − 1) target.
  private static func positiveFactor(_ sides: Sides, _ p: Tensor) throws -> Tensor {
    let one = try Tensor(scalar: 1, sides.x.dtype)
    return try p.subtracting(one).multiplied(by: sides.target).adding(one)
  }
}
