import TensorCore
import Testing

/// Dense layers in one pass beside the same layer by layer, and with any number of threads.
@Suite(.serialized) struct DenseLayersTests {
  private func tensor(_ shape: Dimensions, _ seed: Int) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try Tensor((0..<count).map { Float(($0 &* 7_919 &+ seed &* 104_729) % 1_009) / 504 - 1 }, shape: shape).multiplied(by: 0.1)
  }

  private func bits(_ tensor: Tensor?) throws -> [UInt32] { try tensor?.array(of: Float.self).map(\.bitPattern) ?? [] }

  private func largestDifference(_ a: Tensor, _ b: Tensor) throws -> Float {
    zip(try a.array(of: Float.self), try b.array(of: Float.self)).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: [1, 7, 100, 600], [false, true])
  func sameAsLayerByLayerForAnyThreads(rows: Int, reluLast: Bool) throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let widths = [80, 256, 50, 20], count = widths.count - 1
    let x = try tensor([rows, widths[0]], 1), g = try tensor([rows, widths[count]], 2)
    let layers = try (0..<count).map {
      // Weights as linear layers hold them.
      DenseLayers.Layer(
        weight: try tensor([widths[$0], widths[$0 + 1]], 3 + $0).transposed(0, 1), bias: try tensor([widths[$0 + 1]], 9 + $0), relu: reluLast || $0 < count - 1)
    }
    #expect(DenseLayers.fit(x, layers))
    var single: [Tensor] = []
    for layer in layers { single.append(try DenseLayer.output(single.last ?? x, layer.weight, layer.bias, relu: layer.relu, name: "test")) }
    let needs = Array(repeating: true, count: 1 + 2 * count)
    var expected: [[UInt32]]?
    for threads in 1...4 {
      ThreadPool.threadCount = threads
      let outputs = try DenseLayers.outputs(x, layers)
      let found = try DenseLayers.gradients(g, x, layers, outputs: outputs, needs: needs)
      let all = try (outputs + found.weights.compactMap(\.self) + found.biases.compactMap(\.self)).map { try bits($0) } + [bits(found.x)]
      #expect(expected == nil || expected == all, "\(threads) threads")
      expected = all
      guard threads == 1 else { continue }
      var towards = g
      for i in (0..<count).reversed() {
        #expect(try largestDifference(outputs[i], single[i]) == 0)
        let (masked, sums) = layers[i].relu ? try DenseLayer.gradientThroughReLU(single[i], towards) : (towards, try towards.sum(0, keep: false))
        let weight = try Tensor.matrixProduct((i == 0 ? x : single[i - 1]).transposed(0, 1), masked).transposed(0, 1)
        let (ofWeight, ofBias) = (try #require(found.weights[i]), try #require(found.biases[i]))
        #expect(try largestDifference(ofWeight, weight) <= 1e-5)
        #expect(try largestDifference(ofBias, sums) <= 1e-4)
        towards = try Tensor.matrixProduct(masked, layers[i].weight)
      }
      #expect(try largestDifference(try #require(found.x), towards) <= 1e-5)
    }
  }

  /// What nobody asks for is not computed, and what is asked for does not change by that.
  @Test func onlyWhatIsAskedFor() throws {
    let x = try tensor([9, 6], 1), g = try tensor([9, 3], 2)
    let layers = [
      DenseLayers.Layer(weight: try tensor([5, 6], 3), bias: try tensor([5], 4), relu: true), DenseLayers.Layer(weight: try tensor([3, 5], 5), bias: try tensor([3], 6), relu: false),
    ]
    let outputs = try DenseLayers.outputs(x, layers)
    let all = try DenseLayers.gradients(g, x, layers, outputs: outputs, needs: [true, true, true, true, true])
    let some = try DenseLayers.gradients(g, x, layers, outputs: outputs, needs: [false, false, true, false, false])
    #expect(some.x == nil && some.weights[0] == nil && some.biases[0] == nil && some.biases[1] == nil)
    #expect(try bits(some.weights[1]) == bits(all.weights[1]))
    let none = try DenseLayers.gradients(g, x, layers, outputs: outputs, needs: [false, false, false, false, false])
    #expect(none.x == nil && none.weights.allSatisfy { $0 == nil })
  }
}
