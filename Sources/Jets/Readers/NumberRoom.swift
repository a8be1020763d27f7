/// Memory for numbers that are read piece by piece, as much as the largest piece took.
final class NumberRoom<T: BitwiseCopyable> {
  private(set) var base = UnsafeMutablePointer<T>.allocate(capacity: 1)
  private var capacity = 1

  deinit { base.deallocate() }

  /// Room for `count` numbers; what was in it is lost.
  func room(_ count: Int) -> UnsafeMutablePointer<T> {
    if count > capacity {
      base.deallocate()
      (base, capacity) = (.allocate(capacity: count), count)
    }
    return base
  }
}
