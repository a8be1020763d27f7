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
    if let weight, let wrong = weight.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CallerError("\(function): weight: expected numbers from 0, got \(shortText(wrong))")
    }
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

/// A number for a message: without ".0" where it is whole.
func shortText(_ value: Double) -> String { value.isNaN ? "nan" : Int(exactly: value).map { "\($0)" } ?? "\(value)" }
