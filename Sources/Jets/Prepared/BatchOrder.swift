import TensorCore

/// Where batches stand within a pass, so that a checkpoint can go on in its middle.
public struct BatchState: Sendable {
  /// Jets of the pass that were given out.
  public var next: Int
  /// Jets of a pass, and of a batch.
  public let jets: Int, size: Int
  /// The random streams from which the order of the pass was drawn.
  public let random: (seed: UInt64, positions: [UInt64])

  /// A state with these values.
  public init(next: Int, jets: Int, size: Int, random: (seed: UInt64, positions: [UInt64])) {
    (self.next, self.jets, self.size, self.random) = (next, jets, size, random)
  }
}

/// Which of several contiguous parts of each batch is wanted, from 0.
public struct BatchPart: Sendable {
  let number: Int, count: Int

  /// Throws `CallerError` for a number that is none of `count` parts'.
  public init(_ number: Int, of count: Int) throws {
    guard count >= 1, (0..<count).contains(number) else {
      throw CallerError("batches: part: expected {i, n} with i in 1...n, got {\(number &+ 1), \(count)}")
    }
    (self.number, self.count) = (number, count)
  }
}

/// Which jets are in which batch: those of one pass in order or as a permutation says, or of passes without end, each in its own order.
struct BatchOrder {
  /// Batches of one pass; the last may be smaller.
  let count: Int
  let isForever: Bool
  private let jets: Int
  private let size: Int
  private let permutation: RowPermutation?
  private var order: [Int]?
  private(set) var state: BatchState
  private let part: BatchPart?
  /// What the batch taken last is of the whole one, where several processes share it.
  private(set) var share: BatchShare?

  /// Throws `CallerError` for a size below 1 and for no jets, which are called `noun`.
  init(of jets: Int, _ noun: String, size: Int, permutation: RowPermutation?, forever: Bool, part: BatchPart?) throws {
    guard size > 0 else { throw CallerError("batches: expected a batch size from 1, got \(size)") }
    guard jets > 0 else { throw CallerError("batches: the set has no \(noun)") }
    self.jets = jets
    self.size = size
    self.permutation = permutation
    self.part = part
    isForever = forever
    count = (jets - 1) / size + 1
    state = BatchState(next: 0, jets: jets, size: size, random: RandomStream.snapshot)
    order = try permutation.map { try checkedPermutation($0, jets) }
  }

  /// Goes to where `state` was taken of batches of the same jets; the random streams stay where they are.
  ///
  /// Throws `CallerError` for a state of another number of jets or size of batches.
  mutating func restore(_ state: BatchState) throws {
    guard state.jets == jets, state.size == size, (0...jets).contains(state.next) else {
      throw CallerError(
        "batches: expected the state of batches of \(size) of \(jets) jets, got one of \(state.size) of \(state.jets); the data or the batch size differ")
    }
    let now = RandomStream.snapshot
    RandomStream.restore(seed: state.random.seed, positions: state.random.positions)
    defer { RandomStream.restore(seed: now.seed, positions: now.positions) }
    order = try permutation.map { try checkedPermutation($0, jets) }
    self.state = state
  }

  /// The positions of the next batch, or of its part; `nil` after the last one.
  mutating func take() throws -> [Int]? {
    if state.next >= jets {
      guard isForever else { return nil }
      state = BatchState(next: 0, jets: jets, size: size, random: RandomStream.snapshot)
      order = try permutation.map { try checkedPermutation($0, jets) }
    }
    let (positions, range) = (coming, range)
    share = try part.map { try BatchShare($0.number, of: $0.count, whole: range.count) }
    state.next += range.count
    return positions
  }

  // The whole batch that follows.
  private var range: Range<Int> { state.next..<(size > jets - state.next ? jets : state.next + size) }

  /// The positions of the batch that follows; `nil` at the end of a pass: the next one's order is drawn when it begins.
  var coming: [Int]? {
    guard state.next < jets else { return nil }
    var range = range
    if let part {
      guard let share = try? BatchShare(part.number, of: part.count, whole: range.count) else { return nil }
      range = range.lowerBound + share.first..<range.lowerBound + share.first + share.rows
    }
    return order.map { Array($0[range]) } ?? Array(range)
  }
}
