import TensorCore

/// Some jets of a set of constituents, in one order.
public final class ConstituentBatch {
  /// Places of the jets in the set, from 0.
  public let places: [Int]
  private let jets: ConstituentSet

  init(_ jets: ConstituentSet, _ places: [Int]) {
    self.jets = jets
    self.places = places
  }

  /// Number of jets.
  public var count: Int { places.count }
  /// How the rows were made.
  public var recipe: ConstituentRecipe { jets.recipe }
  /// The rows: `[count, 4 · recipe.n]`. Throws `OutOfMemory`.
  public func x() throws -> Tensor { try jets.x(places) }
  /// The column called `name` of these jets; `nil` for a column the set lacks.
  public func column(_ name: String) throws -> JetColumnValues? { try jets.column(name, places) }
}

/// The batches of one pass over a set of constituents, or of passes without end.
public final class ConstituentBatches {
  /// Batches of one pass; the last may be smaller.
  public let count: Int
  /// Whether a new pass follows the last batch.
  public let isForever: Bool
  private let jets: ConstituentSet
  private let size: Int
  private let permutation: RowPermutation?
  private var order: [Int]?
  private var next = 0

  init(_ jets: ConstituentSet, size: Int, permutation: RowPermutation?, forever: Bool) throws {
    guard size > 0 else { throw CallerError("batches: expected a batch size from 1, got \(size)") }
    guard jets.count > 0 else { throw CallerError("batches: the set has no jets") }
    self.jets = jets
    self.size = size
    self.permutation = permutation
    isForever = forever
    count = (jets.count - 1) / size + 1
    order = try permutation.map { try checkedPermutation($0, jets.count) }
  }

  /// The next batch; `nil` after the last one of the pass unless the passes have no end.
  public func nextBatch() throws -> ConstituentBatch? {
    if next >= jets.count {
      guard isForever else { return nil }
      order = try permutation.map { try checkedPermutation($0, jets.count) }
      next = 0
    }
    let end = size > jets.count - next ? jets.count : next + size
    defer { next = end }
    return ConstituentBatch(jets, order.map { Array($0[next..<end]) } ?? Array(next..<end))
  }
}
