import Glibc
import TensorCore

/// How well a set resampled by `matched` follows the spectrum it was given.
public struct SpectrumMatch: Equatable, Sendable {
  /// Jets drawn.
  public var count: Int
  /// Distinct jets among them.
  public var distinct: Int
  /// Effective number of distinct jets (Σ r)² / Σ r² for jets drawn r times.
  public var effective: Double
  /// How often the most repeated jet was drawn.
  public var largestRepetition: Int
  /// Fraction of the reference's weight in bins where as many jets were drawn as the spectrum asks for.
  public var covered: Double
  /// First and last edge of the longest run of such bins, the range in which the spectra agree.
  public var range: (low: Double, high: Double)
  /// Jensen–Shannon divergence in nats between the spectrum drawn and the reference's, in the bins of the match.
  public var divergence: Double

  /// Whether all numbers are equal.
  public static func == (a: SpectrumMatch, b: SpectrumMatch) -> Bool {
    a.count == b.count && a.distinct == b.distinct && a.effective == b.effective && a.largestRepetition == b.largestRepetition
      && a.covered == b.covered && a.range == b.range && a.divergence == b.divergence
  }
}

extension JetSet {
  /// `n` jets (default: as many as there are) drawn so that their spectrum of `column` in bins of `width` is `reference`'s, the weights of
  /// its jets counted; none is drawn more than `cap` times.
  ///
  /// Each bin gets its share, its jets as equally often as can be and the rest by `permutation` (in order without one). Bins whose jets do
  /// not suffice stay below it, and the set has fewer than `n` jets; with `divergence` the largest n, up to the one given, is taken for which
  /// the spectra differ by no more. Throws `CallerError` for an unknown column, a width or cap out of range, a column with NaN, an empty set,
  /// spectra that do not overlap, and a divergence that no n reaches.
  public func matched(
    to reference: JetSet, column: String = "mass", width: Double = 5, cap: Int = 10, n: Int? = nil, divergence: Double? = nil,
    permutation: RowPermutation? = nil
  ) throws -> (JetSet, SpectrumMatch) {
    try requireJets("match")
    try reference.requireJets("match: reference")
    guard width > 0, width.isFinite else { throw CallerError("match: width: expected a number above 0, got \(width)") }
    guard cap >= 1 else { throw CallerError("match: cap: expected a number of repetitions from 1, got \(cap)") }
    var n = n ?? count
    guard n >= 1, n <= Int(UInt32.max) else { throw CallerError("match: n: expected a number of jets from 1, got \(n)") }

    let mine = try bins(column, width)
    let theirs = try reference.bins(column, width)
    let weights = try reference.numbers("weight")
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw CallerError("match: reference: weights of 0 or more expected; select the jets that have them")
    }
    var wanted: [Int: Double] = [:]
    for (bin, weight) in zip(theirs, weights) { wanted[bin, default: 0] += weight }
    let total = wanted.values.reduce(0, +)
    guard total > 0 else { throw CallerError("match: reference: its weights sum to 0; there is no spectrum to follow") }
    let order = try permutation.map { try checkedPermutation($0, count) } ?? Array(0..<count)
    var jets: [Int: [Int]] = [:]
    for position in order { jets[mine[position], default: []].append(position) }

    let spectrum = wanted.sorted { $0.key < $1.key }.filter { $0.value > 0 }.map { (bin: $0.key, share: $0.value / total, jets: jets[$0.key] ?? []) }
    func drawn(_ n: Int) -> [Double] { spectrum.map { min((Double(n) * $0.share).rounded(), Double($0.jets.count) * Double(cap)) } }
    func difference(_ drawn: [Double]) -> Double { jensenShannon(drawn, spectrum.map(\.share)) }
    if let divergence { n = try Self.largest(upTo: n, column, below: divergence) { difference(drawn($0)) } }
    let amounts = drawn(n)

    var chosen: [Int] = []
    var (squares, distinct, largest, covered) = (0.0, 0, 0, 0.0)
    var followed: [Int] = []
    for (place, (bin, share, here)) in spectrum.enumerated() {
      let wanted = (Double(n) * share).rounded()
      if amounts[place] == wanted, !here.isEmpty || wanted == 0 {
        covered += share
        followed.append(bin)
      }
      guard let amount = Int(exactly: amounts[place]), amount > 0 else { continue }
      let (every, rest) = amount.quotientAndRemainder(dividingBy: here.count)
      for (place, position) in here.enumerated() {
        let times = every + (place < rest ? 1 : 0)
        if times > 0 { distinct += 1 }
        largest = max(largest, times)
        squares += Double(times * times)
        chosen.append(contentsOf: repeatElement(position, count: times))
      }
    }
    guard !chosen.isEmpty else {
      func span(_ bins: [Int]) -> String {
        guard let low = bins.min(), let high = bins.max() else { return "nowhere" }
        return "from \(Double(low) * width) to \((Double(high) + 1) * width)"
      }
      throw CallerError(
        "match: no jet lies where the reference's \(column) does: the jets' goes \(span(mine)), the reference's \(span(theirs)); choose a wider bin or another reference")
    }
    if let permutation {
      let shuffle = try checkedPermutation(permutation, chosen.count)
      chosen = shuffle.map { chosen[$0] }
    } else {
      chosen.sort()
    }
    let report = SpectrumMatch(
      count: chosen.count, distinct: distinct, effective: Double(chosen.count) * Double(chosen.count) / squares,
      largestRepetition: largest, covered: covered, range: Self.longestRun(followed, width),
      divergence: difference(amounts))
    let set = derived(name: "match \(column) to \(reference.path)", rows: chosen.map { UInt32(row($0)) })
    return (set, report)
  }

  /// The largest number of jets, up to `most`, whose spectrum differs from the reference's by at most `limit`: found by halving, since more
  /// jets leave more bins short.
  private static func largest(upTo most: Int, _ column: String, below limit: Double, _ difference: (Int) -> Double) throws -> Int {
    guard limit > 0, limit.isFinite else { throw CallerError("match: jsd: expected a divergence in nats above 0, got \(limit)") }
    if difference(most) <= limit { return most }
    // Few jets have bins whose share rounds to none, so the divergence rises again below some number.
    var low = most, high = most, nearest = (n: most, divergence: difference(most))
    repeat {
      (high, low) = (low, low * 4 / 5)
      guard low >= 10 else {
        throw CallerError(
          "match: jsd: the spectra of \(column) come no closer than \(nearest.divergence) nats, with n = \(nearest.n), not to \(limit); select a range that both have, add jets in the tails or raise cap")
      }
      let reached = difference(low)
      if reached < nearest.divergence { nearest = (low, reached) }
    } while nearest.divergence > limit
    while high - low > max(1, low / 1000) {
      let middle = (low + high) / 2
      if difference(middle) <= limit { low = middle } else { high = middle }
    }
    return low
  }

  /// Number of the bin of every jet.
  private func bins(_ name: String, _ width: Double) throws -> [Int] {
    try numbers(name).map { value in
      guard let bin = Int(exactly: (value / width).rounded(.down)) else {
        throw CallerError("match: \(path): a jet's \(name) is \(value), which lies in no bin; select jets that have it")
      }
      return bin
    }
  }

  /// A column as numbers. Throws `CallerError` naming the nearest column where there is none of that name.
  func numbers(_ name: String) throws -> [Double] {
    switch try column(name) {
    case .numbers(let values): return values
    case .integers(let values): return values.map(Double.init)
    case nil:
      let near = nearestName(to: name, among: columnNames).map { "did you mean \"\($0)\"? " } ?? ""
      throw CallerError("match: column: \(path) has no column \"\(name)\"; \(near)the columns are \(columnNames.joined(separator: ", "))")
    }
  }

  private static func longestRun(_ bins: [Int], _ width: Double) -> (low: Double, high: Double) {
    var best = (first: 0, count: 0)
    var run = best
    for bin in bins {
      run = run.count > 0 && bin == run.first + run.count ? (run.first, run.count + 1) : (bin, 1)
      if run.count > best.count { best = run }
    }
    return (Double(best.first) * width, Double(best.first + best.count) * width)
  }
}

/// ½ KL(p‖m) + ½ KL(q‖m) in nats of two histograms that are normalised here, m = (p + q)/2; ln 2 where p is empty.
private func jensenShannon(_ p: [Double], _ q: [Double]) -> Double {
  let pTotal = p.reduce(0, +), qTotal = q.reduce(0, +)
  guard pTotal > 0, qTotal > 0 else { return log(2) }
  var sum = 0.0
  for (a, b) in zip(p, q) {
    let x = a / pTotal, y = b / qTotal
    if x > 0 { sum += 0.5 * x * log(2 * x / (x + y)) }
    if y > 0 { sum += 0.5 * y * log(2 * y / (x + y)) }
  }
  return max(0, sum)
}

extension JetSet {
  /// `k` pairs of disjoint sets for cross-validation: every jet is in the `test` part of exactly one, the others are its `train` part.
  ///
  /// The jets are drawn by `permutation`, or dealt in order without one. Throws `CallerError` for `k` outside 2…100 or above the number of jets.
  public func folds(_ k: Int, permutation: RowPermutation? = nil) throws -> [(train: JetSet, test: JetSet)] {
    guard k >= 2, k <= min(count, 100) else {
      throw CallerError("folds: k: expected a number of parts from 2 to 100 and at most one per jet, got \(k) for \(count) jets")
    }
    let order = try permutation.map { try checkedPermutation($0, count) } ?? Array(0..<count)
    return (0..<k).map { fold in
      let start = fold * count / k, end = (fold + 1) * count / k
      return (
        derived(name: "fold \(fold + 1) of \(k): train", rows: (order[..<start] + order[end...]).map { UInt32(row($0)) }),
        derived(name: "fold \(fold + 1) of \(k): test", rows: order[start..<end].map { UInt32(row($0)) })
      )
    }
  }
}
