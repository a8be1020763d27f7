import TensorCore

// Losses over classes, which stand along the only dimension of x or along its second, as in PyTorch.
extension OpSpec {
  static let classLosses: [OpSpec] = [
    classLoss(
      "cross_entropy",
      "Cross-entropy of logits x: −ln softmax(x)_target for classes (int64, from 1), −Σ target ln softmax(x) for probabilities in the shape of x; then the mean.",
      example: "nn.cross_entropy(tensor{{0, 0}, {9, 0}}, tensor({2, 1}, {dtype = \"int64\"}), {reduction = \"none\"}) --> [0.6931, 0.0001234]"),
    classLoss(
      "nll_loss", "−x_target of log-probabilities x for classes (int64, from 1), then the mean.",
      example: "nn.nll_loss(tensor{{-0.5, -1}, {-2, -3}}, tensor({1, 2}, {dtype = \"int64\"})) --> 1.75"),
  ]

  private static let reduction = ArgumentSpec("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over the batch")

  // The classes counted from 0, in the shape of x with one entry along the dimension of the classes.
  private static func classes(_ target: Tensor, _ x: Tensor, _ d: Int, _ name: String) throws -> Tensor {
    let count = x.shape[d]
    var expected = x.shape
    expected.remove(at: d)
    guard target.dtype == .int64 else {
      throw CallerError("\(name): target: expected classes of int64, got \(target.dtype.name) \(target.shape.text); convert them with :to(\"int64\")")
    }
    guard target.shape == expected else {
      throw CallerError("\(name): target: expected shape \(expected.text) for x of shape \(x.shape.text), got \(target.shape.text)")
    }
    let result = try target.clone()
    let places = result.pointer(as: Int64.self)
    for i in 0..<result.count {
      guard places[i] >= 1, places[i] <= Int64(count) else {
        throw CallerError("\(name): target: expected classes 1 to \(count), got \(places[i])\(places[i] == 0 ? "; classes count from 1, so add 1 to labels that count from 0" : "")")
      }
      places[i] -= 1
    }
    return result.unsqueezed(d)
  }

  private static func classLoss(_ name: String, _ summary: String, example: String) -> OpSpec {
    let isCrossEntropy = name == "cross_entropy"
    return OpSpec(
      name, summary, example: example, signature: "x [N?, C, *S], target [*T] -> []; [N?, *S] where reduction = none",
      arguments: [.tensor("x"), .tensor("target"), reduction], placement: .loss,
      forward: { call in
        let x = try call.tensor(0), target = try call.tensor(1)
        try requireFloat(x, name)
        guard x.rank >= 1 else { throw CallerError("\(name): x: expected shape [C] or [N, C, ...], got []") }
        let d = min(1, x.rank - 1)
        let logarithms = isCrossEntropy ? try x.rowFunction(.logSoftmax, d) : x
        let losses: Tensor
        if isCrossEntropy, target.dtype.isFloatingPoint, target.shape == x.shape {
          call.save(logarithms, target)
          losses = try target.multiplied(by: logarithms).sum(d, keep: false).negated()
        } else {
          let places = try classes(target, x, d, name)
          call.save(logarithms, places)
          losses = try logarithms.gathered(d, at: places).squeezed(d).negated()
        }
        return Outputs(try reduce(losses, try call.text(2)))
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [] }
        let (logarithms, target) = (call.saved[0], call.saved[1])
        let d = min(1, logarithms.rank - 1)
        var shape = logarithms.shape
        shape.remove(at: d)
        let each = try spread(g, shape, try call.text(2)).unsqueezed(d)
        if target.dtype.isFloatingPoint {
          return [
            call.needs[0] ? try logarithms.mapped(.exp).multiplied(by: target.sum(d, keep: true)).subtracting(target).multiplied(by: each) : nil,
            call.needs[1] ? try logarithms.multiplied(by: each).negated() : nil,
          ]
        }
        let result = isCrossEntropy ? try logarithms.mapped(.exp).multiplied(by: each) : try Tensor(filling: logarithms.shape, with: 0, g.dtype)
        result.scatter(try each.negated(), at: target, along: d)
        return [result]
      },
      samples: [
        Sample(.uniform([4, 3]), .integers([4], 1...3), .text("mean")), Sample(.uniform([4, 3]), .integers([4], 1...3), .text("sum")),
        Sample(.uniform([4, 3]), .integers([4], 1...3), .text("none")), Sample(.uniform([3]), .integers([], 1...3), .text("mean")),
        Sample(.transposed([4, 3]), .integers([4], 1...3), .text("mean")), Sample(.uniform([2, 3, 4]), .integers([2, 4], 1...3), .text("none")),
        Sample(.strided([2, 3]), .integers([2], 2...2), .text("sum")), Sample(.uniform([0, 3]), .integers([0], 1...3), .text("sum")),
      ] + (isCrossEntropy ? [Sample(.uniform([4, 3]), .distributions([4, 3]), .text("mean")), Sample(.uniform([2, 3, 2]), .uniform([2, 3, 2], 0.1...1), .text("none"))] : []),
      failures: [
        Failure(.uniform([2, 3]), .integers([2], 0...0), .text("mean"), says: "\(name): target: expected classes 1 to 3, got 0; classes count from 1, so add 1 to labels that count from 0"),
        Failure(.uniform([2, 3]), .integers([2], 4...4), .text("mean"), says: "\(name): target: expected classes 1 to 3, got 4"),
        Failure(.uniform([2, 3]), .integers([3], 1...1), .text("mean"), says: "\(name): target: expected shape [2] for x of shape [2, 3], got [3]"),
        Failure(.uniform([2, 3]), .uniform([2]), .text("mean"), says: "\(name): target: expected classes of int64, got float32 [2]; convert them with :to(\"int64\")"),
      ])
  }
}
