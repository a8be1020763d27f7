import TensorCore

extension OpSpec {
  static let matrices: [OpSpec] = [matmul, linear, linearReLU, denseLayers, outer]

  // Vectors become matrices for the product and lose the dimension again, as in PyTorch's matmul.
  private static let matmul = OpSpec(
    "matmul", "Matrix product: [M, K] x [K, N], vectors as rows or columns, leading dimensions batched and broadcast.",
    example: "tensor{{1, 2}, {3, 4}}:matmul(tensor{1, 1}) --> [3., 7.]",
    signature: "x [*A, M?, K], y [*B, K, N?] -> [*broadcast(A, B), M?, N?]", arguments: [.tensor("x"), .tensor("y")],
    forward: { call in
      let x = try call.tensor(0), y = try call.tensor(1)
      call.save(x, y)
      return Outputs(try product(x, y))
    },
    gradient: .rule { gradients, call in
      guard var g = gradients[0] else { return [nil, nil] }
      var x = call.saved[0], y = call.saved[1]
      let xIsVector = x.rank == 1, yIsVector = y.rank == 1
      if xIsVector { (x, g) = (x.unsqueezed(0), g.unsqueezed(yIsVector ? g.rank : g.rank - 1)) }
      if yIsVector { (y, g) = (y.unsqueezed(1), g.unsqueezed(g.rank)) }
      var towardsX: Tensor?, towardsY: Tensor?
      if call.needs[0] {
        let full = try product(g, y.transposed(y.rank - 2, y.rank - 1)).summed(to: x.shape)
        towardsX = xIsVector ? full.squeezed(0) : full
      }
      if call.needs[1] {
        let full = try product(x.transposed(x.rank - 2, x.rank - 1), g).summed(to: y.shape)
        towardsY = yIsVector ? full.squeezed(1) : full
      }
      return [towardsX, towardsY]
    },
    samples: [
      Sample(.uniform([2, 3]), .uniform([3, 4])), Sample(.uniform([3]), .uniform([3])), Sample(.uniform([3]), .uniform([3, 2])), Sample(.uniform([2, 3]), .uniform([3])),
      Sample(.uniform([2, 2, 3]), .uniform([3, 4])), Sample(.uniform([2, 2, 3]), .uniform([2, 3, 2])), Sample(.uniform([2, 1, 2, 3]), .uniform([3, 3, 2])),
      Sample(.transposed([4, 3]), .transposed([3, 5])), Sample(.strided([4, 3]), .uniform([3, 2])), Sample(.uniform([0, 3]), .uniform([3, 2])),
      Sample(.uniform([2, 0]), .uniform([0, 3])), Sample(.uniform([3]), .uniform([2, 3, 4])), Sample(.expanded([4, 3]), .uniform([3, 2])),
    ],
    failures: [
      Failure(.uniform([32, 7]), .uniform([8, 3]), says: "matmul: inner sizes differ: [32, 7] x [8, 3]"),
      Failure(.uniform([]), .uniform([2]), says: "matmul: tensors of at least one dimension expected, got shapes [] and [2]"),
      Failure(.integers([2, 2], 1...3), .integers([2, 2], 1...3), says: "matmul: tensors of floating-point numbers expected, got int64 and int64; convert one with :to(\"float32\")"),
    ])

  private static func product(_ x: Tensor, _ y: Tensor) throws -> Tensor {
    guard x.rank >= 1, y.rank >= 1 else {
      throw CallerError("matmul: tensors of at least one dimension expected, got shapes \(x.shape.text) and \(y.shape.text)")
    }
    if x.rank == 1 && y.rank == 1 { return try product(x.unsqueezed(0), y.unsqueezed(1)).reshaped([]) }
    if x.rank == 1 {
      let full = try product(x.unsqueezed(0), y)
      return full.squeezed(full.rank - 2)
    }
    if y.rank == 1 {
      let full = try product(x, y.unsqueezed(1))
      return full.squeezed(full.rank - 1)
    }
    if x.rank == 2 && y.rank == 2 { return try Tensor.matrixProduct(x, y) }
    let (m, k, n) = (x.shape[x.rank - 2], x.shape[x.rank - 1], y.shape[y.rank - 1])
    guard k == y.shape[y.rank - 2] else { throw CallerError("matmul: inner sizes differ: \(x.shape.text) x \(y.shape.text)") }
    func lead(_ t: Tensor) -> Dimensions { Dimensions(t.shape.prefix(t.rank - 2)) }
    // One matrix on the right serves all rows on the left at once.
    if y.rank == 2 {
      var shape = lead(x)
      shape.append(m)
      shape.append(n)
      return try Tensor.matrixProduct(x.reshaped([(lead(x).product ?? 0) * m, k]), y).reshaped(shape)
    }
    guard let batch = Tensor.broadcastShape(lead(x), lead(y)) else {
      throw CallerError("matmul: leading sizes do not broadcast: \(x.shape.text) x \(y.shape.text)")
    }
    let count = batch.product ?? 0
    func batched(_ t: Tensor) throws -> Tensor {
      var shape = batch
      shape.append(t.shape[t.rank - 2])
      shape.append(t.shape[t.rank - 1])
      return try t.expanded(to: shape).reshaped([count, t.shape[t.rank - 2], t.shape[t.rank - 1]])
    }
    let a = try batched(x), b = try batched(y)
    let result = try Tensor(uninitialized: [count, m, n], DType.promoted(x.dtype, y.dtype))
    for i in 0..<count { result.selected(0, i).copyElements(from: try Tensor.matrixProduct(a.selected(0, i), b.selected(0, i))) }
    var shape = batch
    shape.append(m)
    shape.append(n)
    return try result.reshaped(shape)
  }

  // Not the count by the width: rows of no elements are rows too.
  private static func rowCount(_ x: Tensor) -> Int { Dimensions(x.shape.dropLast()).product ?? 0 }

  private static let linear = OpSpec(
    "linear", "x weightᵀ + bias; sparse rows are taken as they are and read only the weights of filled columns.",
    example: "nn.functional.linear(tensor{{1, 2}}, tensor{{1, 0}, {0, 10}}, tensor{0.5, 0.5}) --> [[1.5, 20.5]]",
    signature: "x [*S, D], weight [H, D], bias [H] or nil -> [*S, H]",
    arguments: [.init("x", .rows, "dense, or sparse rows [N, D]"), .tensor("weight"), .init("bias", .optionalTensor)], placement: .functional,
    forward: { call in
      let weight = try call.tensor(1), bias = call.optionalTensor(2)
      guard weight.rank == 2 else { throw CallerError("linear: weight: expected shape [H, D], got \(weight.shape.text)") }
      if let bias, bias.shape != [weight.shape[0]] {
        throw CallerError("linear: bias: expected shape [\(weight.shape[0])], got \(bias.shape.text)")
      }
      if let x = call.sparse(0) {
        guard x.columns == weight.shape[1] else {
          throw CallerError("linear: x: expected rows of \(weight.shape[1]) for a weight of shape \(weight.shape.text), got sparse rows [\(x.rows), \(x.columns)]")
        }
        call.save(x)
        return Outputs(try x.linear(weight: weight, bias: bias))
      }
      let x = try call.tensor(0)
      guard x.rank >= 1, x.shape[x.rank - 1] == weight.shape[1] else {
        throw CallerError("linear: x: expected a last dimension of \(weight.shape[1]) for a weight of shape \(weight.shape.text), got shape \(x.shape.text)")
      }
      call.save(x, weight)
      let flat = x.rank == 2 ? x : try x.reshaped([rowCount(x), weight.shape[1]])
      let y = try bias.map { try DenseLayer.output(flat, weight, $0, relu: false, name: "linear") }
        ?? Tensor.matrixProduct(flat, weight.transposed(0, 1), name: "linear")
      if x.rank == 2 { return Outputs(y) }
      var shape = x.shape
      shape[x.rank - 1] = weight.shape[0]
      return Outputs(try y.reshaped(shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      if let x = call.savedSparse {
        let rows = g.rank == 2 ? g : try g.reshaped([x.rows, g.shape[g.rank - 1]])
        return [nil, call.needs[1] ? try x.linearWeightGradient(rows) : nil, call.needs[2] ? try rows.sum(0, keep: false) : nil]
      }
      let x = call.saved[0], weight = call.saved[1]
      let rows = try g.reshaped([rowCount(x), weight.shape[0]])
      let flat = try x.rank == 2 ? x : x.reshaped([rowCount(x), weight.shape[1]])
      return [
        call.needs[0] ? try Tensor.matrixProduct(rows, weight, layout: x).reshaped(x.shape) : nil,
        // Transposed twice, so that it lies in memory as the weights do and the optimizer runs over both as one row.
        call.needs[1] ? try Tensor.matrixProduct(flat.transposed(0, 1), rows).transposed(0, 1) : nil,
        call.needs[2] ? try rows.sum(0, keep: false) : nil,
      ]
    },
    samples: [
      Sample(.uniform([4, 3]), .uniform([5, 3]), .uniform([5])), Sample(.uniform([4, 3]), .uniform([5, 3]), .absent), Sample(.uniform([3]), .uniform([5, 3]), .uniform([5])),
      Sample(.uniform([2, 4, 3]), .uniform([5, 3]), .uniform([5])), Sample(.transposed([4, 3]), .transposed([5, 3]), .uniform([5])),
      Sample(.sparse([6, 20], filled: 0.3), .uniform([5, 20]), .uniform([5])), Sample(.sparse([40, 30], filled: 0.2), .uniform([100, 30]), .uniform([100])),
      Sample(.sparse([7, 20], filled: 0.2), .uniform([17, 20]), .absent), Sample(.uniform([0, 3]), .uniform([5, 3]), .uniform([5])),
      Sample(.uniform([2, 4, 0]), .uniform([5, 0]), .uniform([5])),
    ],
    failures: [
      Failure(.uniform([4, 2]), .uniform([5, 3]), .absent, says: "linear: x: expected a last dimension of 3 for a weight of shape [5, 3], got shape [4, 2]"),
      Failure(.sparse([4, 9], filled: 0.2), .uniform([5, 3]), .absent, says: "linear: x: expected rows of 3 for a weight of shape [5, 3], got sparse rows [4, 9]"),
      Failure(.uniform([4, 3]), .uniform([5, 3]), .uniform([3]), says: "linear: bias: expected shape [5], got [3]"),
    ])

  private static let linearReLU = OpSpec(
    "linear_relu", "max(x weightᵀ + bias, 0) in one pass: a dense layer and nn.ReLU behind it, as nn.Sequential computes the two.",
    example: "nn.functional.linear_relu(tensor{{1, 2}}, tensor{{1, 0}, {0, -10}}, tensor{0.5, 0.5}) --> [[1.5, 0.]]",
    signature: "x [*S, D], weight [H, D], bias [H] -> [*S, H]", arguments: [.tensor("x"), .tensor("weight"), .tensor("bias")], placement: .functional,
    forward: { call in
      let x = try call.tensor(0), weight = try call.tensor(1), bias = try call.tensor(2)
      guard weight.rank == 2, bias.shape == [weight.shape[0]] else {
        throw CallerError("linear_relu: expected weight [H, D] and bias [H], got shapes \(weight.shape.text) and \(bias.shape.text)")
      }
      guard x.rank >= 1, x.shape[x.rank - 1] == weight.shape[1] else {
        throw CallerError("linear_relu: x: expected a last dimension of \(weight.shape[1]) for a weight of shape \(weight.shape.text), got shape \(x.shape.text)")
      }
      let flat = x.rank == 2 ? x : try x.reshaped([rowCount(x), weight.shape[1]])
      let y = try DenseLayer.output(flat, weight, bias, relu: true, name: "linear_relu")
      call.save(flat, weight, y)
      var shape = x.shape
      shape[x.rank - 1] = weight.shape[0]
      return Outputs(x.rank == 2 ? y : try y.reshaped(shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let x = call.saved[0], weight = call.saved[1], y = call.saved[2]
      let (masked, sums) = try DenseLayer.gradientThroughReLU(y, g.rank == 2 ? g : g.reshaped(y.shape))
      return [
        call.needs[0] ? try Tensor.matrixProduct(masked, weight, layout: x).reshaped(call.shapes[0]) : nil,
        call.needs[1] ? try Tensor.matrixProduct(x.transposed(0, 1), masked).transposed(0, 1) : nil,
        call.needs[2] ? sums : nil,
      ]
    },
    samples: [
      Sample(.uniform([4, 3]), .uniform([5, 3]), .uniform([5])), Sample(.uniform([3]), .uniform([5, 3]), .uniform([5])),
      Sample(.uniform([2, 4, 3]), .uniform([5, 3]), .uniform([5])), Sample(.transposed([4, 3]), .transposed([5, 3]), .strided([5])),
      Sample(.expanded([4, 3]), .uniform([20, 3]), .uniform([20])), Sample(.uniform([0, 3]), .uniform([5, 3]), .uniform([5])),
      Sample(.uniform([300, 4]), .uniform([70, 4]), .uniform([70])), Sample(.uniform([2, 0]), .uniform([5, 0]), .uniform([5])),
    ],
    failures: [
      Failure(
        .uniform([4, 2]), .uniform([5, 3]), .uniform([5]), says: "linear_relu: x: expected a last dimension of 3 for a weight of shape [5, 3], got shape [4, 2]"),
      Failure(.uniform([4, 3]), .uniform([5, 3]), .uniform([3]), says: "linear_relu: expected weight [H, D] and bias [H], got shapes [5, 3] and [3]"),
    ])

  private static let outer = OpSpec(
    "outer", "Outer product of two vectors: x_i y_j.",
    example: "tensor{1, 2}:outer(tensor{3, 4}) --> [[3., 4.], [6., 8.]]",
    signature: "x [M], y [N] -> [M, N]", arguments: [.tensor("x"), .tensor("y")],
    forward: { call in
      let x = try call.tensor(0), y = try call.tensor(1)
      guard x.rank == 1, y.rank == 1 else { throw CallerError("outer: two vectors expected, got shapes \(x.shape.text) and \(y.shape.text)") }
      call.save(x, y)
      return Outputs(try x.unsqueezed(1).multiplied(by: y))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [nil, nil] }
      return [try g.multiplied(by: call.saved[1]).sum(1, keep: false), try g.multiplied(by: call.saved[0].unsqueezed(1)).sum(0, keep: false)]
    },
    samples: [
      Sample(.uniform([3]), .uniform([4])), Sample(.uniform([1]), .uniform([4])), Sample(.uniform([0]), .uniform([4])), Sample(.strided([3]), .uniform([2])),
      Sample(.uniform([5]), .strided([5])), Sample(.uniform([20]), .uniform([30])),
    ],
    failures: [Failure(.uniform([2, 2]), .uniform([2]), says: "outer: two vectors expected, got shapes [2, 2] and [2]")])
}
