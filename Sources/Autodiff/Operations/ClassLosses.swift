import TensorCore

// Losses over classes, which stand along the only dimension of x or along its second, as in PyTorch.
extension OpSpec {
  static let classLosses: [OpSpec] = [
    classLoss(
      "cross_entropy",
      "Cross-entropy of logits x: −weight_target ln softmax(x)_target for classes (int64, from 1), −Σ weight target ln softmax(x) for probabilities in the shape of x, of which label_smoothing is spread evenly over the classes; then the mean, for classes over their weights.",
      example: "nn.cross_entropy(tensor{{0, 0}, {9, 0}}, tensor({2, 1}, {dtype = \"int64\"}), {reduction = \"none\"}) --> [0.6931, 0.0001234]"),
    classLoss("nll_loss", "−weight_target x_target of log-probabilities x for classes (int64, from 1), then the mean over the weights.",
      example: "nn.nll_loss(tensor{{-0.5, -1}, {-2, -3}}, tensor({1, 2}, {dtype = \"int64\"})) --> 1.75"),
  ]

  private static let reduction = ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over the batch")

  /// Targets that are classes, ready for arithmetic; all tensors have one entry along the dimension of the classes.
  private struct Classes {
    /// Classes from 0; 0 where one is ignored.
    var places: Tensor
    /// 1 where a target counts and 0 where it is ignored; `nil` where all count.
    var counted: Tensor?
    /// The weight of each target; `nil` where all are 1.
    var weights: Tensor?

    /// What the mean divides by.
    func total() throws -> Double { try weights?.sum().item() ?? Double(places.count) }
  }

  private static func classes(_ target: Tensor, _ x: Tensor, _ d: Int, ignoring: Int, weight: Tensor?, _ name: String) throws -> Classes {
    let count = x.shape[d]
    var expected = x.shape
    expected.remove(at: d)
    guard target.dtype == .int64 else {
      let others = name == "cross_entropy" ? ", or probabilities of shape \(x.shape.text)" : ""
      throw CallerError("\(name): target: expected classes of int64\(others), got \(target.dtype.name) \(target.shape.text); convert classes with :to(\"int64\")")
    }
    guard target.shape == expected else {
      throw CallerError("\(name): target: expected shape \(expected.text) for x of shape \(x.shape.text), got \(target.shape.text)")
    }
    let places = try target.clone()
    let numbers = places.pointer(as: Int64.self)
    var ignored: [Int] = []
    for i in 0..<places.count {
      if numbers[i] == Int64(ignoring) {
        ignored.append(i)
        numbers[i] = 0
        continue
      }
      guard numbers[i] >= 1, numbers[i] <= Int64(count) else {
        throw CallerError("\(name): target: expected classes 1 to \(count), got \(numbers[i])\(numbers[i] == 0 ? "; classes count from 1, so add 1 to labels that count from 0" : "")")
      }
      numbers[i] -= 1
    }
    var result = Classes(places: places.unsqueezed(d))
    if !ignored.isEmpty {
      let counted = try Tensor(filling: target.shape, with: 1, x.dtype)
      for i in ignored { try counted.reshaped([counted.count]).narrowed(0, from: i, length: 1).fill(0) }
      result.counted = counted.unsqueezed(d)
    }
    if let weight {
      let own = try weight.gathered(0, at: places.reshaped([places.count])).reshaped(result.places.shape)
      result.weights = try result.counted.map { try own.multiplied(by: $0) } ?? own
    } else {
      result.weights = result.counted
    }
    return result
  }

  // A tensor [C] so that it broadcasts along dimension d of a shape.
  private static func along(_ d: Int, of rank: Int, _ t: Tensor) throws -> Tensor {
    try t.reshaped(Dimensions([t.count] + Array(repeating: 1, count: rank - d - 1)))
  }

  // What is left of t when all dimensions but d are added up, [C].
  private static func perClass(_ t: Tensor, _ d: Int) throws -> Tensor {
    try t.summed(to: Dimensions([t.shape[d]] + Array(repeating: 1, count: t.rank - d - 1))).reshaped([t.shape[d]])
  }

  private static func scattered(_ values: Tensor, _ places: Tensor, count: Int) throws -> Tensor {
    let sums = try Tensor(filling: [count], with: 0, values.dtype)
    sums.scatter(try values.reshaped([values.count]), at: try places.reshaped([places.count]), along: 0)
    return sums
  }

  // −ln p of the targets, where they count.
  private static func picked(_ logarithms: Tensor, _ classes: Classes, _ d: Int) throws -> Tensor {
    let own = try logarithms.gathered(d, at: classes.places).negated()
    guard let counted = classes.counted else { return own }
    let zero = try Tensor(scalar: 0, own.dtype)
    return try Tensor.chosen(Tensor.compared(.eq, counted, zero, name: "eq"), zero, own, name: "nll_loss")
  }

  // Losses of classes, with one entry along d.
  private static func losses(_ logarithms: Tensor, _ classes: Classes, _ d: Int, weight: Tensor?, smoothing: Double) throws -> Tensor {
    var each = try picked(logarithms, classes, d)
    if let weights = classes.weights { each = try each.multiplied(by: weights) }
    guard smoothing > 0 else { return each }
    let weighed = try weight.map { try logarithms.multiplied(by: along(d, of: logarithms.rank, $0)) } ?? logarithms
    var even = try weighed.sum(d, keep: true).multiplied(by: -smoothing / Double(logarithms.shape[d]))
    if let counted = classes.counted { even = try even.multiplied(by: counted) }
    return try each.multiplied(by: 1 - smoothing).adding(even)
  }

  // Probabilities with the smoothing spread over them.
  private static func smoothed(_ target: Tensor, _ d: Int, _ smoothing: Double) throws -> Tensor {
    guard smoothing > 0 else { return target }
    return try target.multiplied(by: 1 - smoothing).adding(Tensor(scalar: smoothing / Double(target.shape[d]), target.dtype))
  }

  private static func classLoss(_ name: String, _ summary: String, example: String) -> OpSpec {
    let isCrossEntropy = name == "cross_entropy"
    // Something of no elements stands in what is saved for what there is not.
    @Sendable func saved(_ call: OpContext, _ i: Int) -> Tensor? { call.saved[i].count > 0 ? call.saved[i] : nil }
    @Sendable func smoothing(_ call: OpContext) throws -> Double { isCrossEntropy ? try call.number(5) : 0 }
    return OpSpec(
      name, summary, example: example, signature: "x [N?, C, *S], target [*T], weight [C] or nil -> []; [N?, *S] where reduction = none",
      arguments: [
        .tensor("x", "[C] or [N, C, ...]"), .tensor("target", isCrossEntropy ? "classes, or probabilities in the shape of x" : "classes"),
        .init("weight", .optionalTensor, "[C], a factor for each class"), reduction,
        .init("ignore_index", .integer(default: -100), "targets of this value do not count"),
      ] + (isCrossEntropy ? [.init("label_smoothing", .number(default: 0), "part of the target spread evenly, in [0, 1]")] : []), placement: .loss,
      forward: { call in
        let x = try call.tensor(0), target = try call.tensor(1), reduction = try call.text(3), epsilon = try smoothing(call)
        try requireFloat(x, name)
        guard x.rank >= 1 else { throw CallerError("\(name): x: expected shape [C] or [N, C, ...], got []") }
        guard (0...1).contains(epsilon) else { throw CallerError("\(name): label_smoothing: expected a number in [0, 1], got \(epsilon)") }
        let d = min(1, x.rank - 1), absent = try Tensor(uninitialized: [0])
        let weight = try call.optionalTensor(2)?.converted(to: x.dtype)
        if let weight, weight.shape != [x.shape[d]] {
          throw CallerError("\(name): weight: expected shape [\(x.shape[d])] for x of shape \(x.shape.text), got \(weight.shape.text)")
        }
        if isCrossEntropy, target.dtype.isFloatingPoint, target.shape == x.shape {
          let logarithms = try x.rowFunction(.logSoftmax, d)
          call.save(logarithms, target, weight ?? absent)
          let weighed = try weight.map { try logarithms.multiplied(by: along(d, of: x.rank, $0)) } ?? logarithms
          return Outputs(try reduce(smoothed(target, d, epsilon).multiplied(by: weighed).sum(d, keep: false).negated(), reduction))
        }
        let classes = try classes(target, x, d, ignoring: try call.integer(4), weight: weight, name)
        let logarithms = isCrossEntropy ? try x.rowFunction(.logSoftmax, d) : x
        call.save(logarithms, classes.places, weight ?? absent, classes.counted ?? absent, classes.weights ?? absent)
        let each = try losses(logarithms, classes, d, weight: weight, smoothing: epsilon).squeezed(d)
        guard reduction == "mean" else { return Outputs(try reduce(each, reduction)) }
        return Outputs(try each.sum().divided(by: Tensor(scalar: classes.total(), x.dtype)))
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [] }
        let logarithms = call.saved[0], target = call.saved[1], weight = saved(call, 2), epsilon = try smoothing(call), reduction = try call.text(3)
        let d = min(1, logarithms.rank - 1), count = logarithms.shape[d]
        var shape = logarithms.shape
        shape.remove(at: d)
        if target.dtype.isFloatingPoint {
          let each = try spread(g, shape, reduction).unsqueezed(d), even = try smoothed(target, d, epsilon)
          let factors = try weight.map { try even.multiplied(by: along(d, of: logarithms.rank, $0)) } ?? even
          let byTarget = try weight.map { try logarithms.multiplied(by: along(d, of: logarithms.rank, $0)) } ?? logarithms
          return [
            call.needs[0] ? try logarithms.mapped(.exp).multiplied(by: factors.sum(d, keep: true)).subtracting(factors).multiplied(by: each) : nil,
            call.needs[1] ? try byTarget.multiplied(by: each).multiplied(by: epsilon - 1) : nil,
            call.needs[2] ? try perClass(even.multiplied(by: logarithms).multiplied(by: each).negated(), d) : nil,
          ]
        }
        let classes = Classes(places: target, counted: saved(call, 3), weights: saved(call, 4))
        let total = try reduction == "mean" ? classes.total() : 1
        let each = reduction == "none" ? g.unsqueezed(d) : try g.divided(by: Tensor(scalar: total, g.dtype)).expanded(to: shape).unsqueezed(d)
        let weighed = try classes.weights.map { try each.multiplied(by: $0) } ?? each
        let even = try (classes.counted.map { try each.multiplied(by: $0) } ?? each).multiplied(by: epsilon / Double(max(count, 1)))
        var found: [Tensor?] = [nil, nil, nil]
        if call.needs[0] {
          let own = try weighed.multiplied(by: 1 - epsilon)
          var result: Tensor
          if isCrossEntropy {
            var share = own
            if epsilon > 0 { share = try share.adding(even.multiplied(by: weight?.sum().item() ?? Double(count))) }
            result = try logarithms.mapped(.exp).multiplied(by: share)
            if epsilon > 0 { result = try result.subtracting(weight.map { try even.multiplied(by: along(d, of: logarithms.rank, $0)) } ?? even) }
          } else {
            result = try Tensor(filling: logarithms.shape, with: 0, g.dtype)
          }
          result.scatter(try own.negated(), at: target, along: d)
          found[0] = result
        }
        if call.needs[2] {
          let counts = try classes.counted ?? Tensor(filling: target.shape, with: 1, g.dtype)
          var byWeight = try scattered(picked(logarithms, classes, d).multiplied(by: each).multiplied(by: 1 - epsilon), target, count: count)
          if epsilon > 0 { byWeight = try byWeight.subtracting(perClass(logarithms.multiplied(by: even), d)) }
          if reduction == "mean" {
            // The mean divides by the weights too.
            let mean = try losses(logarithms, classes, d, weight: weight, smoothing: epsilon).sum().item() / total
            byWeight = try byWeight.subtracting(scattered(counts, target, count: count).multiplied(by: g.item() * mean / total))
          }
          found[2] = byWeight
        }
        return found
      },
      samples: [
        Sample(.uniform([4, 3]), .integers([4], 1...3), .absent, .text("mean")), Sample(.uniform([4, 3]), .integers([4], 1...3), .absent, .text("sum")),
        Sample(.uniform([4, 3]), .integers([4], 1...3), .absent, .text("none")), Sample(.uniform([3]), .integers([], 1...3), .absent, .text("mean")),
        Sample(.transposed([4, 3]), .integers([4], 1...3), .absent, .text("mean")), Sample(.uniform([2, 3, 4]), .integers([2, 4], 1...3), .absent, .text("none")),
        Sample(.strided([2, 3]), .integers([2], 2...2), .absent, .text("sum")), Sample(.uniform([0, 3]), .integers([0], 1...3), .absent, .text("sum")),
        Sample(.uniform([6, 3]), .integers([6], 1...3), .uniform([3], 0.5...2), .text("mean")), Sample(.uniform([4, 3]), .integers([4], 1...3), .uniform([3], 0.5...2), .text("none")),
        Sample(.uniform([2, 3, 4]), .integers([2, 4], 1...3), .strided([3], 0.5...2), .text("sum")),
        Sample(.uniform([6, 3]), .integers([6], 1...3), .uniform([3], 0.5...2), .text("mean"), .integer(3)),
        Sample(.uniform([6, 3]), .integers([6], 1...3), .absent, .text("mean"), .integer(2)), Sample(.uniform([6, 3]), .integers([6], 1...3), .absent, .text("none"), .integer(1)),
      ] + (isCrossEntropy
        ? [
          Sample(.uniform([4, 3]), .distributions([4, 3]), .absent, .text("mean")), Sample(.uniform([2, 3, 2]), .uniform([2, 3, 2], 0.1...1), .absent, .text("none")),
          Sample(.uniform([4, 3]), .integers([4], 1...3), .absent, .text("mean"), .absent, .number(0.2)),
          Sample(.uniform([6, 3]), .integers([6], 1...3), .uniform([3], 0.5...2), .text("mean"), .integer(3), .number(0.3)),
          Sample(.uniform([2, 3, 4]), .integers([2, 4], 1...3), .uniform([3], 0.5...2), .text("none"), .absent, .number(0.1)),
          Sample(.uniform([4, 3]), .distributions([4, 3]), .uniform([3], 0.5...2), .text("mean"), .absent, .number(0.2)),
          Sample(.uniform([3]), .distributions([3]), .uniform([3], 0.5...2), .text("sum")),
        ] : []),
      failures: [
        Failure(.uniform([2, 3]), .integers([2], 0...0), .absent, .text("mean"), says: "\(name): target: expected classes 1 to 3, got 0; classes count from 1, so add 1 to labels that count from 0"),
        Failure(.uniform([2, 3]), .integers([2], 4...4), .absent, .text("mean"), says: "\(name): target: expected classes 1 to 3, got 4"),
        Failure(.uniform([2, 3]), .integers([3], 1...1), .absent, .text("mean"), says: "\(name): target: expected shape [2] for x of shape [2, 3], got [3]"),
        Failure(.uniform([2, 3]), .integers([2], 1...1), .uniform([2]), .text("mean"), says: "\(name): weight: expected shape [3] for x of shape [2, 3], got [2]"),
        Failure(.uniform([2, 3]), .uniform([2]), .absent, .text("mean"),
          says: "\(name): target: expected classes of int64\(isCrossEntropy ? ", or probabilities of shape [2, 3]" : ""), got float32 [2]; convert classes with :to(\"int64\")"),
      ] + (isCrossEntropy
        ? [
          Failure(.uniform([2, 3]), .integers([2], 1...1), .absent, .text("mean"), .absent, .number(1.5), says: "cross_entropy: label_smoothing: expected a number in [0, 1], got 1.5")
        ] : []))
  }
}
