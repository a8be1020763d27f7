import Autodiff
import Models
import TestSupport
import Testing
import TensorCore

@Suite struct LayerTests {
  @Test func linearMultipliesAndAdds() throws {
    let layer = try Linear(3, 2, dtype: .float64)
    try layer.set("weight", to: Variable(Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])))
    try layer.set("bias", to: Variable(Tensor([0.5, -0.5])))
    let y = try layer.forward(Variable(Tensor([1.0, 0, -1, 2, 2, 2], shape: [2, 3])))
    #expect(y.shape == [2, 2])
    #expect(try y.value.array(of: Double.self) == [-1.5, -2.5, 12.5, 29.5])
    #expect(y.requiresGradient)
  }

  @Test func linearTakesSparseRows() throws {
    let layer = try Linear(40, 5)
    var pixels = [Float](repeating: 0, count: 120)
    for (i, place) in [3, 39, 41, 79, 100].enumerated() { pixels[place] = Float(i + 1) / 8 }
    let dense = try Tensor(pixels, shape: [3, 40])
    guard case .tensor(let y) = try layer(.sparse(SparseRows(dense))) else {
      Issue.record("no tensor")
      return
    }
    let expected = try layer.forward(Variable(dense)).value.array(of: Double.self)
    #expect(try largestDifference(y.value, expected) < 1e-6)
  }

  /// The layout that the sparse kernels and BLAS take without a copy.
  @Test func linearKeepsItsWeightFeatureMajor() throws {
    let layer = try Linear(7, 5)
    #expect(layer.weight.shape == [5, 7])
    #expect(layer.weight.value.strides == [1, 16])
    #expect(layer.weight.isParameter && layer.weight.requiresGradient)
    let state = try StateDictionary.copies(of: layer.allEntries.map { ($0.name, $0.variable) })
    #expect(state.map(\.name) == ["weight", "bias"])
    #expect(state[0].tensor.isContiguous)
    #expect(try state[0].tensor.array(of: Float.self) == layer.weight.value.array(of: Float.self))
  }

  // Half-widths of uniform, deviations of normal distributions for 64 inputs and 80 outputs.
  static let distributions: [(initialization: Initialization, scale: Double, isUniform: Bool)] = [
    (.standard, 0.125, true), (.xavierUniform, 0.2041241452319315, true), (.kaimingUniform, 0.3061862178478973, true),
    (.xavierNormal, 0.11785113019775793, false), (.kaimingNormal, 0.17677669529663687, false),
  ]

  @Test(arguments: distributions)
  func startsWithTheDistributionOfItsName(initialization: Initialization, scale: Double, isUniform: Bool) throws {
    let layer = try Linear(64, 80, initialization: initialization, dtype: .float64)
    let weights = try layer.weight.value.array(of: Double.self)
    let mean = weights.reduce(0, +) / 5120, square = weights.reduce(0) { $0 + $1 * $1 } / 5120
    let deviation = isUniform ? scale / 3.0.squareRoot() : scale
    #expect(abs(mean) < 5 * deviation / 5120.0.squareRoot())
    #expect(abs(square.squareRoot() / deviation - 1) < 0.05)
    if isUniform {
      #expect(weights.allSatisfy { abs($0) <= scale })
      #expect((weights.max() ?? 0) > 0.98 * scale && (weights.min() ?? 0) < -0.98 * scale)
    } else {
      #expect((weights.max() ?? 0) > 2.5 * scale)
    }
    let bias = try #require(layer.bias).value.array(of: Double.self)
    #expect(bias.allSatisfy { abs($0) <= 1 / 8.0 } && Set(bias).count == 80)
  }

  @Test func startsWithZeros() throws {
    let layer = try Linear(3, 2, initialization: .zeros)
    #expect(try layer.weight.value.array(of: Double.self) + (layer.bias?.value.array(of: Double.self) ?? []) == [Double](repeating: 0, count: 8))
  }

  /// Dropout and Linear draw from streams of their own, so that noise does not change what a model starts with.
  @Test func drawsFromTheStreamOfItsPurpose() throws {
    let snapshot = RandomStream.snapshot
    _ = try Linear(3, 2)
    _ = try Dropout(0.5).forward(Variable(Tensor(filling: [4], with: 1)))
    let after = RandomStream.snapshot
    let changed = RandomStream.allCases.filter { after.positions[Int($0.rawValue)] != snapshot.positions[Int($0.rawValue)] }
    #expect(changed == [.weights, .noise])
  }

  @Test func sharesParametersAndCopiesTensors() throws {
    let a = try Linear(3, 2), b = try Linear(3, 2)
    try b.set("weight", to: a.weight)
    #expect(b.weight === a.weight)
    let before = a.weight.value.strides
    try a.set("weight", to: Variable(Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])))
    #expect(b.weight === a.weight)
    #expect(a.weight.value.strides == before && a.weight.dtype == .float32)
    #expect(try b.weight.value.array(of: Double.self) == [1, 2, 3, 4, 5, 6])
    #expect(message { try a.set("weight", to: Variable(Tensor([1.0]))) } == "nn.Linear(3 -> 2): weight: expected shape [2, 3], got [1]")
    #expect(message { try a.set("wieght", to: a.weight) } == "nn.Linear(3 -> 2): wieght: no such parameter; known: weight, bias")
  }

  @Test(arguments: Activation.kinds.map(\.layer)) func activationIsItsOp(kind: String) throws {
    let op = try #require(Activation.kinds.first { $0.layer == kind }?.op)
    let spec = try #require(OpTable.named(op))
    let x = Variable(try Tensor([-2.0, -0.5, 0, 0.5, 2, 30], shape: [2, 3]))
    let arguments: [ArgumentValue] = spec.arguments.dropFirst().map {
      if case .number(let value) = $0.kind { .number(value ?? 0) } else { .integer(1) }
    }
    let expected = try Engine.applyOne(spec, [.tensor(x)] + arguments).value.array(of: Double.self)
    #expect(try Activation(kind).forward(x).value.array(of: Double.self) == expected)
  }

  @Test func activationTakesSettings() throws {
    let x = Variable(try Tensor([-2.0, 3]))
    #expect(try Activation("LeakyReLU", ["negative_slope": 0.25]).forward(x).value.array(of: Double.self) == [-0.5, 3])
    let wide = Variable(try Tensor([0.0, 0, 1, 1], shape: [2, 2]))
    #expect(try largestDifference(Activation("Softmax", ["dim": 2]).forward(wide).value, [0.5, 0.5, 0.5, 0.5]) < 1e-15)
    #expect(message { _ = try Activation("Softmax", ["dim": 3]).forward(wide) } == "Softmax: dim: expected a dimension of the shape [2, 2], got 3")
    #expect(message { _ = try Activation("ELU", ["alpha": .nan]) } == "ELU: alpha: expected a finite number, got NaN")
    #expect(message { _ = try Activation("Softmax", ["dim": 1.5]) } == "Softmax: dim: expected an integer, got 1.5")
    #expect(message { _ = try Activation("Relu") }.hasPrefix("Relu: no such activation; known: ReLU, LeakyReLU"))
  }

  @Test func dropoutDropsInTrainingOnly() throws {
    let x = Variable(try Tensor(filling: [20_000], with: 3, .float64), requiresGradient: true)
    let layer = try Dropout(0.25)
    let y = try layer.forward(x)
    let values = try y.value.array(of: Double.self)
    let dropped = values.filter { $0 == 0 }.count
    #expect(abs(Double(dropped) / 20_000 - 0.25) < 5 * (0.25 * 0.75 / 20_000).squareRoot())
    #expect(values.allSatisfy { $0 == 0 || $0 == 4 })
    try Engine.backward(from: y, gradient: Tensor(filling: [20_000], with: 3, .float64))
    #expect(try x.gradient?.array(of: Double.self) == values)
    layer.setTraining(false)
    #expect(try layer.forward(x) === x)
    #expect(try Dropout(1).forward(x).value.array(of: Double.self).allSatisfy { $0 == 0 })
    #expect(message { _ = try Dropout(1.5) } == "Dropout: p: expected a probability in [0, 1], got 1.5")
    #expect(message { _ = try Dropout(0.5).forward(Variable(Tensor([1, 2] as [Int64]))) } == "dropout: x: expected a floating-point tensor, got int64; convert it with :to(\"float32\")")
  }

  @Test func flattenAndUnflattenReshape() throws {
    let x = Variable(try Tensor((0..<24).map(Double.init), shape: [2, 3, 4]))
    #expect(try Flatten().forward(x).shape == [2, 12])
    #expect(try Flatten(first: 1, last: 2).forward(x).shape == [6, 4])
    #expect(try Flatten(first: -2).forward(x).shape == [2, 12])
    #expect(try Unflatten(2, [3, 4]).forward(Flatten().forward(x)).value.array(of: Double.self) == x.value.array(of: Double.self))
    #expect(try Unflatten(-1, [2, -1]).forward(x).shape == [2, 3, 2, 2])
    #expect(message { _ = try Flatten(first: 4).forward(x) } == "Flatten: dim: expected a dimension of the shape [2, 3, 4], got 4")
    #expect(message { _ = try Flatten(first: 3, last: 2).forward(x) } == "Flatten: expected start_dim before end_dim for the shape [2, 3, 4], got 3 and 2")
    #expect(message { _ = try Flatten(first: 0) } == "Flatten: start_dim: expected a dimension from 1 or from -1 backwards, got 0")
    #expect(message { _ = try Flatten(first: .min) }.hasPrefix("Flatten: start_dim"))
    #expect(message { _ = try Unflatten(2, [2, 2]).forward(x) } == "Unflatten: dimension 2 of the shape [2, 3, 4] has 3 elements, which do not fill {2, 2}")
    #expect(message { _ = try Unflatten(2, [-1, -1]) } == "Unflatten: sizes: expected 1 to 7 sizes above 0, at most one of them -1, got {-1, -1}")
    #expect(message { _ = try Unflatten(.min, [1]) }.hasPrefix("Unflatten: dim"))
    #expect(message { _ = try Unflatten(1, [.max, .max]) }.hasPrefix("Unflatten: sizes"))
  }

  @Test func sparseRowsStayFlat() throws {
    let rows = try SparseRows(Tensor([0, 1, 0, 2] as [Float], shape: [2, 2]))
    guard case .sparse(let same) = try Flatten()(.sparse(rows)) else {
      Issue.record("made dense")
      return
    }
    #expect(same === rows)
    guard case .tensor(let image) = try Unflatten(2, [1, 1, 2])(.sparse(rows)) else {
      Issue.record("not made dense")
      return
    }
    #expect(image.shape == [2, 1, 1, 2])
    #expect(try image.value.array(of: Float.self) == [0, 1, 0, 2])
  }

  @Test func layersNestAndNameTheirParts() throws {
    final class Pair: Layer {
      init(_ first: Layer, _ second: Layer) {
        super.init()
        register(child: "first", first)
        register(child: "second", second)
      }
    }
    let shared = try Linear(2, 2, bias: false)
    let pair = Pair(Pair(shared, try Dropout()), shared)
    pair.register(buffer: "mean", try Tensor([1.0, 2]))
    #expect(pair.allEntries.map(\.name) == ["mean", "first.first.weight", "second.weight"])
    #expect(pair.parameters.count == 1)
    pair.setTraining(false)
    #expect(!pair.children[0].layer.children[1].layer.isTraining)
    #expect(message { _ = try pair.forward(Variable(Tensor([1.0]))) } == "nn.Layer(): forward: this layer does not say what it computes")
  }

  @Test func loadsAllOrNothing() throws {
    let layer = try Linear(3, 2)
    let entries = layer.allEntries.map { ($0.name, $0.variable) }
    let before = try layer.weight.value.array(of: Float.self)
    let bias = try Tensor([1.0, 2]), weight = try Tensor(filling: [2, 3], with: 4, .float64)
    func refusal(_ state: [String: Tensor]) -> String { message { try StateDictionary.load(state, into: entries) } }
    #expect(refusal(["weight": weight]) == "load_state_dict: names differ from the model's: missing bias")
    #expect(
      refusal(["weight": weight, "bais": bias, "b": bias]) == "load_state_dict: names differ from the model's: missing bias; unknown b, bais")
    #expect(refusal(["weight": weight, "bias": weight]) == "load_state_dict: bias: expected shape [2], got [2, 3]")
    #expect(try layer.weight.value.array(of: Float.self) == before)
    let version = layer.weight.value.storage.version
    try StateDictionary.load(["weight": weight, "bias": bias], into: entries)
    #expect(try layer.weight.value.array(of: Float.self) == [Float](repeating: 4, count: 6))
    #expect(layer.weight.value.strides == [1, 16] && layer.weight.dtype == .float32)
    #expect(layer.weight.value.storage.version > version)
  }

  @Test func printsItself() throws {
    #expect(try Linear(64, 16).summary == "nn.Linear(64 -> 16)")
    #expect(try Linear(64, 16, bias: false).summary == "nn.Linear(64 -> 16, no bias)")
    #expect(try Activation("ReLU").summary == "nn.ReLU()")
    #expect(try Activation("LeakyReLU").summary == "nn.LeakyReLU(negative_slope = 0.01)")
    #expect(try Activation("Softplus").summary == "nn.Softplus(beta = 1, threshold = 20)")
    #expect(try Activation("Softmax").summary == "nn.Softmax(dim = -1)")
    #expect(try Dropout().summary == "nn.Dropout(0.5)")
    #expect(try Flatten().summary == "nn.Flatten()")
    #expect(try Flatten(first: 1, last: 3).summary == "nn.Flatten(1, 3)")
    #expect(try Unflatten(2, [1, 40, 40]).summary == "nn.Unflatten(2, {1, 40, 40})")
  }

  @Test func refusesSizesNoLayerHas() throws {
    #expect(message { _ = try Linear(0, 2) } == "Linear: in_features: expected an integer in 1...2147483647, got 0")
    #expect(message { _ = try Linear(2, .max) } == "Linear: out_features: expected an integer in 1...2147483647, got 9223372036854775807")
    #expect(message { _ = try Linear(2, 2, dtype: .int64) } == "Linear: dtype: expected float32 or float64, got int64")
    #expect(throws: OutOfMemory.self) { _ = try Linear(2_000_000_000, 2_000_000_000) }
  }

  // Half-widths of U(−1/√fan_in, 1/√fan_in): 4 channels of 5 × 5 taps in 2 groups, and the outputs for the transposed layer.
  @Test func convolutionsStartAsInPyTorch() throws {
    var options = ConvolutionOptions()
    options.groups = 2
    let layer = try Conv2d(8, 60, kernel: ImagePair(5, 5), options: options, dtype: .float64)
    #expect(layer.weight.shape == [60, 4, 5, 5] && layer.bias?.shape == [60])
    let transposed = try ConvTranspose2d(60, 8, kernel: ImagePair(5, 5), options: options, dtype: .float64)
    #expect(transposed.weight.shape == [60, 4, 5, 5] && transposed.bias?.shape == [8])
    for weight in [layer.weight, transposed.weight] {
      let values = try weight.value.array(of: Double.self)
      #expect(values.allSatisfy { abs($0) <= 0.1 } && (values.max() ?? 0) > 0.099 && (values.min() ?? 0) < -0.099)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      #expect(abs(square.squareRoot() * 3.0.squareRoot() / 0.1 - 1) < 0.03)
    }
    #expect(try Conv2d(1, 1, kernel: ImagePair(1, 1), bias: false).bias == nil)
  }
}
