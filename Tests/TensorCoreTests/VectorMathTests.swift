import CVectorMath
import Foundation
import TensorCore
import Testing

extension TensorCoreTests {
  /// The loops of CVectorMath in every instruction set this processor has.
  @Suite struct VectorMath {
    static let sets: [String] = (["baseline", "x86-64-v3", "x86-64-v4"] as [String]).filter { jvm_kernels_named($0) != nil }

    private func kernels(_ name: String) throws -> jvm_kernels { try #require(jvm_kernels_named(name)).pointee }

    private func map(_ k: jvm_kernels, _ function: UnaryFunction, _ x: [Float], p: Double = 0, q: Double = 0) -> [Float] {
      var y = [Float](repeating: 0, count: x.count)
      k.unary_f32(function, x, 1, &y, x.count, p, q)
      return y
    }

    // Steps of one in the last place between two floats of one sign.
    private func steps(_ a: Float, _ b: Float) -> Int {
      if a == b || (a.isNaN && b.isNaN) { return 0 }
      if a.sign != b.sign || !a.isFinite || !b.isFinite { return .max }
      return abs(Int(a.bitPattern) - Int(b.bitPattern))
    }

    private func expectAccurate(
      _ function: UnaryFunction, _ name: String, _ x: [Float], within limit: Int, _ exact: (Double) -> Double
    ) throws {
      for set in Self.sets {
        let y = map(try kernels(set), function, x)
        let worst = zip(x, y).map { (steps($1, Float(exact(Double($0)))), $0, $1) }.max { $0.0 < $1.0 }
        #expect((worst?.0 ?? 0) <= limit, "\(name) in \(set): \(worst.map { "f(\($0.1)) = \($0.2), \($0.0) steps off" } ?? "")")
      }
    }

    private func grid(_ range: ClosedRange<Double>, _ count: Int = 20_000) -> [Float] {
      (0...count).map { Float(range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / Double(count)) }
    }

    // Every magnitude from the smallest denormal to the largest number.
    private var magnitudes: [Float] { stride(from: UInt32(1), to: 0x7F80_0000, by: 65_003).map { Float(bitPattern: $0) } }

    @Test func theProcessorsOwnSetIsInUse() throws {
      let name = String(cString: jvm_kernels_in_use().pointee.instruction_set)
      let limit = ProcessInfo.processInfo.environment["JETLUA_INSTRUCTION_SET"]
      #expect(name == (limit.flatMap { Self.sets.contains($0) ? $0 : nil } ?? Self.sets.last))
      #expect(jvm_kernels_named("x86-64-v9") == nil)
    }

    @Test func exponentials() throws {
      try expectAccurate(.exp, "exp", grid(-87...88.7) + [0, -0.0, 1, -1, .infinity, -.infinity, .nan, 1000, -1000, 88.8, -104, -120], within: 2) { exp($0) }
      // Denormal results have fewer digits; a step there is 1.4e-45.
      try expectAccurate(.exp, "exp", grid(-103.9 ... -87), within: 2) { exp($0) }
      try expectAccurate(.expm1, "expm1", grid(-20...88.7) + grid(-0.01...0.01) + [0, .infinity, -.infinity, .nan, 100, -200], within: 4) { expm1($0) }
      try expectAccurate(.expm1, "expm1", magnitudes.filter { $0 < 1e-3 }, within: 2) { expm1($0) }
    }

    @Test func logarithms() throws {
      try expectAccurate(.log, "log", magnitudes + grid(0.5...2) + [0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude], within: 2) { log($0) }
      try expectAccurate(.log1p, "log1p", magnitudes + grid(-0.999...3) + [0, -1, -2, .infinity, -.infinity, .nan], within: 4) { log1p($0) }
    }

    @Test func activations() throws {
      let special: [Float] = [0, .infinity, -.infinity, .nan, 1e-20, -1e-20, 100, -100]
      let both = magnitudes + magnitudes.map { -$0 }
      try expectAccurate(.tanh, "tanh", grid(-12...12) + grid(-0.01...0.01) + special + both, within: 3) { tanh($0) }
      try expectAccurate(.sigmoid, "sigmoid", grid(-80...80) + grid(-4...4) + special, within: 3) { $0 > 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }
      try expectAccurate(.selu, "selu", grid(-20...20) + special, within: 6) { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }
      try expectAccurate(.erf, "erf", grid(-6...6, 100_000) + special + both, within: 3) { erf($0) }
    }

    // x Φ(x) loses digits to 1 + erf where x is negative, as PyTorch's does: accurate beside the size of x.
    @Test func gaussianErrorUnits() throws {
      let x = grid(-8...8, 100_000) + [0, 40, -40, 1e30, -1e30]
      for set in Self.sets {
        for (v, y) in zip(x, map(try kernels(set), .gelu, x)) {
          let exact = Double(v) * 0.5 * erfc(-Double(v) * 0.5.squareRoot())
          #expect(abs(Double(y) - exact) <= 1.2e-7 * Double(max(abs(v), 1e-30)), "\(set): gelu(\(v)) = \(y)")
        }
      }
    }

    @Test func exponentialsInDoublePrecision() throws {
      let x = (0...200_000).map { -746 + 1456 * Double($0) / 200_000 } + (0...2_000).map { Double($0 - 1_000) * 1e-6 } + [0, -0.0, 1, 1e-300]
      for set in Self.sets {
        let k = try kernels(set)
        var y = x
        k.unary_f64(.exp, x, 1, &y, x.count, 0, 0)
        for (v, found) in zip(x, y) {
          // The 64 bits of the long double's fraction decide between doubles.
          let exact = Foundation.exp(Float80(v)), unit = Float80(max(Double(exact).ulp, .leastNonzeroMagnitude))
          if exact > Float80(Double.greatestFiniteMagnitude) { #expect(found == .infinity) } else {
            #expect(abs(Float80(found) - exact) <= 1.3 * unit, "\(set): exp(\(v)) = \(found)")
          }
        }
        let special: [Double] = [.infinity, -.infinity, 800, -800, .nan]
        var z = special
        k.unary_f64(.exp, special, 1, &z, special.count, 0, 0)
        #expect(z[0] == .infinity && z[1] == 0 && z[2] == .infinity && z[3] == 0 && z[4].isNaN, "\(set)")
        // The same bits whatever the layout and the length.
        for n in 0...20 {
          var part = [Double](repeating: 0, count: n), strided = part
          k.unary_f64(.exp, Array(x.suffix(40)), 1, &part, n, 0, 0)
          k.unary_f64(.exp, x.suffix(40).flatMap { [$0, 7] }, 2, &strided, n, 0, 0)
          #expect(part == Array(y.suffix(40).prefix(n)) && strided == part, "\(set), \(n) elements")
        }
      }
    }

    @Test func sumsAndRowsOfEveryLength() throws {
      for set in Self.sets {
        let k = try kernels(set)
        for n in Array(0...200) + [1000, 1023, 1024, 1025, 5000] {
          let x = (0..<n).map { Float(sin(Double($0) * 1.3)) }, y = (0..<n).map { Float(cos(Double($0) * 0.7)) }
          let sum = x.reduce(0.0) { $0 + Double($1) }, squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
          let apart = zip(x, y).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
          #expect(abs(k.sum_f32(x, n) - sum) < 2e-5, "\(set), \(n)")
          #expect(abs(k.sum_of_squares_f32(x, nil, n) - squares) <= 3e-7 * squares, "\(set), \(n)")
          #expect(abs(k.sum_of_squares_f32(x, y, n) - apart) <= 3e-7 * apart, "\(set), \(n)")
          guard n > 0 else { continue }
          var soft = x, slope = x
          k.softmax_f32(x, &soft, 1, n)
          let total = x.reduce(0.0) { $0 + exp(Double($1)) }
          #expect(zip(soft, x).allSatisfy { abs(Double($0) - exp(Double($1)) / total) < 1e-6 }, "\(set), \(n)")
          k.softmax_gradient_f32(soft, y, &slope, 1, n)
          let mean = zip(soft, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          #expect(zip(slope, zip(soft, y)).allSatisfy { abs(Double($0) - Double($1.0) * (Double($1.1) - mean)) < 1e-6 }, "\(set), \(n)")
          // One NaN and every number of the row is NaN.
          var broken = x
          broken[n / 2] = .nan
          k.softmax_f32(broken, &soft, 1, n)
          #expect(soft.allSatisfy(\.isNaN), "\(set), \(n)")
        }
      }
    }

    @Test func lengthsThatAreNoMultipleOfAVector() throws {
      let x = grid(-3...3, 100)
      for set in Self.sets {
        let k = try kernels(set)
        let whole = map(k, .exp, x)
        for n in 0...40 { #expect(map(k, .exp, Array(x.prefix(n))) == Array(whole.prefix(n)), "\(set), \(n) elements") }
        var strided = [Float](repeating: 0, count: 50)
        k.unary_f32(UnaryFunction.exp, x, 2, &strided, 50, 0, 0)
        #expect(strided == stride(from: 0, to: 100, by: 2).map { whole[$0] }, "\(set): the layout changes the bits")
      }
    }

    @Test func instructionSetsAgree() throws {
      let x = grid(0.1...3, 999), y = grid(-2...2, 999), base = try kernels("baseline")
      func close(_ a: [Float], _ b: [Float], _ what: String) {
        for (i, (p, q)) in zip(a, b).enumerated() where !(p.isNaN && q.isNaN) {
          #expect(p == q || abs(p - q) <= 4e-6 * max(abs(q), 1), "\(what), element \(i): \(p), baseline \(q)")
        }
      }
      for set in Self.sets.dropFirst() {
        let k = try kernels(set)
        for raw in 0..<jvm_unary_count.rawValue {
          let function = UnaryFunction(rawValue: raw)
          for input in [x, y] {
            close(map(k, function, input, p: 0.5, q: 2), map(base, function, input, p: 0.5, q: 2), "function \(raw) in \(set)")
            var a = input, b = input
            k.unary_gradient_f32(function, input, x, &a, x.count, 0.5, 2)
            base.unary_gradient_f32(function, input, x, &b, x.count, 0.5, 2)
            close(a, b, "derivative \(raw) in \(set)")
          }
        }
        for raw in 0..<jvm_binary_count.rawValue {
          var a = x, b = x
          k.binary_f32(BinaryFunction(rawValue: raw), x, 1, y, 1, &a, x.count)
          base.binary_f32(BinaryFunction(rawValue: raw), x, 1, y, 1, &b, x.count)
          close(a, b, "function \(raw) of two in \(set)")
        }
        for rows in [1, 10, 40] {
          var a = x, b = x
          k.softmax_f32(y, &a, rows, 1000 / rows)
          base.softmax_f32(y, &b, rows, 1000 / rows)
          close(a, b, "softmax in \(set)")
          k.log_softmax_f32(y, &a, rows, 1000 / rows)
          base.log_softmax_f32(y, &b, rows, 1000 / rows)
          close(a, b, "log_softmax in \(set)")
        }
        #expect(abs(k.sum_f32(y, 999) - base.sum_f32(y, 999)) < 1e-4)
        var words = [UInt32](repeating: 0, count: 200), a = [Float](repeating: 0, count: 200), b = a
        jvm_random_words(1, 2, 0, &words, 200)
        k.normal_pairs(words, &a, 100)
        base.normal_pairs(words, &b, 100)
        close(a, b, "normal numbers in \(set)")
      }
    }
  }
}
