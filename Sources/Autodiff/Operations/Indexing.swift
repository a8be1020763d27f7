import TensorCore

extension OpSpec {
  private static let d = ArgumentSpec("d", .dimension, "the dimension")

  static let indexing: [OpSpec] = [
    indexSelect, gather, slice, unbind, pieces("chunk", example: "#tensor.arange(5):chunk(2) --> 2"),
    pieces("split", example: "tensor.arange(5):split(2)[3] --> [5]"),
  ]

  private static let indexSelect = OpSpec(
    "index_select", "The entries of dimension d at the given positions (int64, from 1; negative ones from the end), in their order.",
    example: "tensor{10, 20, 30}:index_select(1, tensor({3, 1}, {dtype = \"int64\"})) --> [30., 10.]",
    signature: "x [*S], index [N] -> [*T]", arguments: [.tensor(), d, .tensor("index", "positions from 1")],
    forward: { call in
      let x = try call.tensor(0), d = try call.integer(1), index = try call.tensor(2)
      guard index.rank == 1 else { throw CallerError("index_select: index: expected positions [N], got shape \(index.shape.text)") }
      let places = try index.positionsFromZero(size: x.shape[d], dimension: d, of: x.shape, name: "index_select: index")
      call.save(places)
      return Outputs(try x.indexed(d, at: places))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil] }
      let d = try call.integer(1)
      // One list of places serves every line along d.
      var shape = Dimensions(repeating: 1, count: g.rank)
      shape[d] = g.shape[d]
      return [try scattered(g, at: call.saved[0].reshaped(shape).expanded(to: g.shape), along: d, shape: call.shapes[0])]
    },
    samples: [
      Sample(.uniform([5]), .integer(0), .integers([3], 1...5)), Sample(.uniform([3, 4]), .integer(0), .integers([6], 1...3)), Sample(.uniform([3, 4]), .integer(1), .integers([2], -4 ... -1)),
      Sample(.uniform([2, 3, 4]), .integer(1), .integers([5], 1...3)), Sample(.transposed([4, 3]), .integer(0), .integers([4], 1...4)), Sample(.strided([3, 4]), .integer(1), .integers([3], 1...4)),
      Sample(.uniform([3, 4]), .integer(0), .integers([0], 1...3)), Sample(.expanded([3, 4]), .integer(0), .integers([2], 1...3)),
    ],
    failures: [
      Failure(.uniform([4, 3]), .integer(0), .integers([1], 5...5), says: "index_select: index: position 5 is outside dimension 1 of shape [4, 3]"),
      Failure(.uniform([4, 3]), .integer(1), .integers([2], 0...0), says: "index_select: index: position 0 is outside dimension 2 of shape [4, 3]"),
      Failure(.uniform([3]), .integer(0), .uniform([2]), says: "index_select: index: expected positions of int64, got float32; convert them with :to(\"int64\")"),
      Failure(.uniform([3]), .integer(0), .integers([2, 1], 1...1), says: "index_select: index: expected positions [N], got shape [2, 1]"),
    ])

  /// Zeros of a shape with gradients added at the places they came from.
  static func scattered(_ g: Tensor, at places: Tensor, along d: Int, shape: Dimensions) throws -> Tensor {
    let result = try Tensor(filling: shape, with: 0, g.dtype)
    result.scatter(g, at: places, along: d)
    return result
  }

  private static let gather = OpSpec(
    "gather", "y[…, j, …] = x[…, index[…, j, …], …] along dimension d; positions (int64) count from 1, negative ones from the end.",
    example: "tensor{{1, 2}, {3, 4}}:gather(2, tensor({{2}, {1}}, {dtype = \"int64\"})) --> [[2.], [3.]]",
    signature: "x [*S], index [*T] -> [*T]", arguments: [.tensor(), d, .tensor("index", "positions from 1")],
    forward: { call in
      let x = try call.tensor(0), d = try call.integer(1), index = try call.tensor(2)
      let fits = index.rank == x.rank && (0..<x.rank).allSatisfy { $0 == d || index.shape[$0] <= x.shape[$0] }
      guard fits else {
        throw CallerError("gather: index: expected a shape within \(x.shape.text) apart from dimension \(d + 1), got \(index.shape.text)")
      }
      let places = try index.positionsFromZero(size: x.shape[d], dimension: d, of: x.shape, name: "gather: index")
      call.save(places)
      return Outputs(try x.gathered(d, at: places))
    },
    gradient: .rule { gradients, call in
      [try gradients[0].map { try scattered($0, at: call.saved[0], along: try call.integer(1), shape: call.shapes[0]) }]
    },
    samples: [
      Sample(.uniform([5]), .integer(0), .integers([3], 1...5)), Sample(.uniform([3, 4]), .integer(1), .integers([3, 2], 1...4)), Sample(.uniform([3, 4]), .integer(0), .integers([5, 4], 1...3)),
      Sample(.transposed([3, 4]), .integer(1), .integers([2, 2], -4 ... -1)), Sample(.strided([3, 4]), .integer(0), .integers([1, 3], 1...3)), Sample(.uniform([2, 3, 4]), .integer(1), .integers([2, 2, 3], 1...3)),
      Sample(.uniform([3, 4]), .integer(1), .integers([3, 0], 1...4)),
    ],
    failures: [
      Failure(.uniform([3, 4]), .integer(1), .integers([4, 2], 1...4), says: "gather: index: expected a shape within [3, 4] apart from dimension 2, got [4, 2]"),
      Failure(.uniform([3]), .integer(0), .integers([1], 4...4), says: "gather: index: position 4 is outside dimension 1 of shape [3]"),
    ])

  private static let slice = OpSpec(
    "slice", "A view of every step-th entry of dimension d from position `first` to position `last`, both included.",
    example: "tensor{1, 2, 3, 4, 5}:slice(1, 1, -1, 2) --> [1., 3., 5.]", signature: "x [*S] -> [*T]",
    arguments: [
      .tensor(), d, .init("first", .position, "the first position, from 1"), .init("last", .position, "the last position"),
      .init("step", .integer(default: 1), "the distance of neighbours, at least 1"),
    ],
    forward: { call in
      let x = try call.tensor(0), step = try call.integer(4)
      guard step >= 1 else { throw CallerError("slice: step: expected at least 1, got \(step)") }
      let (d, first, last) = try (call.integer(1), call.integer(2), call.integer(3))
      let length = last < first ? 0 : (last - first) / step + 1
      return Outputs(x.sliced(d, from: first, length: length, step: length > 1 ? step : 1), isView: true)
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil] }
      let result = try Tensor(filling: call.shapes[0], with: 0, g.dtype)
      let (d, first, step) = try (call.integer(1), call.integer(2), call.integer(4))
      result.sliced(d, from: first, length: g.shape[d], step: g.shape[d] > 1 ? step : 1).copyElements(from: g)
      return [result]
    },
    samples: [
      Sample(.uniform([6]), .integer(0), .integer(1), .integer(4), .integer(1)), Sample(.uniform([6]), .integer(0), .integer(0), .integer(5), .integer(2)),
      Sample(.uniform([3, 5]), .integer(1), .integer(1), .integer(4), .integer(3)), Sample(.transposed([4, 3]), .integer(0), .integer(1), .integer(3), .integer(2)),
      Sample(.strided([3, 4]), .integer(1), .integer(0), .integer(3), .integer(2)), Sample(.uniform([4]), .integer(0), .integer(2), .integer(1), .integer(1)),
      Sample(.uniform([4, 0]), .integer(0), .integer(1), .integer(2), .integer(1)), Sample(.uniform([4]), .integer(0), .integer(3), .integer(3), .integer(Int.max)),
    ],
    failures: [Failure(.uniform([4]), .integer(0), .integer(0), .integer(3), .integer(0), says: "slice: step: expected at least 1, got 0")])

  private static let unbind = OpSpec(
    "unbind", "All entries of dimension d (default 1) as views without it.",
    example: "tensor{{1, 2}, {3, 4}}:unbind()[2] --> [3., 4.]", signature: "x [*S] -> list of [*T]",
    arguments: [.tensor(), .init("d", .optionalDimension, "the dimension; the first where left out")], results: .list,
    forward: { call in
      let x = try call.tensor(0)
      let d = try existing(call.optionalInteger(1) ?? 0, x, "unbind")
      guard x.shape[d] > 0 else { throw CallerError("unbind: dimension \(d + 1) of shape \(x.shape.text) is empty: there is nothing to take apart") }
      let views = (0..<x.shape[d]).map { x.selected(d, $0) }
      return Outputs(views[0], Array(views.dropFirst()), isView: true)
    },
    gradient: .rule { gradients, call in
      try joined(gradients, call) { result, i, _ in result.selected(call.optionalInteger(1) ?? 0, i) }
    },
    samples: [
      Sample(.uniform([3]), .absent), Sample(.uniform([3, 2]), .absent), Sample(.uniform([3, 2]), .integer(1)), Sample(.transposed([2, 3]), .integer(0)),
      Sample(.strided([2, 3]), .integer(1)), Sample(.uniform([2, 3, 2]), .integer(2)), Sample(.uniform([2, 0]), .integer(0)),
    ],
    failures: [Failure(.uniform([0, 2]), .absent, says: "unbind: dimension 1 of shape [0, 2] is empty: there is nothing to take apart")])

  private static func existing(_ d: Int, _ x: Tensor, _ name: String) throws -> Int {
    guard d < x.rank else { throw CallerError("\(name): a tensor without dimensions cannot be taken apart") }
    return d
  }

  // The gradients of views put where the views are.
  private static func joined(_ gradients: [Tensor?], _ call: OpContext, _ place: (Tensor, Int, Int) -> Tensor) throws -> [Tensor?] {
    guard let dtype = gradients.lazy.compactMap({ $0?.dtype }).first else { return [nil] }
    let result = try Tensor(filling: call.shapes[0], with: 0, dtype)
    var at = 0
    for (i, g) in gradients.enumerated() {
      if let g { place(result, i, at).copyElements(from: g) }
      at += 1
    }
    return [result]
  }

  // chunk and split: views of equal length along a dimension, the last one shorter where they do not come out even.
  private static func pieces(_ name: String, example: String) -> OpSpec {
    let isChunk = name == "chunk"
    let argument = isChunk ? "chunks" : "size"
    @Sendable func length(_ call: OpContext, of total: Int) throws -> Int {
      let given = try call.integer(1)
      guard given >= 1 else { throw CallerError("\(name): \(argument): expected at least 1, got \(given)") }
      return isChunk ? max(1, total / given + (total % given == 0 ? 0 : 1)) : given
    }
    return OpSpec(
      name,
      isChunk
        ? "At most `chunks` views of equal length along dimension d (default 1), the last one shorter where they do not come out even."
        : "Views of `size` entries each along dimension d (default 1), the last one shorter where they do not come out even.",
      example: example, signature: "x [*S] -> list of [*T]",
      arguments: [
        .tensor(), .init(argument, .integer(default: nil), isChunk ? "how many" : "entries of each"), .init("d", .optionalDimension, "the dimension; the first where left out"),
      ], results: .list,
      forward: { call in
        let x = try call.tensor(0)
        let d = try existing(call.optionalInteger(2) ?? 0, x, name)
        let total = x.shape[d], size = try length(call, of: total)
        var views = [x.narrowed(d, from: 0, length: min(size, total))]
        var at = min(size, total)
        while at < total {
          let next = min(size, total - at)
          views.append(x.narrowed(d, from: at, length: next))
          at += next
        }
        return Outputs(views[0], Array(views.dropFirst()), isView: true)
      },
      gradient: .rule { gradients, call in
        let d = call.optionalInteger(2) ?? 0, total = call.shapes[0][d]
        let size = try length(call, of: total)
        return try joined(gradients, call) { result, i, _ in
          let start = min(i * min(size, total), total)
          return result.narrowed(d, from: start, length: min(size, total - start))
        }
      },
      samples: [
        Sample(.uniform([6]), .integer(3), .absent), Sample(.uniform([7]), .integer(3), .absent), Sample(.uniform([2, 5]), .integer(2), .integer(1)),
        Sample(.transposed([5, 2]), .integer(2), .integer(0)), Sample(.strided([3, 4]), .integer(4), .integer(1)), Sample(.uniform([0, 2]), .integer(2), .absent),
        Sample(.uniform([3]), .integer(Int.max), .absent),
      ],
      failures: [Failure(.uniform([4]), .integer(0), .absent, says: "\(name): \(argument): expected at least 1, got 0")])
  }
}
