import TensorCore

/// Some jets of a set of constituents, in one order: the rows at once, the other columns when they are asked for.
public final class ConstituentBatch {
  /// The rows: `[count, 4 · recipe.n]`.
  public let x: Tensor
  /// Places of the jets in the set, from 0.
  public let places: [Int]
  /// What it is of a batch that several processes share.
  public let share: BatchShare?
  private let jets: ConstituentSet

  init(_ jets: ConstituentSet, _ places: [Int], x: Tensor, share: BatchShare?) {
    self.share = share
    self.jets = jets
    self.places = places
    self.x = x
  }

  /// Number of jets; 0 where it holds one that counts as another process's.
  public var count: Int { share?.counted ?? places.count }
  /// How the rows were made.
  public var recipe: ConstituentRecipe { jets.recipe }
  /// The column called `name` of these jets; `nil` for a column the set lacks.
  public func column(_ name: String) -> JetColumnValues? { jets.column(name, places) }
}

/// The batches of one pass over a set of constituents, or of passes without end.
public final class ConstituentBatches {
  /// Batches of one pass; the last may be smaller.
  public var count: Int { order.count }
  /// Whether a new pass follows the last batch.
  public var isForever: Bool { order.isForever }
  private let jets: ConstituentSet
  private var order: BatchOrder
  // The rows of the batch that comes next, on the way.
  private var ahead: (x: Tensor, work: WorkAside)?

  init(_ jets: ConstituentSet, order: BatchOrder) {
    self.jets = jets
    self.order = order
  }

  /// Where they stand, and a way back there: batches of the same jets of the same size go on from it.
  public var state: BatchState { order.state }

  /// Goes to where `state` was taken. Throws `CallerError` for the state of other batches.
  public func restore(_ state: BatchState) throws {
    ahead?.work.finish()
    ahead = nil
    try order.restore(state)
  }

  /// The next batch; `nil` after the last one of the pass unless the passes have no end.
  public func nextBatch() throws -> ConstituentBatch? {
    guard let places = try order.take() else { return nil }
    ahead?.work.finish()
    let x = try ahead?.x ?? jets.x(places)
    ahead = nil
    if let coming = order.coming { ahead = jets.ahead(coming) }
    return ConstituentBatch(jets, places, x: x, share: order.share)
  }
}
