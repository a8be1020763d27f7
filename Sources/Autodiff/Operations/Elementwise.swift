import TensorCore

extension OpSpec {
  private enum Saves { case input, output, nothing }

  // Whole numbers stay int64 where the function keeps them whole and become float32 elsewhere, as in PyTorch.
  // An entry whose loops and derivative are a line of CVectorMath's operations/unary.def.
  private static func unary(
    _ name: String, _ function: UnaryFunction, _ summary: String, example: String, saves: Saves, on range: ClosedRange<Double> = -3...3,
    parameters: [(name: String, value: Double, help: String)] = []
  ) -> OpSpec {
    let extra: [SampleArgument] = parameters.map { _ in .absent }
    func sample(_ x: SampleArgument) -> Sample { Sample(list: [x] + extra) }
    return OpSpec(
      name, summary, example: example, signature: "x [*S] -> [*S]",
      arguments: [.tensor()] + parameters.map { ArgumentSpec($0.name, .number(default: $0.value), $0.help) },
      forward: { call in
        var x = try call.tensor(0)
        if !x.dtype.isFloatingPoint {
          if let whole = try x.mappedIntegers(function) { return Outputs(whole) }
          x = try x.converted(to: .float32)
        }
        let p = parameters.count > 0 ? try call.number(1) : 0, q = parameters.count > 1 ? try call.number(2) : 0
        let y = try x.mapped(function, p: p, q: q)
        switch saves {
        case .input: call.save(x)
        case .output: call.save(y)
        case .nothing: break
        }
        return Outputs(y)
      },
      gradient: .rule { gradients, call in
        guard let g = gradients[0] else { return [nil] }
        let p = parameters.count > 0 ? try call.number(1) : 0, q = parameters.count > 1 ? try call.number(2) : 0
        return [try g.mappedGradient(function, saved: call.saved.first ?? g, p: p, q: q)]
      },
      samples: [
        sample(.uniform([3], range)), sample(.uniform([], range)), sample(.uniform([2, 3, 40], range)), sample(.uniform([0, 4], range)),
        sample(.transposed([4, 2], range)), sample(.strided([3, 5], range)), sample(.expanded([4, 3], range)),
      ])
  }

  static func requireFloat(_ x: Tensor, _ name: String, _ argument: String = "x") throws {
    guard x.dtype.isFloatingPoint else {
      throw CallerError("\(name): \(argument): expected a floating-point tensor, got \(x.dtype.name); convert it with :to(\"float32\")")
    }
  }

  static let elementwise: [OpSpec] = [
    unary("neg", .neg, "Element-wise −x.", example: "-tensor{1, -2} --> [-1., 2.]\ntensor{1, -2}:neg() --> [-1., 2.]", saves: .nothing),
    unary("abs", .abs, "Element-wise |x|; the derivative at 0 is 0.", example: "tensor{1, -2}:abs() --> [1., 2.]", saves: .input),
    unary("square", .square, "Element-wise x².", example: "tensor{3, -2}:square() --> [9., 4.]", saves: .input),
    unary("sqrt", .sqrt, "Element-wise √x; NaN below 0.", example: "tensor{4, 9}:sqrt() --> [2., 3.]", saves: .output, on: 0.1...4),
    unary("rsqrt", .rsqrt, "Element-wise 1/√x.", example: "tensor{4, 16}:rsqrt() --> [0.5, 0.25]", saves: .output, on: 0.1...4),
    unary("reciprocal", .reciprocal, "Element-wise 1/x.", example: "tensor{4, -2}:reciprocal() --> [0.25, -0.5]", saves: .output, on: 0.3...3),
    unary(
      "sign", .sign, "Element-wise sign of x: −1, 0 or 1; the derivative is 0.",
      example: "tensor{3, 0, -2}:sign() --> [1., 0., -1.]", saves: .nothing, on: 0.2...3),
    unary("exp", .exp, "Element-wise eˣ.", example: "tensor{0, 1}:exp() --> [1., 2.718]", saves: .output),
    unary(
      "expm1", .expm1, "Element-wise eˣ − 1, accurate near 0.",
      example: "tensor({0, 1e-10}, {dtype = \"float64\"}):expm1() --> [0., 1e-10]", saves: .output),
    unary("log", .log, "Element-wise natural logarithm; −inf at 0, NaN below.", example: "tensor{1, 10}:log() --> [0., 2.303]", saves: .input, on: 0.1...5),
    unary(
      "log1p", .log1p, "Element-wise ln(1 + x), accurate near 0.",
      example: "tensor({0, 1e-10}, {dtype = \"float64\"}):log1p() --> [0., 1e-10]", saves: .input, on: -0.7...4),
    unary("sin", .sin, "Element-wise sin x, x in radians.", example: "tensor{0, math.pi / 6}:sin() --> [0., 0.5]", saves: .input),
    unary("cos", .cos, "Element-wise cos x, x in radians.", example: "tensor{0, math.pi / 3}:cos() --> [1., 0.5]", saves: .input),
    unary("tan", .tan, "Element-wise tan x, x in radians.", example: "tensor{0, math.pi / 4}:tan() --> [0., 1.]", saves: .output, on: -1.2...1.2),
    unary("sinh", .sinh, "Element-wise sinh x.", example: "tensor{0, 1}:sinh() --> [0., 1.175]", saves: .input),
    unary("cosh", .cosh, "Element-wise cosh x.", example: "tensor{0, 1}:cosh() --> [1., 1.543]", saves: .input),
    unary("asinh", .asinh, "Element-wise inverse hyperbolic sine.", example: "tensor{0, 1}:asinh() --> [0., 0.8814]", saves: .input),
    unary("tanh", .tanh, "Element-wise tanh x.", example: "tensor{0, 1}:tanh() --> [0., 0.7616]", saves: .output),
    unary("sigmoid", .sigmoid, "Element-wise 1/(1 + e⁻ˣ).", example: "tensor{0, 2}:sigmoid() --> [0.5, 0.8808]", saves: .output),
    unary("relu", .relu, "Element-wise max(x, 0); the derivative at 0 is 0.", example: "tensor{-1, 2}:relu() --> [0., 2.]", saves: .output),
    unary(
      "selu", .selu, "Element-wise λ x for x > 0, λ α (eˣ − 1) below, λ = 1.0507…, α = 1.6733… (Klambauer et al., arXiv:1706.02515, eq. 2).",
      example: "tensor{-1, 2}:selu() --> [-1.111, 2.101]",
      saves: .output),
    unary(
      "elu", .elu, "Element-wise x for x > 0, α (eˣ − 1) below.",
      example: "tensor{-1, 2}:elu() --> [-0.6321, 2.]", saves: .input, parameters: [("alpha", 1, "α, the limit −α at −∞")]),
    unary(
      "leaky_relu", .leaky_relu, "Element-wise x for x > 0, slope · x below.", example: "tensor{-1, 2}:leaky_relu(0.1) --> [-0.1, 2.]", saves: .input,
      parameters: [("negative_slope", 0.01, "slope below 0")]),
    unary(
      "gelu", .gelu, "Element-wise x Φ(x), Φ the standard normal distribution function (exact, by erf).",
      example: "tensor{-1, 2}:gelu() --> [-0.1587, 1.954]", saves: .input),
    unary(
      "softplus", .softplus, "Element-wise ln(1 + e^{βx})/β, taken as x where βx > threshold.",
      example: "tensor{0, 30}:softplus() --> [0.6931, 30.]", saves: .input,
      parameters: [("beta", 1, "β"), ("threshold", 20, "where the function is taken as linear")]),
    unary("erf", .erf, "Element-wise error function 2/√π ∫₀ˣ e^{−t²} dt.", example: "tensor{0, 1}:erf() --> [0., 0.8427]", saves: .input),
    unary(
      "floor", .floor, "Element-wise largest whole number ≤ x; the derivative is 0.",
      example: "tensor{1.5, -1.5}:floor() --> [1., -2.]", saves: .nothing, on: 0.1...0.9),
    unary(
      "ceil", .ceil, "Element-wise smallest whole number ≥ x; the derivative is 0.",
      example: "tensor{1.5, -1.5}:ceil() --> [2., -1.]", saves: .nothing, on: 0.1...0.9),
    unary(
      "round", .round, "Element-wise nearest whole number, ties to even; the derivative is 0.",
      example: "tensor{0.5, 1.5, -1.2}:round() --> [0., 2., -1.]", saves: .nothing, on: 0.6...1.4),
  ]
}

extension Sample {
  init(list: [SampleArgument]) { arguments = list }
}

extension Failure {
  init(list: [SampleArgument], says message: String) {
    arguments = list
    self.message = message
  }
}
