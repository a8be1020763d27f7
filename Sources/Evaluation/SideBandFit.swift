import Glibc

/// A smooth spectrum exp(c₀P₀ + … + c_d P_d), P_k the Legendre polynomials of the bin's place in [−1, 1], fitted to counts by maximum
/// Poisson likelihood.
struct SideBandFit {
  let degree: Int
  /// 2 Σ (λ − n + n ln(n/λ)) over the bins of the fit.
  let deviance: Double
  let degreesOfFreedom: Int
  private let coefficients: [Double]
  /// Lower triangle L of the information matrix L Lᵀ = Σ λ P Pᵀ.
  private let information: [[Double]]
  private let bins: Range<Int>

  /// The fit of least degree from 1 that the next degree does not improve at 5 % by an F-test of the deviances; `nil` where a line cannot
  /// be fitted: fewer than three side-band bins with entries.
  static func best(_ counts: [Double], in bins: Range<Int>, without window: Range<Int>, maximumDegree: Int) -> SideBandFit? {
    guard var chosen = SideBandFit(counts, bins, window, degree: 1) else { return nil }
    while chosen.degree < maximumDegree, let next = SideBandFit(counts, bins, window, degree: chosen.degree + 1), next.degreesOfFreedom > 0 {
      let gain = max(0, chosen.deviance - next.deviance), unit = next.deviance / Double(next.degreesOfFreedom)
      guard unit > 0, fisherTail(gain / unit, Double(next.degreesOfFreedom)) < 0.05 else { break }
      chosen = next
    }
    return chosen
  }

  /// Newton's method on a convex function, steps halved until it falls.
  private init?(_ counts: [Double], _ bins: Range<Int>, _ window: Range<Int>, degree: Int) {
    let used = bins.filter { !window.contains($0) }
    guard used.count(where: { counts[$0] > 0 }) >= degree + 2 else { return nil }
    let rows = used.map { Self.polynomials($0, bins, degree) }
    func logarithms(_ c: [Double]) -> [Double] { rows.map { row in zip(row, c).reduce(0) { $0 + $1.0 * $1.1 } } }
    func cost(_ c: [Double]) -> Double {
      zip(logarithms(c), used).reduce(0) { $0 + exp($1.0) - counts[$1.1] * $1.0 }
    }
    var c = [Double](repeating: 0, count: degree + 1)
    c[0] = log(used.reduce(0) { $0 + counts[$1] } / Double(used.count))
    var now = cost(c), information: [[Double]] = []
    for round in 0...200 {
      let expected = logarithms(c).map { exp($0) }
      var slope = [Double](repeating: 0, count: degree + 1)
      var curvature = [[Double]](repeating: slope, count: degree + 1)
      for (place, row) in rows.enumerated() {
        for i in row.indices {
          slope[i] += row[i] * (expected[place] - counts[used[place]])
          for j in 0...i { curvature[i][j] += expected[place] * row[i] * row[j] }
        }
      }
      guard let lower = Self.cholesky(curvature), round < 200 else { return nil }
      let step = Self.solve(lower, slope)
      // The expected fall of the cost; below rounding there is nothing left to gain.
      if zip(step, slope).reduce(0, { $0 + $1.0 * $1.1 }) < 1e-18 * max(1, now.magnitude) {
        information = lower
        break
      }
      var share = 1.0, next = c, value = Double.infinity
      while share > 1e-10 {
        next = zip(c, step).map { $0 - share * $1 }
        value = cost(next)
        if value <= now { break }
        share /= 2
      }
      guard value <= now else {
        information = lower
        break
      }
      (c, now) = (next, value)
    }
    let expected = logarithms(c).map { exp($0) }
    guard !information.isEmpty, expected.allSatisfy({ $0.isFinite }) else { return nil }
    deviance = zip(expected, used).reduce(0) { sum, bin in
      let n = counts[bin.1]
      return sum + 2 * (bin.0 - n + (n > 0 ? n * log(n / bin.0) : 0))
    }
    degreesOfFreedom = used.count - degree - 1
    (self.degree, coefficients, self.information, self.bins) = (degree, c, information, bins)
  }

  /// The expected count of a bin.
  func expected(_ bin: Int) -> Double {
    exp(zip(Self.polynomials(bin, bins, degree), coefficients).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// The expected count of some bins together and its uncertainty, from the fit's covariance.
  func expected(in window: Range<Int>) -> (count: Double, error: Double) {
    var total = 0.0, slope = [Double](repeating: 0, count: degree + 1)
    for bin in window {
      let count = expected(bin)
      total += count
      for (k, p) in Self.polynomials(bin, bins, degree).enumerated() { slope[k] += count * p }
    }
    let half = Self.forward(information, slope)
    return (total, half.reduce(0) { $0 + $1 * $1 }.squareRoot())
  }

  private static func polynomials(_ bin: Int, _ bins: Range<Int>, _ degree: Int) -> [Double] {
    let t = bins.count > 1 ? 2 * Double(bin - bins.lowerBound) / Double(bins.count - 1) - 1 : 0
    var p = [1.0, t]
    for k in stride(from: 1, to: degree, by: 1) { p.append((Double(2 * k + 1) * t * p[k] - Double(k) * p[k - 1]) / Double(k + 1)) }
    return p
  }

  private static func cholesky(_ a: [[Double]]) -> [[Double]]? {
    var lower = a
    for i in a.indices {
      for j in 0...i {
        let sum = (0..<j).reduce(a[i][j]) { $0 - lower[i][$1] * lower[j][$1] }
        if i == j {
          guard sum > 1e-14 * a[i][i] else { return nil }
          lower[i][i] = sum.squareRoot()
        } else {
          lower[i][j] = sum / lower[j][j]
        }
      }
    }
    return lower
  }

  private static func forward(_ lower: [[Double]], _ b: [Double]) -> [Double] {
    var x = b
    for i in b.indices { x[i] = (0..<i).reduce(b[i]) { $0 - lower[i][$1] * x[$1] } / lower[i][i] }
    return x
  }

  private static func solve(_ lower: [[Double]], _ b: [Double]) -> [Double] {
    var x = forward(lower, b)
    for i in b.indices.reversed() { x[i] = ((i + 1)..<b.count).reduce(x[i]) { $0 - lower[$1][i] * x[$1] } / lower[i][i] }
    return x
  }
}

/// P(F > f) of Fisher's distribution with 1 and n degrees of freedom, which is that of Student's t² : I_{n/(n+f)}(n/2, ½).
public func fisherTail(_ f: Double, _ n: Double) -> Double {
  guard f > 0 else { return 1 }
  let x = n / (n + f), a = n / 2, b = 0.5
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
  return x < (a + 1) / (a + b + 2) ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  func away(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
  var c = 1.0, d = 1 / away(1 - (a + b) * x / (a + 1)), result = d
  for m in stride(from: 1.0, through: 500, by: 1) {
    for term in [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))] {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      result *= c * d
    }
    if (c * d - 1).magnitude < 1e-15 { break }
  }
  return result
}
