import TensorCore

extension OpSpec {
  static let sorting: [OpSpec] = [sort, argsort, topk]

  private static let last = ArgumentSpec("d", .optionalDimension, "the dimension; the last where left out")
  private static let descending = ArgumentSpec("descending", .flag(default: false), "the largest first")

  // A number without dimensions is a line of one.
  private static func inOrder(_ x: Tensor, _ d: Int?, descending: Bool) throws -> (values: Tensor, indices: Tensor, d: Int) {
    let lines = x.rank == 0 ? x.unsqueezed(0) : x
    let along = d ?? lines.rank - 1
    let (values, indices) = try lines.sorted(along, descending: descending)
    return (values, indices, along)
  }

  private static let sort = OpSpec(
    "sort", "The elements along dimension d (default the last) in rising order, and the positions from 1 they had; equal ones keep their order, NaN counts as the largest.",
    example: "tensor{3, 1, 2}:sort() --> [1., 2., 3.] [2, 3, 1]",
    signature: "x [*S] -> [*S], int64 [*S]", arguments: [.tensor(), last, descending], results: .tuple,
    forward: { call in
      let x = try call.tensor(0)
      let (values, indices, _) = try inOrder(x, call.optionalInteger(1), descending: call.flag(2))
      call.save(indices)
      return Outputs(try values.reshaped(x.shape), [try indices.adding(Tensor(scalar: 1, .int64)).reshaped(x.shape)])
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil] }
      let indices = call.saved[0]
      return [try scattered(g.reshaped(indices.shape), at: indices, along: call.optionalInteger(1) ?? indices.rank - 1, shape: indices.shape).reshaped(call.shapes[0])]
    },
    samples: [
      Sample(.uniform([6]), .absent, .absent), Sample(.uniform([3, 4]), .integer(0), .absent), Sample(.uniform([3, 4]), .integer(1), .flag(true)), Sample(.transposed([4, 3]), .absent, .absent),
      Sample(.strided([3, 4]), .integer(0), .flag(true)), Sample(.uniform([2, 3, 4]), .integer(1), .absent), Sample(.uniform([0, 3]), .absent, .absent), Sample(.uniform([]), .absent, .absent),
      Sample(.integers([8], 1...3), .absent, .flag(true)), Sample(.values([2, .nan, -.infinity, 1, .nan, .infinity], [6]), .absent, .absent),
      Sample(.values([2, .nan, -.infinity, 1, .nan, .infinity], [6]), .absent, .flag(true)), Sample(.expanded([4, 3]), .integer(1), .absent),
    ])

  private static let argsort = OpSpec(
    "argsort", "The positions, from 1, that put the elements along dimension d (default the last) in rising order; equal ones keep their order, NaN counts as the largest.",
    example: "tensor{3, 1, 2}:argsort(1, true) --> [1, 3, 2]",
    signature: "x [*S] -> int64 [*S]", arguments: [.tensor(), last, descending],
    forward: { call in
      let x = try call.tensor(0)
      let (_, indices, _) = try inOrder(x, call.optionalInteger(1), descending: call.flag(2))
      return Outputs(try indices.adding(Tensor(scalar: 1, .int64)).reshaped(x.shape))
    },
    gradient: .none(reason: "positions have none"),
    samples: [
      Sample(.uniform([6]), .absent, .absent), Sample(.uniform([3, 4]), .integer(0), .absent), Sample(.uniform([3, 4]), .integer(1), .flag(true)), Sample(.transposed([4, 3]), .absent, .absent),
      Sample(.uniform([0, 3]), .absent, .absent), Sample(.integers([8], 1...3), .absent, .absent), Sample(.uniform([]), .absent, .absent),
      Sample(.expanded([4, 3]), .integer(0), .absent),
    ])

  private static let topk = OpSpec(
    "topk", "The k largest elements along dimension d (default the last), largest first, and their positions from 1; the smallest where `largest` is false.",
    example: "tensor{3, 1, 2}:topk(2) --> [3., 2.] [1, 3]",
    signature: "x [*S] -> [*T], int64 [*T]",
    arguments: [.tensor(), .init("k", .integer(default: nil), "how many"), last, .init("largest", .flag(default: true), "the largest, not the smallest")], results: .tuple,
    forward: { call in
      let x = try call.tensor(0), k = try call.integer(1)
      let size = x.rank == 0 ? 1 : x.shape[call.optionalInteger(2) ?? x.rank - 1], d = call.optionalInteger(2) ?? max(x.rank - 1, 0)
      guard k >= 0, k <= size else { throw CallerError("topk: k: expected 0 to \(size) for dimension \(d + 1) of shape \(x.shape.text), got \(k)") }
      if x.rank > 0, d == x.rank - 1, k <= 32 {
        if !call.isRecording {
          let (chosen, positions) = try x.leading(k, descending: call.flag(3), countingFrom: 1)
          return Outputs(chosen, [positions])
        }
        let (chosen, places) = try x.leading(k, descending: call.flag(3))
        call.save(places)
        return Outputs(chosen, [try places.adding(Tensor(scalar: 1, .int64))])
      }
      let (values, indices, _) = try inOrder(x, d, descending: call.flag(3))
      let places = try indices.narrowed(d, from: 0, length: k).clone()
      call.save(places)
      let chosen = try values.narrowed(d, from: 0, length: k).clone(), positions = try places.adding(Tensor(scalar: 1, .int64))
      // A number without dimensions stays one.
      return x.rank == 0 && k == 1 ? Outputs(try chosen.reshaped([]), [try positions.reshaped([])]) : Outputs(chosen, [positions])
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil] }
      let places = call.saved[0], shape = call.shapes[0].isEmpty ? [1] : call.shapes[0]
      return [try scattered(g.reshaped(places.shape), at: places, along: call.optionalInteger(2) ?? places.rank - 1, shape: shape).reshaped(call.shapes[0])]
    },
    samples: [
      Sample(.uniform([6]), .integer(2), .absent, .absent), Sample(.uniform([3, 4]), .integer(2), .integer(0), .absent), Sample(.uniform([3, 4]), .integer(3), .integer(1), .flag(false)),
      Sample(.transposed([4, 3]), .integer(1), .absent, .absent), Sample(.strided([3, 4]), .integer(4), .absent, .absent), Sample(.uniform([2, 3]), .integer(0), .absent, .absent),
      Sample(.uniform([]), .integer(1), .absent, .absent), Sample(.values([1, .nan, 3], [3]), .integer(2), .absent, .absent),
      Sample(.uniform([0, 3]), .integer(2), .absent, .absent), Sample(.expanded([4, 3]), .integer(2), .integer(1), .absent),
    ],
    failures: [Failure(.uniform([2, 3]), .integer(4), .absent, .absent, says: "topk: k: expected 0 to 3 for dimension 2 of shape [2, 3], got 4")])
}
