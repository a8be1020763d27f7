import TensorCore

/// A cut on an anomaly score followed by a bump hunt on the masses of what passes, with the same hunt on the background alone where labels
/// tell it, since a score that shapes the background's mass makes its own bump.
public struct ScoredBumpHunt: Sendable {
  /// The cut: a jet passes where score ≥ threshold.
  public let threshold: Double
  /// Fraction of the background (of all jets without labels) that passes.
  public let efficiency: Double
  /// The hunt on everything that passes.
  public let passing: BumpHunt
  /// The hunt in the window of `passing` without the cut; `nil` where the side bands do not allow it.
  public let uncut: BumpHunt?
  /// The hunt on the background that passes; `nil` without labels.
  public let background: BumpHunt?
  /// The Asimov expectation for the signal jets that pass; `nil` without labels.
  public let asimov: Double?

  /// Cuts at the first score, from above, at which at least the fraction `at` of the background passes.
  ///
  /// Throws `CallerError` for lists of different lengths, NaN scores, labels other than 0 and 1, no background, an `at` outside (0, 1], and
  /// what `BumpHunt` throws.
  public init(
    mass: [Double], score: [Double], label: [Double]? = nil, weight: [Double]? = nil, at: Double = 0.01, settings: BumpHunt.Settings = .init()
  ) throws {
    let function = "bump_hunt"
    guard mass.count == score.count, label.map({ $0.count == score.count }) ?? true else {
      throw CallerError("\(function): \(mass.count) masses, \(score.count) scores\(label.map { " and \($0.count) labels" } ?? ""); give one of each per jet")
    }
    guard at > 0, at <= 1 else {
      throw CallerError("\(function): at: expected a fraction of the background above 0 and at most 1, got \(shortText(at))")
    }
    if let wrong = label?.first(where: { $0 != 0 && $0 != 1 }) {
      throw CallerError("\(function): label: expected 0 (background) or 1 (signal), got \(shortText(wrong))")
    }
    let undefined = score.count { $0.isNaN }
    guard undefined == 0 else {
      throw CallerError("\(function): score: \(undefined) of \(score.count) values are NaN; drop those jets or find out where they come from")
    }
    let isBackground = label.map { $0.map { $0 == 0 } }
    let weight = try checkedWeights(weight, count: score.count, function: function)
    let reference = score.indices.filter { isBackground?[$0] ?? true }
    guard !reference.isEmpty else {
      throw CallerError("\(function): \(label == nil ? "no jets were given" : "no jet has label 0 (background) among \(score.count)")")
    }
    func weights(_ jets: [Int]) -> [Double]? { weight.map { all in jets.map { all[$0] } } }
    guard let threshold = thresholdPassing(at, reference.map { score[$0] }, weights(reference)) else {
      throw CallerError("\(function): \(label == nil ? "the jets" : "the background jets") have no weight")
    }
    self.threshold = threshold
    func total(_ jets: [Int]) -> Double { weights(jets)?.reduce(0, +) ?? Double(jets.count) }
    efficiency = total(reference.filter { score[$0] >= threshold }) / total(reference)
    func hunt(_ jets: [Int], _ settings: BumpHunt.Settings, _ spectrum: String) throws -> BumpHunt {
      try BumpHunt(mass: jets.map { mass[$0] }, weight: weights(jets), settings: settings, spectrum: spectrum)
    }
    let kept = score.indices.filter { score[$0] >= threshold }
    let passing = try hunt(kept, settings, "the jets that pass")
    self.passing = passing
    var sameWindow = settings
    sameWindow.window = passing.window
    sameWindow.toys = 0
    uncut = try? hunt(Array(score.indices), sameWindow, "all jets")
    if let isBackground {
      background = try hunt(kept.filter { isBackground[$0] }, settings, "the background that passes")
      let signal = kept.filter { !isBackground[$0] }
      asimov = passing.expectedSignificance(signalMass: signal.map { mass[$0] }, weight: weights(signal))
    } else {
      (background, asimov) = (nil, nil)
    }
  }
}
