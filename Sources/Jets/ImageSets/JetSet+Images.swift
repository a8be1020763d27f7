import TensorCore

extension JetSet {
  /// The jets as images, sparse rows of `recipe.size`² pixels each: in memory, or above `cache.memoryLimit` in a mapped file of `cache`,
  /// where the same images are found again.
  ///
  /// A jet without constituents, or wholly outside the crop, gives a row without pixels; the set counts them. Throws `CallerError` for a
  /// recipe out of range, an empty selection (with its cutflow), a broken jet, and a cache that cannot be written.
  public func images(_ recipe: JetImageRecipe = JetImageRecipe(), cache: ImageCache = ImageCache()) throws -> ImageSet {
    try recipe.check()
    try requireJets("images")
    return try images(.jet(recipe), cache: cache)
  }

  /// Images of the jets' Lund planes, kept as those of `images` are.
  ///
  /// A jet of fewer than two constituents, with all of them in one point, or without a step in the window gives a row without pixels;
  /// the set counts them. Throws `CallerError` for a recipe out of range, an empty selection (with its cutflow), a broken jet, and a cache
  /// that cannot be written.
  public func lundImages(_ recipe: LundImageRecipe = LundImageRecipe(), cache: ImageCache = ImageCache()) throws -> ImageSet {
    try recipe.check()
    try requireJets("lund_images")
    return try images(.lund(recipe), cache: cache)
  }

  private func images(_ recipe: ImageRecipe, cache: ImageCache) throws -> ImageSet {
    let (stored, order) = storedRows()
    let pixelsPerJet = recipe.mostActive(constituents: table.source.constituentsPerJet)
    let (upperBound, overflow) = (stored?.count ?? count).multipliedReportingOverflow(by: pixelsPerJet * 6)
    let place = overflow || upperBound > cache.memoryLimit
      ? try cache.place(.images, source: table.source, rows: stored, recipe: recipe.text) : nil
    let found = try place.flatMap { try PixelStore.find($0, pixelCount: recipe.pixelCount) }
    let store = try found ?? makeStore(stored, recipe: recipe, pixelsPerJet: pixelsPerJet, place: place, cache: cache)
    return try ImageSet(store: store, recipe: recipe, jets: prepared(store.jets, order: order, noun: "images"), classNames: classNames, path: self.path)
  }

  /// The set's rows of the source, ascending and distinct, and the place of each jet of the set among them where the orders differ.
  func storedRows() -> (rows: [UInt32]?, order: [UInt32]?) {
    guard let rows else { return (nil, nil) }
    if zip(rows, rows.dropFirst()).allSatisfy({ $0 < $1 }) { return (rows, nil) }
    var distinct: [UInt32] = []
    var order = [UInt32](repeating: 0, count: rows.count)
    for position in rows.indices.sorted(by: { rows[$0] < rows[$1] }) {
      if distinct.last != rows[position] { distinct.append(rows[position]) }
      order[position] = UInt32(distinct.count - 1)
    }
    return (distinct, order)
  }

  private func makeStore(
    _ rows: [UInt32]?, recipe: ImageRecipe, pixelsPerJet: Int, place: ImageCache.Place?, cache: ImageCache
  ) throws -> PixelStore {
    let builder = PixelStoreBuilder(
      rowCount: rows?.count ?? count, pixelsPerJet: pixelsPerJet, hasLabels: hasLabels, memoryLimit: cache.memoryLimit
    ) { try CacheFile(.images, place, cache) }
    try sweep(rows, JetSweep(source: table.source, recipe: recipe)) { try builder.append($0) }
    return try builder.finish()
  }

  /// Sweeps over `rows`; a pass over the whole source gives the set's columns on its way. Throws for broken jets.
  func sweep(_ rows: [UInt32]?, _ sweep: JetSweep, _ sink: (JetSweep.Block) throws -> Void) throws {
    var columns = rows == nil && !table.hasColumns ? JetColumns() : nil
    columns?.reserve(count, labels: hasLabels)
    var brokenCount = BrokenJetCount()
    try sweep.run(rows: rows) { block in
      try sink(block)
      columns?.append(block)
      brokenCount.add(block)
    }
    try brokenCount.check(path: self.path)
    if let columns { table.keep(columns, brokenRows: []) }
  }

  func prepared(_ stored: StoredJets, order: [UInt32]?, noun: String) throws -> PreparedJets {
    PreparedJets(stored: stored, rows: order, labelMap: labelMap, weights: try weights(), noun: noun)
  }
}
