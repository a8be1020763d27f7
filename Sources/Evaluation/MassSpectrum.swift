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
  /// What independent samples of these sizes from one spectrum give on average: (B − 1)/8 · (1/n₁ + 1/n₂) for B filled bins.
  public let floor: Double
  /// The cut: a jet passes where score ≥ threshold.
  public let threshold: Double
  /// Fraction of the background that passes.
  public let efficiency: Double
  /// Background jets that pass and that fail, per bin from 0 GeV.
  public let passing: [Double]
  /// Weights of the jets that fail, by bin.
  public let failing: [Double]
  /// Width of a bin in GeV.
  public let width: Double

  /// Cuts at the first score, from above, at which at least `backgroundEfficiency` of the jets with label 0 pass.
  ///
  /// Throws `CallerError` for an efficiency outside (0, 1), lists of different lengths, NaN scores or masses, and where no background
  /// jet is left on one side of the cut.
  public init(score: [Double], mass: [Double], label: [Double], backgroundEfficiency: Double = 0.5, width: Double = 5) throws {
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
    let descending = scores.sorted(by: >)
    let wanted = Int((backgroundEfficiency * Double(scores.count)).rounded(.up))
    let threshold = descending[min(max(wanted, 1), scores.count) - 1]
    var passing = [Double](repeating: 0, count: bins.count), failing = passing
    for (jet, bin) in bins.bin.enumerated() {
      if scores[jet] >= threshold { passing[bin] += 1 } else { failing[bin] += 1 }
    }
    let passCount = passing.reduce(0, +), failCount = failing.reduce(0, +)
    guard failCount > 0 else {
      throw CallerError("\(function): all \(scores.count) background jets pass at threshold \(shortText(threshold)): their scores are tied; no spectrum is left to compare")
    }
    let filled = zip(passing, failing).count { $0 + $1 > 0 }
    divergence = try jensenShannonDivergence(passing, failing, function: function)
    floor = Double(filled - 1) / 8 * (1 / passCount + 1 / failCount)
    self.threshold = threshold
    efficiency = passCount / Double(scores.count)
    self.passing = passing
    self.failing = failing
    self.width = width
  }
}

/// Weights that give signal and background the same mass spectrum, the smaller of the two in each bin.
public struct EqualMassWeights: Equatable, Sendable {
  /// min(f_S, f_B) / f_c for a jet of class c in its bin, f the unit-normalised spectra; 0 in bins with too few jets of a class.
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
  /// Throws `CallerError` for lists of different lengths, labels other than 0 and 1, a class without jets, masses that are negative or
  /// not finite, and where no bin has enough jets of both classes.
  public init(mass: [Double], label: [Double], width: Double = 5, minimum: Int = 20, function: String = "equal_mass_weights") throws {
    guard mass.count == label.count else {
      throw CallerError("\(function): \(mass.count) masses and \(label.count) labels; give one of each per jet")
    }
    guard minimum >= 1 else { throw CallerError("\(function): min: expected a number of jets from 1, got \(minimum)") }
    let sample = try ScoredSample(score: [Double](repeating: 0, count: label.count), label: label, function: function)
    let bins = try MassBins(mass: mass, width: width, function: function)
    var signal = [Int](repeating: 0, count: bins.count), background = signal
    for (jet, bin) in bins.bin.enumerated() {
      if sample.isSignal[jet] { signal[bin] += 1 } else { background[bin] += 1 }
    }
    let used = (0..<bins.count).filter { signal[$0] >= minimum && background[$0] >= minimum }
    guard let first = used.first, let last = used.last else {
      throw CallerError("\(function): no bin of \(shortText(width)) GeV holds \(minimum) jets of each class; use wider bins, a smaller min or more jets")
    }
    let signalTotal = Double(sample.count(signal: true)), backgroundTotal = Double(sample.count(signal: false))
    var signalWeight = [Double](repeating: 0, count: bins.count), backgroundWeight = signalWeight
    for bin in used {
      let s = Double(signal[bin]) / signalTotal, b = Double(background[bin]) / backgroundTotal
      signalWeight[bin] = min(s, b) / s
      backgroundWeight[bin] = min(s, b) / b
    }
    weights = bins.bin.enumerated().map { sample.isSignal[$0.offset] ? signalWeight[$0.element] : backgroundWeight[$0.element] }
    massRange = (Double(first) * width, Double(last + 1) * width)
    let signalWeights = zip(weights, sample.isSignal).filter(\.1).map(\.0)
    let backgroundWeights = zip(weights, sample.isSignal).filter { !$0.1 }.map(\.0)
    keptFraction = (signalWeights.reduce(0, +) / signalTotal, backgroundWeights.reduce(0, +) / backgroundTotal)
    effectiveCount = (Evaluation.effectiveCount(signalWeights), Evaluation.effectiveCount(backgroundWeights))
  }
}
