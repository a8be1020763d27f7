import Glibc
import TensorCore

/// The significance in standard deviations of `count` events where `expected` ± `error` are expected from a background estimate, signed as
/// count − expected (Cowan, "Discovery sensitivity for a counting experiment with background uncertainty", 2012, eq. 20; of Li and Ma 1983).
///
/// Z² = 2{n ln[n(b + σ²)/(b² + nσ²)] − (b²/σ²) ln[1 + σ²(n − b)/(b(b + σ²))]}, for σ = 0 its limit 2{n ln(n/b) − n + b}. With n = s + b it is
/// the Asimov expectation of a signal s. `expected` is above 0.
public func countingSignificance(count n: Double, expected b: Double, error: Double) -> Double {
  // The root would make much of the rounding of equal terms.
  guard n != b else { return 0 }
  let variance = error * error
  var half = n > 0 ? n * log(n * (b + variance) / (b * b + n * variance)) : 0
  // Below this the second logarithm has no digits left.
  if variance > 1e-12 * b * b {
    half -= b * b / variance * log1p(variance * (n - b) / (b * (b + variance)))
  } else {
    half = (n > 0 ? n * log(n / b) : 0) - n + b
  }
  let z = (2 * max(0, half)).squareRoot()
  return n < b ? -z : z
}

/// A bump hunt on one mass spectrum: a smooth background fitted to the side bands of a window, and what the window holds beyond it.
public struct BumpHunt: Sendable {
  /// Counts per bin from 0 GeV.
  public let counts: [Double]
  /// Bins that the fit and the window cover.
  public let bins: Range<Int>
  /// The fitted count of each of these bins.
  public let fit: [Double]
  /// Edges of the window in GeV.
  public let window: (low: Double, high: Double)
  /// Jets in the window.
  public let count: Double
  /// Jets that the side bands let expect there, and the uncertainty from the fit.
  public let expected: (count: Double, error: Double)
  /// Local significance of the window.
  public let significance: Double
  /// One-sided probability of at least this significance by chance, ½ erfc(Z/√2), for a window chosen beforehand.
  public var probability: Double { erfc(significance / 2.0.squareRoot()) / 2 }
  /// Degree of the polynomial in the exponent.
  public let degree: Int
  /// Deviance of the side bands from the fit, 2 Σ (λ − n + n ln(n/λ)).
  public let deviance: Double
  /// Side-band bins less the parameters of the fit.
  public let degreesOfFreedom: Int
  /// Centres of the windows tried and their significance.
  public let scan: [(mass: Double, significance: Double)]

  /// What is searched and how.
  public struct Settings: Sendable {
    /// Width of a bin in GeV.
    public var width = 5.0
    /// Edges of the window in GeV, widened to whole bins; `nil` tries windows of `windowWidth` everywhere and keeps the most significant.
    public var window: (low: Double, high: Double)?
    /// Width of the windows tried, in GeV.
    public var windowWidth = 30.0
    /// Masses in use; `nil` means from the spectrum's peak (its highest three bins outside the window, which must lie below it) to the last jet.
    public var range: (low: Double, high: Double)?
    /// The highest degree of the polynomial.
    public var maximumDegree = 4

    /// The settings of the documentation.
    public init() {}

    func checked() throws {
      guard width > 0, width.isFinite else { throw CallerError("bump_hunt: width: expected a bin width above 0, got \(shortText(width))") }
      guard windowWidth >= width, windowWidth.isFinite, windowWidth / width < 1_000_000 else {
        throw CallerError("bump_hunt: window: expected a width of at least one bin of \(shortText(width)) GeV, got \(shortText(windowWidth))")
      }
      for (name, edges) in [("window", window), ("range", range)] {
        guard let edges else { continue }
        guard edges.low >= 0, edges.high > edges.low, edges.high / width < 1_000_000 else {
          throw CallerError("bump_hunt: \(name): expected {low, high} in GeV with 0 <= low < high, got {\(shortText(edges.low)), \(shortText(edges.high))}")
        }
      }
      guard (1...8).contains(maximumDegree) else { throw CallerError("bump_hunt: max_degree: expected an integer in 1...8, got \(maximumDegree)") }
    }

    func bins(_ edges: (low: Double, high: Double)) -> Range<Int> {
      // A multiple of the width that rounding has moved still is one.
      Int((edges.low / width + 1e-9).rounded(.down))..<Int((edges.high / width - 1e-9).rounded(.up))
    }
  }

  /// Searches the masses of the jets that passed a cut.
  ///
  /// Throws `CallerError` for settings out of range, masses that are negative or not finite, and where the side bands hold too little: two bins
  /// on each side of the window and three bins with entries are the least. `spectrum` is what messages call the jets.
  public init(mass: [Double], settings: Settings = Settings(), spectrum: String = "the jets that pass") throws {
    try settings.checked()
    let filled = try MassBins(mass: mass, width: settings.width, function: "bump_hunt")
    let last = max(filled.count, settings.range.map { settings.bins($0).upperBound } ?? 0, settings.window.map { settings.bins($0).upperBound } ?? 0)
    guard last <= 2000 else {
      throw CallerError("bump_hunt: width: \(last) bins of \(shortText(settings.width)) GeV reach the highest mass, range or window; at most 2000 can be fitted")
    }
    var counts = [Double](repeating: 0, count: last)
    for bin in filled.bin { counts[bin] += 1 }
    let windows: [Range<Int>]
    if let window = settings.window {
      windows = [settings.bins(window)]
    } else {
      let length = Int((settings.windowWidth / settings.width).rounded(.up))
      windows = (0..<max(0, counts.count - length)).map { $0..<($0 + length) }
    }
    var best: Candidate?
    var scan: [(Double, Double)] = []
    for window in windows {
      try Interrupted.check()
      guard let found = Candidate(counts, window, settings, end: filled.count) else { continue }
      scan.append((Double(window.lowerBound + window.upperBound) / 2 * settings.width, found.significance))
      if found.significance > best?.significance ?? -.infinity { best = found }
    }
    guard let best else {
      let place = settings.window == nil ? "of any window" : "of the window"
      throw CallerError(
        "bump_hunt: window: the side bands \(place) hold too little among \(mass.count) masses of \(spectrum): above the spectrum's peak at least two bins on each side and three with entries are needed; use more jets, a larger at, wider bins or a range")
    }
    self.counts = counts
    bins = best.bins
    fit = best.bins.map { best.fit.expected($0) }
    window = (Double(best.window.lowerBound) * settings.width, Double(best.window.upperBound) * settings.width)
    (count, expected, significance) = (best.count, best.expected, best.significance)
    (degree, deviance, degreesOfFreedom) = (best.fit.degree, best.fit.deviance, best.fit.degreesOfFreedom)
    self.scan = scan.map { (mass: $0.0, significance: $0.1) }
  }

  /// The expected significance (Asimov) of signal jets with these masses over the background that the side bands let expect.
  public func expectedSignificance(signalMass: [Double]) -> Double {
    let inside = signalMass.count { $0 >= window.low && $0 < window.high }
    return countingSignificance(count: expected.count + Double(inside), expected: expected.count, error: expected.error)
  }

  private struct Candidate {
    let window: Range<Int>
    let bins: Range<Int>
    let fit: SideBandFit
    let count: Double
    let expected: (count: Double, error: Double)
    let significance: Double

    /// `nil` where the side bands hold too little.
    init?(_ counts: [Double], _ window: Range<Int>, _ settings: Settings, end: Int) {
      let bins: Range<Int>
      if let range = settings.range {
        bins = settings.bins(range)
      } else {
        guard let peak = Self.peak(counts, outside: window) else { return nil }
        bins = peak..<max(end, window.upperBound)
      }
      guard bins.lowerBound + 2 <= window.lowerBound, window.upperBound + 2 <= bins.upperBound, bins.upperBound <= counts.count else { return nil }
      guard let fit = SideBandFit.best(counts, in: bins, without: window, maximumDegree: settings.maximumDegree) else { return nil }
      (self.window, self.bins, self.fit) = (window, bins, fit)
      count = window.reduce(0) { $0 + counts[$1] }
      expected = fit.expected(in: window)
      guard expected.count > 0, expected.count.isFinite, expected.error.isFinite else { return nil }
      significance = countingSignificance(count: count, expected: expected.count, error: expected.error)
    }

    /// The bin outside the window around which three bins hold most; `nil` where it lies above the window, on a rising spectrum.
    private static func peak(_ counts: [Double], outside window: Range<Int>) -> Int? {
      var best = 0, most = -1.0
      for part in [0..<min(window.lowerBound, counts.count), min(window.upperBound, counts.count)..<counts.count] {
        for bin in part {
          let around = (max(part.lowerBound, bin - 1)...min(part.upperBound - 1, bin + 1)).reduce(0.0) { $0 + counts[$1] }
          if around > most { (best, most) = (bin, around) }
        }
      }
      return best < window.lowerBound ? best : nil
    }
  }
}

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
  public init(mass: [Double], score: [Double], label: [Double]? = nil, at: Double = 0.01, settings: BumpHunt.Settings = .init()) throws {
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
    let reference = score.indices.filter { isBackground?[$0] ?? true }.map { score[$0] }.sorted(by: >)
    guard !reference.isEmpty else {
      throw CallerError("\(function): \(label == nil ? "no jets were given" : "no jet has label 0 (background) among \(score.count)")")
    }
    // 0.07 · 100 is a little more than 7 in binary.
    let wanted = Int((at * Double(reference.count) * (1 - 1e-12)).rounded(.up))
    let threshold = reference[min(max(wanted, 1), reference.count) - 1]
    self.threshold = threshold
    efficiency = Double(reference.count { $0 >= threshold }) / Double(reference.count)
    let kept = score.indices.filter { score[$0] >= threshold }
    let hunt = try BumpHunt(mass: kept.map { mass[$0] }, settings: settings)
    passing = hunt
    var sameWindow = settings
    sameWindow.window = hunt.window
    uncut = try? BumpHunt(mass: mass, settings: sameWindow)
    if let isBackground {
      background = try BumpHunt(mass: kept.filter { isBackground[$0] }.map { mass[$0] }, settings: settings, spectrum: "the background that passes")
      asimov = hunt.expectedSignificance(signalMass: kept.filter { !isBackground[$0] }.map { mass[$0] })
    } else {
      (background, asimov) = (nil, nil)
    }
  }
}
