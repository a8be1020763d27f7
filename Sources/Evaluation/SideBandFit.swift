import Glibc

/// Weights per bin: their sums, and how much larger their variance is than that of as many unweighted jets.
struct BinnedCounts {
  /// Σw per bin.
  var sum: [Double]
  /// Σw²/Σw per bin, in empty bins that of all bins; 1 without weights.
  var scale: [Double]

  /// Sums of the jets' weights over their bins.
  static func filling(_ bin: [Int], weight: [Double]?, count: Int) -> BinnedCounts {
    var sum = [Double](repeating: 0, count: count), squares = sum
    for (jet, bin) in bin.enumerated() {
      let own = weight?[jet] ?? 1
      sum[bin] += own
      squares[bin] += own * own
    }
    let total = sum.reduce(0, +), all = total > 0 ? squares.reduce(0, +) / total : 1
    return BinnedCounts(sum: sum, scale: zip(sum, squares).map { $0 > 0 ? $1 / $0 : all })
  }

  /// Σw²/Σw of some bins together.
  func scale(in bins: Range<Int>) -> Double {
    let total = bins.reduce(0) { $0 + sum[$1] }
    guard total > 0 else { return bins.reduce(0) { $0 + scale[$1] } / Double(max(1, bins.count)) }
    return bins.reduce(0) { $0 + sum[$1] * scale[$1] } / total
  }
}

/// The Legendre polynomials P₀ … P_d at the bins' places in [−1, 1].
struct LegendreRows {
  let bins: Range<Int>
  let size: Int
  private let values: [Double]

  init(_ bins: Range<Int>, maximumDegree: Int) {
    self.bins = bins
    size = maximumDegree + 1
    var values: [Double] = []
    values.reserveCapacity(bins.count * size)
    for bin in bins {
      let t = bins.count > 1 ? 2 * Double(bin - bins.lowerBound) / Double(bins.count - 1) - 1 : 0
      var before = 1.0, now = t
      values.append(1)
      for k in 1..<max(2, size) {
        values.append(now)
        (before, now) = (now, (Double(2 * k + 1) * t * now - Double(k) * before) / Double(k + 1))
      }
    }
    self.values = values
  }

  /// P_k at a bin within `bins`.
  func value(_ bin: Int, _ k: Int) -> Double { values[(bin - bins.lowerBound) * size + k] }

  /// Σ c_k P_k at a bin within `bins`.
  func sum(_ bin: Int, _ coefficients: [Double]) -> Double {
    let start = (bin - bins.lowerBound) * size
    var total = 0.0
    for k in coefficients.indices { total += coefficients[k] * values[start + k] }
    return total
  }
}

/// A smooth spectrum exp(c₀P₀ + … + c_d P_d), P_k the Legendre polynomials of the bin's place in [−1, 1], fitted to counts by maximum
/// Poisson likelihood; to weights by that of the scaled counts n/s, λ/s with s = Σw²/Σw of the bin (Bohm and Zech, arXiv:1309.1287).
struct SideBandFit {
  let degree: Int
  /// 2 Σ (λ − n + n ln(n/λ))/s over the bins of the fit.
  let deviance: Double
  let degreesOfFreedom: Int
  private let coefficients: [Double]
  /// Lower triangle L of the information matrix L Lᵀ = Σ λ P Pᵀ/s.
  private let information: [[Double]]
  private let rows: LegendreRows

  /// The fit of least degree from 1 that the next degree does not improve at 5 % by an F-test of the deviances; `nil` where a line cannot
  /// be fitted: fewer than three side-band bins with entries.
  static func best(_ counts: BinnedCounts, _ rows: LegendreRows, without window: Range<Int>) -> SideBandFit? {
    let used = rows.bins.filter { !window.contains($0) }
    guard var chosen = SideBandFit(counts, rows, used, degree: 1, from: []) else { return nil }
    while chosen.degree < rows.size - 1,
      let next = SideBandFit(counts, rows, used, degree: chosen.degree + 1, from: chosen.coefficients), next.degreesOfFreedom > 0
    {
      let gain = max(0, chosen.deviance - next.deviance), unit = next.deviance / Double(next.degreesOfFreedom)
      guard unit > 0, fisherTail(gain / unit, Double(next.degreesOfFreedom)) < 0.05 else { break }
      chosen = next
    }
    return chosen
  }

  /// Newton's method on a convex function, far from the least value with steps halved until it falls.
  private init?(_ counts: BinnedCounts, _ rows: LegendreRows, _ used: [Int], degree: Int, from start: [Double]) {
    guard used.count(where: { counts.sum[$0] > 0 }) >= degree + 2 else { return nil }
    let size = degree + 1
    func cost(_ c: [Double]) -> Double {
      var sum = 0.0
      for bin in used {
        let logarithm = rows.sum(bin, c)
        sum += (exp(logarithm) - counts.sum[bin] * logarithm) / counts.scale[bin]
      }
      return sum
    }
    var c = start + [Double](repeating: 0, count: size - start.count)
    if start.isEmpty { c[0] = log(used.reduce(0) { $0 + counts.sum[$1] } / Double(used.count)) }
    var now = cost(c), information: [[Double]] = []
    for round in 0...200 {
      var slope = [Double](repeating: 0, count: size)
      var curvature = [[Double]](repeating: slope, count: size)
      for bin in used {
        let expected = exp(rows.sum(bin, c)), scale = counts.scale[bin]
        let excess = (expected - counts.sum[bin]) / scale
        for i in 0..<size {
          let p = rows.value(bin, i)
          slope[i] += p * excess
          for j in 0...i { curvature[i][j] += expected / scale * p * rows.value(bin, j) }
        }
      }
      guard let lower = Self.cholesky(curvature), round < 200 else { return nil }
      let step = Self.solve(lower, slope)
      let fall = zip(step, slope).reduce(0) { $0 + $1.0 * $1.1 }
      if fall < 1e-18 * max(1, now.magnitude) {
        information = lower
        break
      }
      var share = 1.0, next = zip(c, step).map { $0 - $1 }
      var value = cost(next)
      // Where so little is left to gain the cost's rounding hides it, and the full step is good.
      while value > now, fall > 1e-6 {
        share /= 2
        guard share > 1e-10 else { return nil }
        next = zip(c, step).map { $0 - share * $1 }
        value = cost(next)
      }
      (c, now) = (next, value)
    }
    guard !information.isEmpty else { return nil }
    var deviance = 0.0
    for bin in used {
      let expected = exp(rows.sum(bin, c)), n = counts.sum[bin]
      guard expected.isFinite else { return nil }
      deviance += 2 * (expected - n + (n > 0 ? n * log(n / expected) : 0)) / counts.scale[bin]
    }
    self.deviance = deviance
    degreesOfFreedom = used.count - size
    (self.degree, coefficients, self.information, self.rows) = (degree, c, information, rows)
  }

  /// The expected count of a bin.
  func expected(_ bin: Int) -> Double { exp(rows.sum(bin, coefficients)) }

  /// The expected count of some bins together and its uncertainty, from the fit's covariance.
  func expected(in window: Range<Int>) -> (count: Double, error: Double) {
    var total = 0.0, slope = [Double](repeating: 0, count: degree + 1)
    for bin in window {
      let count = expected(bin)
      total += count
      for k in slope.indices { slope[k] += count * rows.value(bin, k) }
    }
    let half = Self.forward(information, slope)
    return (total, half.reduce(0) { $0 + $1 * $1 }.squareRoot())
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
