import CVectorMath
import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct NormalizationTests {
    // Numbers with a common offset, exact in float32.
    private func numbers(_ count: Int, offset: Double) -> [Float] { (0..<count).map { Float(offset) + Float(($0 * 37 + 11) % 64) / 32 } }

    /// A common offset costs no digits: the sums are taken around the mean.
    @Test(arguments: [0.0, 4096.0]) func momentsOfShiftedNumbers(offset: Double) throws {
      for shape in [[5, 3, 40], [64, 3], [1, 3, 700], [9000, 3, 8]] as [Dimensions] {
        let x = try Tensor(numbers(shape.product ?? 0, offset: offset), shape: shape)
        let (mean, variance) = try ChannelNormalization(x).moments()
        for c in 0..<3 {
          let values = try x.narrowed(1, from: c, length: 1).array(of: Double.self)
          let exact = values.reduce(0, +) / Double(values.count)
          let spread = values.reduce(0) { $0 + ($1 - exact) * ($1 - exact) } / Double(values.count)
          #expect(abs(mean[c] - exact) < 1e-6 * max(abs(exact), 1), "\(shape.text)")
          #expect(abs(variance[c] - spread) < 2e-5 * spread, "\(shape.text), offset \(offset)")
        }
      }
    }

    @Test func nothingHasNoMoments() throws {
      let (mean, variance) = try ChannelNormalization(Tensor(uninitialized: [0, 2])).moments()
      #expect(mean.count == 2 && mean.allSatisfy(\.isNaN) && variance.allSatisfy(\.isNaN))
    }

    @Test func rowsOfAnyLengthInEveryInstructionSet() throws {
      for set in VectorMath.sets {
        let k = try #require(jvm_kernels_named(set)).pointee
        for n in [1, 2, 15, 16, 17, 100, 1_030] {
          let x = numbers(2 * n, offset: 3), w = numbers(n, offset: 0)
          var y = [Float](repeating: 0, count: 2 * n), mean = [0.0, 0.0], scale = [0.0, 0.0]
          k.layer_norm_f32(x, w, nil, &y, 2, n, 0.1, &mean, &scale)
          for row in 0..<2 {
            let values = x[row * n..<(row + 1) * n].map(Double.init)
            let average = values.reduce(0, +) / Double(n), spread = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(n)
            for i in 0..<n {
              let expected = (values[i] - average) / (spread + 0.1).squareRoot() * Double(w[i])
              #expect(abs(Double(y[row * n + i]) - expected) < 1e-5, "\(set), \(n) numbers")
            }
          }
        }
      }
    }
  }
}
