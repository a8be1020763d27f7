import TensorCore

extension OpSpec {
  static let denseLayers = OpSpec(
    "dense_layers",
    "Linear layers with max(…, 0) between them, and with `relu` behind the last, in one pass: x_i = max(x_(i−1) weights[i]ᵀ + biases[i], 0), as nn.Sequential computes them.",
    example: "nn.functional.dense_layers(tensor{{1, 2}}, {tensor{{1, 0}, {0, -1}}, tensor{{10, 10}}}, {tensor{0.5, 0.5}, tensor{1}}) --> [[16.]]",
    signature: "x [N, D], weights of [_, _], biases of [_] -> [N, H]",
    arguments: [
      .tensor("x"), .init("weights", .tensors, "of each layer, [outputs, inputs]"), .init("biases", .tensors, "of each layer, [outputs]"),
      .init("relu", .flag(default: false), "whether max(…, 0) follows the last layer too"),
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0), layers = try checkedLayers(call, x)
      let outputs: [Tensor]
      if DenseLayers.fit(x, layers.map(\.fused)) {
        outputs = try DenseLayers.outputs(x, layers.map(\.fused))
      } else {
        var list: [Tensor] = []
        for layer in layers { list.append(try DenseLayer.output(list.last ?? x, layer.weight, layer.bias, relu: layer.relu, name: "dense_layers")) }
        outputs = list
      }
      guard let last = outputs.last else { return Outputs(x) }
      call.save(x)
      for layer in layers { call.save(layer.weight) }
      // Who changes the result of a linear layer in place does no harm.
      for (layer, output) in zip(layers, outputs) where layer.relu { call.save(output) }
      return Outputs(last)
    },
    gradient: .rule { gradients, call in
      guard var g = gradients[0] else { return [] }
      let relu = call.flag(3), count = (call.needs.count - 2) / 2, x = call.saved[0]
      let weights = Array(call.saved[1..<(1 + count)]), outputs = Array(call.saved[(1 + count)...])
      // The biases are not read any more.
      let layers = weights.indices.map { DenseLayers.Layer(weight: weights[$0], bias: x, relu: relu || $0 < count - 1) }
      if g.dtype == .float32, DenseLayers.fit(x, layers) {
        let found = try DenseLayers.gradients(g, x, layers, outputs: relu ? outputs : outputs + [g], needs: call.needs)
        return [found.x] + found.weights + found.biases
      }
      var towardsWeights: [Tensor?] = Array(repeating: nil, count: count), towardsBiases = towardsWeights
      for i in weights.indices.reversed() {
        let input = i == 0 ? x : outputs[i - 1]
        let (masked, sums) = relu || i < count - 1 ? try DenseLayer.gradientThroughReLU(outputs[i], g) : (g, try g.sum(0, keep: false))
        if call.needs[1 + i] { towardsWeights[i] = try Tensor.matrixProduct(input.transposed(0, 1), masked).transposed(0, 1) }
        towardsBiases[i] = sums
        if i > 0 || call.needs[0] { g = try Tensor.matrixProduct(masked, weights[i]) }
      }
      return [call.needs[0] ? g : nil] + towardsWeights + towardsBiases
    },
    samples: [
      Sample(.uniform([4, 3]), .list([.uniform([5, 3]), .uniform([2, 5])]), .list([.uniform([5]), .uniform([2])]), .flag(false)),
      Sample(.uniform([4, 3]), .list([.uniform([5, 3]), .uniform([2, 5])]), .list([.uniform([5]), .uniform([2])]), .flag(true)),
      Sample(.uniform([3, 4]), .list([.uniform([1, 4])]), .list([.uniform([1])]), .flag(false)),
      Sample(.transposed([6, 4]), .list([.transposed([20, 4]), .uniform([17, 20]), .strided([3, 17])]), .list([.strided([20]), .uniform([17]), .uniform([3])]), .flag(false)),
      Sample(.expanded([5, 3]), .list([.uniform([4, 3]), .uniform([1, 4]), .uniform([6, 1])]), .list([.uniform([4]), .uniform([1]), .uniform([6])]), .flag(true)),
      Sample(.uniform([0, 3]), .list([.uniform([5, 3]), .uniform([2, 5])]), .list([.uniform([5]), .uniform([2])]), .flag(false)),
      Sample(.uniform([90, 70]), .list([.uniform([40, 70], -0.2...0.2), .uniform([70, 40], -0.2...0.2)]), .list([.uniform([40]), .uniform([70])]), .flag(false)),
    ],
    failures: [
      Failure(.uniform([3]), .list([.uniform([5, 3])]), .list([.uniform([5])]), .flag(false), says: "dense_layers: x: expected shape [N, D], got [3]"),
      Failure(.uniform([4, 3]), .list([]), .list([]), .flag(false), says: "dense_layers: expected as many weights as biases and at least one of each, got 0 and 0"),
      Failure(
        .uniform([4, 3]), .list([.uniform([5, 3]), .uniform([2, 4])]), .list([.uniform([5]), .uniform([2])]), .flag(false),
        says: "dense_layers: weights[2]: expected shape [H, 5], got [2, 4]"),
      Failure(.uniform([4, 3]), .list([.uniform([5, 3])]), .list([.uniform([4])]), .flag(false), says: "dense_layers: biases[1]: expected shape [5], got [4]"),
    ])

  private struct CheckedLayer {
    let weight: Tensor
    let bias: Tensor
    let relu: Bool
    var fused: DenseLayers.Layer { DenseLayers.Layer(weight: weight, bias: bias, relu: relu) }
  }

  private static func checkedLayers(_ call: OpContext, _ x: Tensor) throws -> [CheckedLayer] {
    let weights = try call.tensors(1), biases = try call.tensors(2), relu = call.flag(3)
    guard x.rank == 2 else { throw CallerError("dense_layers: x: expected shape [N, D], got \(x.shape.text)") }
    guard weights.count == biases.count, !weights.isEmpty else {
      throw CallerError("dense_layers: expected as many weights as biases and at least one of each, got \(weights.count) and \(biases.count)")
    }
    var width = x.shape[1]
    return try weights.indices.map { i in
      guard weights[i].rank == 2, weights[i].shape[1] == width else {
        throw CallerError("dense_layers: weights[\(i + 1)]: expected shape [H, \(width)], got \(weights[i].shape.text)")
      }
      width = weights[i].shape[0]
      guard biases[i].shape == [width] else { throw CallerError("dense_layers: biases[\(i + 1)]: expected shape [\(width)], got \(biases[i].shape.text)") }
      return CheckedLayer(weight: weights[i], bias: biases[i], relu: relu || i < weights.count - 1)
    }
  }
}
