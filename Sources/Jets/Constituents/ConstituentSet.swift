import Synchronization
import TensorCore

/// Jets as rows of four-vectors by a recipe, with `label`, `mass`, `pt`, `weight` and `index` of each jet. Sets made from one another
/// share the numbers.
public final class ConstituentSet {
  /// How the rows were made, its scaler fitted.
  public let recipe: ConstituentRecipe
  /// Names of the labels.
  public let classNames: [Int: String]
  /// Where the jets come from, as the user wrote it.
  public let path: String

  private let store: VectorStore
  private let jets: PreparedJets
  private let scaling: ColumnScaling

  init(store: VectorStore, recipe: ConstituentRecipe, jets: PreparedJets, classNames: [Int: String], path: String) {
    self.store = store
    self.recipe = recipe
    self.jets = jets
    self.classNames = classNames
    self.path = path
    scaling = ColumnScaling(recipe)
  }

  /// Number of jets.
  public var count: Int { jets.count }
  /// Bytes of the numbers that lie in memory.
  public var bytesInMemory: Int { store.isMapped ? 0 : store.byteCount }
  /// Whether the numbers lie in a mapped file instead of memory.
  public var isMapped: Bool { store.isMapped }

  /// The rows of the jets at `places` (from 0; all by default): `[n, 4 · recipe.n]`, float32. Throws `OutOfMemory`.
  public func x(_ places: [Int]? = nil) throws -> Tensor {
    if let places { try jets.check(places) }
    let rows = places ?? Array(0..<count)
    let tensor = try Tensor(uninitialized: [rows.count, recipe.width], .float32)
    try ThreadPool.parallelRanges(rows.count, grain: 256) { [store, jets, scaling] part in
      scaling.scale(rows[part].lazy.map { jets.place($0) }, store, into: tensor.pointer(as: Float.self) + part.lowerBound * scaling.width)
    }
    return tensor
  }

  /// Begins to gather the rows at `places`, which are in the set, on another thread; `nil` where there is no other.
  func ahead(_ places: [Int]) -> (x: Tensor, work: WorkAside)? {
    guard let tensor = try? Tensor(uninitialized: [places.count, recipe.width], .float32) else { return nil }
    let rows = places.map { jets.place($0) }, out = tensor.pointer(as: Float.self)
    let piece = 16
    let work = WorkAside(pieces: (rows.count + piece - 1) / piece) { [store, scaling] number in
      let part = number * piece..<min((number + 1) * piece, rows.count)
      // The tensor lives as long as the work that fills it.
      withExtendedLifetime(tensor) { scaling.scale(rows[part], store, into: out + part.lowerBound * scaling.width) }
    }
    return work.map { (tensor, $0) }
  }

  /// The column called `name` (label, mass, pt, weight, index) for the jets at `places`; `nil` for a column the set lacks.
  public func column(_ name: String, _ places: [Int]? = nil) -> JetColumnValues? { jets.column(name, positions: places) }

  /// Two disjoint sets, as `ImageSet.split`.
  public func split(_ fraction: Double, permutation: RowPermutation? = nil) throws -> (ConstituentSet, ConstituentSet) {
    let (first, second) = try splitPositions(fraction, count: count, permutation: permutation)
    func part(_ places: [Int]) -> ConstituentSet {
      ConstituentSet(store: store, recipe: recipe, jets: jets.choosing(places), classNames: classNames, path: path)
    }
    return (part(first), part(second))
  }

  /// Batches of `size` jets in the set's order, or in the order of `permutation`, drawn anew for each pass; without end if `forever`.
  /// With `part` only that part of each batch is read.
  public func batches(_ size: Int, permutation: RowPermutation? = nil, forever: Bool = false, part: BatchPart? = nil) throws -> ConstituentBatches {
    try ConstituentBatches(self, order: BatchOrder(of: count, "jets", size: size, permutation: permutation, forever: forever, part: part))
  }
}

/// (x − center) / spread of each column.
struct ColumnScaling {
  let width: Int
  private let center: [Double]
  private let spread: [Double]

  init(_ recipe: ConstituentRecipe) { (width, center, spread) = (recipe.width, recipe.center, recipe.spread) }

  /// Copies `rows` of the store to `out`, scaled.
  func scale(_ rows: some Sequence<Int>, _ store: VectorStore, into out: UnsafeMutablePointer<Float>) {
    var out = out
    for row in rows {
      let values = store.values + row * width
      if center.isEmpty {
        out.update(from: values, count: width)
      } else {
        for column in 0..<width { out[column] = Float((Double(values[column]) - center[column]) / spread[column]) }
      }
      out += width
    }
  }
}

extension JetSet {
  /// The jets as rows of four-vectors: in memory, or above `cache.memoryLimit` in a mapped file of `cache`, where the same rows are found
  /// again, whatever their scaler.
  ///
  /// A recipe without a scaler is fitted on these jets; the set's recipe holds it. A jet without constituents is a row of padding. Throws
  /// `CallerError` for a recipe out of range, an empty selection, and a broken jet.
  public func constituents(_ recipe: ConstituentRecipe = ConstituentRecipe(), cache: ImageCache = ImageCache()) throws -> ConstituentSet {
    try recipe.check()
    try requireJets("constituents")
    let (stored, order) = storedRows()
    let rowCount = stored?.count ?? count
    let place = VectorStore.needsFile(rowCount: rowCount, width: recipe.width, cache)
      ? try cache.place(.constituents, source: table.source, rows: stored, recipe: recipe.vectorText) : nil
    let found = try place.flatMap { try VectorStore.find($0, rowCount: rowCount, width: recipe.width) }
    let store = try found ?? makeVectors(stored, rowCount, recipe, place, cache)
    var fitted = recipe
    if !recipe.isFitted { try fit(&fitted, store, rowCount, order) }
    return try ConstituentSet(
      store: store, recipe: fitted, jets: prepared(store.jets, order: order, noun: "constituents"), classNames: classNames, path: path)
  }

  private func makeVectors(
    _ rows: [UInt32]?, _ rowCount: Int, _ recipe: ConstituentRecipe, _ place: ImageCache.Place?, _ cache: ImageCache
  ) throws -> VectorStore {
    let store = try VectorStore(rowCount: rowCount, width: recipe.width, hasLabels: hasLabels, place: place, cache: cache)
    try sweep(rows, JetSweep(source: table.source, constituents: recipe)) { store.append($0) }
    try store.finish()
    return store
  }

  /// Medians and ranges over the jets of the set, one that occurs twice counted twice.
  private func fit(_ recipe: inout ConstituentRecipe, _ store: VectorStore, _ rowCount: Int, _ order: [UInt32]?) throws {
    let width = recipe.width, count = order?.count ?? rowCount
    let fits = Mutex([(center: Double, spread: Double)](repeating: (0, 1), count: width))
    try ThreadPool.parallelRanges(width, grain: 1) { columns in
      for column in columns {
        var values = [Double](repeating: 0, count: count)
        for i in values.indices { values[i] = Double(store.values[(order.map { Int($0[i]) } ?? i) * width + column]) }
        let fit = RobustScaler.fit(&values)
        fits.withLock { $0[column] = fit }
      }
    }
    recipe.center = fits.withLock { $0.map(\.center) }
    recipe.spread = fits.withLock { $0.map(\.spread) }
  }
}
