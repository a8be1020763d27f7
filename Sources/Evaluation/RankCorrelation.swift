import TensorCore

/// Spearman's rank correlation: the correlation of the ranks, ties sharing the mean of theirs; 0 where a list is constant.
///
/// Throws `CallerError` for lists of different lengths, fewer than two values, and NaN.
public func rankCorrelation(_ x: [Double], _ y: [Double]) throws -> Double {
  let function = "rank_correlation"
  guard x.count == y.count else { throw CallerError("\(function): lists of \(x.count) and \(y.count) values; give pairs") }
  guard x.count >= 2 else { throw CallerError("\(function): expected at least 2 values, got \(x.count)") }
  for (name, list) in [("x", x), ("y", y)] {
    let undefined = list.count { $0.isNaN }
    guard undefined == 0 else { throw CallerError("\(function): \(name): \(undefined) of \(list.count) values are NaN") }
  }
  let middle = Double(x.count + 1) / 2, a = ranks(x), b = ranks(y)
  var product = 0.0, aSquares = 0.0, bSquares = 0.0
  for (p, q) in zip(a, b) {
    product += (p - middle) * (q - middle)
    aSquares += (p - middle) * (p - middle)
    bSquares += (q - middle) * (q - middle)
  }
  return aSquares > 0 && bSquares > 0 ? product / (aSquares * bSquares).squareRoot() : 0
}

private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var next = 0
  while next < order.count {
    let first = next
    while next < order.count, values[order[next]] == values[order[first]] { next += 1 }
    for place in first..<next { ranks[order[place]] = Double(first + 1 + next) / 2 }
  }
  return ranks
}
