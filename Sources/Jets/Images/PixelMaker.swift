import Glibc

/// Makes the pixels of one jet after another in buffers it reuses; one per thread.
protocol PixelMaker: AnyObject {
  /// The pixels of the last jet.
  var pixels: PixelAccumulator { get }

  /// Takes in the `slots` four-vectors (E, px, py, pz) of a jet and sums them.
  func load(_ values: UnsafePointer<Float>, slots: Int) -> JetKinematics

  /// Turns the jet last taken in into pixels and returns how many are active; none for a jet with a defect.
  func fillPixels() -> Int
}

/// A dense image that is all zero between two jets, and the list of its active pixels.
final class PixelAccumulator {
  /// Positions of the active pixels, ascending: row · size + column, from 0.
  let indices: UnsafeMutablePointer<UInt16>
  /// Their values.
  let values: UnsafeMutablePointer<Double>
  private let sums: UnsafeMutablePointer<Double>
  private let isTouched: UnsafeMutablePointer<Bool>
  private var active = 0

  /// For images of `pixelCount` pixels (65,536 at most) of which at most `capacity` are active.
  init(pixelCount: Int, capacity: Int) {
    indices = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
    sums = .allocate(capacity: pixelCount)
    sums.initialize(repeating: 0, count: pixelCount)
    isTouched = .allocate(capacity: pixelCount)
    isTouched.initialize(repeating: false, count: pixelCount)
  }

  deinit {
    indices.deallocate()
    values.deallocate()
    sums.deallocate()
    isTouched.deallocate()
  }

  /// Adds `weight` to a pixel, or replaces what it holds.
  @inline(__always)
  func add(_ weight: Double, to pixel: Int, replaces: Bool = false) {
    if isTouched[pixel] {
      sums[pixel] = replaces ? weight : sums[pixel] + weight
    } else {
      isTouched[pixel] = true
      sums[pixel] = weight
      insert(UInt16(pixel))
    }
  }

  /// Keeps the active pixels in ascending order: about 35 of them, so an insertion beats a sort.
  @inline(__always)
  private func insert(_ pixel: UInt16) {
    var slot = active
    while slot > 0, indices[slot - 1] > pixel {
      indices[slot] = indices[slot - 1]
      slot -= 1
    }
    indices[slot] = pixel
    active += 1
  }

  /// Finishes the image: each pixel to the power `power`, blurred, divided by the sum on request; returns the number of active pixels and is
  /// ready for the next image. A blur needs room for all pixels.
  func finish(power: Double = 1, blur: GaussianBlur? = nil, normalise: Bool) -> Int {
    var count = active
    active = 0
    for slot in 0..<count {
      let pixel = Int(indices[slot])
      values[slot] = sums[pixel]
      sums[pixel] = 0
      isTouched[pixel] = false
    }
    if power != 1 { remap(count, power, normalise: normalise) }
    if let blur { count = blur.apply(indices, values, count: count) }
    if normalise { divideBySum(count) }
    return count
  }

  private func remap(_ count: Int, _ power: Double, normalise: Bool) {
    // A share of the sum neither over- nor underflows where it is raised.
    if normalise { divideBySum(count) }
    for slot in 0..<count where values[slot] > 0 { values[slot] = power == 0.5 ? values[slot].squareRoot() : pow(values[slot], power) }
  }

  private func divideBySum(_ count: Int) {
    var sum = 0.0
    for slot in 0..<count { sum += values[slot] }
    guard sum > 0 else { return }
    for slot in 0..<count { values[slot] /= sum }
  }
}
