import CVectorMath
import Glibc

/// The mixture decoder's cross-entropy for two mixtures with the partition functions and the sums over jets interpolated between points.
///
/// With r₁ + r₂ = 1 all images x̂ ∝ exp(w₁ r₁ + w₂ r₂) lie on one line: as functions of t = r₁ − r₂ in [−1, 1] the exponentials of every pixel are
/// entire, and their interpolation in K Chebyshev points has a relative error of at most 2 (ρ/2)^K / K!, where 2ρ is the largest difference of
/// the two mixtures' logarithmic probabilities (Trefethen, Approximation Theory and Approximation Practice, chapter 8). K is chosen such
/// that this is below the rounding of float32, so the results are those of all jets' exponentials one by one; what N jets cost there K points
/// cost here. A batch whose jets have all but left the part of the line that the points see exactly enough is done jet by jet.
struct MixtureLine {
  // Parts of the pixels whose sums are made one by one, whichever thread makes them.
  private static let parts = 4
  // Of the interpolation, relative to the largest value on the line.
  private static let error = 1e-9
  // The smallest partition function, where both ends have 1, and the largest factor between a pixel's largest value on the line and that of
  // any jet: what they cost of the accuracy is less than two digits.
  private static let lowest: Float = 0.02, amplification: Float = 50

  /// K.
  let points: Int
  private let jets: Int, blocks: Int
  private let extent: (lower: Float, upper: Float)
  private let logits: UnsafePointer<Float>, stride: Int, columns: Int, norms: (Float, Float)
  private var memory: Memory?

  // [K, stride] exponentials; [N, 2] scale · r; [2, K] factors of the exponentials in the gradient; [2, stride] sums over the jets that light a
  // pixel; places, shares, and for each part sums and slopes, each [K]; for each block such factors, and the range of its jets.
  private struct Memory {
    let exponentials: UnsafeMutablePointer<Float>, shares: UnsafeMutablePointer<Float>, towards: UnsafeMutablePointer<Float>
    let lit: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Double>, towardsOfBlocks: UnsafeMutablePointer<Double>
    let ranges: UnsafeMutablePointer<jvm_mixture_line_range>
    let view: jvm_mixture_line
  }

  /// The line of the logits [2, stride] of `columns` pixels for so many jets in so many blocks, or nil where fewer points than three quarters of
  /// the jets are not enough.
  init?(logits: UnsafePointer<Float>, stride: Int, columns: Int, jets: Int, blocks: Int) {
    var norms: (Float, Float) = (0, 0), extent: (Float, Float) = (0, 0)
    withUnsafeMutableBytes(of: &norms) { norms in
      withUnsafeMutableBytes(of: &extent) { extent in
        jvm_kernels_in_use().pointee.mixture_line_extent(
          logits, stride, columns, norms.assumingMemoryBound(to: Float.self).baseAddress, extent.assumingMemoryBound(to: Float.self).baseAddress)
      }
    }
    let radius = Double(max(-extent.0, extent.1)) / 2
    // No number of points is enough for a NaN either.
    guard let points = Chebyshev.all.first(where: { $0.bound(radius) < MixtureLine.error })?.count, 4 * points <= 3 * jets else { return nil }
    (self.points, self.jets, self.blocks) = (points, jets, blocks)
    self.extent = (extent.0, extent.1)
    (self.logits, self.stride, self.columns, self.norms) = (logits, stride, columns, norms)
  }

  private var sizes: [Int] {
    let ranges = (MemoryLayout<jvm_mixture_line_range>.stride * blocks + 3) / 4
    return [points * stride, 2 * jets, 2 * points, 2 * stride, 4 * (1 + MixtureLine.parts) * points, 4 * points * blocks, ranges].map { Tensor.paddedLength($0) }
  }

  /// Floats that `place` needs.
  var memorySize: Int { sizes.reduce(0, +) }

  /// Has the line use `memorySize` floats from `base` on, which lie at a multiple of 64 bytes.
  mutating func place(in base: UnsafeMutablePointer<Float>) {
    let sizes = sizes
    func at(_ place: Int) -> UnsafeMutablePointer<Float> { base + sizes[..<place].reduce(0, +) }
    func doubles(_ place: Int) -> UnsafeMutablePointer<Double> { UnsafeMutableRawPointer(at(place)).assumingMemoryBound(to: Double.self) }
    let sums = doubles(4), table = Chebyshev.all[points / Chebyshev.step - 1]
    let lit = at(3)
    // The padding has no pixels, and its gradient is 0.
    for i in columns..<max(stride, columns) { (lit[i], lit[stride + i]) = (0, 0) }
    sums.update(from: table.places, count: points)
    (sums + points).update(from: table.shares, count: points)
    memory = Memory(
      exponentials: at(0), shares: at(1), towards: at(2), lit: lit, sums: sums, towardsOfBlocks: doubles(5),
      ranges: UnsafeMutableRawPointer(at(6)).assumingMemoryBound(to: jvm_mixture_line_range.self),
      view: jvm_mixture_line(weight: logits, stride: stride, columns: columns, norms: norms, points: points, places: sums, shares: sums + points))
  }

  // Sums of a part, behind the places and shares; its slopes follow.
  private func sums(_ memory: Memory, _ part: Int) -> UnsafeMutablePointer<Double> { memory.sums + (2 + 2 * part) * points }

  /// The exponentials at the points for the `share`-th of so many shares of the pixels.
  func makePoints(_ share: Int, of shares: Int) {
    guard let memory else { return }
    let units = stride / 16
    withUnsafePointer(to: memory.view) { view in
      for part in MixtureLine.parts * share / shares..<MixtureLine.parts * (share + 1) / shares {
        let first = units * part / MixtureLine.parts * 16, last = units * (part + 1) / MixtureLine.parts * 16
        jvm_kernels_in_use().pointee.mixture_line_points(view, first, last, memory.exponentials, sums(memory, part), sums(memory, part) + points)
      }
    }
  }

  /// Adds the other parts' sums and slopes to those of the first.
  func addParts() {
    guard let memory else { return }
    let total = sums(memory, 0)
    for part in 1..<MixtureLine.parts {
      let own = sums(memory, part)
      for k in 0..<2 * points { total[k] += own[k] }
    }
  }

  /// The losses of a block of jets with r [N, 2] and, where there are `scales`, what gradients need: by r up to what both of a jet's have in
  /// common, which is nothing to the softmax that r comes from.
  func decode(
    _ images: jvm_sparse_rows, _ rows: Range<Int>, _ block: Int, _ r: UnsafeMutablePointer<Float>, scales: UnsafeMutablePointer<Float>?,
    losses: UnsafeMutablePointer<Float>, towards: UnsafeMutablePointer<Float>
  ) {
    guard let memory else { return }
    let sums = sums(memory, 0), range = memory.ranges + block
    range.initialize(to: jvm_mixture_line_range(lowest: .infinity, first: 1, last: -1))
    withUnsafePointer(to: memory.view) { view in
      jvm_kernels_in_use().pointee.mixture_line_jets(
        view, images, rows.lowerBound, rows.upperBound, r, scales, sums, sums + points, losses, towards, memory.towardsOfBlocks + block * 2 * points, range)
    }
    guard let scales else { return }
    for jet in rows {
      memory.shares[2 * jet] = scales[jet] * r[2 * jet]
      memory.shares[2 * jet + 1] = scales[jet] * r[2 * jet + 1]
    }
  }

  /// Whether interpolation is exact enough for all jets, once every block is done.
  var isExact: Bool {
    guard let memory else { return false }
    var range = memory.ranges[0]
    for block in 1..<max(blocks, 1) {
      let other = memory.ranges[block]
      // A NaN stays.
      if other.lowest < range.lowest || other.lowest.isNaN { range.lowest = other.lowest }
      range.first = min(range.first, other.first)
      range.last = max(range.last, other.last)
    }
    let beyond = max(extent.upper * (1 - range.last), -extent.lower * (1 + range.first)) / 2
    return range.lowest >= MixtureLine.lowest && exp(beyond) <= MixtureLine.amplification
  }

  /// Adds up the blocks' factors of the exponentials, in their order, before `gradient`.
  func addBlocks() {
    guard let memory else { return }
    for k in 0..<2 * points {
      var sum = 0.0
      for block in 0..<blocks { sum += memory.towardsOfBlocks[block * 2 * points + k] }
      memory.towards[k] = Float(sum)
    }
  }

  /// scale · r of every jet, [N, 2], where the sums over the jets that light a pixel are to go before `gradient`, and how far the second
  /// mixture's lie behind the first one's.
  var pairs: (values: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>, step: Int)? { memory.map { (UnsafePointer($0.shares), $0.lit, stride) } }

  /// `factor` times the gradient by the logits [2, stride] at these pixels, whose bounds are multiples of 16.
  func gradient(_ pixels: Range<Int>, factor: Float, into total: UnsafeMutablePointer<Float>) {
    guard let memory, !pixels.isEmpty else { return }
    withUnsafePointer(to: memory.view) { view in
      jvm_kernels_in_use().pointee.mixture_line_gradient(
        view, pixels.lowerBound, pixels.upperBound, memory.exponentials, memory.towards, memory.lit, factor, total)
    }
  }
}

/// Chebyshev points of the first kind, each as far off as (1 ± t)/2 need to be floats, and the barycentric weights of just these points
/// (Berrut & Trefethen, SIAM Review 46 (2004) 501, equation 3.2).
private struct Chebyshev {
  static let step = 8
  static let all: [Chebyshev] = stride(from: step, through: Int(jvm_most_points), by: step).map { Chebyshev($0) }

  let count: Int
  let places: [Double], shares: [Double]
  private let logarithmOfFactorial: Double

  private init(_ count: Int) {
    self.count = count
    let places = (0..<count).map { k -> Double in
      let t = cos((2 * Double(k) + 1) * .pi / (2 * Double(count))), grid = 16_777_216.0
      // A multiple of 2^-24 below ½ is a float, and so is 1 less it.
      let smaller = ((1 - abs(t)) / 2 * grid).rounded() / grid
      return t < 0 ? 2 * smaller - 1 : 1 - 2 * smaller
    }
    // Each factor is about ½: doubled, the products stay near 1.
    shares = places.indices.map { k in 1 / places.indices.reduce(1.0) { $1 == k ? $0 : $0 * 2 * (places[k] - places[$1]) } }
    self.places = places
    logarithmOfFactorial = lgamma(Double(count) + 1)
  }

  /// The largest relative error of e^{ht}, |h| ≤ radius.
  func bound(_ radius: Double) -> Double { 2 * exp(Double(count) * log(max(radius, 1e-6) / 2) - logarithmOfFactorial) }
}
