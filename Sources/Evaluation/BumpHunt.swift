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
  /// Jets per bin from 0 GeV, or sums of their weights.
  public let counts: [Double]
  /// Bins that the fit and the window cover.
  public let bins: Range<Int>
  /// The fitted count of each of these bins.
  public let fit: [Double]
  /// Its uncertainty from the covariance of the fit.
  public let fitError: [Double]
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
  /// How often chance alone does as well somewhere; `nil` without toys.
  public let global: GlobalSignificance?
  /// Σw²/Σw of the jets in the window; 1 without weights.
  private let scale: Double

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
    /// Spectra of background to draw for the global significance; 0 leaves it out.
    public var toys = 0

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
      guard (0...1_000_000).contains(toys) else { throw CallerError("bump_hunt: toys: expected a number of spectra in 0...1000000, got \(toys)") }
    }

    func bins(_ edges: (low: Double, high: Double)) -> Range<Int> {
      // A multiple of the width that rounding has moved still is one.
      Int((edges.low / width + 1e-9).rounded(.down))..<Int((edges.high / width - 1e-9).rounded(.up))
    }
  }

  /// Searches the masses of the jets that passed a cut.
  ///
  /// With weights the counts are their sums, and counts, expectation and its uncertainty are divided by s = Σw²/Σw of the window before they
  /// are compared. Throws `CallerError` for settings out of range, masses or weights that are negative or not finite, and where the side bands
  /// hold too little: two bins on each side of the window and three bins with entries are the least. `spectrum` is what messages call the jets.
  public init(
    mass: [Double], weight: [Double]? = nil, settings: Settings = Settings(), spectrum: String = "the jets that pass"
  ) throws {
    try settings.checked()
    let weight = try checkedWeights(weight, count: mass.count, function: "bump_hunt")
    let filled = try MassBins(mass: mass, width: settings.width, function: "bump_hunt")
    let last = max(filled.count, settings.range.map { settings.bins($0).upperBound } ?? 0, settings.window.map { settings.bins($0).upperBound } ?? 0)
    guard last <= 2000 else {
      throw CallerError("bump_hunt: width: \(last) bins of \(shortText(settings.width)) GeV reach the highest mass, range or window; at most 2000 can be fitted")
    }
    let counts = BinnedCounts.filling(filled.bin, weight: weight, count: last)
    let windows: [Range<Int>]
    if let window = settings.window {
      windows = [settings.bins(window)]
    } else {
      let length = Int((settings.windowWidth / settings.width).rounded(.up))
      windows = (0..<max(0, last - length)).map { $0..<($0 + length) }
    }
    var best: BumpCandidate?, found: [BumpCandidate] = []
    for window in windows {
      try Interrupted.check()
      guard let bins = settings.range.map({ settings.bins($0) }) ?? BumpCandidate.bins(counts.sum, outside: window, end: filled.count),
        let candidate = BumpCandidate(counts, window, LegendreRows(bins, maximumDegree: settings.maximumDegree))
      else { continue }
      found.append(candidate)
      if candidate.significance > best?.significance ?? -.infinity { best = candidate }
    }
    guard let best else {
      let place = settings.window == nil ? "of any window" : "of the window"
      throw CallerError(
        "bump_hunt: window: the side bands \(place) hold too little among \(mass.count) masses of \(spectrum): above the spectrum's peak at least two bins on each side and three with entries are needed; use more jets, a larger at, wider bins or a range")
    }
    self.counts = counts.sum
    bins = best.bins
    fit = best.bins.map { best.fit.expected($0) }
    fitError = best.bins.map { best.fit.expected(in: $0..<$0 + 1).error }
    window = (Double(best.window.lowerBound) * settings.width, Double(best.window.upperBound) * settings.width)
    (count, expected, significance, scale) = (best.count, best.expected, best.significance, best.scale)
    (degree, deviance, degreesOfFreedom) = (best.fit.degree, best.fit.deviance, best.fit.degreesOfFreedom)
    scan = found.map { (mass: Double($0.window.lowerBound + $0.window.upperBound) / 2 * settings.width, significance: $0.significance) }
    global = settings.toys == 0 ? nil : try GlobalSignificance(of: best, scale: counts.scale, windows: found.map(\.window), settings)
  }

  /// The expected significance (Asimov) of signal jets with these masses over the background that the side bands let expect.
  public func expectedSignificance(signalMass: [Double], weight: [Double]? = nil) -> Double {
    let inside = signalMass.indices.reduce(0.0) {
      signalMass[$1] >= window.low && signalMass[$1] < window.high ? $0 + (weight?[$1] ?? 1) : $0
    }
    return countingSignificance(count: (expected.count + inside) / scale, expected: expected.count / scale, error: expected.error / scale)
  }
}

/// One window of a spectrum, the fit to its side bands and what it holds beyond that.
struct BumpCandidate {
  let window: Range<Int>
  let bins: Range<Int>
  let fit: SideBandFit
  let count: Double
  let expected: (count: Double, error: Double)
  let scale: Double
  let significance: Double

  /// `nil` where the side bands hold too little.
  init?(_ counts: BinnedCounts, _ window: Range<Int>, _ rows: LegendreRows) {
    let bins = rows.bins
    guard bins.lowerBound + 2 <= window.lowerBound, window.upperBound + 2 <= bins.upperBound, bins.upperBound <= counts.sum.count else { return nil }
    guard let fit = SideBandFit.best(counts, rows, without: window) else { return nil }
    (self.window, self.bins, self.fit) = (window, bins, fit)
    count = window.reduce(0) { $0 + counts.sum[$1] }
    expected = fit.expected(in: window)
    guard expected.count > 0, expected.count.isFinite, expected.error.isFinite else { return nil }
    scale = counts.scale(in: window)
    significance = countingSignificance(count: count / scale, expected: expected.count / scale, error: expected.error / scale)
  }

  /// The bins from the spectrum's peak outside a window, around which three bins hold most, to the last jet; `nil` where the peak lies
  /// above the window, on a rising spectrum.
  static func bins(_ counts: [Double], outside window: Range<Int>, end: Int) -> Range<Int>? {
    var best = 0, most = -1.0
    for part in [0..<min(window.lowerBound, counts.count), min(window.upperBound, counts.count)..<counts.count] {
      for bin in part {
        let around = (max(part.lowerBound, bin - 1)...min(part.upperBound - 1, bin + 1)).reduce(0.0) { $0 + counts[$1] }
        if around > most { (best, most) = (bin, around) }
      }
    }
    return best < window.lowerBound ? best..<max(end, window.upperBound) : nil
  }
}
