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

  private let store: FloatStore
  private let jets: JetSet
  /// Rows in the store in the set's order; `nil` for the store's own.
  private let order: [Int]?
  /// The jet of each row of this set, a position in `jets`; `nil` for all of them.
  private let positions: [Int]?

  init(store: FloatStore, recipe: ConstituentRecipe, jets: JetSet, order: [Int]?, positions: [Int]? = nil) {
    self.store = store
    self.recipe = recipe
    self.jets = jets
    self.order = order
    self.positions = positions
    classNames = jets.classNames
    path = jets.path
  }

  /// Number of jets.
  public var count: Int { positions?.count ?? jets.count }
  /// Bytes of the numbers that lie in memory.
  public var bytesInMemory: Int { store.isMapped ? 0 : store.count * MemoryLayout<Float>.stride }
  /// Whether the numbers lie in a mapped file instead of memory.
  public var isMapped: Bool { store.isMapped }

  /// The rows of the jets at `places` (from 0; all by default): `[n, 4 · recipe.n]`, float32. Throws `OutOfMemory`.
  public func x(_ places: [Int]? = nil) throws -> Tensor {
    let width = recipe.width
    let rows = try places.map { try checked($0) } ?? Array(0..<count)
    let tensor = try Tensor(uninitialized: [rows.count, width], .float32)
    let out = tensor.pointer(as: Float.self)
    for (row, place) in rows.enumerated() {
      let position = positions.map { $0[place] } ?? place
      (out + row * width).update(from: store.values + (order.map { $0[position] } ?? position) * width, count: width)
    }
    return tensor
  }

  /// The column called `name` (label, mass, pt, weight, index) for the jets at `places`; `nil` for a column the set lacks.
  public func column(_ name: String, _ places: [Int]? = nil) throws -> JetColumnValues? {
    guard ["label", "mass", "pt", "weight", "index"].contains(name), let all = try jets.column(name) else { return nil }
    let chosen = try places.map { try checked($0) } ?? Array(0..<count)
    let rows = chosen.map { place in positions.map { $0[place] } ?? place }
    switch all {
    case .numbers(let values): return .numbers(rows.map { values[$0] })
    case .integers(let values): return .integers(rows.map { values[$0] })
    }
  }

  /// Two disjoint sets, as `ImageSet.split`.
  public func split(_ fraction: Double, permutation: RowPermutation? = nil) throws -> (ConstituentSet, ConstituentSet) {
    let (first, second) = try splitPositions(fraction, count: count, permutation: permutation)
    func part(_ places: [Int]) -> ConstituentSet {
      ConstituentSet(store: store, recipe: recipe, jets: jets, order: order, positions: places.map { place in positions.map { $0[place] } ?? place })
    }
    return (part(first), part(second))
  }

  /// Batches of `size` jets in the set's order, or in the order of `permutation`, drawn anew for each pass; without end if `forever`.
  public func batches(_ size: Int, permutation: RowPermutation? = nil, forever: Bool = false) throws -> ConstituentBatches {
    try ConstituentBatches(self, size: size, permutation: permutation, forever: forever)
  }

  private func checked(_ places: [Int]) throws -> [Int] {
    if let wrong = places.first(where: { $0 < 0 || $0 >= count }) {
      throw CallerError("constituents: position \(wrong) (from 0) asked for, but there are \(count) jets")
    }
    return places
  }
}

extension JetSet {
  /// The jets as rows of four-vectors: in memory, or above `cache.memoryLimit` in a mapped file of `cache`'s folder.
  ///
  /// A recipe without a scaler is fitted on these jets; the set's recipe holds it. A jet without constituents is a row of padding. Throws
  /// `CallerError` for a recipe out of range, an empty selection, and a broken jet.
  public func constituents(_ recipe: ConstituentRecipe = ConstituentRecipe(), cache: ImageCache = ImageCache()) throws -> ConstituentSet {
    try recipe.check()
    try requireJets("constituents")
    let (stored, order) = storedRows()
    let rowCount = stored?.count ?? count
    let (size, overflow) = rowCount.multipliedReportingOverflow(by: recipe.width)
    guard !overflow else { throw OutOfMemory(bytes: .max) }
    let store = try FloatStore(count: size, cache: cache)
    var filled = 0
    var brokenCount = BrokenJetCount()
    try JetSweep(source: table.source, constituents: recipe).run(rows: stored) { block in
      block.vectors.withUnsafeBufferPointer { vectors in
        if let base = vectors.baseAddress { (store.values + filled).update(from: base, count: vectors.count) }
      }
      filled += block.vectors.count
      brokenCount.add(block)
    }
    try brokenCount.check(path: path)
    var fitted = recipe
    if !recipe.isFitted { try fit(&fitted, store, rowCount, order) }
    if fitted.scale == .robust {
      for row in 0..<rowCount {
        let values = store.values + row * fitted.width
        for column in 0..<fitted.width {
          values[column] = Float((Double(values[column]) - fitted.center[column]) / fitted.spread[column])
        }
      }
    }
    return ConstituentSet(store: store, recipe: fitted, jets: self, order: order.map { $0.map { Int($0) } })
  }

  /// Medians and ranges over the jets of the set, one that occurs twice counted twice.
  private func fit(_ recipe: inout ConstituentRecipe, _ store: FloatStore, _ rowCount: Int, _ order: [UInt32]?) throws {
    var column = [Double](repeating: 0, count: order?.count ?? rowCount)
    for index in 0..<recipe.width {
      try Interrupted.check()
      for i in column.indices { column[i] = Double(store.values[(order.map { Int($0[i]) } ?? i) * recipe.width + index]) }
      let (center, spread) = RobustScaler.fit(&column)
      recipe.center.append(center)
      recipe.spread.append(spread)
    }
  }
}
