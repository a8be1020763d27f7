import Glibc
import TensorCore

/// Jensen–Shannon divergence ½ KL(p‖m) + ½ KL(q‖m), m = (p + q)/2, of two histograms in nats; at most ln 2.
///
/// The histograms are normalised here. Throws `CallerError` where lengths differ, an entry is negative or not finite, or a sum is 0.
public func jensenShannonDivergence(_ p: [Double], _ q: [Double], function: String = "jsd") throws -> Double {
  guard p.count == q.count else {
    throw CallerError("\(function): histograms of \(p.count) and \(q.count) bins; give both the same bins")
  }
  for (name, histogram) in [("p", p), ("q", q)] {
    if let wrong = histogram.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CallerError("\(function): \(name): expected entries from 0, got \(shortText(wrong))")
    }
    guard histogram.contains(where: { $0 > 0 }) else { throw CallerError("\(function): \(name): the histogram is empty") }
  }
  let pTotal = p.reduce(0, +), qTotal = q.reduce(0, +)
  var sum = 0.0
  for (a, b) in zip(p, q) {
    let x = a / pTotal, y = b / qTotal
    let middle = (x + y) / 2
    if x > 0 { sum += 0.5 * x * log(x / middle) }
    if y > 0 { sum += 0.5 * y * log(y / middle) }
  }
  return max(0, sum)
}
