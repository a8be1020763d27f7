import Glibc
import TensorCore

/// Masses sorted into bins [i · width, (i + 1) · width).
struct MassBins {
  let width: Double
  /// The bin of each jet.
  let bin: [Int]

  /// Throws `CallerError` for a width that is not above 0 and for masses that are negative, NaN, infinite or beyond a million bins.
  init(mass: [Double], width: Double, function: String) throws {
    guard width > 0, width.isFinite else {
      throw CallerError("\(function): width: expected a bin width above 0, got \(shortText(width))")
    }
    let undefined = mass.count { !$0.isFinite || $0 < 0 }
    guard undefined == 0 else {
      throw CallerError("\(function): mass: \(undefined) of \(mass.count) values are negative, infinite or NaN; drop those jets first")
    }
    self.width = width
    bin = try mass.map { value in
      let place = (value / width).rounded(.down)
      guard place < 1_000_000 else {
        throw CallerError("\(function): mass: \(shortText(value)) lies more than a million bins of \(shortText(width)) above 0; choose a larger width")
      }
      return Int(place)
    }
  }

  /// Number of bins from 0 to the highest that is filled.
  var count: Int { (bin.max() ?? -1) + 1 }
}

/// How far a cut on the score shapes the background's mass spectrum.
public struct MassSculpting: Equatable, Sendable {
  /// Jensen–Shannon divergence in nats between the spectra of background that passes and that fails.
  public let divergence: Double
  /// What independent samples of these sizes from one spectrum give on average: (B − 1)/8 · (1/n₁ + 1/n₂) for B filled bins, n the
  /// (effective) numbers of jets.
  public let floor: Double
  /// Uncertainty of the divergence: σ² = max(0, (σ₁² − floor/2)/n₁ + (σ₂² − floor/2)/n₂) + 2 floor²/(B − 1), σ₁ the spread of ½ ln(p/m)
  /// over the jets that pass (p their spectrum, m the mean of both), σ₂ that of ½ ln(q/m) over those that fail, of which chance alone makes
  /// floor/2 each; the last term is the scatter of equal spectra.
  public let error: Double
  /// The cut: a jet passes where score ≥ threshold.
  public let threshold: Double
  /// Fraction of the background that passes.
  public let efficiency: Double
  /// Weight of the background jets that pass, per bin from 0 GeV.
  public let passing: [Double]
  /// Weight of those that fail, per bin.
  public let failing: [Double]
  /// Width of a bin in GeV.
  public let width: Double

  /// Cuts at the first score, from above, at which at least `backgroundEfficiency` of the jets with label 0 pass.
  ///
  /// Throws `CallerError` for an efficiency outside (0, 1), lists of different lengths, NaN scores or masses, weights that are negative or
  /// not finite, and where no background jet is left on one side of the cut.
  public init(
    score: [Double], mass: [Double], label: [Double], weight: [Double]? = nil, backgroundEfficiency: Double = 0.5, width: Double = 5
  ) throws {
    let function = "mass_sculpting"
    guard score.count == mass.count, score.count == label.count else {
      throw CallerError("\(function): \(score.count) scores, \(mass.count) masses and \(label.count) labels; give one of each per jet")
    }
    guard backgroundEfficiency > 0, backgroundEfficiency < 1 else {
      throw CallerError("\(function): at: expected a background efficiency between 0 and 1, got \(shortText(backgroundEfficiency))")
    }
    let background = label.indices.filter { label[$0] == 0 }
    guard !background.isEmpty else { throw CallerError("\(function): no jet has label 0 (background) among \(label.count)") }
    let scores = background.map { score[$0] }
    let undefined = scores.count { $0.isNaN }
    guard undefined == 0 else {
      throw CallerError("\(function): score: \(undefined) of \(scores.count) background values are NaN; drop those jets or find out where they come from")
    }
    let bins = try MassBins(mass: background.map { mass[$0] }, width: width, function: function)
    let weights = try checkedWeights(weight, count: score.count, function: function).map { all in background.map { all[$0] } }
    guard let threshold = thresholdPassing(backgroundEfficiency, scores, weights) else {
      throw CallerError("\(function): the background jets have no weight")
    }
    var passing = [Double](repeating: 0, count: bins.count), failing = passing
    var passingSquares = 0.0, failingSquares = 0.0
    for (jet, bin) in bins.bin.enumerated() {
      let weight = weights?[jet] ?? 1
      if scores[jet] >= threshold {
        passing[bin] += weight
        passingSquares += weight * weight
      } else {
        failing[bin] += weight
        failingSquares += weight * weight
      }
    }
    let passTotal = passing.reduce(0, +), failTotal = failing.reduce(0, +)
    guard failTotal > 0 else {
      throw CallerError("\(function): all \(scores.count) background jets pass at threshold \(shortText(threshold)): their scores are tied; no spectrum is left to compare")
    }
    let passCount = passTotal * passTotal / passingSquares, failCount = failTotal * failTotal / failingSquares
    let filled = zip(passing, failing).count { $0 + $1 > 0 }
    divergence = try jensenShannonDivergence(passing, failing, function: function)
    floor = Double(filled - 1) / 8 * (1 / passCount + 1 / failCount)
    let noise = floor / 2
    let slope = (halfLogarithmVariance(passing, failing) - noise) / passCount + (halfLogarithmVariance(failing, passing) - noise) / failCount
    error = (max(0, slope) + (filled > 1 ? 2 * floor * floor / Double(filled - 1) : 0)).squareRoot()
    self.threshold = threshold
    efficiency = passTotal / (passTotal + failTotal)
    self.passing = passing
    self.failing = failing
    self.width = width
  }
}

/// Weights that give signal and background the same mass spectrum, the smaller of the two in each bin.
public struct EqualMassWeights: Equatable, Sendable {
  /// min(f_S, f_B) / f_c for a jet of class c in its bin, times its own weight, f the unit-normalised spectra; 0 in bins with too few jets of a class.
  public let weights: [Double]
  /// Lower and upper edge in GeV of the bins in use.
  public let massRange: (low: Double, high: Double)
  /// Weight kept as a fraction of the jets of the class.
  public let keptFraction: (signal: Double, background: Double)
  /// Effective numbers (Σw)² / Σw² of the weighted classes.
  public let effectiveCount: (signal: Double, background: Double)

  /// Whether all numbers are equal.
  public static func == (a: EqualMassWeights, b: EqualMassWeights) -> Bool {
    a.weights == b.weights && a.massRange == b.massRange && a.keptFraction == b.keptFraction && a.effectiveCount == b.effectiveCount
  }

  /// Compares the spectra in bins of `width` GeV that hold at least `minimum` jets of each class.
  ///
  /// Throws `CallerError` for lists of different lengths, labels other than 0 and 1, a class without jets or weight, masses that are
  /// negative or not finite, and where no bin has enough jets of both classes.
  public init(
    mass: [Double], label: [Double], weight: [Double]? = nil, width: Double = 5, minimum: Int = 20, function: String = "equal_mass_weights"
  ) throws {
    guard mass.count == label.count else {
      throw CallerError("\(function): \(mass.count) masses and \(label.count) labels; give one of each per jet")
    }
    guard minimum >= 1 else { throw CallerError("\(function): min: expected a number of jets from 1, got \(minimum)") }
    let sample = try ScoredSample(score: [Double](repeating: 0, count: label.count), label: label, weight: weight, function: function)
    let bins = try MassBins(mass: mass, width: width, function: function)
    var signal = [Double](repeating: 0, count: bins.count), background = signal
    var jets = [(signal: Int, background: Int)](repeating: (0, 0), count: bins.count)
    for (jet, bin) in bins.bin.enumerated() {
      let own = weight?[jet] ?? 1
      guard own > 0 else { continue }
      if sample.isSignal[jet] {
        signal[bin] += own
        jets[bin].signal += 1
      } else {
        background[bin] += own
        jets[bin].background += 1
      }
    }
    let used = (0..<bins.count).filter { jets[$0].signal >= minimum && jets[$0].background >= minimum }
    guard let first = used.first, let last = used.last else {
      throw CallerError("\(function): no bin of \(shortText(width)) GeV holds \(minimum) jets of each class; use wider bins, a smaller min or more jets")
    }
    let signalTotal = sample.total(signal: true), backgroundTotal = sample.total(signal: false)
    var signalWeight = [Double](repeating: 0, count: bins.count), backgroundWeight = signalWeight
    for bin in used {
      let s = signal[bin] / signalTotal, b = background[bin] / backgroundTotal
      signalWeight[bin] = min(s, b) / s
      backgroundWeight[bin] = min(s, b) / b
    }
    weights = bins.bin.enumerated().map {
      (sample.isSignal[$0.offset] ? signalWeight[$0.element] : backgroundWeight[$0.element]) * (weight?[$0.offset] ?? 1)
    }
    massRange = (Double(first) * width, Double(last + 1) * width)
    let signalWeights = zip(weights, sample.isSignal).filter(\.1).map(\.0)
    let backgroundWeights = zip(weights, sample.isSignal).filter { !$0.1 }.map(\.0)
    keptFraction = (signalWeights.reduce(0, +) / signalTotal, backgroundWeights.reduce(0, +) / backgroundTotal)
    effectiveCount = (Evaluation.effectiveCount(signalWeights), Evaluation.effectiveCount(backgroundWeights))
  }
}

/// The variance over jets of spectrum p of ½ ln(p/m), m the mean of the normalised p and q: what the divergence of p and q moves by with
/// each jet of p.
private func halfLogarithmVariance(_ p: [Double], _ q: [Double]) -> Double {
  let pTotal = p.reduce(0, +), qTotal = q.reduce(0, +)
  var mean = 0.0, square = 0.0
  for (a, b) in zip(p, q) where a > 0 {
    let x = a / pTotal, value = 0.5 * log(2 * x / (x + b / qTotal))
    mean += x * value
    square += x * value * value
  }
  return max(0, square - mean * mean)
}
