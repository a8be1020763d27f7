import Glibc
import TensorCore

/// How significant the best of all windows tried is: the fraction of spectra of background alone whose best window is at least as
/// significant (the look-elsewhere effect, from toys).
public struct GlobalSignificance: Equatable, Sendable {
  /// (1 + toys at least as significant)/(1 + toys): never 0, and never too small on average.
  public let probability: Double
  /// Binomial uncertainty √(p(1 − p)/(1 + toys)).
  public let error: Double
  /// The Z of a normal number with that one-sided tail.
  public let significance: Double
  /// Whether no toy was as significant, so that `probability` is an upper limit that more toys would lower, and `significance` a lower one.
  public let isLimit: Bool
  /// Spectra drawn.
  public let toys: Int
  /// The largest local significance of each, in the order drawn.
  public let largest: [Double]

  /// Draws each bin's count from a Poisson distribution around the side-band fit of the most significant window, over the bins of that fit,
  /// and searches it as the data were: the same windows, each with its own fit and choice of the degree. That the fit itself is uncertain is
  /// left out. Weighted spectra are drawn as scaled counts.
  init(of found: BumpCandidate, scale: [Double], windows: [Range<Int>], _ settings: BumpHunt.Settings) throws {
    let rows = LegendreRows(found.bins, maximumDegree: settings.maximumDegree)
    let expected = found.bins.map { found.fit.expected($0) }
    let keys = try Tensor(uninitialized: [settings.toys], .int64)
    try RandomStream.selection.fillIntegers(keys, from: .min, to: .max)
    let seeds = try keys.array(of: Int64.self)
    var largest = [Double](repeating: -.infinity, count: settings.toys)
    try largest.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out
      try ThreadPool.parallelRanges(settings.toys, grain: 4) { range in
        for toy in range {
          var random = SplitMix(state: UInt64(bitPattern: seeds[toy]))
          var counts = BinnedCounts(sum: [Double](repeating: 0, count: found.bins.upperBound), scale: scale)
          for (place, bin) in found.bins.enumerated() {
            counts.sum[bin] = scale[bin] * poisson(expected[place] / scale[bin], &random)
          }
          for window in windows {
            if let candidate = BumpCandidate(counts, window, rows) { out[toy] = max(out[toy], candidate.significance) }
          }
        }
      }
    }
    let above = Double(largest.count { $0 >= found.significance })
    probability = (1 + above) / Double(1 + settings.toys)
    error = (probability * (1 - probability) / Double(1 + settings.toys)).squareRoot()
    significance = normalQuantile(tail: probability)
    isLimit = above == 0
    toys = settings.toys
    self.largest = largest
  }
}

/// The z above which a standard normal number lies with probability `tail`, by halving the interval.
public func normalQuantile(tail: Double) -> Double {
  guard tail > 0 else { return .infinity }
  guard tail < 1 else { return -.infinity }
  var low = -39.0, high = 39.0
  for _ in 0..<100 {
    let middle = (low + high) / 2
    if erfc(middle / 2.0.squareRoot()) / 2 > tail { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

/// The probability of a standard normal number at least as far from 0 as `z`.
public func twoSidedTail(_ z: Double) -> Double { erfc(z.magnitude / 2.0.squareRoot()) }

/// Random numbers of one toy (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A Poisson number of mean `mean`: by products of uniform numbers below 10, by transformed rejection (PTRS; Hörmann, Insurance: Mathematics and
/// Economics 12 (1993) 39) above.
func poisson<R: RandomNumberGenerator>(_ mean: Double, _ random: inout R) -> Double {
  guard mean > 0 else { return 0 }
  if mean < 10 {
    let limit = exp(-mean)
    var product = Double.random(in: 0..<1, using: &random), count = 0.0
    while product > limit {
      product *= Double.random(in: 0..<1, using: &random)
      count += 1
    }
    return count
  }
  let logMean = log(mean), b = 0.931 + 2.53 * mean.squareRoot(), a = -0.059 + 0.02483 * b
  let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), accept = 0.9277 - 3.6224 / (b - 2)
  while true {
    let u = Double.random(in: -0.5..<0.5, using: &random), v = Double.random(in: 0..<1, using: &random)
    let us = 0.5 - u.magnitude, k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
    if us >= 0.07, v <= accept { return k }
    if k < 0 || us < 0.013 && v > us { continue }
    if log(v) + log(inverseAlpha) - log(a / (us * us) + b) <= k * logMean - mean - lgamma(k + 1) { return k }
  }
}
