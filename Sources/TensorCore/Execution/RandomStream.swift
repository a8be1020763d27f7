import CVectorMath
import Synchronization

/// A sequence of random numbers that is a function of (seed, stream, index) alone (Philox4x32-10).
///
/// All streams share the root seed of `RandomStream.seed(_:)`; each purpose has a stream of its own, so that drawing
/// more noise does not change how a sample is split.
public enum RandomStream: UInt64, CaseIterable, Sendable {
  /// What scripts draw with `tensor.rand` and the like.
  case script = 0
  /// Initial weights.
  case weights = 1
  /// The noise of variational models and of dropout.
  case noise = 2
  /// The order of batches.
  case order = 3
  /// Splitting, mixing and resampling of data sets.
  case selection = 4

  private struct State {
    var seed: UInt64 = 0
    var positions = [UInt64](repeating: 0, count: RandomStream.allCases.count)
  }
  private static let state = Mutex(State())

  /// Sets the root seed and rewinds every stream.
  public static func seed(_ seed: UInt64) { state.withLock { $0 = State(seed: seed) } }

  /// The root seed in use.
  public static var currentSeed: UInt64 { state.withLock { $0.seed } }

  /// The root seed and where each stream stands, to be kept in a checkpoint.
  public static var snapshot: (seed: UInt64, positions: [UInt64]) { state.withLock { ($0.seed, $0.positions) } }

  /// Puts the streams back to a snapshot; missing positions are 0.
  public static func restore(seed: UInt64, positions: [UInt64]) {
    state.withLock {
      $0 = State(seed: seed)
      for (i, position) in positions.enumerated() where i < $0.positions.count { $0.positions[i] = position }
    }
  }

  // Takes `words` words off the stream; draws start at a multiple of four words, so that a block serves one draw.
  private func reserve(_ words: Int) -> (seed: UInt64, first: UInt64) {
    RandomStream.state.withLock {
      let first = $0.positions[Int(rawValue)]
      $0.positions[Int(rawValue)] = first &+ (UInt64(words) &+ 3) / 4 * 4
      return ($0.seed, first)
    }
  }

  // Draws of this many numbers are cut among the threads; a multiple of four words.
  private static let grain = 16_384

  // The numbers of the stream that a tensor of `count` gets, where the process has a share of a batch: those of its jets.
  private func place(of tensor: Tensor, _ name: String) throws -> (first: Int, whole: Int) {
    guard self == .noise, let share = BatchShare.current, tensor.count > 0 else { return (0, tensor.count) }
    guard let rows = tensor.shape.first, rows % share.rows == 0 else {
      throw CallerError(
        "\(name): noise of shape \(tensor.shape.text) is not of the \(share.rows) jets that this rank has of a batch of \(share.whole); draw it for each jet")
    }
    let each = tensor.count / share.rows
    guard share.whole <= Int.max / 8 / each else { throw OutOfMemory(bytes: nil) }
    return (each * share.first, each * share.whole)
  }

  /// Fills a contiguous floating-point tensor with numbers uniform in [0, 1).
  public func fillUniform(_ tensor: Tensor) throws {
    try fill(tensor, pairs: false, name: "rand", jvm_random_uniform_f32, jvm_random_uniform_f64)
  }

  /// Fills a contiguous floating-point tensor with standard normal numbers.
  public func fillNormal(_ tensor: Tensor) throws {
    try fill(tensor, pairs: true, name: "randn", jvm_random_normal_f32, jvm_random_normal_f64)
  }

  // A float takes one word of the stream, a double two; `pairs` says that numbers are made two at a time.
  private func fill(
    _ tensor: Tensor, pairs: Bool, name: String, _ floats: (UInt64, UInt64, UInt64, UnsafeMutablePointer<Float>, Int64) -> Void,
    _ doubles: (UInt64, UInt64, UInt64, UnsafeMutablePointer<Double>, Int64) -> Void
  ) throws {
    guard tensor.dtype.isFloatingPoint else { throw CallerError("\(name): a floating-point type expected, got \(tensor.dtype.name)") }
    let stream = rawValue, place = try place(of: tensor, name)
    let numbers = pairs ? (place.whole + 1) / 2 * 2 : place.whole
    func run<T: Element>(_ words: Int, _ make: (UInt64, UInt64, UInt64, UnsafeMutablePointer<T>, Int64) -> Void) throws {
      let (seed, start) = reserve(numbers * words)
      if pairs && place.first % 2 == 1 {
        // The first jet's numbers begin with the second one of a pair.
        let drawn = try Tensor(uninitialized: [tensor.count + 1], tensor.dtype)
        make(seed, stream, start &+ UInt64(words * (place.first - 1)), drawn.pointer(as: T.self), Int64(tensor.count + 1))
        tensor.pointer(as: T.self).update(from: drawn.pointer(as: T.self) + 1, count: tensor.count)
        return
      }
      let first = start &+ UInt64(words * place.first), out = tensor.pointer(as: T.self)
      try ThreadPool.parallelRanges(tensor.count, grain: RandomStream.grain) {
        make(seed, stream, first &+ UInt64(words * $0.lowerBound), out + $0.lowerBound, Int64($0.count))
      }
    }
    if tensor.dtype == .float64 { try run(2, doubles) } else { try run(1, floats) }
  }

  /// Fills a contiguous int64 tensor with integers of `low ... high`, each as likely (the bias is below 2^-64).
  public func fillIntegers(_ tensor: Tensor, from low: Int64, to high: Int64) throws {
    let (seed, first) = reserve(tensor.count * 4)
    let out = tensor.pointer(as: Int64.self), stream = rawValue
    let span = UInt64(bitPattern: high &- low)  // number of values − 1
    try ThreadPool.parallelRanges(tensor.count, grain: RandomStream.grain) { range in
      var words = [UInt32](repeating: 0, count: 4)
      for i in range {
        jvm_random_words(seed, stream, first &+ 4 &* UInt64(i), &words, 4)
        let bits = UInt64(words[0]) << 32 | UInt64(words[1]), more = UInt64(words[2]) << 32 | UInt64(words[3])
        if span == .max {
          out[i] = Int64(bitPattern: bits)
        } else {
          // The high part of 128 random bits times the number of values.
          let scaled = bits.multipliedFullWidth(by: span + 1)
          let carried = more.multipliedFullWidth(by: span + 1).high.addingReportingOverflow(scaled.low).overflow
          out[i] = low &+ Int64(bitPattern: scaled.high &+ (carried ? 1 : 0))
        }
      }
    }
  }

  /// A permutation of `0 ..< count`, each as likely (Fisher and Yates).
  ///
  /// Stops early once Ctrl-C was pressed: who asks for a long one asks `Interrupted.check()` before it is used.
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    let (seed, first) = reserve(count * 2)
    var words = [UInt32](repeating: 0, count: 1024)
    for i in stride(from: count - 1, to: 0, by: -1) {
      let used = count - 1 - i
      if used % (1 << 18) == 0, Interrupted.isRequested { return order }
      if used % 512 == 0 { jvm_random_words(seed, rawValue, first &+ 2 &* UInt64(used), &words, 1024) }
      let at = used % 512 * 2
      let bits = UInt64(words[at]) << 32 | UInt64(words[at + 1])
      order.swapAt(i, Int(bits.multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    return order
  }
}
