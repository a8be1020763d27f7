import Autodiff
import TensorCore
import Testing

extension AutodiffTests {
  /// In-place changes after the forward pass: each is caught, or changes nothing that the gradient needs.
  @Suite struct InPlace {
    // The gradients of a call, with a change between forward and backward; nil where the change was caught.
    private func gradients(_ sample: PreparedSample, _ change: ([Variable?], [Variable]) throws -> Void) throws -> [Int: NumberArray]? {
      let (arguments, variables) = try sample.values(.init(dense: true))
      let results = try Engine.apply(sample.spec, arguments)
      let seeds = try results.map { try Tensor((0..<$0.value.count).map { Double($0) * 0.37 - 1 }, shape: $0.shape) }
      try GradientMode.disabled { try change(variables, results) }
      do {
        for (result, seed) in zip(results, seeds) where result.requiresGradient { try Engine.backward(from: result, gradient: seed, keepGraph: true) }
      } catch let error as CallerError {
        #expect(error.description.contains("was changed in place"), "\(sample): \(error)")
        return nil
      }
      var found: [Int: NumberArray] = [:]
      for (place, variable) in variables.enumerated() { if let gradient = variable?.gradient { found[place] = try NumberArray(gradient) } }
      return found
    }

    private func overwrite(_ variable: Variable) throws {
      let other = try variable.dtype.isFloatingPoint ? variable.value.multiplied(by: -0.7).adding(Tensor(scalar: 0.9, variable.dtype)) : variable.value.clone()
      if variable.dtype == .bool { other.copyElements(from: try Tensor.compared(.eq, other, Tensor(scalar: 0, .bool), name: "not")) }
      if variable.dtype == .int64 { other.fill(1) }
      try variable.assign(from: Variable(other), name: "test_")
    }

    @Test func aChangeOfAnInputOrAResultIsCaughtOrHarmless() throws {
      var caught = 0
      for check in Gradients.checks {
        let sample = check.sample
        let plain = try #require(try gradients(sample) { _, _ in })
        let (_, variables) = try sample.values(.init(dense: true))
        for place in variables.indices where variables[place] != nil {
          let changed = try gradients(sample) { inputs, _ in if let x = inputs[place] { try overwrite(x) } }
          if changed == nil { caught += 1 }
          #expect(changed == nil || changed == plain, "\(sample): a change of argument \(place + 1) went unseen")
        }
        let changed = try gradients(sample) { _, results in for result in results { try overwrite(result) } }
        if changed == nil { caught += 1 }
        #expect(changed == nil || changed == plain, "\(sample): a change of the results went unseen")
      }
      #expect(caught > 500, "only \(caught) changes were caught")
    }
  }
}
