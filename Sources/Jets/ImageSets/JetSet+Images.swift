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
    let path = overflow || upperBound > cache.memoryLimit ? try cachePath(rows: stored, recipe: recipe, cache: cache) : nil
    let found = path.flatMap { PixelFile.find(path: $0.path, key: $0.key, pixelCount: recipe.pixelCount) }
    let store = try found ?? makeStore(stored, recipe: recipe, pixelsPerJet: pixelsPerJet, path: path, cache: cache)
    return try ImageSet(
      store: store, recipe: recipe, rows: order, labelMap: labelMap, classNames: classNames, path: self.path, weights: weights())
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

  /// Where the images may lie; without a key they can only be kept for this run.
  private func cachePath(rows: [UInt32]?, recipe: ImageRecipe, cache: ImageCache) throws -> (path: String, key: String)? {
    guard let key = try ImageCache.key(source: table.source, rows: rows, recipe: recipe) else { return nil }
    guard let folder = try? cache.resolvedFolder() else { return nil }
    return ("\(folder)/images-\(key).jetlua", key)
  }

  private func makeStore(
    _ rows: [UInt32]?, recipe: ImageRecipe, pixelsPerJet: Int, path: (path: String, key: String)?, cache: ImageCache
  ) throws -> PixelStore {
    let builder = PixelStoreBuilder(
      rowCount: rows?.count ?? count, pixelsPerJet: pixelsPerJet, hasLabels: hasLabels, memoryLimit: cache.memoryLimit
    ) {
      let file = try path?.path ?? cache.resolvedFolder() + "/images-once.jetlua"
      return try PixelFile(path: file, key: path?.key ?? "once", keepsName: path != nil)
    }
    // A pass over the whole source gives the columns on its way.
    var columns = rows == nil && !table.hasColumns ? JetColumns() : nil
    columns?.reserve(count, labels: hasLabels)
    var brokenCount = BrokenJetCount()
    try JetSweep(source: table.source, recipe: recipe).run(rows: rows) { block in
      try builder.append(block)
      columns?.append(block)
      brokenCount.add(block)
    }
    try brokenCount.check(path: self.path)
    if let columns { table.keep(columns, brokenRows: []) }
    return try builder.finish()
  }
}
