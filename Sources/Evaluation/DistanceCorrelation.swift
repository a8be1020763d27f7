import TensorCore

/// The distance correlation of two lists of numbers (Székely, Rizzo, Bakirov, arXiv:0803.4101): 0 for independent, 1 for linear relations.
///
/// The square is dCov²(x, y) / √(dVar²(x) dVar²(y)), the DisCo of arXiv:2001.05310, with weights normalised to sum N. Time grows with N²,
/// memory with N; Ctrl-C throws `Interrupted`. A constant list gives 0. Throws `CallerError` where lengths differ, there are fewer than two entries, a value is not
/// finite, or the weights are negative, not finite or all 0.
public func distanceCorrelation(_ x: [Double], _ y: [Double], weight: [Double]? = nil, squared: Bool = false) throws -> Double {
  let function = "distance_correlation"
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
  let moments = try DistanceMoments(x, y, share)
  let product = (moments.xx * moments.yy).squareRoot()
  guard product > 0 else { return 0 }
  let correlation = min(1, max(0, moments.xy / product))
  return squared ? correlation : correlation.squareRoot()
}

/// Means over pairs of the doubly centred distances: Σ_ij w_i w_j A_ij B_ij with A_ij = |x_i − x_j| − a_i − a_j + a and B likewise.
private struct DistanceMoments {
  var xy = 0.0
  var xx = 0.0
  var yy = 0.0

  init(_ x: [Double], _ y: [Double], _ share: [Double]) throws {
    let rowX = try Self.rowMeans(x, share), rowY = try Self.rowMeans(y, share)
    let meanX = zip(rowX, share).reduce(0) { $0 + $1.0 * $1.1 }, meanY = zip(rowY, share).reduce(0) { $0 + $1.0 * $1.1 }
    let rows = try Self.eachRow(x.count, DistanceMoments()) { i in
      var sum = DistanceMoments()
      for j in x.indices {
        let a = (x[i] - x[j]).magnitude - rowX[i] - rowX[j] + meanX
        let b = (y[i] - y[j]).magnitude - rowY[i] - rowY[j] + meanY
        sum.xy += share[j] * a * b
        sum.xx += share[j] * a * a
        sum.yy += share[j] * b * b
      }
      return sum
    }
    // Added in order, so that the sum does not depend on the threads.
    for (i, row) in rows.enumerated() {
      xy += share[i] * row.xy
      xx += share[i] * row.xx
      yy += share[i] * row.yy
    }
  }

  private init() {}

  /// Σ_j w_j |v_i − v_j| for each i.
  private static func rowMeans(_ values: [Double], _ share: [Double]) throws -> [Double] {
    try eachRow(values.count, 0.0) { i in
      var sum = 0.0
      for j in values.indices { sum += share[j] * (values[i] - values[j]).magnitude }
      return sum
    }
  }

  /// `body(0) … body(count − 1)` on all threads, with a look at Ctrl-C every thousand rows.
  private static func eachRow<Value>(_ count: Int, _ empty: Value, _ body: (Int) -> Value) throws -> [Value] {
    var results = [Value](repeating: empty, count: count)
    try results.withUnsafeMutableBufferPointer { results in
      let results = results
      for start in stride(from: 0, to: count, by: 1024) {
        try Interrupted.check()
        try ThreadPool.parallelRanges(min(1024, count - start), grain: 64) { range in
          for i in range { results[start + i] = body(start + i) }
        }
      }
    }
    return results
  }
}
