import Glibc
import TensorCore

/// The area under a ROC curve with its uncertainty (DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837).
///
/// A signal jet's placement V is the weighted fraction of background scores below its own, ties counted half, a background jet's that
/// of signal scores above. With u = w/Σw in each class, σ² = Σ_c Σ u²(V − A)²/(1 − Σu²): without weights that is DeLong's estimate, and the
/// delta method's with them. Weights count as numbers that are known; what they were derived from adds an uncertainty of its own.
public struct AreaUncertainty: Sendable {
  /// P(s > b) + ½ P(s = b).
  public let area: Double
  /// The placement of each jet.
  public let placement: [Double]
  private let sample: ScoredSample

  /// The placements of a sample, in O(N log N).
  public init(_ sample: ScoredSample) {
    self.sample = sample
    let order = (0..<sample.count).sorted { sample.score[$0] < sample.score[$1] }
    let signalTotal = sample.total(signal: true), backgroundTotal = sample.total(signal: false)
    var placement = [Double](repeating: 0, count: sample.count)
    var signal = 0.0, background = 0.0, area = 0.0
    var next = 0
    while next < order.count {
      let first = next, score = sample.score[order[first]]
      var tiedSignal = 0.0, tiedBackground = 0.0
      while next < order.count, sample.score[order[next]] == score {
        let jet = order[next]
        if sample.isSignal[jet] { tiedSignal += sample.weight?[jet] ?? 1 } else { tiedBackground += sample.weight?[jet] ?? 1 }
        next += 1
      }
      let below = (background + tiedBackground / 2) / backgroundTotal, above = 1 - (signal + tiedSignal / 2) / signalTotal
      for place in first..<next { placement[order[place]] = sample.isSignal[order[place]] ? below : above }
      area += tiedSignal * below
      signal += tiedSignal
      background += tiedBackground
    }
    self.area = area / signalTotal
    self.placement = placement
  }

  /// σ of the area; `nil` where the weight of a class rests on a single jet.
  public var error: Double? { Self.spread(placement, mean: area, sample).map { $0.squareRoot() } }

  /// The difference of the areas of two scores of the same jets and its uncertainty, in which what both scores share cancels.
  ///
  /// Throws `CallerError` where the two are not of the same jets.
  public func difference(from other: AreaUncertainty) throws -> (value: Double, error: Double?) {
    guard sample.isSignal == other.sample.isSignal, sample.weight == other.sample.weight else {
      throw CallerError("auc_difference: the scores are of different jets; give two scores of the same jets")
    }
    let value = area - other.area
    let variance = Self.spread(zip(placement, other.placement).map { $0 - $1 }, mean: value, sample)
    return (value, variance.map { $0.squareRoot() })
  }

  private static func spread(_ placement: [Double], mean: Double, _ sample: ScoredSample) -> Double? {
    var variance = 0.0
    for signal in [true, false] {
      let total = sample.total(signal: signal)
      var sum = 0.0, squares = 0.0
      for jet in placement.indices where sample.isSignal[jet] == signal {
        let share = (sample.weight?[jet] ?? 1) / total
        squares += share * share
        sum += share * share * (placement[jet] - mean) * (placement[jet] - mean)
      }
      guard squares < 1 - 1e-12 else { return nil }
      variance += sum / (1 - squares)
    }
    return variance
  }
}
