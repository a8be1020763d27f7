import Autodiff
import TensorCore

extension LuaHost {
  /// `check(fn, {x, …} [, {eps = 1e-6, tolerance = 1e-5}])`: true, or an error that names the worst element.
  func openGradientCheck(_ library: LuaLibrary) throws {
    try library.function("check", help: """
      Compares the gradients of a function with central differences in float64; returns true, or raises naming the worst element.
      @param fn fun(...: tensor): tensor the same numbers for the same inputs
      @param inputs tensor|tensor[] where to compare; floating-point
      @param options? {eps: number, tolerance: number} step 1e-6, deviation allowed 1e-5 (relative above 1)
      @return true
          autograd.check(function(x) return x:tanh() end, {tensor{0.3, -1}}) --> true
      """) { call in
      try call.expectAtMost(3)
      let function = call.argument(at: 1, "fn")
      let list = call.argument(at: 2, "inputs")
      let inputs = list.kind == .object ? [try list.object(Variable.self)] : try list.objects(Variable.self)
      let options = try call.options(at: 3, keys: ["eps", "tolerance"])
      let step = try options.number("eps", default: 1e-6, in: 1e-12...1)
      let tolerance = try options.number("tolerance", default: 1e-5, in: 0...1)
      guard !inputs.isEmpty else { throw call.mistake("inputs: expected tensors to differentiate by, got none") }
      for (i, input) in inputs.enumerated() where !input.dtype.isFloatingPoint {
        throw call.mistake("inputs[\(i + 1)]: expected a floating-point tensor, got \(input.dtype.name)")
      }
      try GradientCheck(call: call, function: function, step: step, tolerance: tolerance).run(inputs.map(\.value))
      return call.returns(true)
    }
  }
}

/// Gradients of f = Σ c·fn(x, …), whose fixed c differ so that errors do not cancel, against (f(x + h) − f(x − h)) / 2h in float64.
private struct GradientCheck {
  let call: Call
  let function: Argument
  let step: Double
  let tolerance: Double

  func run(_ inputs: [Tensor]) throws {
    let shapes = inputs.map(\.shape)
    var points = try inputs.map { try $0.converted(to: .float64).array(of: Double.self) }
    let gradients = try analytic(points, shapes)
    let (first, second) = (try value(points, shapes), try value(points, shapes))
    guard first == second || first.isNaN && second.isNaN else {
      throw call.mistake("fn gives different values for the same inputs; keep random numbers out of it")
    }
    var worst: (deviation: Double, input: Int, element: Int, analytic: Double, numeric: Double)?
    for input in points.indices {
      for element in points[input].indices {
        let x = points[input][element]
        let (above, below) = (x + step * max(1, abs(x)), x - step * max(1, abs(x)))
        points[input][element] = above
        let high = try value(points, shapes)
        points[input][element] = below
        let low = try value(points, shapes)
        points[input][element] = x
        let numeric = (high - low) / (above - below)
        let analytic = gradients[input][element]
        let relative = abs(analytic - numeric) / max(1, abs(analytic), abs(numeric))
        let deviation = relative.isNaN ? .infinity : relative
        if deviation > worst?.deviation ?? tolerance { worst = (deviation, input, element, analytic, numeric) }
      }
    }
    guard let worst else { return }
    let place = position(worst.element, in: shapes[worst.input])
    throw call.mistake(
      "inputs[\(worst.input + 1)]\(place): backward gives \(worst.analytic), central differences give \(worst.numeric); "
        + "correct the rule, or move the inputs away from where it is not smooth")
  }

  private func analytic(_ points: [[Double]], _ shapes: [Dimensions]) throws -> [[Double]] {
    let leaves = try variables(points, shapes, requiresGradient: true)
    return try call.invoke(function, leaves.map { .object($0) }) { result in
      let y = try result.object(Variable.self)
      guard y.requiresGradient else { return points.map { $0.map { _ in 0 } } }
      let gradients = try ScriptRules.during(call) { try Engine.gradients(of: y, with: coefficients(of: y), for: leaves) }
      return try zip(gradients, points).map { gradient, point in try gradient?.array(of: Double.self) ?? point.map { _ in 0 } }
    }
  }

  private func value(_ points: [[Double]], _ shapes: [Dimensions]) throws -> Double {
    let arguments = try variables(points, shapes, requiresGradient: false)
    return try call.invoke(function, arguments.map { .object($0) }) { result in
      let y = try result.object(Variable.self)
      guard y.dtype.isFloatingPoint else { throw result.mistake(expected: "a floating-point tensor") }
      let weights = try coefficients(of: y).array(of: Double.self)
      return zip(weights, try y.value.converted(to: .float64).array(of: Double.self)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  private func variables(_ points: [[Double]], _ shapes: [Dimensions], requiresGradient: Bool) throws -> [Variable] {
    try zip(points, shapes).map { Variable(try Tensor($0, shape: $1), requiresGradient: requiresGradient) }
  }

  private func coefficients(of y: Variable) throws -> Tensor {
    try Tensor((0..<y.value.count).map { 1 + (Double($0) * 0.6180339887).truncatingRemainder(dividingBy: 1) }, shape: y.shape)
  }

  /// "[2, 3]", from 1; nothing for a 0-d tensor.
  private func position(_ element: Int, in shape: Dimensions) -> String {
    guard !shape.isEmpty else { return "" }
    var rest = element
    var indices: [String] = []
    for size in shape.reversed() {
      indices.append(String(rest % max(1, size) + 1))
      rest /= max(1, size)
    }
    return "[" + indices.reversed().joined(separator: ", ") + "]"
  }
}
