import Foundation
import TensorCore
import Testing

extension TensorCoreTests {
  /// Sorting by digits beside the order that comparisons give.
  @Suite struct Sorting {
    // Places in the order documented: NaN counts as the largest number, equal ones keep theirs.
    private func order(_ x: [Double], descending: Bool) -> [Int64] {
      func comesBefore(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN || b.isNaN { return a.isNaN != b.isNaN && a.isNaN == descending }
        return descending ? a > b : a < b
      }
      return x.indices.sorted { comesBefore(x[$0], x[$1]) || (!comesBefore(x[$1], x[$0]) && $0 < $1) }.map { Int64($0) }
    }

    private func numbers(_ n: Int, _ generator: inout SystemRandomNumberGenerator) -> [Double] {
      (0..<n).map { _ in
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: [0, -0.0, .infinity, -.infinity, .nan, -.nan, 1, -1].randomElement(using: &generator) ?? 0
        case 1...3: Double(Int.random(in: -3...3, using: &generator))
        case 4: Double(Float.leastNonzeroMagnitude) * Double.random(in: -4...4, using: &generator).rounded()
        default: Double(Float(Double.random(in: -1e3...1e3, using: &generator)))
        }
      }
    }

    // Lengths on both sides of where insertion ends and where blocks begin.
    @Test(arguments: [0, 1, 2, 3, 39, 40, 41, 42, 255, 1000, 32_768, 32_769, 70_001]) func sortingKeepsTheOrderOfComparisons(n: Int) throws {
      var generator = SystemRandomNumberGenerator()
      let rows = n > 1000 ? 1 : 3
      let x = numbers(rows * n, &generator), tensor = try Tensor(x, shape: [rows, n])
      for dtype in DType.allCases {
        let input = try dtype == .int64 || dtype == .bool ? tensor.converted(to: .float32).converted(to: dtype) : tensor.converted(to: dtype)
        let plain = try input.array(of: Double.self)
        for descending in [false, true] {
          let (values, places) = try input.sorted(1, descending: descending)
          let found = try places.array(of: Int64.self), sorted = try values.array(of: Double.self)
          for row in 0..<rows {
            let line = Array(plain[(row * n)..<((row + 1) * n)]), expected = order(line, descending: descending)
            #expect(Array(found[(row * n)..<((row + 1) * n)]) == expected, "\(dtype.name), \(n) elements, descending \(descending)")
            // The elements themselves, with their signs.
            for i in 0..<n {
              let (a, b) = (sorted[row * n + i], line[Int(expected[i])])
              if !(a.isNaN && b.isNaN), a.bitPattern != b.bitPattern { Issue.record("\(dtype.name), \(n) elements: \(a) in place \(i), expected \(b)") }
            }
          }
        }
      }
    }

    @Test(arguments: [1, 5, 16, 17, 100, 1000]) func leadingElementsAreTheFirstOfTheOrder(n: Int) throws {
      var generator = SystemRandomNumberGenerator()
      for round in 0..<6 {
        let x = numbers(2 * n, &generator)
        for dtype in [DType.float32, .float64] {
          let tensor = try Tensor(x, shape: [2, n]).converted(to: dtype)
          for k in Set([1, 5, 32].map { min($0, n) }) {
            for descending in [false, true] {
              let (values, places) = try tensor.leading(k, descending: descending, countingFrom: round)
              let (all, order) = try tensor.sorted(1, descending: descending)
              let expected = try order.narrowed(1, from: 0, length: k).array(of: Int64.self).map { $0 + Int64(round) }
              #expect(try places.array(of: Int64.self) == expected)
              #expect(try values.array(of: Double.self).map(\.bitPattern) == all.narrowed(1, from: 0, length: k).array(of: Double.self).map(\.bitPattern))
            }
          }
        }
      }
    }

    @Test(arguments: [DType.float32, .float64]) func runningSumsAreThoseOfAPlainLoop(dtype: DType) throws {
      for shape in [[1, 1], [3, 7], [1, 8], [5, 100], [2, 1000, 3], [30, 700], [1, 300_000], [2, 140_001], [1000, 1], [0, 4], [4, 0], [40, 513]] as [Dimensions] {
        let x = try Tensor(uninitialized: shape, dtype)
        try RandomStream.script.fillUniform(x)
        let plain = try x.array(of: Double.self)
        for d in 0..<shape.count {
          let n = shape[d], inner = shape.dropFirst(d + 1).reduce(1, *)
          for scan in [Tensor.Scan.sum, .sumFromEnd] {
            let found = try x.scanned(scan, d).array(of: Double.self)
            var worst = 0.0
            for line in 0..<(n > 0 ? plain.count / n : 0) {
              let start = line / inner * n * inner + line % inner
              var total = 0.0
              for step in 0..<n {
                let at = start + (scan == .sum ? step : n - 1 - step) * inner
                total += plain[at]
                worst = max(worst, abs(found[at] - total) / total)
              }
            }
            #expect(worst < (dtype == .float32 ? 6e-8 : 1e-12), "\(shape.text) along \(d)")
          }
        }
      }
    }

    @Test func runningSumsKeepWhatIsNoNumber() throws {
      let x = try Tensor([1, .infinity, 2, -.infinity, 3, 4, 5, 6, 7, 8] as [Float])
      let found = try x.scanned(.sum, 0).array(of: Float.self)
      #expect(found[0] == 1 && found[1] == .infinity && found[2] == .infinity && found[3...].allSatisfy(\.isNaN))
      let back = try x.scanned(.sumFromEnd, 0).array(of: Float.self)
      #expect(back[4...] == [33, 30, 26, 21, 15, 8] && back[3] == -.infinity && back[2] == -.infinity && back[0].isNaN)
    }
  }
}
