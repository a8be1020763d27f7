import Glibc
import TensorCore

// A mixture of diagonal Gaussians as a prior that is learned (arXiv:2104.08291, section 3): Σ_r p_r N(M_r, e^{L_r}), p = softmax of logits.
extension OpSpec {
  static let gaussianMixtures: [OpSpec] = [gaussianEntropy, mixtureLogDensity, mixtureResponsibilities, ashmanDistance]

  private static let gaussianEntropy = OpSpec(
    "gaussian_entropy", "Entropy of the diagonal Gaussian with the variances e^logvar, in nats: ½ Σ (1 + ln 2π + logvar) over the last dimension (arXiv:2104.08291, section 3).",
    example: "nn.functional.gaussian_entropy(tensor{0}) --> 1.41894",
    signature: "logvar [*S, D] -> [*S]", arguments: [.tensor("logvar")], placement: .functional,
    forward: { call in
      let logvar = try call.tensor(0)
      try requireFloat(logvar, "gaussian_entropy", "logvar")
      guard logvar.rank >= 1 else { throw CallerError("gaussian_entropy: logvar: expected shape [*S, D], got []") }
      let constant = Double(logvar.shape[logvar.rank - 1]) * (1 + log(2 * Double.pi)) / 2
      return Outputs(try logvar.sum(logvar.rank - 1, keep: false).multiplied(by: 0.5).adding(Tensor(scalar: constant, logvar.dtype)))
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      return [try g.multiplied(by: 0.5).unsqueezed(g.rank).expanded(to: call.shapes[0])]
    },
    samples: [
      Sample(.uniform([4, 2])), Sample(.uniform([3])), Sample(.transposed([3, 2])), Sample(.strided([2, 3, 2])), Sample(.expanded([4, 3])), Sample(.uniform([0, 2])),
    ],
    failures: [Failure(.uniform([]), says: "gaussian_entropy: logvar: expected shape [*S, D], got []")])

  /// The prior as ops take it after the points z [N, D].
  private static let mixtureArguments: [ArgumentSpec] = [
    .tensor("z"), .tensor("logits", "of the weights"), .tensor("means", "one row per component"), .tensor("logvars", "logarithms of the variances"),
  ]

  private static func mixtureFailures(_ name: String) -> [Failure] {
    [
      Failure(
        .uniform([4, 2]), .uniform([3]), .uniform([2, 2]), .uniform([3, 2]),
        says: "\(name): expected z [N, D], logits [R], means [R, D] and logvars [R, D], got [4, 2], [3], [2, 2] and [3, 2]"),
      Failure(
        .uniform([4, 2]), .uniform([0]), .uniform([0, 2]), .uniform([0, 2]), says: "\(name): logits: expected at least one component, got shape [0]"),
    ]
  }

  /// How far points are from the components, and ln p_r + ln N(z; M_r, e^{L_r}).
  private struct Components {
    /// z − M_r, [N, R, D].
    let difference: Tensor
    /// e^{−L}, [R, D].
    let precision: Tensor
    /// ln p_r + ln N(z; M_r, e^{L_r}), [N, R].
    let joint: Tensor

    init(_ call: OpContext) throws {
      let z = try call.tensor(0), logits = try call.tensor(1), means = try call.tensor(2), logvars = try call.tensor(3), name = call.name
      for (tensor, argument) in [(z, "z"), (logits, "logits"), (means, "means"), (logvars, "logvars")] { try requireFloat(tensor, name, argument) }
      guard z.rank == 2, logits.rank == 1, means.shape == [logits.shape[0], z.shape[1]], logvars.shape == means.shape else {
        throw CallerError(
          "\(name): expected z [N, D], logits [R], means [R, D] and logvars [R, D], got \(z.shape.text), \(logits.shape.text), \(means.shape.text) and \(logvars.shape.text)")
      }
      guard logits.shape[0] >= 1 else { throw CallerError("\(name): logits: expected at least one component, got shape \(logits.shape.text)") }
      difference = try z.unsqueezed(1).subtracting(means)
      precision = try logvars.negated().mapped(.exp)
      let distances = try difference.multiplied(by: difference).multiplied(by: precision).sum(2, keep: false)
      let constants = try logvars.sum(1, keep: false).adding(Tensor(scalar: Double(z.shape[1]) * log(2 * Double.pi), logvars.dtype))
      joint = try logits.rowFunction(.logSoftmax, 0).subtracting(distances.adding(constants).multiplied(by: 0.5))
    }
  }

  private static let mixtureLogDensity = OpSpec(
    "gaussian_mixture_log_prob",
    "Logarithm of the density of a mixture of diagonal Gaussians: ln Σ_r p_r N(z; M_r, e^{L_r}) with p = softmax(logits), through log-sum-exp (arXiv:2104.08291, eqs. 4–9).",
    example: "nn.functional.gaussian_mixture_log_prob(tensor{{0}}, tensor{0, 0}, tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [-1.419]",
    signature: "z [N, D], logits [R], means [R, D], logvars [R, D] -> [N]", arguments: mixtureArguments, placement: .functional,
    forward: { call in
      let components = try Components(call)
      let density = try components.joint.rowFunction(.logSumExp, 1)
      // How much of the density at z each component has.
      call.save(components.difference, components.precision, try components.joint.rowFunction(.softmax, 1), try call.tensor(1).rowFunction(.softmax, 0))
      return Outputs(density)
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let (difference, precision, shares, weights) = (call.saved[0], call.saved[1], call.saved[2], call.saved[3])
      let each = g.unsqueezed(1)
      let pull = try difference.multiplied(by: precision)
      let share = try shares.multiplied(by: each).unsqueezed(2)
      let towardsMeans = try pull.multiplied(by: share)
      let one = try Tensor(scalar: 1, difference.dtype)
      return [
        call.needs[0] ? try towardsMeans.sum(1, keep: false).negated() : nil,
        call.needs[1] ? try shares.subtracting(weights).multiplied(by: each).sum(0, keep: false) : nil,
        call.needs[2] ? try towardsMeans.sum(0, keep: false) : nil,
        call.needs[3] ? try difference.multiplied(by: pull).subtracting(one).multiplied(by: share).sum(0, keep: false).multiplied(by: 0.5) : nil,
      ]
    },
    samples: [
      Sample(.uniform([4, 2]), .uniform([3]), .uniform([3, 2]), .uniform([3, 2])), Sample(.uniform([3, 1]), .uniform([2]), .uniform([2, 1]), .uniform([2, 1])),
      Sample(.uniform([3, 2]), .uniform([1]), .uniform([1, 2]), .uniform([1, 2])), Sample(.uniform([3, 1], 40...50), .uniform([2]), .uniform([2, 1]), .uniform([2, 1], -1...1)),
      Sample(.transposed([4, 2]), .strided([3]), .strided([3, 2]), .transposed([3, 2])), Sample(.expanded([4, 2]), .uniform([2]), .uniform([2, 2]), .uniform([2, 2])),
      Sample(.uniform([0, 2]), .uniform([3]), .uniform([3, 2]), .uniform([3, 2])),
    ],
    failures: mixtureFailures("gaussian_mixture_log_prob"))

  private static let mixtureResponsibilities = OpSpec(
    "gaussian_mixture_responsibilities",
    "The probability of each component given z: p_r N(z; M_r, e^{L_r})/Σ_s p_s N(z; M_s, e^{L_s}) with p = softmax(logits).",
    example: "nn.functional.gaussian_mixture_responsibilities(tensor{{0}}, tensor{0, 0}, tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [[0.5, 0.5]]",
    signature: "z [N, D], logits [R], means [R, D], logvars [R, D] -> [N, R]", arguments: mixtureArguments, placement: .functional,
    forward: { call in Outputs(try Components(call).joint.rowFunction(.softmax, 1)) },
    gradient: .none(reason: "it is a figure for evaluation; the gradient of the density is that of gaussian_mixture_log_prob"),
    samples: [
      Sample(.uniform([4, 2]), .uniform([3]), .uniform([3, 2]), .uniform([3, 2])), Sample(.uniform([3, 1], 40...50), .uniform([2]), .uniform([2, 1]), .uniform([2, 1], -1...1)),
      Sample(.uniform([3, 2]), .uniform([1]), .uniform([1, 2]), .uniform([1, 2])),
      Sample(.transposed([4, 2]), .strided([3]), .strided([3, 2]), .transposed([3, 2])), Sample(.expanded([4, 2]), .uniform([2]), .uniform([2, 2]), .uniform([2, 2])),
      Sample(.uniform([0, 2]), .uniform([3]), .uniform([3, 2]), .uniform([3, 2])),
    ],
    failures: mixtureFailures("gaussian_mixture_responsibilities"))

  private static let ashmanDistance = OpSpec(
    "ashman_distance",
    "Ashman distance of each pair of diagonal Gaussians, in the order (1, 2), (1, 3), …, (2, 3), …: D² = Σ_i 2 (M_1i − M_2i)²/(σ²_1i + σ²_2i); above 2 the modes are clearly apart (arXiv:2104.08291, eq. 12). The gradient at D = 0 is 0.",
    example: "nn.functional.ashman_distance(tensor{{-1}, {1}}, tensor{{0}, {0}}) --> [2.]",
    signature: "means [R, D], logvars [R, D] -> [P]", arguments: [.tensor("means", "one row per Gaussian"), .tensor("logvars", "logarithms of the variances")],
    placement: .functional,
    forward: { call in
      let name = "ashman_distance", means = try call.tensor(0), logvars = try call.tensor(1)
      try requireFloat(means, name, "means")
      try requireFloat(logvars, name, "logvars")
      guard means.rank == 2, logvars.shape == means.shape else {
        throw CallerError("\(name): means and logvars: expected one shape [R, D], got \(means.shape.text) and \(logvars.shape.text)")
      }
      let (first, second) = try pairs(means.shape[0])
      let variances = try logvars.mapped(.exp)
      let difference = try rows(means, first).subtracting(rows(means, second))
      let both = try rows(variances, first).adding(rows(variances, second))
      let distances = try difference.multiplied(by: difference).divided(by: both).sum(1, keep: false).multiplied(by: 2).mapped(.sqrt)
      call.save(difference, both, variances, distances)
      return Outputs(distances)
    },
    gradient: .rule { gradients, call in
      guard let g = gradients[0] else { return [] }
      let (difference, both, variances, distances) = (call.saved[0], call.saved[1], call.saved[2], call.saved[3])
      let isZero = try Tensor.compared(.eq, distances, Tensor(scalar: 0, distances.dtype), name: "ashman_distance").converted(to: distances.dtype)
      // dD = Σ_i 2 (ΔM_i/s_i) dΔM_i/D − Σ_i (ΔM_i/s_i)² ds_i/D; where D is 0 so are the numerators.
      let slope = try g.divided(by: distances.adding(isZero)).unsqueezed(1)
      let ratio = try difference.divided(by: both)
      let byDifference = try ratio.multiplied(by: slope).multiplied(by: 2)
      let byVariance = try ratio.multiplied(by: ratio).multiplied(by: slope).negated()
      let (first, second) = try pairs(variances.shape[0])
      return [
        call.needs[0] ? try gathered(byDifference, first, variances.shape).subtracting(gathered(byDifference, second, variances.shape)) : nil,
        call.needs[1]
          ? try gathered(byVariance, first, variances.shape).adding(gathered(byVariance, second, variances.shape)).multiplied(by: variances) : nil,
      ]
    },
    samples: [
      Sample(.uniform([2, 1]), .uniform([2, 1])), Sample(.uniform([3, 2]), .uniform([3, 2])), Sample(.transposed([4, 3]), .strided([4, 3])), Sample(.strided([3, 1], 3...9), .uniform([3, 1], -4...4)),
      Sample(.uniform([1, 2]), .uniform([1, 2])), Sample(.uniform([0, 2]), .uniform([0, 2])),
    ],
    failures: [
      Failure(.uniform([2, 2]), .uniform([2, 1]), says: "ashman_distance: means and logvars: expected one shape [R, D], got [2, 2] and [2, 1]")
    ])

  // The members of each pair, as numbers of rows from 0.
  private static func pairs(_ count: Int) throws -> (first: [Int], second: [Int]) {
    guard count <= 1000 else { throw CallerError("ashman_distance: means: expected at most 1000 Gaussians, got \(count)") }
    var first: [Int] = [], second: [Int] = []
    for a in 0..<count {
      for b in 0..<count where b > a {
        first.append(a)
        second.append(b)
      }
    }
    return (first, second)
  }

  private static func rows(_ x: Tensor, _ chosen: [Int]) throws -> Tensor {
    let result = try Tensor(uninitialized: [chosen.count, x.shape[1]], x.dtype)
    for (place, row) in chosen.enumerated() { result.narrowed(0, from: place, length: 1).copyElements(from: x.narrowed(0, from: row, length: 1)) }
    return result
  }

  // Σ over the pairs that a row is in.
  private static func gathered(_ x: Tensor, _ places: [Int], _ shape: Dimensions) throws -> Tensor {
    let result = try Tensor(filling: shape, with: 0, x.dtype)
    for (pair, row) in places.enumerated() {
      let target = result.narrowed(0, from: row, length: 1)
      target.copyElements(from: try target.adding(x.narrowed(0, from: pair, length: 1)))
    }
    return result
  }
}
