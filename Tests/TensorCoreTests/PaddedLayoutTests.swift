import TensorCore
import Testing

extension TensorCoreTests {
  /// Views whose strides look like padded rows have neighbours where padding would be.
  @Suite struct PaddedLayouts {
    // A [16, 16] block of which the view [10, 16]ᵀ shows ten columns.
    private func lookalike(neighbours: Double) throws -> (block: Tensor, view: Tensor) {
      let block = try Tensor(filling: [16, 16], with: neighbours)
      let view = block.narrowed(1, from: 0, length: 10).transposed(0, 1)
      view.copyElements(from: try Tensor((0..<160).map { Float($0 % 7) / 7 }, shape: [10, 16]))
      return (block, view)
    }

    @Test func optimizersLeaveNeighboursAlone() throws {
      let (block, view) = try lookalike(neighbours: 5)
      var settings = AdamSettings()
      settings.weightDecay = 0.5
      #expect(throws: CallerError.self) {
        try AdamStep.apply(settings, step: 1, to: [
          (AdamStep.Place(parameter: view, mean: view.zerosInSameLayout(), variance: view.zerosInSameLayout(), largest: nil), Tensor(filling: [10, 16], with: 1))
        ])
      }
      #expect(try block.narrowed(1, from: 10, length: 6).array(of: Float.self).allSatisfy { $0 == 5 })
    }

    @Test func sparseKernelsReadNoNeighbours() throws {
      let (_, view) = try lookalike(neighbours: .nan)
      let x = try SparseRows(Tensor((0..<48).map { Float($0 % 3) }, shape: [3, 16]))
      let clean = try view.clone()
      #expect(try x.linear(weight: view, bias: nil).array(of: Float.self) == x.linear(weight: clean, bias: nil).array(of: Float.self))
      let images = try SparseRows(Tensor((0..<30).map { Float($0 % 4) }, shape: [3, 10]))
      let weight = try lookalike(neighbours: .nan).view.narrowed(1, from: 0, length: 2)
      let r = try Tensor([Float](repeating: 0.5, count: 6), shape: [3, 2]), scales = try Tensor(filling: [3], with: 1)
      let own = try MixtureDecoder.crossEntropy(images, mixtures: r, weight: weight, scales: scales)
      let copied = try MixtureDecoder.crossEntropy(images, mixtures: r, weight: weight.clone(), scales: scales)
      #expect(try own.losses.array(of: Float.self) == copied.losses.array(of: Float.self))
      #expect(try own.mixtureGradient?.array(of: Float.self) == copied.mixtureGradient?.array(of: Float.self))
      #expect(try own.weightGradient?.array(of: Float.self) == copied.weightGradient?.array(of: Float.self))
    }

    // The padding of a result that is a weight again must still be zeros: logarithms of zeros would be −∞.
    @Test func elementwiseFunctionsKeepThePaddingZero() throws {
      let images = try SparseRows(Tensor((0..<30).map { Float($0 % 4) }, shape: [3, 10]))
      let r = try Tensor([Float](repeating: 0.5, count: 6), shape: [3, 2]), scales = try Tensor(filling: [3], with: 1)
      let weight = try Tensor.featureMajor(10, 2)
      weight.fill(0.25)
      for function in [UnaryFunction.log, .exp, .reciprocal, .tanh] {
        let changed = try weight.transposed(0, 1).mapped(function).transposed(0, 1)
        let own = try MixtureDecoder.crossEntropy(images, mixtures: r, weight: changed, scales: scales)
        let copied = try MixtureDecoder.crossEntropy(images, mixtures: r, weight: changed.clone(), scales: scales)
        #expect(try own.mixtureGradient?.array(of: Float.self) == copied.mixtureGradient?.array(of: Float.self))
      }
    }

    @Test func paddingStaysAsItIsWhereEpsilonIsZero() throws {
      let weight = try Tensor.featureMajor(3, 2)
      weight.fill(1)
      var settings = AdamSettings()
      settings.epsilon = 0
      let gradient = try weight.zerosInSameLayout()
      try AdamStep.apply(settings, step: 1, to: [(AdamStep.Place(parameter: weight, mean: weight.zerosInSameLayout(), variance: weight.zerosInSameLayout(), largest: nil), gradient)])
      #expect(try weight.array(of: Float.self).allSatisfy { $0 == 1 })
      let block = Tensor(storage: weight.storage, dtype: .float32, shape: [2, 16], strides: [16, 1], offset: 0)
      #expect(try block.narrowed(1, from: 3, length: 13).array(of: Float.self).allSatisfy { $0 == 0 })
    }

    @Test func aColumnSeenAsARowKeepsItsElements() throws {
      let row = try Tensor((0..<16).map(Float.init), shape: [1, 16]).transposed(0, 1)
      #expect(row.isContiguous)
      #expect(try row.reshapedToRow().array(of: Float.self) == row.array(of: Float.self))
    }

    @Test func stridesBeyondBLASAreCopied() throws {
      let x = Tensor(storage: try Storage(byteCount: 64), dtype: .float32, shape: [1, 2], strides: [1 << 33, 1], offset: 0)
      x.fill(2)
      #expect(try Tensor.matrixProduct(x, Tensor([Float(1), 3], shape: [2, 1])).array(of: Float.self) == [8])
    }
  }
}
