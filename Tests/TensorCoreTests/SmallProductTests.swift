import CVectorMath
import TensorCore
import Testing

/// The products of small float32 matrices, at sizes that meet every tile and edge of them.
@Suite(.serialized) struct SmallProductTests {
  private func numbers(_ count: Int, _ seed: Int) -> [Float] { (0..<count).map { Float(($0 &* 7_919 &+ seed &* 104_729) % 1_009) / 504 - 1 } }

  private func tensor(_ rows: Int, _ columns: Int, _ seed: Int, transposed: Bool) throws -> Tensor {
    transposed ? try Tensor(numbers(rows * columns, seed), shape: [columns, rows]).transposed(0, 1) : try Tensor(numbers(rows * columns, seed), shape: [rows, columns])
  }

  @Test(arguments: [false, true], [false, true])
  func againstDoublePrecisionForAnyThreads(leftTransposed: Bool, rightTransposed: Bool) throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    let shapes = [
      (1, 1, 1), (1, 7, 130), (13, 3, 1), (5, 64, 16), (6, 5, 17), (7, 20, 47), (12, 33, 64), (25, 10, 65), (100, 80, 256), (100, 256, 128), (100, 64, 20), (100, 256, 80),
      (80, 100, 256), (64, 100, 20), (3, 300, 900), (257, 129, 100), (300, 512, 31),
    ]
    for (m, k, n) in shapes {
      let a = try tensor(m, k, 1, transposed: leftTransposed), b = try tensor(k, n, 2, transposed: rightTransposed)
      let exact = try Tensor.matrixProduct(a.converted(to: .float64), b.converted(to: .float64)).contiguous()
      var first: [UInt32]?
      for threads in 1...4 {
        ThreadPool.threadCount = threads
        let c = try Tensor.matrixProduct(a, b).contiguous()
        let bits = (0..<m * n).map { Float(c.element(at: $0)).bitPattern }
        if first == nil {
          for i in 0..<m * n where abs(c.element(at: i) - exact.element(at: i)) > 1e-6 * Double(k) {
            Issue.record("\(m) x \(k) x \(n), number \(i): \(c.element(at: i)), expected \(exact.element(at: i))")
            return
          }
        }
        #expect(first == nil || first == bits, "\(m) x \(k) x \(n) with \(threads) threads")
        first = bits
      }
    }
  }

  /// Bias and ReLU behind the sum; the same bits with registers of any width that multiply and add at once.
  @Test func instructionSets() throws {
    for (m, k, n) in [(1, 3, 1), (6, 40, 64), (7, 9, 33), (13, 50, 130), (30, 17, 48), (25, 5, 20)] {
      let a = numbers(m * k, 3), b = numbers(k * n, 4), bias = numbers(n, 5)
      var results: [String: [Float]] = [:]
      for transposed in [false, true] {
        let right = transposed ? (0..<k * n).map { b[$0 % k * n + $0 / k] } : b
        for set in ["baseline", "x86-64-v3", "x86-64-v4"] {
          guard let kernels = jvm_kernels_named(set)?.pointee else { continue }
          for relu in [false, true] {
            // What lies beside the columns must stay.
            var out = [Float](repeating: 77, count: m * (n + 3)), scratch = [Float](repeating: .nan, count: Int(jvm_product_strip) * k)
            out.withUnsafeMutableBufferPointer { place in
              a.withUnsafeBufferPointer { a in
                right.withUnsafeBufferPointer { right in
                  bias.withUnsafeBufferPointer { bias in
                    var product = jvm_product(
                      a: a.baseAddress, b: right.baseAddress, bias: bias.baseAddress, out: place.baseAddress, row_step: k, term_step: 1, terms: k,
                      b_step: transposed ? 1 : n, column_step: transposed ? k : 1, out_step: n + 3, relu: relu)
                    kernels.product(&product, 0, m, 0, n, &scratch, place.baseAddress, relu ? 4 * place.count : 0)
                  }
                }
              }
            }
            for i in 0..<m {
              for j in 0..<n {
                let sum = (0..<k).reduce(Double(bias[j])) { $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j]) }, exact = relu ? max(sum, 0) : sum
                #expect(abs(Double(out[i * (n + 3) + j]) - exact) < 1e-5, "\(set), \(m) x \(k) x \(n), \(i), \(j)")
              }
              #expect(out[(i * (n + 3) + n)..<(i + 1) * (n + 3)].allSatisfy { $0 == 77 })
            }
            guard set != "baseline" else { continue }
            let key = "\(relu)"
            #expect(results[key] == nil || results[key] == out, "\(set), \(m) x \(k) x \(n)")
            results[key] = out
          }
        }
      }
    }
  }
}
