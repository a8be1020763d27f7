import TensorCore

/// Which jets are in which batch: those of one pass in order or as a permutation says, or of passes without end, each in its own order.
struct BatchOrder {
  /// Batches of one pass; the last may be smaller.
  let count: Int
  let isForever: Bool
  private let jets: Int
  private let size: Int
  private let permutation: RowPermutation?
  private var order: [Int]?
  private var next = 0

  /// Throws `CallerError` for a size below 1 and for no jets, which are called `noun`.
  init(of jets: Int, _ noun: String, size: Int, permutation: RowPermutation?, forever: Bool) throws {
    guard size > 0 else { throw CallerError("batches: expected a batch size from 1, got \(size)") }
    guard jets > 0 else { throw CallerError("batches: the set has no \(noun)") }
    self.jets = jets
    self.size = size
    self.permutation = permutation
    isForever = forever
    count = (jets - 1) / size + 1
    order = try permutation.map { try checkedPermutation($0, jets) }
  }

  /// The positions of the next batch; `nil` after the last one.
  mutating func take() throws -> [Int]? {
    if next >= jets {
      guard isForever else { return nil }
      order = try permutation.map { try checkedPermutation($0, jets) }
      next = 0
    }
    let positions = coming
    next += positions?.count ?? 0
    return positions
  }

  /// The positions of the batch that follows; `nil` at the end of a pass: the next one's order is drawn when it begins.
  var coming: [Int]? {
    guard next < jets else { return nil }
    let end = size > jets - next ? jets : next + size
    return order.map { Array($0[next..<end]) } ?? Array(next..<end)
  }
}
