import TensorCore

// Layers' inputs brought to mean 0 and variance 1, each in two passes over memory.
extension OpSpec {
  static let norms: [OpSpec] = [layerNorm, batchNorm]

  private static func checkedEpsilon(_ call: OpContext, _ index: Int) throws -> Double {
    let epsilon = try call.number(index)
    guard epsilon >= 0, epsilon.isFinite else { throw CallerError("\(call.name): eps: expected a number of at least 0, got \(epsilon)") }
    return epsilon
  }

  private static let layerNorm = OpSpec(
    "layer_norm",
    "(x − mean)/√(variance + eps) · weight + bias, mean and variance (by n) taken over the last dimensions, which have the sizes normalized_shape (arXiv:1607.06450).",
    example: "nn.functional.layer_norm(tensor{{0, 2}, {5, 9}}, 2, {eps = 0}) --> [[-1., 1.], [-1., 1.]]",
    signature: "x [*S], weight [*W] or nil, bias [*W] or nil -> [*S]",
    arguments: [
      .tensor(), .init("normalized_shape", .sizes, "the last sizes of x"), .init("weight", .optionalTensor, "of shape normalized_shape, 1 where left out"),
      .init("bias", .optionalTensor, "of shape normalized_shape, 0 where left out"), .init("eps", .number(default: 1e-5), "added to the variance"),
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0), sizes = try call.integers(1)
      try requireFloat(x, "layer_norm")
      guard (1...max(x.rank, 1)).contains(sizes.count), x.rank > 0, Array(x.shape.suffix(sizes.count)) == sizes else {
        throw CallerError("layer_norm: x: expected last dimensions of \(listed(sizes)) (normalized_shape), got shape \(x.shape.text)")
      }
      let shape = Dimensions(sizes)
      func parameter(_ index: Int, _ name: String) throws -> Tensor? {
        guard let given = call.optionalTensor(index) else { return nil }
        try requireFloat(given, "layer_norm", name)
        guard given.shape == shape else { throw CallerError("layer_norm: \(name): expected shape \(shape.text) (normalized_shape), got \(given.shape.text)") }
        return try given.converted(to: x.dtype).reshaped([given.count])
      }
      let weight = try parameter(2, "weight"), bias = try parameter(3, "bias")
      let epsilon = try checkedEpsilon(call, 4)
      let width = shape.product ?? 0
      let rows = try x.reshaped([width > 0 ? x.count / width : 0, width]).contiguous()
      let normal = try RowNormalization(rows, weight: weight, bias: bias, epsilon: epsilon)
      if let weight { call.save(rows, normal.mean, normal.scale, weight) } else { call.save(rows, normal.mean, normal.scale) }
      return Outputs(try normal.result.reshaped(x.shape))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let rows = call.saved[0], shape = Dimensions(try call.integers(1))
      let found = try RowNormalization.gradients(
        rows, g.reshaped(rows.shape), weight: call.saved.count > 3 ? call.saved[3] : nil, mean: call.saved[1], scale: call.saved[2],
        wanted: (call.needs[0], call.needs[2], call.needs[3]))
      return [try found.x?.reshaped(call.shapes[0]), nil, try found.weight?.reshaped(shape), try found.bias?.reshaped(shape)]
    },
    samples: [
      Sample(.uniform([4, 5]), .sizes([5]), .uniform([5]), .uniform([5])), Sample(.uniform([4, 5]), .sizes([5]), .absent, .absent, .number(0.1)),
      Sample(.uniform([2, 3, 4]), .sizes([3, 4]), .uniform([3, 4]), .uniform([3, 4])), Sample(.uniform([6]), .sizes([6]), .uniform([6]), .absent),
      Sample(.transposed([5, 3]), .sizes([3]), .absent, .uniform([3])), Sample(.strided([3, 20]), .sizes([20]), .uniform([20]), .uniform([20])),
      Sample(.uniform([2, 3, 40]), .sizes([40]), .strided([40]), .uniform([40])), Sample(.uniform([3, 2, 3, 6]), .sizes([2, 3, 6]), .transposed([2, 3, 6]), .absent),
      Sample(.expanded([4, 5]), .sizes([5]), .uniform([5]), .absent),
      Sample(.uniform([0, 3]), .sizes([3]), .uniform([3]), .uniform([3])), Sample(.uniform([2, 0]), .sizes([0]), .absent, .absent),
    ],
    failures: [
      Failure(.uniform([4, 5]), .sizes([4]), says: "layer_norm: x: expected last dimensions of {4} (normalized_shape), got shape [4, 5]"),
      Failure(.uniform([5]), .sizes([4, 5]), says: "layer_norm: x: expected last dimensions of {4, 5} (normalized_shape), got shape [5]"),
      Failure(.uniform([]), .sizes([]), says: "layer_norm: x: expected last dimensions of {} (normalized_shape), got shape []"),
      Failure(.uniform([2, 3]), .sizes([3]), .uniform([2]), says: "layer_norm: weight: expected shape [3] (normalized_shape), got [2]"),
      Failure(.uniform([2, 3]), .sizes([3]), .absent, .uniform([1, 3]), says: "layer_norm: bias: expected shape [3] (normalized_shape), got [1, 3]"),
      Failure(.uniform([2, 3]), .sizes([3]), .absent, .absent, .number(-1), says: "layer_norm: eps: expected a number of at least 0, got -1.0"),
      Failure(.integers([2, 3], 0...3), .sizes([3]), says: "layer_norm: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")"),
    ])

  private static func listed(_ sizes: [Int]) -> String { "{\(sizes.prefix(9).map(String.init).joined(separator: ", "))}" }

  private static let batchNorm = OpSpec(
    "batch_norm",
    "(x − mean)/√(variance + eps) · weight + bias, channel by channel (arXiv:1502.03167). In training mean and variance (by n) are those of the batch, and running_mean and running_var, where given, move towards them by the fraction momentum, the variance by n − 1; else they are running_mean and running_var.",
    example: "nn.functional.batch_norm(tensor{{0, 5}, {2, 9}}, {training = true, eps = 0}) --> [[-1., -1.], [1., 1.]]",
    signature: "x [N, C, *S], running_mean [C] or nil, running_var [C] or nil, weight [C] or nil, bias [C] or nil -> [N, C, *S]",
    arguments: [
      .tensor(), .init("running_mean", .optionalTensor, "[C]; changed in training"), .init("running_var", .optionalTensor, "[C]; changed in training"),
      .init("weight", .optionalTensor, "[C], 1 where left out"), .init("bias", .optionalTensor, "[C], 0 where left out"),
      .init("training", .flag(default: false), "whether the batch's own mean and variance are used"),
      .init("momentum", .number(default: 0.1), "weight of the batch in the running statistics"), .init("eps", .number(default: 1e-5), "added to the variance"),
    ], placement: .functional,
    forward: { call in
      let x = try call.tensor(0), training = call.flag(5), momentum = try call.number(6)
      try requireFloat(x, "batch_norm")
      guard x.rank >= 2 else { throw CallerError("batch_norm: x: expected shape [N, C, ...], got \(x.shape.text)") }
      let channels = x.shape[1]
      func perChannel(_ index: Int, _ name: String) throws -> Tensor? {
        guard let given = call.optionalTensor(index) else { return nil }
        try requireFloat(given, "batch_norm", name)
        guard given.shape == [channels] else {
          throw CallerError("batch_norm: \(name): expected shape [\(channels)] for x of shape \(x.shape.text), got \(given.shape.text)")
        }
        return given
      }
      let runningMean = try perChannel(1, "running_mean"), runningVariance = try perChannel(2, "running_var")
      let weight = try perChannel(3, "weight")?.array(of: Double.self) ?? Array(repeating: 1, count: channels)
      let bias = try perChannel(4, "bias")?.array(of: Double.self) ?? Array(repeating: 0, count: channels)
      let epsilon = try checkedEpsilon(call, 7)
      guard momentum.isFinite else { throw CallerError("batch_norm: momentum: expected a finite number, got \(momentum)") }
      let loops = try ChannelNormalization(x)
      let mean: [Double], variance: [Double]
      if training {
        guard loops.valuesPerChannel > 1 || channels == 0 else {
          throw CallerError("batch_norm: x: expected more than 1 value per channel in training, got shape \(x.shape.text)")
        }
        (mean, variance) = try loops.moments()
      } else {
        guard let runningMean, let runningVariance else {
          throw CallerError("batch_norm: running_mean and running_var: expected both where training is false, got nothing for \(runningMean == nil ? "running_mean" : "running_var")")
        }
        (mean, variance) = (try runningMean.array(of: Double.self), try runningVariance.array(of: Double.self))
      }
      let scale = variance.map { 1 / ($0 + epsilon).squareRoot() }
      let y = try loops.scaled(mean: mean, scale: zip(scale, weight).map { $0 * $1 }, shift: bias)
      call.save(x, try Tensor(mean), try Tensor(scale), try Tensor(weight))
      // Last, because a call that ran out of memory is made once more.
      if training {
        let n = Double(loops.valuesPerChannel)
        try follow(runningMean, mean, momentum)
        try follow(runningVariance, variance.map { $0 * n / (n - 1) }, momentum)
      }
      return Outputs(y)
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let x = call.saved[0], training = call.flag(5)
      let mean = try call.saved[1].array(of: Double.self), scale = try call.saved[2].array(of: Double.self), weight = try call.saved[3].array(of: Double.self)
      let loops = try ChannelNormalization(x), channels = mean.indices
      let n = Double(loops.valuesPerChannel)
      let a = channels.map { weight[$0] * scale[$0] }
      func perChannel(_ index: Int, _ values: @autoclosure () -> [Double]) throws -> Tensor? {
        call.needs[index] ? try Tensor(values()).converted(to: g.dtype) : nil
      }
      let othersNeedSums = training || call.needs[1...4].contains(true)
      let (sums, moments) = othersNeedSums ? try loops.gradientSums(g, mean: mean) : ([], [])
      let zeros = [Double](repeating: 0, count: mean.count)
      return [
        call.needs[0]
          ? try loops.gradient(
            g, mean: mean, a: a, b: training ? channels.map { -a[$0] * scale[$0] * scale[$0] * moments[$0] / n } : zeros,
            k: training ? channels.map { -a[$0] * sums[$0] / n } : zeros) : nil,
        training ? nil : try perChannel(1, channels.map { -a[$0] * sums[$0] }),
        training ? nil : try perChannel(2, channels.map { -0.5 * a[$0] * scale[$0] * scale[$0] * moments[$0] }),
        try perChannel(3, channels.map { scale[$0] * moments[$0] }), try perChannel(4, sums),
      ]
    },
    samples: [
      Sample(.uniform([5, 3]), .absent, .absent, .uniform([3]), .uniform([3]), .flag(true)),
      Sample(.uniform([4, 2, 3]), .uniform([2]), .uniform([2], 0.5...2), .uniform([2]), .uniform([2]), .flag(true), .number(0.3)),
      Sample(.uniform([2, 3, 4, 5]), .absent, .absent, .uniform([3]), .absent, .flag(true), .absent, .number(0.1)),
      Sample(.uniform([3, 2, 4, 5]), .uniform([2]), .uniform([2], 0.5...2), .uniform([2]), .uniform([2]), .flag(false)),
      Sample(.uniform([4, 3]), .uniform([3]), .uniform([3], 0.5...2), .absent, .uniform([3])),
      Sample(.transposed([5, 3]), .absent, .absent, .absent, .absent, .flag(true)), Sample(.strided([3, 2, 7]), .absent, .absent, .strided([2]), .uniform([2]), .flag(true)),
      Sample(.uniform([2, 1, 6, 6]), .absent, .absent, .uniform([1]), .uniform([1]), .flag(true)),
      Sample(.expanded([4, 3]), .uniform([3]), .uniform([3], 0.5...2), .uniform([3]), .uniform([3]), .flag(false)),
      Sample(.uniform([0, 2]), .uniform([2]), .uniform([2], 0.5...2), .uniform([2]), .uniform([2])),
    ],
    failures: [
      Failure(.uniform([3]), says: "batch_norm: x: expected shape [N, C, ...], got [3]"),
      Failure(.uniform([3, 2]), says: "batch_norm: running_mean and running_var: expected both where training is false, got nothing for running_mean"),
      Failure(.uniform([3, 2]), .uniform([3]), .uniform([3]), says: "batch_norm: running_mean: expected shape [2] for x of shape [3, 2], got [3]"),
      Failure(.uniform([3, 2]), .absent, .absent, .uniform([1]), .absent, .flag(true), says: "batch_norm: weight: expected shape [2] for x of shape [3, 2], got [1]"),
      Failure(.uniform([1, 2]), .absent, .absent, .absent, .absent, .flag(true), says: "batch_norm: x: expected more than 1 value per channel in training, got shape [1, 2]"),
      Failure(.uniform([0, 2]), .absent, .absent, .absent, .absent, .flag(true), says: "batch_norm: x: expected more than 1 value per channel in training, got shape [0, 2]"),
      Failure(.uniform([3, 2]), .absent, .absent, .absent, .absent, .flag(true), .absent, .number(.nan), says: "batch_norm: eps: expected a number of at least 0, got nan"),
      Failure(.uniform([3, 2]), .absent, .absent, .absent, .absent, .flag(true), .number(.infinity), says: "batch_norm: momentum: expected a finite number, got inf"),
    ])

  private static func follow(_ running: Tensor?, _ now: [Double], _ momentum: Double) throws {
    guard let running else { return }
    let new = zip(try running.array(of: Double.self), now).map { (1 - momentum) * $0 + momentum * $1 }
    running.copyElements(from: try Tensor(new, shape: running.shape))
    running.storage.markChanged()
  }
}
