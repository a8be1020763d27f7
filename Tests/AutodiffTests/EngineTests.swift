import Autodiff
import TensorCore
import Testing

extension AutodiffTests {
  /// What the engine promises whatever the op.
  @Suite struct EngineBehaviour {
    private func op(_ name: String) throws -> OpSpec { try #require(OpTable.named(name)) }

    private func call(_ name: String, _ arguments: ArgumentValue...) throws -> Variable {
      let spec = try op(name)
      let missing = Array(repeating: ArgumentValue.absent, count: spec.arguments.count - arguments.count)
      return try Engine.applyOne(spec, arguments + missing)
    }

    private func leaf(_ values: [Double], requires: Bool = true) throws -> Variable {
      Variable(try Tensor(values), requiresGradient: requires)
    }

    private func numbers(_ tensor: Tensor?) throws -> [Double] { try #require(tensor).array(of: Double.self) }

    @Test func gradientsAccumulateOverPassesAndPaths() throws {
      let x = try leaf([1, 2, 3])
      let y = try call("sum", .tensor(call("mul", .tensor(x), .tensor(x))))
      try Engine.backward(from: y)
      #expect(try numbers(x.gradient) == [2, 4, 6])
      try Engine.backward(from: call("sum", .tensor(call("mul", .tensor(x), .tensor(x)))))
      #expect(try numbers(x.gradient) == [4, 8, 12])
    }

    @Test func onlyWhatRequiresAGradientGetsOne() throws {
      let x = try leaf([1, 2]), y = try leaf([3, 4], requires: false)
      let z = try call("mul", .tensor(x), .tensor(y))
      #expect(z.requiresGradient && !z.isLeaf && x.isLeaf)
      try Engine.backward(from: call("sum", .tensor(z)))
      #expect(try numbers(x.gradient) == [3, 4])
      #expect(y.gradient == nil && z.gradient == nil)
      let plain = try call("mul", .tensor(y), .tensor(y))
      #expect(!plain.requiresGradient && plain.isLeaf)
      try y.setRequiresGradient(true)
      #expect(try call("mul", .tensor(y), .tensor(y)).requiresGradient)
    }

    @Test func integersAndResultsRefuseToRequireAGradient() throws {
      let whole = Variable(try Tensor([Int64(1), 2]), requiresGradient: true)
      #expect(!whole.requiresGradient)
      var error = #expect(throws: CallerError.self) { try whole.setRequiresGradient(true) }
      #expect(error?.description == "requires_grad: a floating-point tensor expected, got int64; convert it with :to(\"float32\") first")
      let result = try call("neg", .tensor(leaf([1])))
      error = #expect(throws: CallerError.self) { try result.setRequiresGradient(false) }
      #expect(error?.description == "requires_grad: this tensor is the result of an op; use :detach() for one without history")
    }

    @Test func nothingIsRecordedWithoutGradients() throws {
      let x = try leaf([1, 2])
      let y = try GradientMode.disabled { try call("mul", .tensor(x), .tensor(x)) }
      #expect(!y.requiresGradient && GradientMode.isEnabled)
      struct Stop: Error {}
      #expect(throws: Stop.self) { try GradientMode.disabled { throw Stop() } }
      #expect(GradientMode.isEnabled)
    }

    @Test func detachedNumbersCarryNoHistoryButShareStorage() throws {
      let x = try leaf([1, 2])
      let y = try call("mul", .tensor(x), .tensor(x)).detached()
      #expect(!y.requiresGradient)
      let z = try call("sum", .tensor(call("mul", .tensor(x), .tensor(y))))
      try Engine.backward(from: z)
      #expect(try numbers(x.gradient) == [1, 4])
      #expect(x.detached().value.storage === x.value.storage)
    }

    @Test func aRootOfSeveralElementsNeedsAGradient() throws {
      let x = try leaf([1, 2, 3])
      let y = try call("mul", .tensor(x), .tensor(x))
      var error = #expect(throws: CallerError.self) { try Engine.backward(from: y) }
      #expect(error?.description == "backward: expected a tensor of one element, got shape [3]; reduce it with :sum() or :mean(), or give the gradient")
      error = #expect(throws: CallerError.self) { try Engine.backward(from: y, gradient: Tensor([1.0, 1])) }
      #expect(error?.description == "backward: gradient: expected shape [3], got [2]")
      error = #expect(throws: CallerError.self) { try Engine.backward(from: x.detached()) }
      #expect(error?.description == "backward: this tensor does not depend on one that requires a gradient; call :requires_grad(true) on the inputs first")
      let seed = try Tensor([1.0, 10, 100])
      try Engine.backward(from: y, gradient: seed)
      #expect(try numbers(x.gradient) == [2, 40, 600])
      #expect(try numbers(seed) == [1, 10, 100])
    }

    @Test func aGraphIsUsedOnceUnlessKept() throws {
      let x = try leaf([3])
      let y = try call("sum", .tensor(call("square", .tensor(x))))
      try Engine.backward(from: y, keepGraph: true)
      try Engine.backward(from: y)
      #expect(try numbers(x.gradient) == [12])
      let error = #expect(throws: CallerError.self) { try Engine.backward(from: y) }
      #expect(error?.description == "backward: sum: this graph was used by an earlier backward; pass {retain_graph = true} to the first one, or compute the value again")
      #expect(try numbers(x.gradient) == [12])
    }

    @Test func aFailedPassLeavesNoGradientBehind() throws {
      let x = try leaf([2]), w = try leaf([5])
      let inner = try call("mul", .tensor(x), .tensor(w))
      let y = try call("sum", .tensor(inner))
      let other = try call("sum", .tensor(call("square", .tensor(inner))))
      w.value.fill(7)
      w.value.storage.markChanged()
      #expect(throws: CallerError.self) { try Engine.backward(from: other) }
      #expect(throws: CallerError.self) { try Engine.backward(from: y) }
      #expect(x.gradient == nil)
    }

    @Test func aSavedTensorChangedInPlaceIsCaught() throws {
      let x = try leaf([1, 2]), w = try leaf([3, 4])
      let y = try call("sum", .tensor(call("mul", .tensor(x), .tensor(w))))
      w.value.fill(0)
      w.value.storage.markChanged()
      let error = #expect(throws: CallerError.self) { try Engine.backward(from: y) }
      #expect(error?.description == "backward: mul: a tensor of shape [2] that its gradient needs was changed in place after it was used; change a :clone() instead")
      // A step of the optimizer between the forward and the backward pass is such a change.
      let z = try call("sum", .tensor(call("mul", .tensor(x), .tensor(w))))
      try AdamStep.apply(AdamSettings(), step: 1, to: [(AdamStep.Place(parameter: w.value, mean: w.value.zerosInSameLayout(), variance: w.value.zerosInSameLayout(), largest: nil), Tensor([1.0, 1]))])
      #expect(throws: CallerError.self) { try Engine.backward(from: z) }
      // Not saved, so free to change: the sum needs its input's shape alone.
      let v = try leaf([1, 2])
      let total = try call("sum", .tensor(v))
      v.value.fill(9)
      v.value.storage.markChanged()
      try Engine.backward(from: total)
      #expect(try numbers(v.gradient) == [1, 1])
    }

    @Test func leafGradientsHaveStorageOfTheirOwn() throws {
      let a = try leaf([1, 2]), b = try leaf([3, 4])
      // add hands one gradient to both sides; reshape and expand hand on views of it.
      let y = try call("sum", .tensor(call("add", .tensor(call("add", .tensor(a), .tensor(b))), .tensor(call("reshape", .tensor(a), .integers([2]))))))
      try Engine.backward(from: y)
      let seed = try Tensor([1.0, 1])
      let c = try leaf([0, 0]), d = try leaf([0, 0])
      try Engine.backward(from: call("add", .tensor(c), .tensor(d)), gradient: seed)
      try Engine.backward(from: call("add", .tensor(c), .tensor(d)), gradient: seed)
      let gradients = try [a, b, c, d].map { try #require($0.gradient) } + [seed]
      for (i, x) in gradients.enumerated() {
        for y in gradients[(i + 1)...] { #expect(x.storage !== y.storage) }
      }
      try #require(a.gradient).fill(100)
      try #require(c.gradient).fill(100)
      #expect(try numbers(b.gradient) == [1, 1])
      #expect(try numbers(d.gradient) == [2, 2])
      #expect(try numbers(seed) == [1, 1])
    }

    @Test func gradientsOfChosenVariablesTouchNothingElse() throws {
      let x = try leaf([2, 3]), unused = try leaf([1])
      let inner = try call("square", .tensor(x))
      let y = try call("sum", .tensor(call("mul", .tensor(inner), .tensor(x))))
      let found = try Engine.gradients(of: y, for: [x, inner, unused])
      #expect(try numbers(found[0]) == [12, 27])
      #expect(try numbers(found[1]) == [2, 3])
      #expect(found[2] == nil)
      #expect(x.gradient == nil && inner.gradient == nil)
    }

    @Test func aMillionOpsAreWalkedAndFreed() throws {
      let one = Variable(try Tensor([1.0]))
      var x = try leaf([0])
      let first = x
      let add = try op("add")
      for _ in 0..<1_000_000 { x = try Engine.applyOne(add, [.tensor(x), .tensor(one)]) }
      #expect(try x.value.item() == 1_000_000)
      try Engine.backward(from: x)
      #expect(try numbers(first.gradient) == [1])
    }

    @Test func recordedWorkIsFreedToTheLastByte() throws {
      let before = MemoryPool.statistics
      do {
        let x = try leaf([1, 2, 3])
        for _ in 0..<50 {
          let y = try call("logsumexp", .tensor(call("exp", .tensor(call("tanh", .tensor(x))))))
          try Engine.backward(from: y)
        }
        _ = try call("square", .tensor(x))
      }
      #expect(MemoryPool.statistics.liveBytes == before.liveBytes)
      #expect(MemoryPool.statistics.liveBlocks == before.liveBlocks)
    }

    // As in PyTorch: what keeps whole numbers whole gives int64, everything else float32.
    @Test func wholeNumbersStayWholeWhereTheyCan() throws {
      let x = ArgumentValue.tensor(Variable(try Tensor([Int64(-3), 0, 2]))), y = ArgumentValue.tensor(Variable(try Tensor([Int64(2), 3, 4])))
      for (name, expected) in [("neg", [3, 0, -2]), ("abs", [3, 0, 2]), ("square", [9, 0, 4]), ("sign", [-1, 0, 1]), ("relu", [0, 0, 2]), ("round", [-3, 0, 2])] as [(String, [Int64])] {
        let spec = try op(name), result = try Engine.applyOne(spec, [x]).value
        #expect(result.dtype == .int64, "\(name)")
        #expect(try result.array(of: Int64.self) == expected, "\(name)")
      }
      for (name, expected) in [("add", [-1, 3, 6]), ("mul", [-6, 0, 8]), ("pow", [9, 0, 16]), ("maximum", [2, 3, 4])] as [(String, [Int64])] {
        let result = try call(name, x, y).value
        #expect(result.dtype == .int64, "\(name)")
        #expect(try result.array(of: Int64.self) == expected, "\(name)")
      }
      let quotient = try call("div", x, y).value, root = try call("sqrt", y).value
      #expect(quotient.dtype == .float32 && root.dtype == .float32)
      #expect(try numbers(quotient) == [-1.5, 0, 0.5])
      #expect(root.element(at: 2) == 2)
      let extreme = Variable(try Tensor([Int64.min]))
      #expect(try call("abs", .tensor(extreme)).value.array(of: Int64.self) == [.min])
    }

    @Test func limitsOfRulesAreFinite() throws {
      // y x^(y − 1) at y = 0 and x^y ln x at x = 0.
      let x = try leaf([0, 0, 2]), y = try leaf([0, 2, 0])
      try Engine.backward(from: call("sum", .tensor(call("pow", .tensor(x), .tensor(y)))))
      #expect(try numbers(x.gradient) == [0, 0, 0])
      #expect(try numbers(y.gradient).allSatisfy(\.isFinite))
      // Probabilities of 0 and 1 cost at most 100 and move back at a finite speed.
      let p = try leaf([0, 1, 0, 1]), t = try leaf([0, 1, 1, 0], requires: false)
      let losses = try call("binary_cross_entropy", .tensor(p), .tensor(t), .absent, .text("none"))
      #expect(try numbers(losses.value) == [0, 0, 100, 100])
      try Engine.backward(from: call("sum", .tensor(losses)))
      #expect(try numbers(p.gradient) == [0, 0, -1e12, 1e12])
      let low = try leaf([-.infinity, -.infinity])
      try Engine.backward(from: call("logsumexp", .tensor(low)))
      #expect(try numbers(low.gradient) == [0, 0])
    }
  }
}
