import TensorCore

/// The receiver operating characteristic of a score: a jet passes where score ≥ threshold.
///
/// One point per distinct score in descending order of the threshold, from (0, 0), whose threshold is ∞, to (1, 1).
public struct ROCCurve: Equatable, Sendable {
  /// Weighted fraction of background (label 0) that passes, ε_B.
  public let fpr: [Double]
  /// Weighted fraction of signal (label 1) that passes, ε_S.
  public let tpr: [Double]
  /// The scores themselves.
  public let threshold: [Double]
  /// P(s > b) + ½ P(s = b) for a signal score s and a background score b.
  public let auc: Double
  /// Effective number of background jets that pass, their number without weights.
  let backgroundPassing: [Double]
  /// Effective number of background jets, their number without weights.
  let backgroundCount: Double
  /// The same for signal.
  let signalCount: Double

  /// Binomial uncertainty √(ε_B(1 − ε_B)/n_B) of each point, n_B the effective number of background jets; 0 at both ends.
  public var fprError: [Double] { fpr.map { (max(0, $0 * (1 - $0)) / backgroundCount).squareRoot() } }
  /// Binomial uncertainty √(ε_S(1 − ε_S)/n_S) of each point.
  public var tprError: [Double] { tpr.map { (max(0, $0 * (1 - $0)) / signalCount).squareRoot() } }

  /// The curve of a sample.
  public init(_ sample: ScoredSample) {
    let order = (0..<sample.count).sorted { sample.score[$0] > sample.score[$1] }
    let signalTotal = sample.total(signal: true), backgroundTotal = sample.total(signal: false)
    var fpr = [0.0], tpr = [0.0], threshold = [Double.infinity], passing = [0.0]
    var signal = 0.0, background = 0.0, backgroundSquares = 0.0, area = 0.0
    var next = 0
    while next < order.count {
      let score = sample.score[order[next]]
      let before = signal
      var tied = 0.0
      while next < order.count, sample.score[order[next]] == score {
        let jet = order[next]
        let weight = sample.weight?[jet] ?? 1
        if sample.isSignal[jet] {
          signal += weight
        } else {
          tied += weight
          backgroundSquares += weight * weight
        }
        next += 1
      }
      background += tied
      // Signal above beats these background jets; signal at the same score beats them half the time.
      area += tied * (before + signal) / 2
      fpr.append(background / backgroundTotal)
      tpr.append(signal / signalTotal)
      threshold.append(score)
      passing.append(backgroundSquares > 0 ? background * background / backgroundSquares : 0)
    }
    // Sums in another order than the totals may miss 1 by a rounding.
    fpr[fpr.count - 1] = 1
    tpr[tpr.count - 1] = 1
    self.fpr = fpr
    self.tpr = tpr
    self.threshold = threshold
    auc = area / (signalTotal * backgroundTotal)
    backgroundPassing = passing
    backgroundCount = sample.effectiveCount(signal: false)
    signalCount = sample.effectiveCount(signal: true)
  }
}

/// A background rejection 1/ε_B, or a lower limit to it.
public struct Rejection: Equatable, Sendable {
  /// 1/ε_B; with no background passing N_B / 2.3, the lower limit at 90 % confidence.
  public let value: Double
  /// Whether `value` is that limit.
  public let isLowerLimit: Bool
}

extension ROCCurve {
  /// 1/ε_B at the first threshold with ε_S ≥ `signalEfficiency`, or with ε_B interpolated linearly in ε_S between the least ε_B of
  /// the two neighbouring ε_S.
  ///
  /// Throws `CallerError` for an efficiency outside (0, 1].
  public func rejection(at signalEfficiency: Double, interpolate: Bool = false) throws -> Rejection {
    guard signalEfficiency > 0, signalEfficiency <= 1 else {
      throw CallerError("rejection: at: expected a signal efficiency above 0 and at most 1, got \(shortText(signalEfficiency))")
    }
    let point = tpr.firstIndex { $0 >= signalEfficiency } ?? tpr.count - 1
    var passing = fpr[point]
    if interpolate, point > 0, tpr[point] > signalEfficiency {
      // Of the points with the ε_S before, the one of least background.
      let before = tpr.firstIndex(of: tpr[point - 1]) ?? point - 1
      let share = (signalEfficiency - tpr[before]) / (tpr[point] - tpr[before])
      passing = fpr[before] + share * (fpr[point] - fpr[before])
    }
    guard passing > 0 else { return Rejection(value: backgroundCount / 2.3, isLowerLimit: true) }
    return Rejection(value: 1 / passing, isLowerLimit: false)
  }

  /// The significance improvement ε_S / √ε_B, at the points where at least ten background jets (effectively) pass.
  public func significanceImprovement() -> SignificanceImprovement {
    var tpr: [Double] = [], sic: [Double] = [], error: [Double] = []
    let (fprError, tprError) = (self.fprError, self.tprError)
    for point in fpr.indices where backgroundPassing[point] >= 10 && fpr[point] > 0 {
      tpr.append(self.tpr[point])
      let root = fpr[point].squareRoot()
      sic.append(self.tpr[point] / root)
      let bySignal = tprError[point] / root, byBackground = self.tpr[point] * fprError[point] / (2 * fpr[point] * root)
      error.append((bySignal * bySignal + byBackground * byBackground).squareRoot())
    }
    let best = sic.indices.max { sic[$0] < sic[$1] }
    return SignificanceImprovement(
      tpr: tpr, sic: sic, error: error, maximum: best.map { sic[$0] }, maximumError: best.map { error[$0] }, at: best.map { tpr[$0] })
  }
}

/// The significance improvement curve.
public struct SignificanceImprovement: Equatable, Sendable {
  /// ε_S of each point.
  public let tpr: [Double]
  /// ε_S / √ε_B of each point.
  public let sic: [Double]
  /// Uncertainty of each point, from the binomial ones of ε_S and ε_B: σ² = σ_S²/ε_B + ε_S² σ_B²/(4 ε_B³).
  public let error: [Double]
  /// The largest value; `nil` where fewer than ten background jets pass everywhere.
  public let maximum: Double?
  /// The uncertainty of that point; being the largest of many, it is biased upwards besides.
  public let maximumError: Double?
  /// The ε_S of the largest value.
  public let at: Double?
}
