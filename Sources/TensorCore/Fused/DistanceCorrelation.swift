/// The distance correlation of two lists of numbers (Székely, Rizzo, Bakirov, arXiv:0803.4101), exact, in O(N log N) time, with its gradients.
///
/// With shares u = w/Σw, distances a_ij = |x_i − x_j| and b_ij = |y_i − y_j|, their rows' means a_i, b_i and overall means ā, b̄:
/// dCov²(x, y) = Σ u_i u_j a_ij b_ij − 2 Σ u_i a_i b_i + ā b̄, and the correlation's square is dCov²(x, y)/√(dCov²(x, x) dCov²(y, y)), the
/// DisCo of arXiv:2001.05310. The double sum is taken from running sums over the pairs below a point in both lists (arXiv:1410.1503).
public struct DistanceCorrelation: Sendable {
  /// The square of the correlation, in [0, 1]; 0 where a list is constant.
  public let squared: Double
  /// The correlation itself.
  public var value: Double { squared.squareRoot() }
  private let sides: (x: Side, y: Side)?
  private let pairs: Pairs
  private let weightTotal: Double

  /// Measures finite numbers with weights from 0, one of each per entry (weights of 1 where there are none).
  ///
  /// Throws `CallerError`, with the name of `function`, where lengths differ, there are fewer than two entries, a value is not finite, or
  /// the weights are negative, not finite or all 0.
  public init(_ x: [Double], _ y: [Double], weight: [Double]? = nil, function: String = "distance_correlation") throws {
    guard x.count == y.count, weight.map({ $0.count == x.count }) ?? true else {
      throw CallerError("\(function): lists of \(x.count) and \(y.count) values\(weight.map { " and \($0.count) weights" } ?? ""); give one of each per jet")
    }
    guard x.count >= 2 else { throw CallerError("\(function): expected at least 2 values, got \(x.count)") }
    for (name, list) in [("x", x), ("y", y)] where list.contains(where: { !$0.isFinite }) {
      throw CallerError("\(function): \(name): \(list.count { !$0.isFinite }) of \(list.count) values are not finite")
    }
    let raw = weight ?? [Double](repeating: 1, count: x.count)
    let total = raw.reduce(0, +)
    guard raw.allSatisfy({ $0 >= 0 }), total > 0, total.isFinite else {
      throw CallerError("\(function): weight: expected numbers from 0 that are not all 0")
    }
    let share = raw.map { $0 / total }
    weightTotal = total
    guard let u = UnitRange(x, share), let v = UnitRange(y, share) else {
      (sides, pairs, squared) = (nil, Pairs(count: x.count), 0)
      return
    }
    let xs = Side(u, share, tiesBy: v.values), ys = Side(v, share, tiesBy: u.values)
    pairs = Pairs(xs, ys, share)
    sides = (xs, ys)
    let product = (xs.variance * ys.variance).squareRoot()
    squared = product > 0 ? min(1, max(0, pairs.covariance(xs, ys) / product)) : 0
  }

  /// Derivatives of the correlation, or of its square, by each x, each y and each weight; 0 where the correlation is 0, and with
  /// sign(0) = 0 at ties.
  public func gradients(squared isSquared: Bool) -> (x: [Double], y: [Double], weight: [Double]) {
    guard let (x, y) = sides, squared > 0 else {
      let none = [Double](repeating: 0, count: pairs.count)
      return (none, none, none)
    }
    let outer = isSquared ? 1 : 0.5 / squared.squareRoot()
    let unit = outer / (x.variance * y.variance).squareRoot()
    let byX = x.gradient(of: pairs.besideX, x.crossed(with: y), unit: unit, ownScale: outer * squared)
    let byY = y.gradient(of: pairs.besideY, y.crossed(with: x), unit: unit, ownScale: outer * squared)
    let xInY = x.distances(to: y), yInX = y.distances(to: x)
    let xInX = x.distances(to: x), yInY = y.distances(to: y)
    var byShare = [Double](repeating: 0, count: pairs.count)
    for k in byShare.indices {
      let (a, b) = (x.rowMean[k], y.rowMean[k])
      let covariance = 2 * (pairs.both[k] - a * b - xInY[k] - yInX[k] + a * y.mean + x.mean * b)
      let varianceX = 2 * (x.square(k) - a * a - 2 * xInX[k] + 2 * a * x.mean)
      let varianceY = 2 * (y.square(k) - b * b - 2 * yInY[k] + 2 * b * y.mean)
      byShare[k] = unit * covariance - outer * squared / 2 * (varianceX / x.variance + varianceY / y.variance)
    }
    // Weights count by their shares of the total.
    let mean = zip(byShare, x.share).reduce(0) { $0 + $1.0 * $1.1 }
    return (byX, byY, byShare.map { ($0 - mean) / weightTotal })
  }
}

/// Numbers moved and scaled into [−1, 1], so that no product overflows; nothing changes the correlation.
private struct UnitRange {
  let values: [Double]
  let scale: Double

  /// `nil` where the numbers that count are all equal.
  init?(_ raw: [Double], _ share: [Double]) {
    var low = Double.infinity, high = -Double.infinity
    for (value, weight) in zip(raw, share) where weight > 0 {
      low = min(low, value)
      high = max(high, value)
    }
    let half = high / 2 - low / 2, centre = high / 2 + low / 2
    guard half >= Double.leastNormalMagnitude else { return nil }
    // What has no weight may lie anywhere; products of four such numbers still fit.
    values = raw.map { min(1e70, max(-1e70, ($0 - centre) / half)) }
    scale = half
  }
}

/// One of the two lists: its order, and the means of its distances.
private struct Side {
  let values: [Double]
  let share: [Double]
  /// Places in rising order, ties in the order of the other list and then of their places, so that tied pairs rise in both lists.
  let order: [Int]
  /// Where the run of equal values at each place of the order ends.
  let runEnd: [Int]
  /// Σ_j u_j sign(v_i − v_j).
  let signs: [Double]
  /// Σ_j u_j |v_i − v_j|.
  let rowMean: [Double]
  let mean: Double
  let variance: Double
  private let scale: Double
  private let moments: (first: Double, second: Double)

  init(_ range: UnitRange, _ share: [Double], tiesBy other: [Double]) {
    let values = range.values
    self.values = values
    self.share = share
    scale = range.scale
    var order = Array(values.indices)
    values.withUnsafeBufferPointer { v in
      other.withUnsafeBufferPointer { w in
        order.sort { a, b in
          if v[a] != v[b] { return v[a] < v[b] }
          return w[a] != w[b] ? w[a] < w[b] : a < b
        }
      }
    }
    self.order = order
    var runEnd = [Int](repeating: order.count, count: order.count)
    for place in stride(from: order.count - 2, through: 0, by: -1) {
      runEnd[place] = values[order[place]] == values[order[place + 1]] ? runEnd[place + 1] : place + 1
    }
    self.runEnd = runEnd
    let first = Self.sum(values, share), weighted = zip(values, share).map { $0 * $1 }
    let signs = Self.signedSums(share, order, runEnd), moved = Self.signedSums(weighted, order, runEnd)
    let rowMean = values.indices.map { values[$0] * signs[$0] - moved[$0] }
    (self.signs, self.rowMean) = (signs, rowMean)
    let mean = Self.sum(rowMean, share)
    self.mean = mean
    moments = (first, Self.sum(values.map { $0 * $0 }, share))
    let spread = zip(values, share).reduce(0) { $0 + ($1.0 - first) * ($1.0 - first) * $1.1 }
    variance = max(0, 2 * spread - 2 * Self.sum(rowMean.map { $0 * $0 }, share) + mean * mean)
  }

  private static func sum(_ values: [Double], _ share: [Double]) -> Double { zip(values, share).reduce(0) { $0 + $1.0 * $1.1 } }

  /// Σ_j c_j sign(v_i − v_j) for each i.
  private static func signedSums(_ c: [Double], _ order: [Int], _ runEnd: [Int]) -> [Double] {
    let total = c.reduce(0, +)
    var result = [Double](repeating: 0, count: c.count), below = 0.0, start = 0
    while start < order.count {
      var run = 0.0
      for place in start..<runEnd[start] { run += c[order[place]] }
      for place in start..<runEnd[start] { result[order[place]] = 2 * below + run - total }
      below += run
      start = runEnd[start]
    }
    return result
  }

  /// Σ_j u_j b_j sign(v_k − v_j) for the other list's row means b, which are its own for its variance.
  func crossed(with other: Side) -> Crossed {
    Crossed(rowMean: other.rowMean, mean: other.mean, signed: Self.signedSums(zip(share, other.rowMean).map { $0 * $1 }, order, runEnd))
  }

  struct Crossed {
    let rowMean: [Double]
    let mean: Double
    let signed: [Double]
  }

  /// Σ_j u_j b_j |v_k − v_j|.
  func distances(to other: Side) -> [Double] {
    let c = zip(share, other.rowMean).map { $0 * $1 }
    let signed = Self.signedSums(c, order, runEnd), moved = Self.signedSums(zip(c, values).map { $0 * $1 }, order, runEnd)
    return values.indices.map { values[$0] * signed[$0] - moved[$0] }
  }

  /// Σ_j u_j (v_k − v_j)².
  func square(_ k: Int) -> Double { values[k] * values[k] - 2 * values[k] * moments.first + moments.second }

  /// unit · ∂dCov²/∂v − ownScale/2 · ∂ln dVar²/∂v, with `beside` = Σ_j u_j sign(v_k − v_j) |w_k − w_j|, in the units of the numbers as given.
  func gradient(of beside: [Double], _ cross: Crossed, unit: Double, ownScale: Double) -> [Double] {
    let own = crossed(with: self)
    return values.indices.map { k in
      let covariance = 2 * (beside[k] - cross.rowMean[k] * signs[k] - cross.signed[k] + cross.mean * signs[k])
      let ownVariance = 4 * (values[k] - moments.first - rowMean[k] * signs[k] - own.signed[k] + mean * signs[k])
      return share[k] * (unit * covariance - ownScale / 2 * ownVariance / variance) / scale
    }
  }
}

/// Sums over pairs of both lists.
private struct Pairs {
  /// Σ_j u_j |x_i − x_j| |y_i − y_j|.
  var both: [Double] = []
  /// Σ_j u_j sign(x_i − x_j) |y_i − y_j|.
  var besideX: [Double] = []
  /// Σ_j u_j sign(y_i − y_j) |x_i − x_j|.
  var besideY: [Double] = []
  var count = 0

  /// Nothing, for constant lists.
  init(count: Int) { self.count = count }

  init(_ x: Side, _ y: Side, _ share: [Double]) {
    count = share.count
    // u (1, x, y, xy): with the sign of (x_i − x_j)(y_i − y_j), all three sums are combinations of these four.
    let terms = share.indices.map { share[$0] * SIMD4(1, x.values[$0], y.values[$0], x.values[$0] * y.values[$0]) }
    let total = terms.reduce(SIMD4(), +)
    let belowX = Self.below(terms, x.order), belowY = Self.below(terms, y.order)
    let runX = Self.runs(terms, x), runY = Self.runs(terms, y)
    let corner = Self.belowInBoth(terms, x.order, y.order)
    (both, besideX, besideY) = (share, share, share)
    for i in share.indices {
      let signed = total - terms[i] + 4 * corner[i] - 2 * belowX[i] - 2 * belowY[i]
      // Tied pairs rise in both orders, hence entered with +1; their sign is 0.
      let untiedX = signed - runX[i] + terms[i], untiedY = signed - runY[i] + terms[i]
      let (v, w) = (x.values[i], y.values[i])
      both[i] = v * w * signed[0] - v * signed[2] - w * signed[1] + signed[3]
      besideX[i] = w * untiedX[0] - untiedX[2]
      besideY[i] = v * untiedY[0] - untiedY[1]
    }
  }

  func covariance(_ x: Side, _ y: Side) -> Double {
    var distances = 0.0, rows = 0.0
    for i in both.indices {
      distances += x.share[i] * both[i]
      rows += x.share[i] * x.rowMean[i] * y.rowMean[i]
    }
    return distances - 2 * rows + x.mean * y.mean
  }

  /// The sum of the terms before each in an order.
  private static func below(_ terms: [SIMD4<Double>], _ order: [Int]) -> [SIMD4<Double>] {
    var result = terms, sum = SIMD4<Double>()
    for i in order {
      result[i] = sum
      sum += terms[i]
    }
    return result
  }

  /// The sum of the terms with the same value, its own included.
  private static func runs(_ terms: [SIMD4<Double>], _ side: Side) -> [SIMD4<Double>] {
    var result = terms, start = 0
    while start < terms.count {
      let end = side.runEnd[start]
      if end > start + 1 {
        let sum = side.order[start..<end].reduce(SIMD4()) { $0 + terms[$1] }
        for place in start..<end { result[side.order[place]] = sum }
      }
      start = end
    }
    return result
  }

  /// The sum of the terms before each in both orders, by a tree of partial sums over the second (Fenwick).
  private static func belowInBoth(_ terms: [SIMD4<Double>], _ first: [Int], _ second: [Int]) -> [SIMD4<Double>] {
    var rank = [Int](repeating: 0, count: terms.count)
    for (place, i) in second.enumerated() { rank[i] = place }
    var result = terms
    var tree = [SIMD4<Double>](repeating: SIMD4(), count: terms.count + 1)
    for i in first {
      var sum = SIMD4<Double>(), node = rank[i]
      while node > 0 {
        sum += tree[node]
        node &= node - 1
      }
      result[i] = sum
      node = rank[i] + 1
      while node < tree.count {
        tree[node] += terms[i]
        node += node & -node
      }
    }
    return result
  }
}
