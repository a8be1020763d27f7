import Glibc

/// Spreads the pixels of one image after another over their neighbours, in buffers it reuses; one per thread.
///
/// The kernel is g(k) ∝ exp(−k²/2σ²) along rows and columns for whole |k| ≤ 4σ (rounded), Σ g = 1; what spreads beyond the image is lost.
final class GaussianBlur {
  private let size: Int
  private let reach: Int
  private let kernel: UnsafeMutablePointer<Double>
  private let rows: UnsafeMutablePointer<Double>
  private let spread: UnsafeMutablePointer<Double>
  // The columns of `rows` that are not zero; empty for a row without any.
  private let columns: UnsafeMutablePointer<Range<Int>>

  /// For images of `size` × `size` pixels; `sigma` in pixels, above 0.
  init(size: Int, sigma: Double) {
    self.size = size
    reach = Int(min(4 * sigma + 0.5, 1e6))
    let weights = (-reach...reach).map { exp(-0.5 * (Double($0) / sigma) * (Double($0) / sigma)) }
    let total = weights.reduce(0, +)
    kernel = .allocate(capacity: weights.count)
    for (place, weight) in weights.enumerated() { kernel[place] = weight / total }
    rows = .allocate(capacity: size * size)
    rows.initialize(repeating: 0, count: size * size)
    spread = .allocate(capacity: size * size)
    spread.initialize(repeating: 0, count: size * size)
    columns = .allocate(capacity: size)
    columns.initialize(repeating: 0..<0, count: size)
  }

  deinit {
    kernel.deallocate()
    rows.deallocate()
    spread.deallocate()
    columns.deallocate()
  }

  /// Replaces the `count` active pixels, ascending, by those of the blurred image; both buffers have room for size² pixels.
  func apply(_ indices: UnsafeMutablePointer<UInt16>, _ values: UnsafeMutablePointer<Double>, count: Int) -> Int {
    for slot in 0..<count { spreadAlongRow(Int(indices[slot]), values[slot]) }
    for row in 0..<size where !columns[row].isEmpty { spreadAcrossRows(row) }
    var active = 0
    for pixel in 0..<size * size {
      // Written in any case and counted where it is not zero: no branch to guess.
      indices[active] = UInt16(truncatingIfNeeded: pixel)
      values[active] = spread[pixel]
      active += spread[pixel] > 0 ? 1 : 0
      spread[pixel] = 0
    }
    return active
  }

  private func spreadAlongRow(_ pixel: Int, _ value: Double) {
    let row = pixel / size, column = pixel % size
    let start = rows + row * size
    let targets = max(0, column - reach)..<min(size, column + reach + 1)
    for target in targets { start[target] += kernel[target - column + reach] * value }
    let known = columns[row]
    columns[row] = known.isEmpty ? targets : min(known.lowerBound, targets.lowerBound)..<max(known.upperBound, targets.upperBound)
  }

  private func spreadAcrossRows(_ row: Int) {
    let source = rows + row * size, used = columns[row]
    for target in max(0, row - reach)..<min(size, row + reach + 1) {
      let weight = kernel[target - row + reach], start = spread + target * size
      for column in used { start[column] += weight * source[column] }
    }
    for column in used { source[column] = 0 }
    columns[row] = 0..<0
  }
}
