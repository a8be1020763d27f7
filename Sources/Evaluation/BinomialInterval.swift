import TensorCore

/// The interval of Clopper and Pearson for an efficiency: it holds the true one at least as often as `level` says.
///
/// The lower end is the x at which I_x(k, n − k + 1) = (1 − level)/2, the upper one that at which I_x(k + 1, n − k) = (1 + level)/2; they are 0 and
/// 1 where none or all pass. `passing` and `total` may be effective numbers that are not whole. Throws `CallerError` for numbers that are no
/// 0 ≤ k ≤ n with n above 0, and for a level outside (0, 1). Clopper and Pearson, Biometrika 26 (1934) 404.
public func binomialInterval(
  passing k: Double, of n: Double, level: Double, function: String = "binomial_interval"
) throws -> (low: Double, high: Double) {
  guard k >= 0, k <= n, n > 0, n.isFinite else {
    throw CallerError("\(function): expected 0 <= passing <= total with a total above 0, got \(shortText(k)) of \(shortText(n))")
  }
  guard level > 0, level < 1 else { throw CallerError("\(function): level: expected a probability between 0 and 1, got \(shortText(level))") }
  let low = k > 0 ? incompleteBetaInverse((1 - level) / 2, k, n - k + 1) : 0
  let high = k < n ? incompleteBetaInverse((1 + level) / 2, k + 1, n - k) : 1
  return (low, high)
}

/// The probability that a normal number lies within one standard deviation.
public let oneStandardDeviation = 0.6826894921370859

/// A background rejection with an interval for it.
public struct RejectionInterval: Equatable, Sendable {
  /// 1/ε_B, or its lower limit.
  public let rejection: Rejection
  /// Ends of the interval of 1/ε_B at the cut in use; the upper one is infinite where no background passes.
  public let low: Double, high: Double
  /// σ(ε_B)/ε_B² with the binomial σ(ε_B) = √(ε_B(1 − ε_B)/n); `nil` where no background passes.
  public let error: Double?
  /// Effective number of background jets that pass.
  public let passing: Double
  /// ε_S at the cut.
  public let signalEfficiency: Double
}

extension ROCCurve {
  /// `rejection` with the interval that follows from Clopper and Pearson's for ε_B, of the effective number of background jets.
  ///
  /// The cut counts as fixed: that it was placed with a finite number of signal jets is not in it (a bootstrap has that). Throws
  /// `CallerError` for an efficiency outside (0, 1] or a level outside (0, 1).
  public func rejectionInterval(
    at signalEfficiency: Double, interpolate: Bool = false, level: Double = oneStandardDeviation
  ) throws -> RejectionInterval {
    let rejection = try rejection(at: signalEfficiency, interpolate: interpolate)
    let efficiency = rejection.isLowerLimit ? 0 : 1 / rejection.value
    let passing = min(backgroundCount, efficiency * backgroundCount)
    let ends = try binomialInterval(passing: passing, of: backgroundCount, level: level, function: "rejection_interval")
    let point = tpr.firstIndex { $0 >= signalEfficiency } ?? tpr.count - 1
    let spread = (max(0, efficiency * (1 - efficiency)) / backgroundCount).squareRoot()
    return RejectionInterval(
      rejection: rejection, low: 1 / ends.high, high: ends.low > 0 ? 1 / ends.low : .infinity,
      error: rejection.isLowerLimit ? nil : spread / (efficiency * efficiency), passing: passing,
      signalEfficiency: interpolate ? max(signalEfficiency, 0) : tpr[point])
  }
}
