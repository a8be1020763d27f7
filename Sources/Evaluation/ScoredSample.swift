import TensorCore

/// Scores with class labels and weights, checked once.
public struct ScoredSample: Sendable {
  /// One score per jet; higher means more signal-like.
  public let score: [Double]
  /// Whether a jet is signal (label 1).
  public let isSignal: [Bool]
  /// Weights from 0; `nil` where all are 1.
  public let weight: [Double]?

  /// Checks the input of `function`, whose name errors carry.
  ///
  /// Throws `CallerError` where lengths differ, a label is neither 0 nor 1, a class has no jets (or no weight), a score is NaN (with
  /// their number), or a weight is negative or not finite.
  public init(score: [Double], label: [Double], weight: [Double]? = nil, function: String) throws {
    try Self.checkLength(label.count, score.count, "labels", function)
    if let weight { try Self.checkLength(weight.count, score.count, "weights", function) }
    if let wrong = label.first(where: { $0 != 0 && $0 != 1 }) {
      throw CallerError("\(function): label: expected 0 (background) or 1 (signal), got \(shortText(wrong))")
    }
    let undefined = score.count { $0.isNaN }
    guard undefined == 0 else {
      throw CallerError("\(function): score: \(undefined) of \(score.count) values are NaN; drop those jets or find out where they come from")
    }
    _ = try checkedWeights(weight, count: score.count, function: function)
    self.score = score
    isSignal = label.map { $0 == 1 }
    self.weight = weight
    for (number, name) in [(true, "1 (signal)"), (false, "0 (background)")] {
      guard isSignal.contains(number) else {
        throw CallerError("\(function): no jet has label \(name) among \(score.count); both classes are needed")
      }
      guard total(signal: number) > 0 else { throw CallerError("\(function): the jets with label \(name) have no weight") }
    }
  }

  /// Number of jets.
  public var count: Int { score.count }

  /// Number of jets of a class.
  func count(signal: Bool) -> Int { isSignal.count { $0 == signal } }

  /// Sum of weights of a class.
  func total(signal: Bool) -> Double {
    guard let weight else { return Double(count(signal: signal)) }
    return zip(weight, isSignal).reduce(0) { $1.1 == signal ? $0 + $1.0 : $0 }
  }

  /// Effective number (Σw)² / Σw² of a class.
  func effectiveCount(signal: Bool) -> Double {
    guard let weight else { return Double(count(signal: signal)) }
    return Evaluation.effectiveCount(zip(weight, isSignal).filter { $0.1 == signal }.map(\.0))
  }

  private static func checkLength(_ got: Int, _ expected: Int, _ name: String, _ function: String) throws {
    guard got == expected else { throw CallerError("\(function): \(got) \(name) for \(expected) scores; give one per score") }
  }
}

/// The effective number (Σw)² / Σw² of weighted entries; 0 without weight.
public func effectiveCount(_ weights: [Double]) -> Double {
  let sum = weights.reduce(0, +), squares = weights.reduce(0) { $0 + $1 * $1 }
  return squares > 0 ? sum * sum / squares : 0
}

/// Weights as they are, one per jet from 0; throws `CallerError` for others.
func checkedWeights(_ weight: [Double]?, count: Int, function: String) throws -> [Double]? {
  guard let weight else { return nil }
  guard weight.count == count else { throw CallerError("\(function): \(weight.count) weights for \(count) jets; give one per jet") }
  if let wrong = weight.first(where: { !($0 >= 0 && $0.isFinite) }) {
    throw CallerError("\(function): weight: expected numbers from 0, got \(shortText(wrong))")
  }
  return weight
}

/// The first score, from above, at which at least the fraction `efficiency` of the weight passes; `nil` without weight.
func thresholdPassing(_ efficiency: Double, _ scores: [Double], _ weight: [Double]?) -> Double? {
  guard let weight else {
    let descending = scores.sorted(by: >)
    // 0.07 · 100 is a little more than 7 in binary.
    let wanted = Int((efficiency * Double(scores.count) * (1 - 1e-12)).rounded(.up))
    return descending.isEmpty ? nil : descending[min(max(wanted, 1), scores.count) - 1]
  }
  let order = scores.indices.filter { weight[$0] > 0 }.sorted { scores[$0] > scores[$1] }
  let wanted = efficiency * weight.reduce(0, +) * (1 - 1e-12)
  var passed = 0.0
  for jet in order {
    passed += weight[jet]
    if passed >= wanted { return scores[jet] }
  }
  return order.last.map { scores[$0] }
}

/// A number for a message: without ".0" where it is whole.
func shortText(_ value: Double) -> String { value.isNaN ? "nan" : Int(exactly: value).map { "\($0)" } ?? "\(value)" }
