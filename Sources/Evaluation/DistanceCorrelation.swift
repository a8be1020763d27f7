import TensorCore

/// The distance correlation of two lists of numbers (Székely, Rizzo, Bakirov, arXiv:0803.4101): 0 for independent, 1 for linear relations.
///
/// The square is dCov²(x, y) / √(dVar²(x) dVar²(y)), the DisCo of arXiv:2001.05310, with weights normalised to sum N. Time grows with N²,
/// memory with N. A constant list gives 0. Throws `CallerError` where lengths differ, there are fewer than two entries, a value is not
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
  let moments = DistanceMoments(x, y, share)
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

  init(_ x: [Double], _ y: [Double], _ share: [Double]) {
    let rowX = Self.rowMeans(x, share), rowY = Self.rowMeans(y, share)
    let meanX = zip(rowX, share).reduce(0) { $0 + $1.0 * $1.1 }, meanY = zip(rowY, share).reduce(0) { $0 + $1.0 * $1.1 }
    var rows = [DistanceMoments](repeating: DistanceMoments(), count: x.count)
    rows.withUnsafeMutableBufferPointer { rows in
      let rows = rows
      ThreadPool.parallelRanges(x.count, grain: 64) { range in
        for i in range {
          var sum = DistanceMoments()
          for j in x.indices {
            let a = (x[i] - x[j]).magnitude - rowX[i] - rowX[j] + meanX
            let b = (y[i] - y[j]).magnitude - rowY[i] - rowY[j] + meanY
            sum.xy += share[j] * a * b
            sum.xx += share[j] * a * a
            sum.yy += share[j] * b * b
          }
          rows[i] = sum
        }
      }
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
  private static func rowMeans(_ values: [Double], _ share: [Double]) -> [Double] {
    var means = [Double](repeating: 0, count: values.count)
    means.withUnsafeMutableBufferPointer { means in
      let means = means
      ThreadPool.parallelRanges(values.count, grain: 64) { range in
        for i in range {
          var sum = 0.0
          for j in values.indices { sum += share[j] * (values[i] - values[j]).magnitude }
          means[i] = sum
        }
      }
    }
    return means
  }
}
