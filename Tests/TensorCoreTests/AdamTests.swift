import Foundation
import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct Adam {
    private struct State {
      let parameter: Tensor, mean: Tensor, variance: Tensor
      init(_ parameter: Tensor) throws {
        self.parameter = parameter
        mean = try parameter.zerosInSameLayout()
        variance = try parameter.zerosInSameLayout()
      }
      func step(_ settings: AdamSettings, _ number: Int, _ gradient: Tensor) throws {
        try AdamStep.apply(settings, step: number, to: [(AdamStep.Place(parameter: parameter, mean: mean, variance: variance, largest: nil), gradient)])
      }
    }

    // Keras adds its ε to the root of the uncorrected variance, the paper's remark before section 2.1; ours, as PyTorch's,
    // to that of the corrected one: ε_Keras/√(1 − β2^t) is the same step.
    @Test func kerasVectorsWithTheirEpsilonMovedOutside() throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/vectors.json"))
      let groups = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      for fixture in try #require(groups["adam_keras"] as? [[String: Any]]) {
        func number(_ key: String) throws -> Double { try #require((fixture[key] as? NSNumber)?.doubleValue) }
        let gradients = try #require(fixture["grads"] as? [NSNumber]), expected = try #require(fixture["params"] as? [NSNumber])
        var settings = AdamSettings()
        (settings.learningRate, settings.beta1, settings.beta2) = try (number("lr"), number("beta1"), number("beta2"))
        let state = try State(Tensor([number("p0")]))
        for (i, (gradient, value)) in zip(gradients, expected).enumerated() {
          settings.epsilon = try number("eps") / (1 - pow(settings.beta2, Double(i + 1))).squareRoot()
          try state.step(settings, i + 1, Tensor([gradient.doubleValue]))
          #expect(abs(try state.parameter.item() - value.doubleValue) < 1e-12)
        }
      }
    }

    @Test(arguments: [false, true], [DType.float32, .float64]) func stepsFollowTheFormula(decoupled: Bool, dtype: DType) throws {
      var generator = TestGenerator(state: 5)
      var settings = AdamSettings()
      (settings.learningRate, settings.beta1, settings.beta2, settings.epsilon, settings.weightDecay) = (0.01, 0.9, 0.99, 1e-6, 0.1)
      settings.decoupled = decoupled
      let n = 37
      var p = (0..<n).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
      var m = [Double](repeating: 0, count: n), v = m
      let state = try State(Tensor(p).converted(to: dtype))
      for t in 1...20 {
        let g = (0..<n).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
        try state.step(settings, t, Tensor(g).converted(to: dtype))
        for i in 0..<n {
          let full = g[i] + (decoupled ? 0 : settings.weightDecay * p[i])
          m[i] = 0.9 * m[i] + 0.1 * full
          v[i] = 0.99 * v[i] + 0.01 * full * full
          if decoupled { p[i] -= settings.learningRate * settings.weightDecay * p[i] }
          p[i] -= 0.01 * (m[i] / (1 - pow(0.9, Double(t)))) / ((v[i] / (1 - pow(0.99, Double(t)))).squareRoot() + 1e-6)
        }
      }
      let got = try state.parameter.array(of: Double.self)
      for (x, y) in zip(got, p) { #expect(abs(x - y) < (dtype == .float64 ? 1e-13 : 2e-6)) }
    }

    @Test func layoutsGiveTheSameSteps() throws {
      let values = (0..<60).map { Float($0) / 60 }, gradient = try Tensor((0..<60).map { Float($0 % 7) - 3 }, shape: [5, 12])
      let rows = try State(Tensor(values, shape: [5, 12]))
      let padded = try State(Tensor.featureMajor(5, 12)), transposed = try State(Tensor(filling: [12, 5], with: 0).transposed(0, 1))
      for state in [padded, transposed] { state.parameter.copyElements(from: rows.parameter) }
      for t in 1...3 {
        for state in [rows, padded, transposed] { try state.step(AdamSettings(), t, gradient) }
      }
      #expect(try padded.parameter.array(of: Float.self) == rows.parameter.array(of: Float.self))
      #expect(try transposed.parameter.array(of: Float.self) == rows.parameter.array(of: Float.self))
    }

    @Test func wrongSlotsAreRefused() throws {
      let p = try Tensor(filling: [3], with: 1)
      func place(_ parameter: Tensor, _ mean: Tensor) throws -> AdamStep.Place { try .init(parameter: parameter, mean: mean, variance: parameter, largest: nil) }
      var error = #expect(throws: CallerError.self) { try AdamStep.apply(AdamSettings(), step: 1, to: [(place(p, p), Tensor(filling: [2], with: 0))]) }
      #expect(error?.description == "step: expected a gradient of the parameter's shape [3], got [2]")
      error = #expect(throws: CallerError.self) { _ = try place(p, Tensor(filling: [4], with: 0)) }
      #expect(error?.description == "step: the averages of a parameter of shape [3] have another shape, type or layout; make a new optimizer")
      let whole = try p.converted(to: .int64)
      error = #expect(throws: CallerError.self) { _ = try place(whole, whole) }
      #expect(error?.description == "step: expected a floating-point parameter, got int64 [3]")
    }
  }
}
