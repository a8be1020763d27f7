import TensorCore

extension OpSpec {
  private static func binary(
    _ name: String, _ function: BinaryFunction, _ summary: String, example: String, a: ClosedRange<Double> = -2...2, b: ClosedRange<Double> = -2...2,
    saves: Bool = true, failures: [Failure] = [], gradient: @escaping @Sendable (_ g: Tensor, _ x: Tensor, _ y: Tensor, _ call: OpContext) throws -> [Tensor?]
  ) -> OpSpec {
    OpSpec(
      name, summary + " Shapes broadcast.", example: example, signature: "x [*S], y [*T] -> [*broadcast(S, T)]",
      arguments: [.init("x", .tensorOrNumber), .init("y", .tensorOrNumber)],
      forward: { call in
        let x = try call.tensor(0), y = try call.tensor(1)
        // Sums need nothing: what they were made of may then be changed in place.
        if saves { call.save(x, y) }
        return Outputs(try Tensor.combined(function, x, y, name: name))
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [nil, nil] }
        return try gradient(g, call.saved.first ?? g, call.saved.last ?? g, call)
      },
      samples: [
        Sample(.uniform([3], a), .uniform([3], b)), Sample(.uniform([2, 3], a), .uniform([3], b)), Sample(.uniform([2, 1], a), .uniform([1, 4], b)),
        Sample(.uniform([], a), .uniform([2, 2], b)), Sample(.transposed([3, 4], a), .uniform([3, 4], b)),
        Sample(.uniform([2, 3, 4], a), .expanded([3, 4], b)), Sample(.uniform([0, 3], a), .uniform([3], b)),
        Sample(.strided([4, 3], a), .number(1.5)), Sample(.uniform([4, 3], a), .uniform([4, 1], b)),
      ],
      failures: failures + [
        Failure(
          .uniform([2, 3]), .uniform([4]),
          says: "\(name): shapes [2, 3] and [4] do not broadcast: sizes must be equal or 1, counted from the last dimension")
      ])
  }

  // Where a gradient is not wanted its product is not computed.
  private static func pair(_ call: OpContext, _ a: () throws -> Tensor, _ b: () throws -> Tensor) rethrows -> [Tensor?] {
    [call.needs[0] ? try a() : nil, call.needs[1] ? try b() : nil]
  }

  private static func chooseByMask(_ mask: Tensor, _ g: Tensor) throws -> Tensor { try g.multiplied(by: mask.converted(to: g.dtype)) }

  static let arithmetic: [OpSpec] = [
    binary("add", .add, "Element-wise x + y.", example: "tensor{1, 2} + tensor{10, 20} --> [11., 22.]\ntensor{1, 2}:add(10) --> [11., 12.]", saves: false) { g, _, _, _ in [g, g] },
    binary("sub", .sub, "Element-wise x − y.", example: "tensor{1, 2} - 1 --> [0., 1.]\ntensor{1, 2}:sub(1) --> [0., 1.]", saves: false) { g, _, _, call in try pair(call, { g }, { try g.negated() }) },
    binary("mul", .mul, "Element-wise x · y.", example: "tensor{1, 2} * tensor{{1}, {10}} --> [[1., 2.], [10., 20.]]\ntensor{1, 2}:mul(10) --> [10., 20.]") { g, a, b, call in
      try pair(call, { try g.multiplied(by: b) }, { try g.multiplied(by: a) })
    },
    binary("div", .div, "Element-wise x / y; float32 for whole numbers.", example: "tensor{1, 2} / 4 --> [0.25, 0.5]\ntensor{1, 2}:div(2) --> [0.5, 1.]", b: 0.5...2) { g, a, b, call in
      try pair(call, { try g.divided(by: b) }, { try g.multiplied(by: a).divided(by: b.multiplied(by: b)).negated() })
    },
    binary(
      "pow", .pow, "Element-wise x^y.", example: "tensor{1, 2, 3} ^ 2 --> [1., 4., 9.]\ntensor{1, 4}:pow(0.5) --> [1., 2.]", a: 0.3...2, b: -1...3,
      failures: [
        Failure(.integers([2], 1...3), .integers([2], -2 ... -1), says: "pow: whole numbers to negative powers are no whole numbers; convert one tensor with :to(\"float32\")")
      ]
    ) { g, a, b, call in
      try pair(
        call,
        // y x^{y − 1}, with 0 for y = 0 also where x = 0.
        {
          let constant = try Tensor.compared(.eq, b, Tensor(scalar: 0, b.dtype), name: "pow").converted(to: b.dtype)
          let exponent = try b.subtracting(Tensor(scalar: 1, b.dtype)).adding(constant)
          return try g.multiplied(by: b).multiplied(by: Tensor.combined(.pow, a, exponent, name: "pow"))
        },
        // x^y ln x, with 0 for x = 0 where y ≥ 0, as the limit has it.
        {
          let power = try Tensor.combined(.pow, a, b, name: "pow")
          let base = try a.converted(to: Tensor.resultType(a, b)), zero = try Tensor(scalar: 0, base.dtype)
          let isZero = try Tensor.compared(.eq, base, zero, name: "pow").converted(to: base.dtype)
          return try g.multiplied(by: power).multiplied(by: base.adding(isZero).mapped(.log))
        })
    },
    // The gradient of equal elements is shared, half to each, as in PyTorch.
    binary("maximum", .maximum, "Element-wise larger of x and y; NaN wins.", example: "tensor{1, 5}:maximum(3) --> [3., 5.]") { g, a, b, call in
      let share = try shareOfTies(a, b)
      return try pair(
        call, { try chooseByMask(Tensor.compared(.gt, a, b, name: "maximum"), g).adding(g.multiplied(by: share)) },
        { try chooseByMask(Tensor.compared(.lt, a, b, name: "maximum"), g).adding(g.multiplied(by: share)) })
    },
    binary("minimum", .minimum, "Element-wise smaller of x and y; NaN wins.", example: "tensor{1, 5}:minimum(3) --> [1., 3.]") { g, a, b, call in
      let share = try shareOfTies(a, b)
      return try pair(
        call, { try chooseByMask(Tensor.compared(.lt, a, b, name: "minimum"), g).adding(g.multiplied(by: share)) },
        { try chooseByMask(Tensor.compared(.gt, a, b, name: "minimum"), g).adding(g.multiplied(by: share)) })
    },
    binary(
      "atan2", .atan2, "Element-wise angle of the point (y, x) = (first, second argument), in (−π, π].",
      example: "tensor{1, -1}:atan2(tensor{0, 0}) --> [1.571, -1.571]", a: 0.3...2, b: 0.3...2
    ) { g, a, b, call in
      let squares = try a.multiplied(by: a).adding(b.multiplied(by: b))
      return try pair(call, { try g.multiplied(by: b).divided(by: squares) }, { try g.multiplied(by: a).divided(by: squares).negated() })
    },
  ]

  private static func shareOfTies(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    try Tensor.compared(.eq, a, b, name: "maximum").converted(to: Tensor.resultType(a, b)).multiplied(by: 0.5)
  }

  static let comparisons: [OpSpec] = [
    comparison("lt", .lt, "x < y", example: "tensor{1, 2, 3}:lt(2) --> [true, false, false]"),
    comparison("le", .le, "x ≤ y", example: "tensor{1, 2, 3}:le(2) --> [true, true, false]"),
    comparison("gt", .gt, "x > y", example: "tensor{1, 2, 3}:gt(2) --> [false, false, true]"),
    comparison("ge", .ge, "x ≥ y", example: "tensor{1, 2, 3}:ge(2) --> [false, true, true]"),
    comparison("eq", .eq, "x = y", example: "tensor{1, 2, 3}:eq(2) --> [false, true, false]"),
    comparison("ne", .ne, "x ≠ y", example: "tensor{1, 2, 3}:ne(2) --> [true, false, true]"),
  ]

  private static func comparison(_ name: String, _ function: Comparison, _ formula: String, example: String) -> OpSpec {
    OpSpec(
      name, "Element-wise \(formula), a tensor of bools; false where a NaN is compared\(name == "ne" ? ", except that NaN ≠ anything" : ""). Shapes broadcast.",
      example: example, signature: "x [*S], y [*T] -> bool [*broadcast(S, T)]", arguments: [.init("x", .tensorOrNumber), .init("y", .tensorOrNumber)],
      forward: { call in Outputs(try Tensor.compared(function, try call.tensor(0), try call.tensor(1), name: name)) },
      gradient: .none(reason: "bools have none"),
      samples: [
        Sample(.integers([3], 1...3), .integers([3], 1...3)), Sample(.uniform([2, 3]), .uniform([3])), Sample(.uniform([2, 1]), .uniform([1, 4])),
        Sample(.transposed([3, 4]), .uniform([3, 4])), Sample(.uniform([0, 3]), .uniform([3])), Sample(.uniform([4, 3]), .number(0.5)),
      ],
      failures: [
        Failure(
          .uniform([2, 3]), .uniform([4]),
          says: "\(name): shapes [2, 3] and [4] do not broadcast: sizes must be equal or 1, counted from the last dimension")
      ])
  }
}
