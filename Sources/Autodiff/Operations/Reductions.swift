import TensorCore

extension OpSpec {
  static let dimension = ArgumentSpec("d", .optionalDimension, "the dimension reduced; all where left out")
  static let keep = ArgumentSpec("keepdim", .flag(default: false), "keep the dimension with size 1")

  /// An entry whose arguments are x, the dimension (all where left out), keepdim and `options`; `variants` are samples' values of those,
  /// `ofOne` those for a single number.
  static func reduction(
    _ name: String, _ summary: String, example: String, on range: ClosedRange<Double> = -2...2, options: [ArgumentSpec] = [], variants: [[SampleArgument]] = [], ofOne: [SampleArgument] = [],
    failures: [Failure] = [],
    forward: @escaping @Sendable (inout OpContext, Tensor, Int?, Bool) throws -> Outputs,
    gradient: @escaping @Sendable (_ g: Tensor, _ call: OpContext, _ d: Int?) throws -> Tensor
  ) -> OpSpec {
    OpSpec(
      name, summary, example: example, signature: "x [*S] -> [*reduced(S, d)]", arguments: [.tensor(), dimension, keep] + options,
      forward: { call in try forward(&call, try call.tensor(0), call.optionalInteger(1), call.flag(2)) },
      gradient: .rule { gradients, call in
        guard var g = gradients[0] else { return [nil] }
        let d = call.optionalInteger(1)
        if let d, !call.flag(2) { g = g.unsqueezed(d) }
        return [try gradient(g, call, d)]
      },
      samples: [
        Sample(.uniform([5], range), .absent, .absent), Sample(.uniform([2, 3], range), .integer(0), .absent),
        Sample(.uniform([2, 3], range), .integer(1), .flag(true)), Sample(.uniform([2, 3, 4], range), .integer(1), .absent),
        Sample(.transposed([4, 3], range), .integer(0), .flag(true)), Sample(.uniform([2, 3, 20], range), .integer(2), .absent),
        Sample(.strided([3, 4], range), .absent, .absent), Sample(.expanded([3, 4], range), .integer(0), .absent),
        Sample(.uniform([0, 3], range), .integer(1), .absent), Sample(list: [.uniform([], range), .absent, .absent] + ofOne),
      ] + variants.flatMap { [Sample(list: [.uniform([3, 4], range), .integer(1), .absent] + $0), Sample(list: [.uniform([3, 4], range), .absent, .absent] + $0)] },
      failures: failures)
  }

  static let reductions: [OpSpec] = [
    reduction(
      "sum", "Sum over all elements or along dimension d: Σ x.", example: "tensor{{1, 2}, {3, 4}}:sum(2) --> [3., 7.]",
      forward: { call, x, d, keep in Outputs(try d.map { try x.sum($0, keep: keep) } ?? x.sum()) },
      gradient: { g, call, _ in try g.expanded(to: call.shapes[0]) }),
    reduction(
      "mean", "Mean over all elements or along dimension d: Σ x / n.", example: "tensor{{1, 2}, {3, 4}}:mean(1, true) --> [[2., 3.]]",
      forward: { call, x, d, keep in
        try requireFloat(x, "mean")
        let n = Double(d.map { x.shape[$0] } ?? x.count)
        return Outputs(try (d.map { try x.sum($0, keep: keep) } ?? x.sum()).divided(by: Tensor(scalar: n, x.dtype)))
      },
      gradient: { g, call, d in
        let n = d.map { call.shapes[0][$0] } ?? (call.shapes[0].product ?? 1)
        return try g.divided(by: Tensor(scalar: Double(n), g.dtype)).expanded(to: call.shapes[0])
      }),
    reduction(
      "logsumexp", "ln Σ eˣ over all elements or along dimension d, without overflow.", example: "tensor{1000, 1000}:logsumexp() --> 1000.69",
      forward: { call, x, d, keep in
        try requireFloat(x, "logsumexp")
        let y: Tensor
        if let d {
          y = try x.rowFunction(.logSumExp, d, keep: keep)
        } else {
          y = try x.reshaped([x.count]).rowFunction(.logSumExp, 0)
        }
        call.save(x, d != nil && !keep ? y.unsqueezed(d ?? 0) : y)
        return Outputs(y)
      },
      gradient: { g, call, d in
        let x = call.saved[0]
        // From x less the largest: the result holds too few digits of large x for e^{x − result}.
        if try call.saved[1].subtracting(call.saved[1]).sum().item() == 0 {
          let shares = try d.map { try x.rowFunction(.softmax, $0) } ?? x.reshaped([x.count]).rowFunction(.softmax, 0).reshaped(x.shape)
          return try g.multiplied(by: shares)
        }
        // Where all are −∞ the result is too, and none of them has a share in it.
        let lowest = try Tensor(scalar: g.dtype == .float32 ? -Double(Float.greatestFiniteMagnitude) : -Double.greatestFiniteMagnitude, g.dtype)
        return try g.multiplied(by: x.subtracting(Tensor.combined(.maximum, call.saved[1], lowest, name: "logsumexp")).mapped(.exp))
      }),
    extreme("max", largest: true, example: "tensor{{1, 5}, {7, 2}}:max(2) --> [5., 7.] [2, 1]"),
    extreme("min", largest: false, example: "tensor{{1, 5}, {7, 2}}:min() --> 1."),
    place("argmax", largest: true, example: "tensor{3, 9, 4}:argmax() --> 2"),
    place("argmin", largest: false, example: "tensor{{3, 9}, {4, 1}}:argmin(2) --> [1, 2]"),
    rows("softmax", .softmax, "Softmax along dimension d: e^{x_i}/Σ_j e^{x_j}.", example: "tensor{0, math.log(3)}:softmax(1) --> [0.25, 0.75]") { g, y, d in
      try y.softmaxGradient(g, d)
    },
    rows(
      "log_softmax", .logSoftmax, "Logarithm of the softmax along dimension d: x_i − ln Σ_j e^{x_j}.",
      example: "tensor{0, 0}:log_softmax(1) --> [-0.6931, -0.6931]"
    ) { g, y, d in
      try g.subtracting(y.mapped(.exp).multiplied(by: g.sum(d, keep: true)))
    },
  ]

  private static func rows(
    _ name: String, _ function: Tensor.RowFunction, _ summary: String, example: String, gradient: @escaping @Sendable (Tensor, Tensor, Int) throws -> Tensor
  ) -> OpSpec {
    OpSpec(
      name, summary, example: example, signature: "x [*S] -> [*S]", arguments: [.tensor(), .init("d", .dimension, "the dimension that sums to 1")],
      forward: { call in
        let x = try call.tensor(0)
        try requireFloat(x, name)
        let y = try x.rowFunction(function, try call.integer(1))
        call.save(y)
        return Outputs(y)
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [nil] }
        return [try gradient(g, call.saved[0], try call.integer(1))]
      },
      samples: [
        Sample(.uniform([]), .integer(0)), Sample(.uniform([5]), .integer(0)), Sample(.uniform([2, 3]), .integer(1)), Sample(.uniform([2, 3]), .integer(0)),
        Sample(.uniform([2, 3, 40]), .integer(2)), Sample(.transposed([4, 3]), .integer(1)), Sample(.uniform([0, 3]), .integer(1)),
        Sample(.uniform([3, 17], 50...90), .integer(1)), Sample(.expanded([4, 3]), .integer(1)),
      ])
  }

  /// The gradient of one element chosen from all of `x`: elements equal to it share it, as in PyTorch; NaN equals NaN here.
  static func sharedAmongEquals(_ g: Tensor, x: Tensor, value: Tensor) throws -> Tensor {
    let isNumber = try Tensor.compared(.eq, value, value, name: "max").element(at: 0) != 0
    let equal = try isNumber ? Tensor.compared(.eq, x, value, name: "max") : Tensor.compared(.ne, x, x, name: "max")
    let marks = try equal.converted(to: g.dtype)
    return try marks.multiplied(by: g.divided(by: marks.sum()))
  }

  // max and min: of everything one number, along a dimension the values and their positions from 1.
  private static func extreme(_ name: String, largest: Bool, example: String) -> OpSpec {
    let word = largest ? "Largest" : "Smallest"
    return OpSpec(
      name, "\(word) element of all, or along dimension d the values and their positions; NaN wins, the first of equals. Of all elements, equal ones share the gradient.",
      example: example, signature: "x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given", arguments: [.tensor(), dimension, keep], results: .tuple,
      forward: { call in
        let x = try call.tensor(0)
        guard let d = call.optionalInteger(1) else {
          guard x.count > 0 else { throw CallerError("\(name): the tensor of shape \(x.shape.text) is empty: there is no \(word.lowercased()) element") }
          let flat = try x.reshaped([x.count])
          let value = try flat.extreme(0, keep: false, largest: largest, name: name).values
          call.save(x, value)
          return Outputs(value)
        }
        if !call.isRecording {
          let (values, positions) = try x.extreme(d, keep: call.flag(2), largest: largest, name: name, countingFrom: 1)
          return Outputs(values, [positions])
        }
        let (values, indices) = try x.extreme(d, keep: call.flag(2), largest: largest, name: name)
        call.save(indices)
        return Outputs(values, [try indices.adding(Tensor(scalar: 1, .int64))])
      },
      gradient: .rule { gradients, call in
        guard var g = gradients[0] else { return [nil] }
        guard let d = call.optionalInteger(1) else { return [try sharedAmongEquals(g, x: call.saved[0], value: call.saved[1])] }
        var indices = call.saved[0]
        if !call.flag(2) { (g, indices) = (g.unsqueezed(d), indices.unsqueezed(d)) }
        let result = try Tensor(filling: call.shapes[0], with: 0, g.dtype)
        result.scatter(g, at: indices, along: d)
        return [result]
      },
      samples: [
        Sample(.uniform([5]), .absent, .absent), Sample(.uniform([2, 3]), .integer(0), .absent), Sample(.uniform([2, 3]), .integer(1), .flag(true)),
        Sample(.uniform([2, 3, 4]), .integer(1), .absent), Sample(.transposed([4, 3]), .integer(0), .flag(true)), Sample(.strided([3, 4]), .absent, .absent),
        Sample(.uniform([]), .absent, .absent), Sample(.expanded([4, 3]), .integer(1), .absent),
      ],
      failures: [
        Failure(.uniform([0]), .absent, .absent, says: "\(name): the tensor of shape [0] is empty: there is no \(word.lowercased()) element"),
        Failure(.uniform([2, 0]), .integer(1), .absent, says: "\(name): dimension 2 of shape [2, 0] is empty: there is no \(word.lowercased()) element"),
      ])
  }

  private static func place(_ name: String, largest: Bool, example: String) -> OpSpec {
    let word = largest ? "largest" : "smallest"
    return OpSpec(
      name, "Position, from 1, of the \(word) element of all (in row-major order) or along dimension d; NaN wins, the first of equals.",
      example: example, signature: "x [*S] -> int64 [*reduced(S, d)]", arguments: [.tensor(), dimension, keep],
      forward: { call in
        let x = try call.tensor(0)
        guard let d = call.optionalInteger(1) else {
          guard x.count > 0 else { throw CallerError("\(name): the tensor of shape \(x.shape.text) is empty: there is no \(word) element") }
          return Outputs(try x.reshaped([x.count]).extreme(0, keep: false, largest: largest, name: name, countingFrom: 1).indices)
        }
        return Outputs(try x.extreme(d, keep: call.flag(2), largest: largest, name: name, countingFrom: 1).indices)
      },
      gradient: .none(reason: "positions have none"),
      samples: [
        Sample(.uniform([5]), .absent, .absent), Sample(.uniform([2, 3]), .integer(0), .absent), Sample(.uniform([2, 3]), .integer(1), .flag(true)),
        Sample(.uniform([2, 3, 4]), .integer(1), .absent), Sample(.transposed([4, 3]), .integer(0), .flag(true)), Sample(.integers([7], 1...3), .absent, .absent),
        Sample(.uniform([]), .absent, .absent), Sample(.expanded([4, 3]), .integer(1), .absent),
      ],
      failures: [Failure(.uniform([0]), .absent, .absent, says: "\(name): the tensor of shape [0] is empty: there is no \(word) element")])
  }
}
