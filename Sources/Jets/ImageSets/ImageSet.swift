import TensorCore

/// Images of jets as sparse rows (CSR: start of each row, pixel of each value, values), with `label`, `mass`, `pt`, `weight` and `index`
/// of each jet; pixel = row · size + column, from 0. Sets made from one another share the pixels.
public final class ImageSet {
  /// How the images were made.
  public let recipe: ImageRecipe
  /// Names of the labels.
  public let classNames: [Int: String]
  /// Where the jets come from, as the user wrote it.
  public let path: String

  let store: PixelStore
  /// All pixels in the order of the store.
  let storedRows: SparseRows
  private let jets: PreparedJets
  /// All pixels as one matrix, once somebody has asked: a chosen set would copy them each time.
  var matrix: SparseRows?

  init(store: PixelStore, recipe: ImageRecipe, jets: PreparedJets, classNames: [Int: String], path: String) {
    self.store = store
    self.recipe = recipe
    self.jets = jets
    self.classNames = classNames
    self.path = path
    storedRows = SparseRows(
      rows: store.rowCount, columns: recipe.pixelCount, offsets: store.offsets, indices: store.indices, values: store.values, owner: store)
    storedRows.origin = AnyHashable(recipe)
  }

  /// Number of images.
  public var count: Int { jets.count }
  /// Pixels of each image.
  public var pixelCount: Int { recipe.pixelCount }
  /// Whether the jets have labels.
  public var hasLabels: Bool { jets.stored.hasLabels }
  /// Whether the pixels lie in a mapped file instead of memory.
  public var isMapped: Bool { store.isMapped }

  /// Images without a pixel: jets without constituents or wholly outside the crop.
  public var emptyCount: Int { (0..<count).count { pixelRange($0).isEmpty } }
  /// Active pixels of all images together.
  public var activeCount: Int { rows == nil ? store.layout.activeCount : (0..<count).reduce(0) { $0 + pixelRange($1).count } }

  /// Bytes of the pixels of all images together.
  public var activeBytes: Int { activeCount * 6 + count * 8 }

  /// Columns that `column` knows.
  public var columnNames: [String] { jets.columnNames }

  /// The column called `name` for the images at `positions` (from 0; all by default); `nil` for a column the set lacks.
  public func column(_ name: String, positions: [Int]? = nil) -> JetColumnValues? { jets.column(name, positions: positions) }

  /// The images of two disjoint sets: `fraction` of them (rounded to a whole image) and the rest, drawn by `permutation` or in order
  /// without one. Throws `CallerError` for a fraction outside 0…1.
  public func split(_ fraction: Double, permutation: RowPermutation? = nil) throws -> (ImageSet, ImageSet) {
    let (first, second) = try splitPositions(fraction, count: count, permutation: permutation)
    return (choosing(first), choosing(second))
  }

  /// The images at `positions` (from 0), in that order. Throws `CallerError` for a position outside the set.
  public func selecting(_ positions: [Int]) throws -> ImageSet {
    try jets.check(positions)
    return choosing(positions)
  }

  /// The mean image, pixel by pixel: shape `[pixelCount]`. Throws `CallerError` for a set without images.
  public func mean() throws -> [Double] {
    guard count > 0 else { throw CallerError("mean: the set has no images") }
    var sums = [Double](repeating: 0, count: pixelCount)
    for position in 0..<count {
      for pixel in pixelRange(position) { sums[Int(store.indices[pixel])] += Double(store.values[pixel]) }
    }
    return sums.map { $0 / Double(count) }
  }

  /// The active pixels of the image at `position` (from 0) in ascending order. Throws `CallerError` for a position outside the set.
  public func pixels(of position: Int) throws -> [(pixel: Int, value: Float)] {
    try jets.check([position])
    return pixelRange(position).map { (Int(store.indices[$0]), store.values[$0]) }
  }

  private func choosing(_ positions: [Int]) -> ImageSet {
    ImageSet(store: store, recipe: recipe, jets: jets.choosing(positions), classNames: classNames, path: path)
  }

  /// Place in the store of the image at `position`.
  func place(_ position: Int) -> Int { jets.place(position) }
  /// Places in the store in the set's order; `nil` for all in the store's order.
  var rows: [UInt32]? { jets.rows }

  /// Throws for a position outside the set.
  func check(_ positions: [Int]) throws { try jets.check(positions) }

  func pixelRange(_ position: Int) -> Range<Int> {
    let place = place(position)
    return Int(store.offsets[place])..<Int(store.offsets[place + 1])
  }
}
