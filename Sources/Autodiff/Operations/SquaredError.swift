import TensorCore

extension OpSpec {
  static let rowLosses: [OpSpec] = [squaredError]

  // The error of a jet is a sum, so that its size does not depend on how many empty pixels the image has around it.
  private static let squaredError = OpSpec(
    "squared_error",
    "Squared error of each row, Σ_d (x_d − target_d)² or its mean over d, then the mean over the batch; the target may be sparse rows (arXiv:2104.08291, eq. 1).",
    example: "nn.squared_error(tensor{{1, 2}}, tensor{{0, 0}}) --> 5.",
    signature: "x [N, D], target [N, D] -> []; [N] where reduction = none",
    arguments: [
      .tensor("x"), .init("target", .rows, "dense or sparse rows"), .init("over", .text(choices: ["sum", "mean"], default: "sum"), "over the elements of a row"),
      .init("reduction", .text(choices: ["mean", "sum", "none"], default: "mean"), "over the batch"),
    ], placement: .loss,
    forward: { call in
      let name = "squared_error", x = try call.tensor(0)
      try requireFloat(x, name)
      let target = try call.sparse(1)?.dense() ?? call.tensor(1)
      guard x.rank == 2, target.shape == x.shape else {
        throw CallerError("\(name): x and target: expected one shape [N, D], got \(x.shape.text) and \(target.shape.text)")
      }
      let isMean = try call.text(2) == "mean"
      if x.dtype == .float32, target.dtype == .float32, x.isContiguous, target.isContiguous {
        call.save(x, target)
        return Outputs(try reduce(SquaredErrors.rows(x, target, factor: isMean ? 1 / Double(max(x.shape[1], 1)) : 1), call.text(3)))
      }
      let difference = try x.subtracting(target.converted(to: x.dtype))
      call.save(difference)
      let sums = try difference.multiplied(by: difference).sum(1, keep: false)
      return Outputs(try reduce(isMean ? sums.multiplied(by: 1 / Double(max(x.shape[1], 1))) : sums, call.text(3)))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let difference = call.saved[0], shape = difference.shape
      let each = try spread(g, [shape[0]], call.text(3)).multiplied(by: call.text(2) == "mean" ? 2 / Double(max(shape[1], 1)) : 2)
      let towardsX = call.saved.count == 2
        ? try SquaredErrors.scaledDifference(difference, call.saved[1], each.contiguous()) : try difference.multiplied(by: each.unsqueezed(1))
      return [call.needs[0] ? towardsX : nil, call.needs.count > 1 && call.needs[1] ? try towardsX.negated() : nil]
    },
    samples: [
      Sample(.uniform([4, 10]), .uniform([4, 10]), .text("sum"), .text("mean")), Sample(.uniform([4, 10]), .uniform([4, 10]), .text("mean"), .text("none")),
      Sample(.uniform([5, 20]), .sparse([5, 20], filled: 0.2), .text("sum"), .text("none")), Sample(.uniform([5, 20]), .sparse([5, 20], filled: 0.2), .text("mean"), .text("mean")),
      Sample(.transposed([4, 3]), .strided([4, 3]), .text("sum"), .text("sum")), Sample(.expanded([4, 3]), .uniform([4, 3]), .text("sum"), .text("none")),
      Sample(.uniform([0, 3]), .uniform([0, 3]), .text("sum"), .text("sum")),
    ],
    failures: [
      Failure(.uniform([2, 3]), .uniform([3]), .text("sum"), .text("mean"), says: "squared_error: x and target: expected one shape [N, D], got [2, 3] and [3]"),
      Failure(.uniform([3]), .uniform([3]), .text("sum"), .text("mean"), says: "squared_error: x and target: expected one shape [N, D], got [3] and [3]"),
    ])
}
