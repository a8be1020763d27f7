/// The one of `candidates` that a mistyped `name` most likely means, or `nil` where none is close: at most a third of its letters
/// (and always one or two) inserted, dropped, changed or swapped.
func nearestName(to name: String, among candidates: [String]) -> String? {
  let allowed = max(2, name.utf8.count / 3)
  let ranked = candidates.map { (name: $0, distance: editDistance(Array(name.lowercased().utf8), Array($0.lowercased().utf8))) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= allowed, best.distance < name.utf8.count else {
    return nil
  }
  return best.name
}

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  // A name longer than this is no typing mistake, and its table would cost more than the hint is worth.
  guard a.count <= 64, b.count <= 64 else { return .max }
  var twoBack = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, twoBack[j - 1] + 1) }
      current.append(best)
    }
    twoBack = previous
    previous = current
  }
  return previous[b.count]
}
