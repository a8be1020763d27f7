import Glibc

/// Spreads the pixels of one image after another over their neighbours, in buffers it reuses; one per thread.
///
/// The kernel is g(k) ∝ exp(−k²/2σ²) along rows and columns for whole |k| ≤ 4σ (rounded), Σ g = 1; what spreads beyond the image is lost.
final class GaussianBlur {
  private let size: Int
  private let reach: Int
  private let kernel: [Double]
  private let rows: UnsafeMutablePointer<Double>
  private let spread: UnsafeMutablePointer<Double>
  private let isRowTouched: UnsafeMutablePointer<Bool>

  /// For images of `size` × `size` pixels; `sigma` in pixels, above 0.
  init(size: Int, sigma: Double) {
    self.size = size
    reach = Int(min(4 * sigma + 0.5, 1e6))
    let weights = (-reach...reach).map { exp(-0.5 * (Double($0) / sigma) * (Double($0) / sigma)) }
    let total = weights.reduce(0, +)
    kernel = weights.map { $0 / total }
    rows = .allocate(capacity: size * size)
    rows.initialize(repeating: 0, count: size * size)
    spread = .allocate(capacity: size * size)
    spread.initialize(repeating: 0, count: size * size)
    isRowTouched = .allocate(capacity: size)
    isRowTouched.initialize(repeating: false, count: size)
  }

  deinit {
    rows.deallocate()
    spread.deallocate()
    isRowTouched.deallocate()
  }

  /// Replaces the `count` active pixels, ascending, by those of the blurred image; both buffers have room for size² pixels.
  func apply(_ indices: UnsafeMutablePointer<UInt16>, _ values: UnsafeMutablePointer<Double>, count: Int) -> Int {
    for slot in 0..<count { spreadAlongRow(Int(indices[slot]), values[slot]) }
    for row in 0..<size where isRowTouched[row] { spreadAcrossRows(row) }
    var active = 0
    for pixel in 0..<size * size where spread[pixel] > 0 {
      indices[active] = UInt16(pixel)
      values[active] = spread[pixel]
      spread[pixel] = 0
      active += 1
    }
    return active
  }

  private func spreadAlongRow(_ pixel: Int, _ value: Double) {
    let row = pixel / size, column = pixel % size
    isRowTouched[row] = true
    let start = rows + row * size
    for target in max(0, column - reach)...min(size - 1, column + reach) {
      start[target] += kernel[target - column + reach] * value
    }
  }

  private func spreadAcrossRows(_ row: Int) {
    let source = rows + row * size
    for target in max(0, row - reach)...min(size - 1, row + reach) {
      let weight = kernel[target - row + reach], start = spread + target * size
      for column in 0..<size { start[column] += weight * source[column] }
    }
    for column in 0..<size { source[column] = 0 }
    isRowTouched[row] = false
  }
}
