import TensorCore

extension OpSpec {
  static let statistics: [OpSpec] = [variance, deviation, prod, norm, cumsum, dot, quantile, median, histc]

  private static let corrections = [
    ArgumentSpec("unbiased", .flag(default: true), "divide by n − 1 and not by n"),
    ArgumentSpec("correction", .number(default: nil), "divide by n − correction, whatever unbiased says"),
  ]

  // Elements counted along the dimension, less the correction.
  private static func degrees(_ shape: Dimensions, _ d: Int?, _ call: OpContext) -> Double {
    max(Double(d.map { shape[$0] } ?? shape.product ?? 0) - (call.optionalNumber(4) ?? (call.flag(3) ? 1 : 0)), 0)
  }

  // Differences from the mean, and the variance with the dimension kept.
  private static func centred(_ x: Tensor, _ d: Int?, _ call: OpContext) throws -> (differences: Tensor, variance: Tensor) {
    let n = Double(d.map { x.shape[$0] } ?? x.count)
    // Counted from the first element: what is constant has a spread of exactly 0, and a common offset costs no digits.
    let (lines, along) = try d.map { (x, $0) } ?? (x.reshaped([x.count]), 0)
    let shifted = try lines.subtracting(lines.narrowed(along, from: 0, length: 1)).reshaped(x.shape)
    let mean = try (d.map { try shifted.sum($0, keep: true) } ?? shifted.sum()).divided(by: Tensor(scalar: n, x.dtype))
    let differences = try shifted.subtracting(mean)
    let squares = try differences.multiplied(by: differences)
    let total = try d.map { try squares.sum($0, keep: true) } ?? squares.sum()
    return (differences, try total.divided(by: Tensor(scalar: degrees(x.shape, d, call), x.dtype)))
  }

  private static let variance = reduction(
    "var", "Variance of all elements or along dimension d: Σ (x − x̄)²/(n − 1), or /n where unbiased is false, or /(n − correction).",
    example: "tensor{1, 2, 3, 4}:var() --> 1.66667", options: corrections, variants: [[.flag(false)], [.flag(true)], [.absent, .number(0.5)]], ofOne: [.flag(false)],
    failures: [Failure(.integers([3], 1...3), .absent, .absent, .absent, says: "var: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")")],
    forward: { call, x, d, keep in
      try requireFloat(x, "var")
      let (differences, variance) = try centred(x, d, call)
      call.save(differences)
      return Outputs(d.map { keep ? variance : variance.squeezed($0) } ?? variance)
    },
    gradient: { g, call, d in
      try g.multiplied(by: call.saved[0]).multiplied(by: Tensor(scalar: 2 / degrees(call.shapes[0], d, call), g.dtype))
    })

  private static let deviation = reduction(
    "std", "Standard deviation of all elements or along dimension d: the root of var; the derivative is 0 where it is 0.",
    example: "tensor{1, 3}:std({unbiased = false}) --> 1.", options: corrections, variants: [[.flag(false)], [.flag(true)], [.absent, .number(0.5)]], ofOne: [.flag(false)],
    failures: [Failure(.integers([3], 1...3), .absent, .absent, .absent, says: "std: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")")],
    forward: { call, x, d, keep in
      try requireFloat(x, "std")
      let (differences, variance) = try centred(x, d, call)
      let root = try variance.mapped(.sqrt)
      call.save(differences, root)
      return Outputs(d.map { keep ? root : root.squeezed($0) } ?? root)
    },
    gradient: { g, call, d in
      let (differences, root) = (call.saved[0], call.saved[1])
      let slope = try differences.divided(by: root.multiplied(by: Tensor(scalar: degrees(call.shapes[0], d, call), g.dtype)))
      let zero = try Tensor(scalar: 0, g.dtype)
      return try g.multiplied(by: Tensor.chosen(Tensor.compared(.eq, root, zero, name: "std"), zero, slope, name: "std"))
    })

  private static let prod = reduction(
    "prod", "Product of all elements or along dimension d: Π x.", example: "tensor{2, 3, 4}:prod() --> 24.", variants: [[]],
    forward: { call, x, d, keep in
      let (lines, along) = try d.map { (x, $0) } ?? (x.reshaped([x.count]), 0)
      call.save(lines)
      return Outputs(try lines.product(along, keep: keep && d != nil))
    },
    gradient: { g, call, d in try g.multiplied(by: call.saved[0].scanned(.productOfOthers, d ?? 0)).reshaped(call.shapes[0]) })

  private static let norm = reduction(
    "norm", "The p-norm of all elements or along dimension d: (Σ |x|^p)^{1/p}, max |x| for p = inf; the derivative at 0 is 0.",
    example: "tensor{3, 4}:norm() --> 5.",
    options: [.init("p", .number(default: 2), "p, above 0")], variants: [[.number(1)], [.number(3)], [.number(.infinity)], [.number(1.5)]],
    failures: [
      Failure(.uniform([3]), .absent, .absent, .number(0), says: "norm: p: expected a number above 0, got 0.0"),
      Failure(.integers([3], 1...3), .absent, .absent, .absent, says: "norm: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")"),
    ],
    forward: { call, x, d, keep in
      try requireFloat(x, "norm")
      let p = try call.number(3)
      guard p > 0 else { throw CallerError("norm: p: expected a number above 0, got \(p)") }
      let (lines, along) = try d.map { (x, $0) } ?? (x.reshaped([x.count]), 0)
      let length: Tensor
      if p == .infinity {
        // The norm of nothing is 0.
        length = lines.shape[along] == 0 ? try lines.sum(along, keep: true) : try lines.mapped(.abs).extreme(along, keep: true, largest: true, name: "norm").values
      } else if p == 2 {
        length = try (d == nil ? lines.sumOfSquares().unsqueezed(0) : lines.multiplied(by: lines).sum(along, keep: true)).mapped(.sqrt)
      } else {
        let powers = try Tensor.combined(.pow, lines.mapped(.abs), Tensor(scalar: p, x.dtype), name: "norm").sum(along, keep: true)
        length = try Tensor.combined(.pow, powers, Tensor(scalar: 1 / p, x.dtype), name: "norm")
      }
      call.save(lines, length)
      return Outputs(d == nil || !keep ? length.squeezed(along) : length)
    },
    gradient: { g, call, d in
      let (lines, length) = (call.saved[0], call.saved[1])
      let p = try call.number(3), zero = try Tensor(scalar: 0, g.dtype)
      var slope: Tensor
      if p == .infinity {
        // The largest elements share the gradient.
        let largest = try Tensor.compared(.eq, lines.mapped(.abs), length, name: "norm").converted(to: g.dtype)
        slope = try lines.mapped(.sign).multiplied(by: largest).divided(by: largest.sum(d ?? 0, keep: true))
      } else {
        let ratio = try lines.mapped(.abs).divided(by: length)
        slope = try lines.mapped(.sign).multiplied(by: Tensor.combined(.pow, ratio, Tensor(scalar: p - 1, g.dtype), name: "norm"))
      }
      slope = try Tensor.chosen(Tensor.compared(.eq, lines, zero, name: "norm"), zero, slope, name: "norm")
      return try g.multiplied(by: slope).reshaped(call.shapes[0])
    })

  private static let cumsum = OpSpec(
    "cumsum", "Running sums along dimension d: y_i = x_1 + … + x_i.",
    example: "tensor{1, 2, 3}:cumsum(1) --> [1., 3., 6.]",
    signature: "x [*S] -> [*S]", arguments: [.tensor(), .init("d", .dimension, "the dimension")],
    forward: { call in Outputs(try call.tensor(0).scanned(.sum, try call.integer(1))) },
    gradient: .rule { gradients, call in [try gradients[0].map { try $0.scanned(.sumFromEnd, try call.integer(1)) }] },
    samples: [
      Sample(.uniform([]), .integer(0)), Sample(.uniform([5]), .integer(0)), Sample(.uniform([3, 4]), .integer(0)), Sample(.uniform([3, 4]), .integer(1)), Sample(.transposed([3, 4]), .integer(1)),
      Sample(.strided([3, 4]), .integer(0)), Sample(.integers([4], 1...5), .integer(0)), Sample(.uniform([0, 2]), .integer(0)), Sample(.uniform([2, 3, 2]), .integer(1)), Sample(.expanded([4, 3]), .integer(0)),
    ])

  private static let dot = OpSpec(
    "dot", "Scalar product of two vectors: Σ x_i y_i.",
    example: "tensor{1, 2}:dot(tensor{3, 4}) --> 11.", signature: "x [N], y [N] -> []", arguments: [.tensor("x"), .tensor("y")],
    forward: { call in
      let x = try call.tensor(0), y = try call.tensor(1)
      guard x.rank == 1, x.shape == y.shape else { throw CallerError("dot: two vectors of one length expected, got shapes \(x.shape.text) and \(y.shape.text)") }
      call.save(x, y)
      return Outputs(try x.multiplied(by: y).sum())
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil, nil] }
      return [call.needs[0] ? try g.multiplied(by: call.saved[1]) : nil, call.needs[1] ? try g.multiplied(by: call.saved[0]) : nil]
    },
    samples: [
      Sample(.uniform([4]), .uniform([4])), Sample(.uniform([1]), .uniform([1])), Sample(.strided([5]), .uniform([5])), Sample(.uniform([100]), .strided([100])),
      Sample(.uniform([0]), .uniform([0])), Sample(.integers([3], 1...4), .integers([3], 1...4)),
    ],
    failures: [Failure(.uniform([2]), .uniform([3]), says: "dot: two vectors of one length expected, got shapes [2] and [3]")])

  // The sorted lines along d, or of all elements.
  private static func inOrder(_ x: Tensor, _ d: Int?, _ name: String) throws -> (values: Tensor, indices: Tensor, d: Int, n: Int) {
    let (lines, along) = try d.map { (x, $0) } ?? (x.reshaped([x.count]), 0)
    let n = lines.shape[along]
    guard n > 0 || (d != nil && x.count == 0 && lines.shape.enumerated().contains { $0 != along && $1 == 0 }) else {
      throw CallerError(d.map { "\(name): dimension \($0 + 1) of shape \(x.shape.text) is empty" } ?? "\(name): the tensor of shape \(x.shape.text) is empty")
    }
    let (values, indices) = try lines.sorted(along, descending: false)
    return (values, indices, along, n)
  }

  // A NaN is sorted last: where there is one, the result is NaN.
  private static func orLast(_ chosen: Tensor, _ values: Tensor, _ d: Int, _ n: Int) throws -> Tensor {
    try chosenUnlessNaN(chosen, values.narrowed(d, from: max(n - 1, 0), length: min(n, 1)), values, d, n)
  }

  private static func chosenUnlessNaN(_ chosen: Tensor, _ otherwise: Tensor, _ values: Tensor, _ d: Int, _ n: Int) throws -> Tensor {
    let last = values.narrowed(d, from: max(n - 1, 0), length: min(n, 1))
    return try Tensor.chosen(Tensor.compared(.ne, last, last, name: "isnan"), otherwise, chosen, name: "isnan")
  }

  private static let quantile = OpSpec(
    "quantile", "The q-quantile of all elements or along dimension d, linear between neighbours: the sorted x at place q (n − 1) + 1; NaN where there is one.",
    example: "tensor{1, 2, 3, 4}:quantile(0.5) --> 2.5",
    signature: "x [*S] -> [*reduced(S, d)]", arguments: [.tensor(), .init("q", .number(default: nil), "in [0, 1]"), dimension, keep],
    forward: { call in
      let x = try call.tensor(0)
      try requireFloat(x, "quantile")
      guard let q = call.optionalNumber(1), q >= 0, q <= 1 else {
        throw CallerError("quantile: q: expected a number in [0, 1], got \(call.optionalNumber(1).map { "\($0)" } ?? "none")")
      }
      let d = call.optionalInteger(2)
      let (values, indices, along, n) = try inOrder(x, d, "quantile")
      let place = q * Double(max(n - 1, 0)), low = Int(place), high = min(low + 1, max(n - 1, 0)), share = place - Double(low)
      let length = min(n, 1)
      let below = values.narrowed(along, from: low, length: length), above = values.narrowed(along, from: high, length: length)
      var result = below
      if share > 0 { result = try below.multiplied(by: 1 - share).adding(above.multiplied(by: share)) }
      result = try orLast(result, values, along, n)
      // The gradient of a NaN goes to the NaN, which is sorted last.
      let last = indices.narrowed(along, from: max(n - 1, 0), length: length)
      func source(_ at: Int) throws -> Tensor { try chosenUnlessNaN(indices.narrowed(along, from: at, length: length), last, values, along, n) }
      call.save(try source(low), try source(high), try Tensor(scalar: share, .float64))
      return Outputs(d == nil || !call.flag(3) ? result.squeezed(along) : result)
    },
    gradient: .rule { gradients, call in
      guard var g = gradients[0] else { return [nil] }
      let d = call.optionalInteger(2), along = d ?? 0
      if d == nil || !call.flag(3) { g = g.unsqueezed(along) }
      let share = call.saved[2].element(at: 0)
      let shape: Dimensions = d == nil ? [call.shapes[0].product ?? 0] : call.shapes[0]
      let result = try Tensor(filling: shape, with: 0, g.dtype)
      result.scatter(try g.multiplied(by: 1 - share), at: call.saved[0], along: along)
      result.scatter(try g.multiplied(by: share), at: call.saved[1], along: along)
      return [try result.reshaped(call.shapes[0])]
    },
    samples: [
      Sample(.uniform([9]), .number(0.5), .absent, .absent), Sample(.uniform([3, 4]), .number(0.3), .integer(1), .absent), Sample(.uniform([3, 4]), .number(0.75), .integer(0), .flag(true)),
      Sample(.transposed([5, 3]), .number(0.1), .integer(0), .absent), Sample(.strided([3, 4]), .number(1), .absent, .absent), Sample(.uniform([7]), .number(0), .absent, .absent),
      Sample(.values([1, .nan, 2, 3], [2, 2]), .number(0.5), .integer(1), .absent), Sample(.uniform([0, 3]), .number(0.5), .integer(1), .absent),
      Sample(.uniform([]), .number(0.3), .absent, .absent), Sample(.expanded([4, 3]), .number(0.4), .integer(1), .absent),
    ],
    failures: [
      Failure(.uniform([3]), .number(1.5), .absent, .absent, says: "quantile: q: expected a number in [0, 1], got 1.5"),
      Failure(.uniform([0]), .number(0.5), .absent, .absent, says: "quantile: the tensor of shape [0] is empty"),
    ])

  private static let median = OpSpec(
    "median", "The lower median of all elements, or along dimension d the values and their positions from 1; NaN where there is one. Of all elements, equal ones share the gradient.",
    example: "tensor{5, 1, 3}:median() --> 3.",
    signature: "x [*S] -> []; [*reduced(S, d)], int64 [*reduced(S, d)] where d is given", arguments: [.tensor(), dimension, keep], results: .tuple,
    forward: { call in
      let x = try call.tensor(0), d = call.optionalInteger(1)
      let (values, indices, along, n) = try inOrder(x, d, "median")
      let middle = max(n - 1, 0) / 2, length = min(n, 1)
      let chosen = try orLast(values.narrowed(along, from: middle, length: length), values, along, n)
      let last = values.narrowed(along, from: max(n - 1, 0), length: length)
      let places = try Tensor.chosen(
        Tensor.compared(.ne, last, last, name: "median"), indices.narrowed(along, from: max(n - 1, 0), length: length),
        indices.narrowed(along, from: middle, length: length), name: "median")
      guard d != nil else {
        let number = chosen.squeezed(0)
        call.save(x, number)
        return Outputs(number)
      }
      call.save(places)
      let positions = try places.adding(Tensor(scalar: 1, .int64))
      return call.flag(2) ? Outputs(chosen, [positions]) : Outputs(chosen.squeezed(along), [positions.squeezed(along)])
    },
    gradient: .rule { gradients, call in
      guard var g = gradients[0] else { return [nil] }
      guard let d = call.optionalInteger(1) else { return [try sharedAmongEquals(g, x: call.saved[0], value: call.saved[1])] }
      if !call.flag(2) { g = g.unsqueezed(d) }
      return [try scattered(g, at: call.saved[0], along: d, shape: call.shapes[0])]
    },
    samples: [
      Sample(.uniform([5]), .absent, .absent), Sample(.uniform([6]), .absent, .absent), Sample(.uniform([3, 4]), .integer(1), .absent), Sample(.uniform([3, 4]), .integer(0), .flag(true)),
      Sample(.transposed([5, 3]), .integer(0), .absent), Sample(.strided([3, 4]), .absent, .absent), Sample(.values([1, .nan, 2, 3], [2, 2]), .integer(1), .absent),
      Sample(.uniform([0, 3]), .integer(1), .absent), Sample(.uniform([]), .absent, .absent), Sample(.expanded([4, 3]), .integer(1), .absent),
    ],
    failures: [Failure(.uniform([3, 0]), .integer(1), .absent, says: "median: dimension 2 of shape [3, 0] is empty")])

  private static let histc = OpSpec(
    "histc", "How many elements fall into each of `bins` equal intervals of [min, max], the last one closed; from the smallest to the largest element where min = max. Others and NaN are left out.",
    example: "tensor{0.1, 0.2, 0.9}:histc(2, 0, 1) --> [2., 1.]",
    signature: "x [*S] -> [N]",
    arguments: [.tensor(), .init("bins", .integer(default: 100), "how many intervals"), .init("min", .number(default: 0), "the lower end"), .init("max", .number(default: 0), "the upper end")],
    forward: { call in
      let x = try call.tensor(0), bins = try call.integer(1)
      var low = try call.number(2), high = try call.number(3)
      guard bins >= 1 else { throw CallerError("histc: bins: expected at least 1, got \(bins)") }
      guard low.isFinite, high.isFinite, low <= high else { throw CallerError("histc: expected finite min <= max, got \(low) and \(high)") }
      if low == high, x.count > 0 {
        let flat = try x.reshaped([x.count])
        low = try flat.extreme(0, keep: false, largest: false, name: "histc").values.item()
        high = try flat.extreme(0, keep: false, largest: true, name: "histc").values.item()
        guard low.isFinite, high.isFinite else { throw CallerError("histc: the elements reach from \(low) to \(high); give min and max") }
      }
      // All elements equal: one interval of width 2 around them, as in PyTorch.
      if low == high { (low, high) = (low - 1, high + 1) }
      return Outputs(try x.histogram(bins: bins, from: low, to: high))
    },
    gradient: .none(reason: "counts have none"),
    samples: [
      Sample(.uniform([50]), .integer(5), .number(-2), .number(2)), Sample(.uniform([50]), .integer(7), .absent, .absent), Sample(.uniform([6, 5]), .integer(3), .number(-1), .number(0.5)),
      Sample(.transposed([4, 3]), .integer(4), .number(0), .number(2)), Sample(.values([0, 1, 1, 2, .nan, 5], [6]), .integer(2), .number(0), .number(2)),
      Sample(.integers([20], 1...6), .integer(6), .number(1), .number(6)), Sample(.values([3, 3], [2]), .integer(4), .absent, .absent), Sample(.uniform([0]), .integer(2), .absent, .absent),
      Sample(.values([0.5], []), .integer(3), .number(0), .number(1)), Sample(.expanded([4, 3]), .integer(3), .number(-2), .number(2)),
    ],
    failures: [
      Failure(.uniform([3]), .integer(0), .absent, .absent, says: "histc: bins: expected at least 1, got 0"),
      Failure(.uniform([3]), .integer(2), .number(1), .number(0), says: "histc: expected finite min <= max, got 1.0 and 0.0"),
      Failure(.values([.infinity, 1], [2]), .integer(2), .absent, .absent, says: "histc: the elements reach from 1.0 to inf; give min and max"),
    ])
}
