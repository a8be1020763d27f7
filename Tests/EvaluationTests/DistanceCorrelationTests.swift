import Evaluation
import TensorCore
import TestSupport
import Testing

@Suite struct DistanceCorrelationTests {
  @Test func agreesWithAllPairs() throws {
    let cases = try Fixture.group("distance_correlation", of: "measures")
    #expect(cases.count == 10)
    for pair in cases {
      let got = try distanceCorrelation(pair.numbers("x"), pair.numbers("y"), weight: pair.optionalNumbers("weight"), squared: true)
      #expect(close(got, pair.number("squared"), 1e-9), "\(got) against \(pair.number("squared"))")
    }
  }

  // The same by all pairs, for slopes.
  private func slow(_ x: [Double], _ y: [Double], _ weight: [Double]) -> Double {
    let total = weight.reduce(0, +), u = weight.map { $0 / total }
    func centred(_ v: [Double]) -> [[Double]] {
      let d = v.map { a in v.map { abs(a - $0) } }, row = d.map { zip($0, u).reduce(0) { $0 + $1.0 * $1.1 } }
      let mean = zip(row, u).reduce(0) { $0 + $1.0 * $1.1 }
      return v.indices.map { i in v.indices.map { d[i][$0] - row[i] - row[$0] + mean } }
    }
    func sum(_ a: [[Double]], _ b: [[Double]]) -> Double {
      x.indices.reduce(0) { s, i in x.indices.reduce(s) { $0 + u[i] * u[$1] * a[i][$1] * b[i][$1] } }
    }
    let a = centred(x), b = centred(y)
    return (sum(a, b) / (sum(a, a) * sum(b, b)).squareRoot()).squareRoot()
  }

  @Test func gradientsAreThoseOfAllPairs() throws {
    var random = SeededNumbers(state: 3)
    let n = 40
    let x = (0..<n).map { _ in Double.random(in: 100...300, using: &random) }
    // Ties in y; slopes by x and by the weights exist all the same.
    let y = x.map { ($0 / 40 + Double.random(in: -2...2, using: &random)).rounded() }
    let weight = (0..<n).map { _ in Double.random(in: 0.2...2, using: &random) }
    let got = try DistanceCorrelation(x, y, weight: weight)
    #expect(close(got.value, slow(x, y, weight), 1e-12))
    let slopes = got.gradients(squared: false), squared = got.gradients(squared: true)
    for k in 0..<n {
      func slope(_ list: [Double], _ step: Double, _ f: ([Double]) -> Double) -> Double {
        var above = list, below = list
        above[k] += step
        below[k] -= step
        return (f(above) - f(below)) / (2 * step)
      }
      let byX = slope(x, 1e-5) { slow($0, y, weight) }, byWeight = slope(weight, 1e-5) { slow(x, y, $0) }
      #expect(abs(slopes.x[k] - byX) < 1e-9 && abs(slopes.weight[k] - byWeight) < 1e-9)
      #expect(close(squared.x[k], 2 * got.value * slopes.x[k], 1e-12))
    }
    // At ties the slope is the mean of those to both sides.
    for k in 0..<n {
      func moved(_ step: Double) -> Double {
        var list = y
        list[k] += step
        return slow(x, list, weight)
      }
      #expect(abs(slopes.y[k] - (moved(1e-6) - moved(-1e-6)) / 2e-6) < 1e-6)
    }
  }

  @Test func extremesStayFinite() throws {
    let huge = [-1e308, 1e308, 3, 1.7e308]
    let got = try DistanceCorrelation(huge, [1, 2, 3, 4])
    #expect(got.squared > 0 && got.squared <= 1 && got.gradients(squared: true).y.allSatisfy { $0.isFinite })
    let constant = try DistanceCorrelation([2, 2, 9], [1, 5, 3], weight: [1, 1, 0])
    #expect(constant.squared == 0 && constant.gradients(squared: false).x == [0, 0, 0])
    // A jet without weight does not count.
    #expect(close(try distanceCorrelation([1, 2, 3, 1e9], [3, 1, 2, -5], weight: [1, 1, 1, 0]), try distanceCorrelation([1, 2, 3], [3, 1, 2]), 1e-12))
  }
}
