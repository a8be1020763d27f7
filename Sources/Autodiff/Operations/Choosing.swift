import TensorCore

extension OpSpec {
  static let choosing: [OpSpec] = [
    whereMask, clamp, maskedSelect,
    finite("isnan", "is no number", example: "tensor{1, 0 / 0}:isnan() --> [false, true]"),
    finite("isfinite", "is neither infinite nor NaN", example: "tensor{1, math.huge}:isfinite() --> [true, false]"),
    truth("any", example: "tensor{0, 3}:any() --> true"),
    truth("all", example: "tensor{{1, 0}, {1, 1}}:all(2) --> [false, true]"),
  ]

  static func requireBool(_ mask: Tensor, _ name: String) throws {
    guard mask.dtype == .bool else {
      throw CallerError("\(name): mask: expected a tensor of bools, got \(mask.dtype.name); compare with :gt and the like, or convert it with :to(\"bool\")")
    }
  }

  private static let whereMask = OpSpec(
    "where", "x where the mask is true and y elsewhere. Shapes broadcast.",
    example: "tensor.where(tensor{1, -2}:gt(0), tensor{1, 1}, 0) --> [1., 0.]", signature: "mask [*M], x [*S], y [*T] -> [*broadcast(M, S, T)]",
    arguments: [.tensor("mask", "bools"), .init("x", .tensorOrNumber), .init("y", .tensorOrNumber)], placement: .tensor,
    forward: { call in
      let mask = try call.tensor(0)
      try requireBool(mask, "where")
      call.save(mask)
      return Outputs(try Tensor.chosen(mask, call.tensor(1), call.tensor(2), name: "where"))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let mask = call.saved[0], zero = try Tensor(scalar: 0, g.dtype)
      return [
        nil, call.needs[1] ? try Tensor.chosen(mask, g, zero, name: "where") : nil,
        call.needs[2] ? try Tensor.chosen(mask, zero, g, name: "where") : nil,
      ]
    },
    samples: [
      Sample(.bools([4]), .uniform([4]), .uniform([4])), Sample(.bools([2, 3]), .uniform([3]), .uniform([2, 1])), Sample(.bools([3]), .uniform([2, 3]), .number(0)),
      Sample(.bools([2, 1]), .number(1.5), .transposed([2, 3])), Sample(.bools([4, 3]), .strided([4, 3]), .expanded([4, 3])), Sample(.bools([0, 3]), .uniform([3]), .uniform([1])),
      Sample(.bools([2, 2, 3]), .uniform([]), .uniform([2, 3])),
    ],
    failures: [
      Failure(.bools([2]), .uniform([3]), .uniform([3]), says: "where: shapes [2], [3] and [3] do not broadcast: sizes must be equal or 1, counted from the last dimension"),
      Failure(
        .uniform([3]), .uniform([3]), .uniform([3]),
        says: "where: mask: expected a tensor of bools, got float32; compare with :gt and the like, or convert it with :to(\"bool\")"),
    ])

  private static let clamp = OpSpec(
    "clamp", "Element-wise min(max(x, lowest), highest); either bound may be left out, NaN stays.",
    example: "tensor{-2, 0.5, 7}:clamp(0, 1) --> [0., 0.5, 1.]", signature: "x [*S] -> [*S]",
    arguments: [.tensor(), .init("min", .number(default: nil), "the lowest value"), .init("max", .number(default: nil), "the highest value")],
    forward: { call in
      let x = try call.tensor(0)
      let (low, high) = try bounds(call, x.dtype)
      guard low != nil || high != nil else { throw CallerError("clamp: expected at least one of min and max, got none") }
      call.save(x)
      if x.dtype.isFloatingPoint { return Outputs(try x.clamped(low: call.optionalNumber(1), high: call.optionalNumber(2))) }
      var y = x
      if let low { y = try Tensor.combined(.maximum, y, low, name: "clamp") }
      if let high { y = try Tensor.combined(.minimum, y, high, name: "clamp") }
      return Outputs(y)
    },
    gradient: .rule { gradients, call in
      guard var g = gradients[0] else { return [nil] }
      let x = call.saved[0], zero = try Tensor(scalar: 0, g.dtype)
      let (low, high) = try bounds(call, x.dtype)
      if let low { g = try Tensor.chosen(Tensor.compared(.ge, x, low, name: "clamp"), g, zero, name: "clamp") }
      if let high { g = try Tensor.chosen(Tensor.compared(.le, x, high, name: "clamp"), g, zero, name: "clamp") }
      return [g]
    },
    samples: [
      Sample(.uniform([20]), .number(-1), .number(1)), Sample(.uniform([4, 3]), .number(0), .absent), Sample(.uniform([4, 3]), .absent, .number(0.5)),
      Sample(.transposed([4, 3]), .number(-0.5), .number(0.5)), Sample(.strided([2, 5]), .number(-0.5), .absent), Sample(.uniform([0, 3]), .number(0), .number(1)),
      Sample(.integers([6], -5...5), .number(-2), .number(3)), Sample(.uniform([]), .number(5), .number(6)), Sample(.expanded([4, 3]), .number(-1), .number(1)),
    ],
    failures: [Failure(.uniform([2]), .absent, .absent, says: "clamp: expected at least one of min and max, got none")])

  // Whole bounds leave whole numbers whole.
  private static func bounds(_ call: OpContext, _ dtype: DType) throws -> (low: Tensor?, high: Tensor?) {
    func bound(_ index: Int) throws -> Tensor? {
      try call.optionalNumber(index).map { number in
        let isWhole = !dtype.isFloatingPoint && number == number.rounded() && abs(number) < 0x1p53
        return try Tensor(scalar: number, dtype.isFloatingPoint ? dtype : isWhole ? .int64 : .float32)
      }
    }
    return (try bound(1), try bound(2))
  }

  private static let maskedSelect = OpSpec(
    "masked_select", "The elements where the mask is true, in row-major order. Shapes broadcast.",
    example: "tensor{1, 5, 3}:masked_select(tensor{true, false, true}) --> [1., 3.]", signature: "x [*S], mask [*T] -> [N]",
    arguments: [.tensor(), .tensor("mask", "bools")],
    forward: { call in
      let x = try call.tensor(0), mask = try call.tensor(1)
      try requireBool(mask, "masked_select")
      guard let shape = Tensor.broadcastShape(x.shape, mask.shape) else {
        throw CallerError("masked_select: shapes \(x.shape.text) and \(mask.shape.text) do not broadcast: sizes must be equal or 1, counted from the last dimension")
      }
      let whole = try mask.expanded(to: shape)
      call.save(whole)
      return Outputs(try x.expanded(to: shape).masked(whole))
    },
    gradient: .rule { gradients, call in [try gradients[0].map { try $0.spread(over: call.saved[0]) }] },
    samples: [
      Sample(.uniform([6]), .bools([6])), Sample(.uniform([3, 4]), .bools([3, 4])), Sample(.uniform([3, 4]), .bools([4])), Sample(.uniform([4]), .bools([2, 4])),
      Sample(.transposed([3, 4]), .bools([3, 1])), Sample(.strided([3, 4]), .bools([3, 4])), Sample(.uniform([0, 2]), .bools([0, 2])), Sample(.uniform([]), .bools([])), Sample(.expanded([4, 3]), .bools([4, 3])),
    ],
    failures: [
      Failure(.uniform([2, 3]), .bools([2]), says: "masked_select: shapes [2, 3] and [2] do not broadcast: sizes must be equal or 1, counted from the last dimension"),
      Failure(
        .uniform([2]), .integers([2], 1...2),
        says: "masked_select: mask: expected a tensor of bools, got int64; compare with :gt and the like, or convert it with :to(\"bool\")"),
    ])

  private static func finite(_ name: String, _ condition: String, example: String) -> OpSpec {
    OpSpec(
      name, "Element-wise whether x \(condition), a tensor of bools.", example: example, signature: "x [*S] -> bool [*S]", arguments: [.tensor()],
      forward: { call in
        let x = try call.tensor(0)
        if name == "isnan" { return Outputs(try Tensor.compared(.ne, x, x, name: name)) }
        guard x.dtype.isFloatingPoint else { return Outputs(try Tensor.compared(.eq, x, x, name: name)) }
        return Outputs(try Tensor.compared(.lt, x.mapped(.abs), Tensor(scalar: .infinity, x.dtype), name: name))
      },
      gradient: .none(reason: "bools have none"),
      samples: [
        Sample(.values([1, .nan, .infinity, -.infinity, 0, -2], [6])), Sample(.values([.nan, 1, .infinity, 2], [2, 2])), Sample(.uniform([3])), Sample(.integers([3], 1...5)),
        Sample(.transposed([4, 3])), Sample(.uniform([0, 2])), Sample(.values([.nan], [])), Sample(.expanded([4, 3])),
      ])
  }

  private static func truth(_ name: String, example: String) -> OpSpec {
    OpSpec(
      name, "Whether \(name == "any" ? "at least one element is" : "all elements are") true (not 0), of everything or along dimension d.",
      example: example, signature: "x [*S] -> bool [*reduced(S, d)]", arguments: [.tensor(), dimension, keep],
      forward: { call in
        let x = try call.tensor(0)
        let hits = try Tensor.compared(name == "any" ? .ne : .eq, x, Tensor(scalar: 0, x.dtype), name: name)
        let count = try call.optionalInteger(1).map { try hits.sum($0, keep: call.flag(2)) } ?? hits.sum()
        return Outputs(try Tensor.compared(name == "any" ? .gt : .eq, count, Tensor(scalar: 0, .int64), name: name))
      },
      gradient: .none(reason: "bools have none"),
      samples: [
        Sample(.bools([5]), .absent, .absent), Sample(.bools([4, 2]), .integer(1), .absent), Sample(.bools([2, 3]), .integer(0), .flag(true)),
        Sample(.bools([0, 3]), .absent, .absent), Sample(.bools([0, 3]), .integer(0), .absent), Sample(.integers([4, 2], 0...1), .integer(1), .absent),
        Sample(.values([0, .nan, 0, 0], [2, 2]), .integer(1), .absent), Sample(.transposed([4, 3]), .absent, .absent), Sample(.bools([]), .absent, .absent), Sample(.expanded([4, 3]), .integer(0), .absent),
      ])
  }
}
