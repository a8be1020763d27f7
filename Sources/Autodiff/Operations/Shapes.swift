import TensorCore

extension OpSpec {
  // Views share storage and cost nothing; their gradients are views of the gradient or zeros around it.
  private static func view(
    _ name: String, _ summary: String, example: String, signature: String, _ arguments: [ArgumentSpec], placement: Placement = .tensorAndMethod,
    samples: [Sample], failures: [Failure] = [], isView: Bool = true,
    forward: @escaping @Sendable (Tensor, OpContext) throws -> Tensor, gradient: @escaping @Sendable (Tensor, OpContext) throws -> Tensor
  ) -> OpSpec {
    OpSpec(
      name, summary, example: example, signature: signature, arguments: [.tensor()] + arguments, placement: placement,
      forward: { call in
        let x = try call.tensor(0)
        let y = try forward(x, call)
        return Outputs(y, isView: isView && y.storage === x.storage)
      },
      gradient: .rule { gradients, call in [try gradients[0].map { try gradient($0, call) }] }, samples: samples, failures: failures)
  }

  private static let d = ArgumentSpec("d", .dimension, "the dimension")

  /// The sizes of a shape argument with one −1 worked out.
  static func resolved(_ sizes: [Int], count: Int, name: String) throws -> Dimensions {
    guard sizes.count <= Dimensions.maximumCount else {
      throw CallerError("\(name): at most \(Dimensions.maximumCount) dimensions, got \(sizes.count)")
    }
    guard sizes.allSatisfy({ $0 >= -1 }), sizes.filter({ $0 == -1 }).count <= 1 else {
      throw CallerError("\(name): shape: expected sizes of at least 0 with at most one -1, got [\(sizes.map(String.init).joined(separator: ", "))]")
    }
    var shape = Dimensions(sizes)
    if let open = sizes.firstIndex(of: -1) {
      shape[open] = 1
      guard let known = shape.product, known > 0, count % known == 0 else {
        throw CallerError("\(name): \(count) elements do not fill a shape [\(sizes.map(String.init).joined(separator: ", "))]")
      }
      shape[open] = count / known
    }
    guard shape.product == count else {
      throw CallerError("\(name): \(count) elements do not fill a shape \(shape.text)")
    }
    return shape
  }

  static let shapes: [OpSpec] = [
    view(
      "reshape", "The same elements in row-major order in another shape; one size may be −1. A view where the layout allows it, else a copy.",
      example: "tensor{1, 2, 3, 4}:reshape(2, -1) --> [[1., 2.], [3., 4.]]",
      signature: "x [*S] -> [*T]", [.init("shape", .shape, "the sizes")],
      samples: [
        Sample(.uniform([6]), .sizes([2, 3])), Sample(.uniform([2, 3]), .sizes([-1])), Sample(.transposed([4, 3]), .sizes([2, 6])),
        Sample(.uniform([2, 3, 4]), .sizes([6, 4])), Sample(.strided([2, 6]), .sizes([4, 3])), Sample(.uniform([0, 3]), .sizes([3, 0])),
        Sample(.uniform([1]), .sizes([])),
      ],
      failures: [Failure(.uniform([2, 3]), .sizes([4]), says: "reshape: 6 elements do not fill a shape [4]")],
      forward: { x, call in try x.reshaped(resolved(try call.integers(1), count: x.count, name: "reshape")) },
      gradient: { g, call in try g.reshaped(call.shapes[0]) }),
    view(
      "view", "The same storage in another shape; raises where that needs a copy (use reshape).",
      example: "tensor{1, 2, 3, 4}:view(2, 2) --> [[1., 2.], [3., 4.]]", signature: "x [*S] -> [*T]",
      [.init("shape", .shape, "the sizes")],
      samples: [
        Sample(.uniform([6]), .sizes([2, 3])), Sample(.uniform([2, 3]), .sizes([-1])), Sample(.uniform([2, 3, 4]), .sizes([6, 4])),
        Sample(.uniform([0, 3]), .sizes([3, 0])), Sample(.strided([4, 3]), .sizes([2, 2, 3])), Sample(.uniform([1]), .sizes([])),
      ],
      failures: [Failure(.transposed([4, 3]), .sizes([12]), says: "view: a tensor of shape [4, 3] with these strides cannot be seen as [12]; use :reshape")],
      forward: { x, call in
        let shape = try resolved(try call.integers(1), count: x.count, name: "view")
        guard let view = x.viewed(as: shape) else {
          throw CallerError("view: a tensor of shape \(x.shape.text) with these strides cannot be seen as \(shape.text); use :reshape")
        }
        return view
      },
      gradient: { g, call in try g.reshaped(call.shapes[0]) }),
    view(
      "flatten", "Dimensions from `first` to `last` as one.",
      example: "tensor.zeros(2, 3, 4):flatten(2).shape --> {2, 12}", signature: "x [*S] -> [*T]",
      [.init("first", .integer(default: 1), "the first dimension, from 1"), .init("last", .integer(default: -1), "the last dimension")],
      samples: [
        Sample(.uniform([2, 3, 4]), .integer(1), .integer(-1)), Sample(.uniform([2, 3, 4]), .integer(2), .integer(3)), Sample(.uniform([5]), .integer(1), .integer(-1)),
        Sample(.transposed([2, 3]), .integer(1), .integer(-1)), Sample(.uniform([2, 0, 3]), .integer(2), .integer(-1)), Sample(.uniform([]), .integer(1), .integer(-1)),
      ],
      forward: { x, call in
        if x.rank == 0 { return try x.reshaped([1]) }
        func place(_ i: Int) throws -> Int {
          let d = try call.integer(i)
          let fromOne = d < 0 ? d + x.rank + 1 : d
          guard (1...x.rank).contains(fromOne) else { throw CallerError("flatten: dimension \(d) is out of range for shape \(x.shape.text)") }
          return fromOne - 1
        }
        let first = try place(1), last = try place(2)
        guard first <= last else { throw CallerError("flatten: the first dimension \(first + 1) comes after the last \(last + 1)") }
        var shape = Dimensions()
        for i in 0..<first { shape.append(x.shape[i]) }
        shape.append((first...last).reduce(1) { $0 * x.shape[$1] })
        for i in (last + 1)..<max(x.rank, last + 1) { shape.append(x.shape[i]) }
        return try x.reshaped(shape)
      },
      gradient: { g, call in try g.reshaped(call.shapes[0]) }),
    view(
      "transpose", "Two dimensions exchanged.",
      example: "tensor.zeros(2, 3, 4):transpose(1, 3).shape --> {4, 3, 2}",
      signature: "x [*S] -> [*T]", [.init("a", .dimension, "a dimension"), .init("b", .dimension, "another")],
      samples: [
        Sample(.uniform([2, 3]), .integer(0), .integer(1)), Sample(.uniform([2, 3, 4]), .integer(0), .integer(2)), Sample(.uniform([2, 3, 4]), .integer(1), .integer(1)),
        Sample(.strided([4, 3]), .integer(1), .integer(0)), Sample(.uniform([0, 3]), .integer(0), .integer(1)), Sample(.expanded([4, 3]), .integer(0), .integer(1)),
      ],
      forward: { x, call in x.transposed(try call.integer(1), try call.integer(2)) },
      gradient: { g, call in g.transposed(try call.integer(1), try call.integer(2)) }),
    view(
      "t", "The transpose of a matrix.", example: "tensor{{1, 2}, {3, 4}}:t() --> [[1., 3.], [2., 4.]]", signature: "x [M?, N] -> [N, M?]", [],
      samples: [
        Sample(.uniform([2, 3])), Sample(.uniform([3, 1])), Sample(.uniform([5])), Sample(.transposed([4, 2])), Sample(.uniform([0, 3])), Sample(.strided([3, 4])),
      ],
      failures: [Failure(.uniform([2, 3, 4]), says: "t: a matrix expected, got shape [2, 3, 4]; use :transpose or :permute")],
      forward: { x, _ in
        guard x.rank <= 2 else { throw CallerError("t: a matrix expected, got shape \(x.shape.text); use :transpose or :permute") }
        return x.rank < 2 ? x : x.transposed(0, 1)
      },
      gradient: { g, _ in g.rank < 2 ? g : g.transposed(0, 1) }),
    view(
      "permute", "All dimensions in another order.",
      example: "tensor.zeros(2, 3, 4):permute(3, 1, 2).shape --> {4, 2, 3}",
      signature: "x [*S] -> [*T]", [.init("order", .dimensions, "every dimension once")],
      samples: [
        Sample(.uniform([2, 3]), .sizes([1, 0])), Sample(.uniform([2, 3, 4]), .sizes([2, 0, 1])), Sample(.uniform([2, 3, 4]), .sizes([0, 1, 2])),
        Sample(.transposed([2, 3, 4]), .sizes([1, 2, 0])), Sample(.uniform([0, 3]), .sizes([1, 0])), Sample(.uniform([2, 1, 3, 2]), .sizes([3, 1, 0, 2])),
      ],
      failures: [Failure(.uniform([2, 3]), .sizes([0, 0]), says: "permute: order: expected each of the 2 dimensions once, got [1, 1]")],
      forward: { x, call in
        let order = try call.integers(1)
        guard order.count == x.rank, Set(order) == Set(0..<x.rank) else {
          throw CallerError("permute: order: expected each of the \(x.rank) dimensions once, got [\(order.map { String($0 + 1) }.joined(separator: ", "))]")
        }
        return x.permuted(Dimensions(order))
      },
      gradient: { g, call in
        let order = try call.integers(1)
        var inverse = Dimensions(repeating: 0, count: order.count)
        for (i, d) in order.enumerated() { inverse[d] = i }
        return g.permuted(inverse)
      }),
    view(
      "unsqueeze", "A dimension of size 1 put in at place d.",
      example: "tensor{1, 2}:unsqueeze(2) --> [[1.], [2.]]",
      signature: "x [*S] -> [*T]", [.init("d", .integer(default: nil), "its place in the result, from 1")],
      samples: [
        Sample(.uniform([3]), .integer(1)), Sample(.uniform([3]), .integer(2)), Sample(.uniform([2, 3]), .integer(-1)), Sample(.uniform([]), .integer(1)),
        Sample(.transposed([4, 3]), .integer(2)), Sample(.uniform([0, 3]), .integer(1)),
      ],
      failures: [Failure(.uniform([3]), .integer(4), says: "unsqueeze: d: expected a place in 1...2 or -2...-1, got 4")],
      forward: { x, call in x.unsqueezed(try newPlace(call, x.rank)) },
      gradient: { g, call in g.squeezed(try newPlace(call, g.rank - 1)) }),
    view(
      "squeeze", "Without dimension d if its size is 1, or without all dimensions of size 1.",
      example: "tensor.zeros(1, 3, 1):squeeze().shape --> {3}", signature: "x [*S] -> [*T]",
      [.init("d", .optionalDimension, "the dimension; all of size 1 where left out")],
      samples: [
        Sample(.uniform([1, 3]), .integer(0)), Sample(.uniform([1, 3, 1]), .absent), Sample(.uniform([2, 3]), .integer(0)), Sample(.uniform([1]), .absent),
        Sample(.transposed([3, 1]), .integer(1)), Sample(.uniform([0, 1]), .integer(1)),
      ],
      forward: { x, call in
        if let d = call.optionalInteger(1) { return x.shape[d] == 1 ? x.squeezed(d) : x }
        var y = x
        for d in stride(from: x.rank - 1, through: 0, by: -1) where x.shape[d] == 1 { y = y.squeezed(d) }
        return y
      },
      gradient: { g, call in try g.reshaped(call.shapes[0]) }),
    view(
      "expand", "Dimensions of size 1, and new leading ones, repeated without a copy; −1 leaves a size.",
      example: "tensor{{1}, {2}}:expand(2, 3) --> [[1., 1., 1.], [2., 2., 2.]]", signature: "x [*S] -> [*T]",
      [.init("shape", .shape, "the sizes")],
      samples: [
        Sample(.uniform([1, 3]), .sizes([4, 3])), Sample(.uniform([3]), .sizes([2, 3])), Sample(.uniform([]), .sizes([2, 2])), Sample(.uniform([2, 1]), .sizes([2, 0])), Sample(.uniform([0, 1]), .sizes([0, 3])),
        Sample(.transposed([3, 1]), .sizes([-1, 4])), Sample(.uniform([1, 1, 2]), .sizes([3, 4, -1])),
      ],
      failures: [Failure(.uniform([2, 3]), .sizes([4, 3]), says: "expand: shape [2, 3] cannot be expanded to [4, 3]: only a size of 1 repeats")],
      forward: { x, call in
        var sizes = try call.integers(1)
        guard sizes.count <= Dimensions.maximumCount, sizes.allSatisfy({ $0 >= -1 }) else {
          throw CallerError("expand: shape: expected at most \(Dimensions.maximumCount) sizes of at least 0 (or -1), got [\(sizes.map(String.init).joined(separator: ", "))]")
        }
        for i in sizes.indices where sizes[i] == -1 {
          let d = i - (sizes.count - x.rank)
          guard d >= 0 else { throw CallerError("expand: shape: -1 cannot stand for a new dimension") }
          sizes[i] = x.shape[d]
        }
        return try x.expanded(to: Dimensions(sizes))
      },
      gradient: { g, call in try g.summed(to: call.shapes[0]) }),
    view(
      "select", "Entry i of dimension d, without that dimension.",
      example: "tensor{{1, 2}, {3, 4}}:select(2, 1) --> [1., 3.]", signature: "x [*S] -> [*T]", [d, .init("i", .position, "the position, from 1")],
      samples: [
        Sample(.uniform([3]), .integer(0), .integer(1)), Sample(.uniform([2, 3]), .integer(1), .integer(2)), Sample(.uniform([2, 3, 4]), .integer(1), .integer(0)),
        Sample(.transposed([4, 3]), .integer(0), .integer(3)), Sample(.strided([3, 4]), .integer(1), .integer(1)), Sample(.uniform([2, 0, 2]), .integer(0), .integer(1)),
      ],
      forward: { x, call in x.selected(try call.integer(1), try call.integer(2)) },
      gradient: { g, call in
        let result = try Tensor(filling: call.shapes[0], with: 0, g.dtype)
        result.selected(try call.integer(1), try call.integer(2)).copyElements(from: g)
        return result
      }),
    view(
      "narrow", "`length` entries of dimension d from position `start`.",
      example: "tensor{1, 2, 3, 4}:narrow(1, 2, 2) --> [2., 3.]", signature: "x [*S] -> [*T]",
      [d, .init("start", .position, "the first position, from 1"), .init("length", .integer(default: nil), "how many")],
      samples: [
        Sample(.uniform([5]), .integer(0), .integer(1), .integer(3)), Sample(.uniform([2, 3]), .integer(1), .integer(0), .integer(2)),
        Sample(.uniform([2, 3, 4]), .integer(2), .integer(3), .integer(1)), Sample(.transposed([4, 3]), .integer(0), .integer(1), .integer(2)),
        Sample(.strided([3, 4]), .integer(1), .integer(2), .integer(2)), Sample(.uniform([4]), .integer(0), .integer(2), .integer(0)), Sample(.uniform([2, 0]), .integer(0), .integer(1), .integer(1)),
      ],
      failures: [
        Failure(.uniform([5]), .integer(0), .integer(3), .integer(3), says: "narrow: length: positions 4 to 6 reach beyond dimension 1 of shape [5]")
      ],
      forward: { x, call in
        let d = try call.integer(1), start = try call.integer(2), length = try call.integer(3)
        guard length >= 0, length <= x.shape[d] - start else {
          throw CallerError(
            length < 0 ? "narrow: length: expected at least 0, got \(length)"
              : "narrow: length: positions \(start + 1) to \(start &+ length) reach beyond dimension \(d + 1) of shape \(x.shape.text)")
        }
        return x.narrowed(d, from: start, length: length)
      },
      gradient: { g, call in
        let result = try Tensor(filling: call.shapes[0], with: 0, g.dtype)
        result.narrowed(try call.integer(1), from: try call.integer(2), length: try call.integer(3)).copyElements(from: g)
        return result
      }),
    view(
      "contiguous", "Itself where its elements lie in row-major order, else a copy that does.",
      example: "tensor{{1, 2}, {3, 4}}:t():contiguous():is_contiguous() --> true", signature: "x [*S] -> [*S]", [],
      samples: [
        Sample(.uniform([3])), Sample(.transposed([4, 3])), Sample(.strided([3, 4])), Sample(.expanded([3, 4])), Sample(.uniform([])), Sample(.uniform([0, 2])),
      ],
      forward: { x, _ in try x.contiguous() }, gradient: { g, _ in g }),
    view(
      "clone", "A copy with storage of its own; gradients flow through.",
      example: "tensor{1, 2}:clone():zero_() --> [0., 0.]", signature: "x [*S] -> [*S]", [],
      samples: [
        Sample(.uniform([3])), Sample(.transposed([4, 3])), Sample(.strided([3, 4])), Sample(.expanded([3, 4])), Sample(.uniform([])), Sample(.uniform([0, 2])),
      ],
      isView: false, forward: { x, _ in try x.clone() }, gradient: { g, _ in g }),
    joining(
      "cat", "Tensors joined along dimension d (default 1); the other sizes are equal.",
      example: "tensor.cat({tensor{1, 2}, tensor{3}}, 1) --> [1., 2., 3.]"),
    joining(
      "stack", "Tensors of one shape joined along a new dimension d (default 1).",
      example: "tensor.stack({tensor{1, 2}, tensor{3, 4}}, 2) --> [[1., 3.], [2., 4.]]"),
  ]

  private static func newPlace(_ call: OpContext, _ rank: Int) throws -> Int {
    let d = try call.integer(1)
    let place = d < 0 ? d + rank + 2 : d
    guard (1...(rank + 1)).contains(place), rank < Dimensions.maximumCount else {
      throw CallerError("unsqueeze: d: expected a place in 1...\(rank + 1) or \(-rank - 1)...-1, got \(d)")
    }
    return place - 1
  }

  private static func joining(_ name: String, _ summary: String, example: String) -> OpSpec {
    let stacks = name == "stack"
    @Sendable func place(_ call: OpContext, rank: Int) throws -> Int {
      let given = try call.integer(1)
      let limit = stacks ? rank + 1 : rank
      let d = given < 0 ? given + limit + 1 : given
      guard limit >= 1, (1...limit).contains(d) else {
        throw CallerError("\(name): d: expected a dimension in 1...\(limit) or \(-limit)...-1, got \(given)")
      }
      return d - 1
    }
    return OpSpec(
      name, summary, example: example, signature: "list of [*S] -> [*T]",
      arguments: [.init("list", .tensors, "the tensors"), .init("d", .integer(default: 1), "the dimension, from 1")], placement: .tensor,
      forward: { call in
        var parts = try call.tensors(0)
        guard let first = parts.first else { throw CallerError("\(name): list: expected at least one tensor, got none") }
        guard !stacks || first.rank < Dimensions.maximumCount else {
          throw CallerError("\(name): at most \(Dimensions.maximumCount) dimensions")
        }
        let d = try place(call, rank: first.rank)
        for (i, part) in parts.enumerated() {
          var a = part.shape, b = first.shape
          if !stacks, a.count == b.count { (a[d], b[d]) = (0, 0) }
          guard a == b else {
            throw CallerError("\(name): list[\(i + 1)]: expected \(stacks ? "shape \(first.shape.text)" : "shape \(first.shape.text) apart from dimension \(d + 1)"), got \(part.shape.text)")
          }
        }
        let dtype = parts.reduce(first.dtype) { DType.promoted($0, $1.dtype) }
        if stacks { parts = parts.map { $0.unsqueezed(d) } }
        var shape = parts[0].shape
        shape[d] = parts.reduce(0) { $0 + $1.shape[d] }
        let result = try Tensor(uninitialized: shape, dtype)
        var at = 0
        for part in parts {
          result.narrowed(d, from: at, length: part.shape[d]).copyElements(from: part)
          at += part.shape[d]
        }
        return Outputs(result)
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [] }
        let d = try place(call, rank: stacks ? g.rank - 1 : g.rank)
        var at = 0
        // The last place is that of the dimension.
        return call.shapes.dropLast().map { shape in
          let length = stacks ? 1 : shape[d]
          let part = g.narrowed(d, from: at, length: length)
          at += length
          return stacks ? part.squeezed(d) : part
        }
      },
      samples: [
        Sample(.list([.uniform([3]), .uniform([3])]), .integer(1)), Sample(.list([.uniform([2, 3]), .transposed([2, 3]), .uniform([2, 3])]), .integer(2)),
        Sample(.list([.uniform([2, 3])]), .integer(-1)), Sample(.list([.uniform([0, 3]), .uniform([0, 3])]), .integer(1)),
        Sample(.list([.strided([2, 3, 2]), .uniform([2, 3, 2])]), .integer(-1)), Sample(.list([.expanded([2, 3]), .uniform([2, 3])]), .integer(1)),
      ],
      failures: [
        Failure(
          .list([.uniform([2, 3]), .uniform([2, 3, 1])]), .integer(1),
          says: stacks ? "stack: list[2]: expected shape [2, 3], got [2, 3, 1]" : "cat: list[2]: expected shape [2, 3] apart from dimension 1, got [2, 3, 1]"),
        Failure(.list([]), .integer(1), says: "\(name): list: expected at least one tensor, got none"),
      ])
  }
}
