import TensorCore

/// Some images of a set, in one order: the pixels at once, the other columns when they are asked for.
public final class ImageBatch {
  /// The pixels: `[count, pixelCount]`.
  public let x: SparseRows
  /// Places of the images in the set, from 0.
  public let positions: [Int]
  /// What it is of a batch that several processes share.
  public let share: BatchShare?
  private let images: ImageSet

  init(images: ImageSet, positions: [Int], x: SparseRows, share: BatchShare?) {
    self.share = share
    self.images = images
    self.positions = positions
    self.x = x
  }

  /// Number of images; 0 where it holds one that counts as another process's.
  public var count: Int { share?.counted ?? positions.count }

  /// The column called `name` of these images; `nil` for a column the set lacks.
  public func column(_ name: String) -> JetColumnValues? { images.column(name, positions: positions) }
}

/// The batches of one pass over an image set, or of passes without end.
public final class ImageBatches {
  /// Batches of one pass; the last may be smaller.
  public var count: Int { order.count }
  /// Whether a new pass follows the last batch.
  public var isForever: Bool { order.isForever }
  private let images: ImageSet
  private var order: BatchOrder
  // The pixels of the batch that comes next, on the way.
  private var ahead: RowsAhead?

  init(images: ImageSet, order: BatchOrder) {
    self.images = images
    self.order = order
  }

  /// Where they stand, and a way back there: batches of the same images of the same size go on from it.
  public var state: BatchState { order.state }

  /// Goes to where `state` was taken. Throws `CallerError` for the state of other batches.
  public func restore(_ state: BatchState) throws {
    try order.restore(state)
    ahead = nil
  }

  /// The next batch; `nil` after the last one of the pass unless the passes have no end.
  public func nextBatch() throws -> ImageBatch? {
    guard let positions = try order.take() else { return nil }
    let x = try ahead?.take() ?? images.sparseRows(at: positions)
    ahead = nil
    if let coming = order.coming { ahead = images.rowsAhead(at: coming) }
    return ImageBatch(images: images, positions: positions, x: x, share: order.share)
  }
}

extension ImageSet {
  /// All pixels: `[count, pixelCount]`; shares memory with the set where that is in the order of its file, else copies once. Throws `OutOfMemory`.
  public func sparseRows() throws -> SparseRows {
    if let matrix { return matrix }
    let made = try rows.map { try storedRows.gathered($0.map { Int($0) }) } ?? storedRows
    matrix = made
    return made
  }

  /// The pixels of the images at `positions` (from 0), in that order. Throws `CallerError` for a position outside the set.
  public func sparseRows(at positions: [Int]) throws -> SparseRows {
    try check(positions)
    return try storedRows.gathered(positions.map { self.place($0) })
  }

  // For positions of this set.
  fileprivate func rowsAhead(at positions: [Int]) -> RowsAhead? { RowsAhead(storedRows, at: positions.map { place($0) }) }

  /// Batches of `size` images in the set's order, or in the order of `permutation`, drawn anew for each pass; without end if `forever`.
  ///
  /// The last batch of a pass may be smaller. With `part` only that part of each batch is read. Throws `CallerError` for a size below 1 and
  /// for a set without images.
  public func batches(_ size: Int, permutation: RowPermutation? = nil, forever: Bool = false, part: BatchPart? = nil) throws -> ImageBatches {
    try ImageBatches(images: self, order: BatchOrder(of: count, "images", size: size, permutation: permutation, forever: forever, part: part))
  }
}
