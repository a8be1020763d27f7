import Autodiff
import TensorCore
import Testing

/// Central differences of a random weighting of an op's results, and what the op's rule says instead.
struct GradientCheck: Sendable {
  static let step = 1e-6, absolute = 1e-5, relative = 1e-3

  let sample: PreparedSample
  /// The weight of each element of each result.
  private let weights: [NumberArray]

  init(_ sample: PreparedSample) throws {
    self.sample = sample
    let results = try Engine.apply(sample.spec, sample.values(.init(dense: true)).arguments)
    weights = results.enumerated().map { index, result in
      var generator = NamedGenerator(sample.spec.name + " weights", sample.place, index)
      return NumberArray(Array(result.shape)) { _ in result.dtype.isFloatingPoint ? generator.uniform(-1...1) : 0 }
    }
  }

  private func weighted(_ spec: OpSpec, _ call: PreparedSample.Call) throws -> (loss: Variable?, variables: [Variable?]) {
    let (arguments, variables) = try sample.values(call)
    let results = try Engine.apply(spec, arguments)
    guard let mul = OpTable.named("mul"), let sum = OpTable.named("sum"), let add = OpTable.named("add") else { return (nil, variables) }
    var total: Variable?
    for (result, weight) in zip(results, weights) where result.dtype.isFloatingPoint {
      let w = Variable(try PreparedSample.tensor(weight, result.dtype))
      let part = try Engine.applyOne(sum, [.tensor(Engine.applyOne(mul, [.tensor(result), .tensor(w)])), .absent, .absent])
      total = try total.map { try Engine.applyOne(add, [.tensor($0), .tensor(part)]) } ?? part
    }
    return (total, variables)
  }

  /// The gradient by central differences in float64, for each floating-point tensor by place.
  func differences() throws -> [Int: NumberArray] {
    var found: [Int: NumberArray] = [:]
    try GradientMode.disabled {
      for (place, numbers) in sample.numbersByPlace {
        var gradient = numbers
        for i in numbers.values.indices {
          func loss(_ shift: Double) throws -> Double {
            var moved = numbers
            moved.values[i] += shift
            return try weighted(sample.spec, .init(dense: true, replaced: [place: moved])).loss?.value.item() ?? 0
          }
          gradient.values[i] = try (loss(Self.step) - loss(-Self.step)) / (2 * Self.step)
        }
        found[place] = gradient
      }
    }
    return found
  }

  /// The gradient that the rule of `spec` gives; `nil` where it gives none.
  func analytic(_ spec: OpSpec? = nil, _ call: PreparedSample.Call = .init(dense: true)) throws -> [Int: NumberArray] {
    let (loss, variables) = try weighted(spec ?? sample.spec, call)
    var found: [Int: NumberArray] = [:]
    guard let loss, loss.requiresGradient else { return found }
    try Engine.backward(from: loss)
    for (place, variable) in variables.enumerated() {
      if let gradient = variable?.gradient { found[place] = try NumberArray(gradient) }
    }
    return found
  }

  static func agree(_ got: NumberArray?, _ expected: NumberArray) -> String? {
    guard let got else { return expected.values.allSatisfy { abs($0) <= absolute } ? nil : "no gradient" }
    if got.shape != expected.shape { return "shape \(got.shape), expected \(expected.shape)" }
    for (i, (x, y)) in zip(got.values, expected.values).enumerated() where !(abs(x - y) <= absolute + relative * abs(y)) {
      return "element \(i): \(x), by differences \(y)"
    }
    return nil
  }
}

extension AutodiffTests {
  @Suite struct Gradients {
    static let checks: [GradientCheck] = preparedSamples.compactMap { sample in
      guard case .rule = sample.spec.gradient else { return nil }
      // A NaN has no differences; such samples are there for the values.
      guard sample.numbersByPlace.values.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else { return nil }
      return try? GradientCheck(sample)
    }

    // Ops that are constant between jumps: a flipped sign of nothing is no mistake.
    private static let flat: Set<String> = ["sign", "floor", "ceil", "round"]

    @Test func rulesAgreeWithCentralDifferencesAndNoFlippedSignSurvives() throws {
      var caught: [String: Set<Int>] = [:], planted: [String: Set<Int>] = [:]
      for check in Self.checks {
        let spec = check.sample.spec
        let differences = try check.differences(), analytic = try check.analytic()
        for (place, expected) in differences {
          #expect(GradientCheck.agree(analytic[place], expected) == nil, "\(check.sample), tensor \(place + 1)")
        }
        for place in analytic.keys {
          planted[spec.name, default: []].insert(place)
          let mutant = try check.analytic(Self.flipped(spec, place))
          let survives = differences.allSatisfy { GradientCheck.agree(mutant[$0], $1) == nil }
          if !survives { caught[spec.name, default: []].insert(place) }
          // A sample may have no element to be wrong about; one with any tells the sign.
          if let expected = differences[place], expected.values.contains(where: { abs($0) > 1e-4 }) {
            #expect(!survives, "\(check.sample): the flipped sign of tensor \(place + 1)'s gradient was not seen")
          }
        }
      }
      for (name, places) in planted where !Self.flat.contains(name) {
        #expect(caught[name] == places, "\(name): flipped signs were seen for \(caught[name] ?? []) of \(places)")
      }
      #expect(planted.count == Set(Self.checks.map(\.sample.spec.name)).count)
    }

    @Test func everyRuleWasChecked() {
      let checked = Set(Self.checks.map(\.sample.spec.name))
      for spec in OpTable.all {
        if case .rule = spec.gradient { #expect(checked.contains(spec.name), "\(spec.name)") }
      }
    }

    // The fused kernels of float32 and the sparse rules are held against the dense float64 composite here.
    @Test func singlePrecisionAgreesWithDouble() throws {
      for check in Self.checks {
        let dense = Set(check.sample.numbersByPlace.keys)
        let expected = try check.analytic().filter { dense.contains($0.key) }
        for places in [nil] + expected.keys.map({ Set([$0]) }) {
          let got = try check.analytic(nil, .init(dtype: .float32, requiring: places))
          #expect(Set(got.keys) == places ?? Set(expected.keys), "\(check.sample)")
          for (place, gradient) in got {
            guard let full = expected[place] else { continue }
            let tolerance = 2e-5 * max(full.largestMagnitude, 1e-3)
            #expect(Comparison.firstDifference(gradient, full, tolerance) == nil, "\(check.sample), tensor \(place + 1) of \(places.map { "\($0)" } ?? "all")")
          }
        }
      }
    }

    @Test func viewsGiveTheGradientsOfContiguousCopies() throws {
      for check in Self.checks where check.sample.spec.name != "view" {
        let own = try check.analytic(), copies = try check.analytic(nil, .init(contiguous: true, dense: true))
        for (place, gradient) in own {
          let other = try #require(copies[place])
          #expect(gradient.shape == other.shape && Comparison.firstDifference(gradient, other, 1e-12 * max(other.largestMagnitude, 1)) == nil, "\(check.sample)")
        }
      }
    }

    private static func flipped(_ spec: OpSpec, _ place: Int) -> OpSpec {
      guard case .rule(let rule) = spec.gradient else { return spec }
      return OpSpec(
        spec.name, spec.summary, signature: spec.signature, arguments: spec.arguments, placement: spec.placement, results: spec.results,
        forward: spec.forward,
        gradient: .rule { gradients, context in
          var result = try rule(gradients, context)
          if place < result.count { result[place] = try result[place]?.negated() }
          return result
        }, samples: spec.samples, failures: spec.failures)
    }
  }
}
