import TensorCore
import Testing

/// Products that are cut into tiles along both sides, with whole numbers whose sums float32 holds exactly.
@Suite struct MatrixProductTests {
  @Test(arguments: [(1_100, 700), (700, 1_100)])
  func squaresOfAHugeProduct(m: Int, n: Int) throws {
    let k = 30_000
    // −1, 0 and 1 by a rule that neither rows nor columns repeat.
    func number(_ i: Int, _ j: Int) -> Int { (i &* 7_919 &+ j &* 104_729 &+ (i &* j) % 31) % 3 - 1 }
    let a = try Tensor((0..<m * k).map { Float(number($0 / k, $0 % k)) }, shape: [m, k])
    let b = try Tensor((0..<k * n).map { Float(number($0 % n, $0 / n)) }, shape: [k, n])
    let c = try Tensor.matrixProduct(a, b).contiguous()
    let numbers = c.storage.pointer.assumingMemoryBound(to: Float.self)
    for i in [0, 1, m / 2, 207, 208, 255, 256, 257, m - 1] {
      for j in [0, n / 3, 207, 208, 255, 256, 257, n - 1] {
        let exact = (0..<k).reduce(0) { $0 + number(i, $1) * number(j, $1) }
        #expect(numbers[c.offset + i * n + j] == Float(exact), "row \(i), column \(j)")
      }
    }
  }
}
