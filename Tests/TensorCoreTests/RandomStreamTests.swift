import CVectorMath
import Foundation
import TensorCore
import Testing

extension TensorCoreTests {
  @Suite struct RandomNumbers {
    // The known answers published with Random123 (kat_vectors, philox4x32 10): counter, key, result.
    @Test func philoxGivesThePublishedWords() {
      let known: [([UInt32], [UInt32], [UInt32])] = [
        ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([.max, .max, .max, .max], [.max, .max], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        ([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0], [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
      ]
      for (counter, key, expected) in known {
        var words = [UInt32](repeating: 0, count: 4)
        jvm_philox(counter, key, &words)
        #expect(words == expected)
      }
    }

    @Test func wordsAreAFunctionOfSeedStreamAndIndex() {
      var whole = [UInt32](repeating: 0, count: 5000)
      jvm_random_words(42, 3, 10, &whole, 5000)
      for chunk in [1, 7, 4096] {
        var parts: [UInt32] = []
        while parts.count < 5000 {
          let n = min(chunk, 5000 - parts.count)
          var some = [UInt32](repeating: 0, count: n)
          jvm_random_words(42, 3, 10 + UInt64(parts.count), &some, Int64(n))
          parts += some
        }
        #expect(parts == whole)
      }
      var other = whole
      jvm_random_words(42, 4, 10, &other, 5000)
      #expect(other != whole)
      jvm_random_words(43, 3, 10, &other, 5000)
      #expect(other != whole)
    }

    @Test func normalNumbersDoNotDependOnTheChunk() {
      for first in [UInt64(0), 2, 512, 1000] {
        var whole = [Float](repeating: 0, count: 3000), one = [Float](repeating: 0, count: 3001)
        jvm_random_normal_f32(7, 0, first, &whole, 3000)
        jvm_random_normal_f32(7, 0, first, &one, 3001)
        #expect(Array(one.prefix(3000)) == whole)
        var parts: [Float] = []
        for n in [2, 34, 1000, 1964] {
          var some = [Float](repeating: 0, count: n)
          jvm_random_normal_f32(7, 0, first + UInt64(parts.count), &some, Int64(n))
          parts += some
        }
        #expect(parts == whole)
      }
    }

    // Kolmogorov and Smirnov's distance; 1.95/√n is exceeded by chance once in a thousand.
    private func distance(_ numbers: [Double], _ distribution: (Double) -> Double) -> Double {
      let sorted = numbers.sorted(), n = Double(numbers.count)
      return sorted.enumerated().reduce(0) { worst, element in
        let f = distribution(element.element)
        return max(worst, f - Double(element.offset) / n, Double(element.offset + 1) / n - f)
      }
    }

    @Test(arguments: [DType.float32, .float64]) func uniformNumbersAreUniform(dtype: DType) throws {
      RandomStream.seed(11)
      let n = 100_000
      let tensor = try Tensor(uninitialized: [n], dtype)
      try RandomStream.script.fillUniform(tensor)
      let x = try tensor.array(of: Double.self)
      #expect(x.allSatisfy { (0..<1).contains($0) })
      #expect(distance(x) { $0 } < 1.95 / Double(n).squareRoot())
      let mean = x.reduce(0, +) / Double(n)
      #expect(abs(mean - 0.5) < 4 * (1 / 12.0 / Double(n)).squareRoot())
      // Neighbours are independent.
      let covariance = zip(x, x.dropFirst()).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) } / Double(n)
      #expect(abs(covariance) < 4 / 12 / Double(n).squareRoot())
    }

    @Test(arguments: [DType.float32, .float64]) func normalNumbersAreNormal(dtype: DType) throws {
      RandomStream.seed(12)
      let n = 100_000
      let tensor = try Tensor(uninitialized: [n], dtype)
      try RandomStream.noise.fillNormal(tensor)
      let x = try tensor.array(of: Double.self)
      #expect(distance(x) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95 / Double(n).squareRoot())
      let root = Double(n).squareRoot()
      func moment(_ k: Int) -> Double { x.reduce(0) { $0 + pow($1, Double(k)) } / Double(n) }
      #expect(abs(moment(1)) < 4 / root)
      #expect(abs(moment(2) - 1) < 4 * 2.0.squareRoot() / root)
      #expect(abs(moment(3)) < 4 * 15.0.squareRoot() / root)
      #expect(abs(moment(4) - 3) < 4 * 96.0.squareRoot() / root)
      let covariance = zip(x, x.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
      #expect(abs(covariance) < 4 / root)
      #expect(x.allSatisfy { abs($0) < 10 })
    }

    @Test func permutationsAreUniform() {
      RandomStream.seed(13)
      var counts: [[Int]: Int] = [:]
      let draws = 24_000
      for _ in 0..<draws { counts[RandomStream.order.permutation(4), default: 0] += 1 }
      #expect(counts.count == 24)
      let expected = Double(draws) / 24
      let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected }
      // 23 degrees of freedom: above 49.7 once in a thousand.
      #expect(chiSquare < 49.7)
      let long = RandomStream.order.permutation(5000)
      #expect(long.sorted() == Array(0..<5000) && long != Array(0..<5000))
      #expect(RandomStream.order.permutation(0) == [] && RandomStream.order.permutation(1) == [0])
    }

    @Test func integersCoverTheirRangeEvenly() throws {
      RandomStream.seed(14)
      let tensor = try Tensor(uninitialized: [30_000], .int64)
      try RandomStream.script.fillIntegers(tensor, from: -2, to: 3)
      var counts = [Int64: Int]()
      for x in try tensor.array(of: Int64.self) { counts[x, default: 0] += 1 }
      #expect(Set(counts.keys) == Set(-2...3))
      let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - 5000, 2) / 5000 }
      #expect(chiSquare < 20.5)  // 5 degrees of freedom, once in a thousand
      try RandomStream.script.fillIntegers(tensor, from: .min, to: .max)
      #expect(Set(try tensor.array(of: Int64.self)).count == 30_000)
      try RandomStream.script.fillIntegers(tensor, from: 7, to: 7)
      #expect(try tensor.array(of: Int64.self).allSatisfy { $0 == 7 })
    }

    // Of 3·2^61 values a remainder of 64 random bits would give the lower 2^63 twice the chance of the rest.
    @Test func integersOfAHugeRangeAreUniform() throws {
      RandomStream.seed(15)
      let n = 60_000, low = Int64.min, high = Int64.min + 3 << 61 - 1
      let tensor = try Tensor(uninitialized: [n], .int64)
      try RandomStream.script.fillIntegers(tensor, from: low, to: high)
      let x = try tensor.array(of: Int64.self)
      #expect(x.allSatisfy { (low...high).contains($0) })
      let share = x.map { (Double($0) - Double(low)) / 0x3p61 }
      #expect(distance(share) { $0 } < 1.95 / Double(n).squareRoot())
      // The last bits are as likely as the first.
      let odd = Double(x.reduce(0) { $0 + ($1 & 1) })
      #expect(abs(odd - Double(n) / 2) < 4 * (Double(n) / 4).squareRoot())
    }

    @Test func streamsRewindAndContinue() throws {
      func draw(_ stream: RandomStream) throws -> [Float] {
        let tensor = try Tensor(uninitialized: [5])
        try stream.fillUniform(tensor)
        return try tensor.array(of: Float.self)
      }
      RandomStream.seed(1)
      let first = try draw(.script), weights = try draw(.weights)
      let snapshot = RandomStream.snapshot
      let second = try draw(.script)
      #expect(first != second && first != weights)
      RandomStream.restore(seed: snapshot.seed, positions: snapshot.positions)
      #expect(try draw(.script) == second)
      RandomStream.seed(1)
      // One stream's draws do not move another.
      #expect(try draw(.weights) == weights)
      #expect(try draw(.script) == first)
      RandomStream.seed(2)
      #expect(try draw(.script) != first)
    }

    @Test func partsOfABatchAreContiguousEvenAndComplete() throws {
      for whole in [1, 2, 3, 7, 50, 1001] {
        for parts in [1, 2, 4, 7, 64] {
          let shares = try (0..<parts).map { try BatchShare($0, of: parts, whole: whole) }
          #expect(shares.reduce(0) { $0 + $1.counted } == whole)
          var next = 0
          for share in shares {
            #expect(share.rows >= 1 && share.first + share.rows <= whole && share.whole == whole)
            #expect(share.counted == whole / parts || share.counted == whole / parts + 1)
            if share.counted > 0 { #expect(share.first == next && share.rows == share.counted) }
            next += share.counted
          }
        }
      }
      #expect(throws: CallerError.self) { try BatchShare(2, of: 2, whole: 5) }
      #expect(throws: CallerError.self) { try BatchShare(0, of: 1, whole: 0) }
    }

    @Test func processesThatShareABatchDrawItsNoiseTogether() throws {
      defer { BatchShare.current = nil }
      for dtype in [DType.float32, .float64] {
        for isNormal in [true, false] {
          func draw(_ rows: Int) throws -> [Double] {
            let tensor = try Tensor(uninitialized: [rows, 3], dtype)
            try isNormal ? RandomStream.noise.fillNormal(tensor) : RandomStream.noise.fillUniform(tensor)
            return try tensor.converted(to: .float64).array(of: Double.self)
          }
          RandomStream.seed(6)
          let whole = try draw(10_001), next = try draw(1)
          var joined: [Double] = []
          for number in 0..<4 {
            RandomStream.seed(6)
            let share = try BatchShare(number, of: 4, whole: 10_001)
            BatchShare.current = share
            joined += try draw(share.rows)
            BatchShare.current = nil
            #expect(try draw(1) == next)
          }
          #expect(joined == whole)
        }
      }
    }
  }
}
